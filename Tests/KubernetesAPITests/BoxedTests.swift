import KubernetesAPI
import Testing

@Suite("Boxed parts of a value")
struct BoxedTests {
    private struct Part: Sendable, Hashable, Codable {
        var numbers: [Int]
        var a = 0
        var b = 0
    }

    private struct Whole: Sendable, Hashable, Codable {
        @Boxed var part: Part? = nil
        var name: String?
    }

    @Test("a missing part and null are read as nil, and nil is not written")
    func absent() throws {
        for text in ["{}", #"{"part":null}"#] {
            let whole = try KubernetesJSON.decode(Whole.self, from: Array(text.utf8))
            #expect(whole.part == nil)
            #expect(try JSONValue(encoding: whole) == [:])
        }
    }

    @Test("a part that is set is read, written, changed and compared like an optional")
    func present() throws {
        let value: JSONValue = ["part": ["numbers": [1, 2], "a": 3, "b": 4], "name": "x"]
        let whole = try value.decode(Whole.self)
        #expect(whole.part == Part(numbers: [1, 2], a: 3, b: 4))
        #expect(try JSONValue(encoding: whole) == value)
        var copy = whole
        #expect(copy == whole && copy.hashValue == whole.hashValue)
        copy.part?.numbers.append(3)
        #expect(copy != whole)
        #expect(whole.part?.numbers == [1, 2] && copy.part?.numbers == [1, 2, 3])
        copy.part = nil
        #expect(copy == Whole(part: nil, name: "x"))
    }

    @Test("what is wrong in a part is reported with its path")
    func invalid() throws {
        let value: JSONValue = ["part": ["numbers": ["one"], "a": 3, "b": 4]]
        do {
            _ = try value.decode(Whole.self)
            Issue.record("decoded")
        } catch let error as DecodingError {
            guard case .typeMismatch(_, let context) = error else { throw error }
            #expect(context.codingPath.first?.stringValue == "part")
        }
    }

    @Test("it takes the space of a pointer")
    func size() {
        #expect(MemoryLayout<Boxed<Part>>.size == MemoryLayout<UnsafeRawPointer>.size)
    }
}
