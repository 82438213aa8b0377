import KubernetesAPI
import Testing

@Suite("Positions in JSON text")
struct JSONScanTests {
    private func bytes(_ text: String) -> ArraySlice<UInt8> {
        // A slice that does not start at 0, as those of lists and watches.
        (Array("[ ".utf8) + Array(text.utf8)).dropFirst(2)
    }

    @Test("managed fields are left out wherever they are, and nothing else")
    func managedFields() throws {
        let fields = #"[{"manager":"a","fieldsV1":{"f:x":{"k:{\"name\":\"]\"}":{}}}}]"#
        for text in [
            #"{"metadata":{"managedFields":FIELDS,"name":"a"},"spec":{"managedFields":1}}"#,
            #"{"spec":{"managedFields":1},"metadata":{"name":"a","managedFields":FIELDS}}"#,
        ] {
            let object = text.split(separator: "FIELDS", omittingEmptySubsequences: false).joined(separator: fields)
            let result = JSONScan.withoutManagedFields(bytes(object))
            #expect(
                try JSONValue(parsing: result)
                    == ["metadata": ["managedFields": nil, "name": "a"], "spec": ["managedFields": 1]]
            )
        }
    }

    @Test("what has no managed fields stays as it is", arguments: ["{}", "[]", "1", "", #"{"metadata":[]}"#, #"{"a"#])
    func none(_ text: String) {
        #expect(JSONScan.withoutManagedFields(bytes(text)) == bytes(text))
    }

    @Test("a string of the metadata is found, and one elsewhere is not")
    func metadata() {
        let text = #"{"status":{"uid":"x"},"metadata":{"labels":{"uid":"y"},"uid":"z","name":"q\"r"}}"#
        #expect(JSONScan.metadataString("uid", of: bytes(text)) == "z")
        // Text with escapes has to be decoded.
        #expect(JSONScan.metadataString("name", of: bytes(text)) == nil)
        #expect(JSONScan.metadataString("resourceVersion", of: bytes(text)) == nil)
    }
}
