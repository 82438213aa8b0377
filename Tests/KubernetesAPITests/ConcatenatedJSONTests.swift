import KubernetesAPI
import Testing

@Suite struct ConcatenatedJSONTests {
    @Test(
        "JSON documents in a row are read as kubectl reads them",
        arguments: [
            #"{"a":1}{"b":2}"#, "{\"a\":1}\n{\"b\":2}\n", " {\"a\":1} \r\n\t{\"b\":2}", "{\"a\":\n 1}\n\n{\n\"b\": 2\n}",
        ]
    )
    func inARow(text: String) throws {
        #expect(try YAML.documents(in: text).map(\.value) == [["a": 1], ["b": 2]])
    }

    @Test("brackets and quotation marks in strings do not end a document")
    func strings() throws {
        let documents = try YAML.documents(in: #"{"a":"}{\"\\"}{"b":["]",{"c":"{"}]}"#)
        #expect(documents.map(\.value) == [["a": #"}{"\"#], ["b": ["]", ["c": "{"]]]])
    }

    @Test("values and errors have the lines of the whole text")
    func lines() throws {
        let documents = try YAML.documents(in: "{\"a\": 1}\n\n{\n  \"b\": 2,\n  \"c\": 3\n}")
        #expect(documents.map(\.line) == [1, 3])
        #expect(documents[1].line(of: .root.key("c")) == 5)
        let error = #expect(throws: YAMLError.self) {
            try YAML.documents(in: "{\"a\": 1}\n {\"b\": 2, \"b\": 3}")
        }
        #expect(error?.line == 2)
        #expect(error?.column == 11)
        #expect(error?.code == .duplicateKey)
    }

    @Test("one JSON document, YAML in flow style and separated documents are read as before")
    func others() throws {
        #expect(try YAML.documents(in: #"{"a":1}"#).map(\.value) == [["a": 1]])
        #expect(try YAML.documents(in: "{a: 1}\n---\n{b: 2}").map(\.value) == [["a": 1], ["b": 2]])
        #expect(throws: YAMLError.self) { try YAML.documents(in: #"{"a":1} b"#) }
        #expect(throws: YAMLError.self) { try YAML.documents(in: #"{"a":1}{"b":"#) }
    }
}
