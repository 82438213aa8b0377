import Foundation
import Testing

@testable import SupplyChain

private func read(_ text: String) throws -> JSONDocument { try JSONDocument(Array(text.utf8), "the document") }

private let wrong = [
    "", " ", "{", "}", "[", "]", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}",
    "{\"a\" 1}",
    "01", "-", "-01", "+1", ".5", "1.", "1.e1", "1e", "1e+", "0x10", "NaN", "Infinity", "-Infinity", "tru", "truE",
    "nul",
    "True", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\u{1}\"", "\"\t\"", "\"\n\"", "1 2", "{} {}",
    "[] x", "{}\u{0}", "\u{FEFF}{}", "/* a */ 1", "1 // a", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
    "\"\\ud800x\"",
    "\"\\udc00\\ud800\"", "\u{A0}1", "\"\\u+123\"",
]

@Suite("JSON that is signed")
struct JSONDocumentTests {
    @Test("what is not JSON is refused", arguments: wrong)
    func refused(_ text: String) {
        let error = #expect(throws: VerificationError.self) { _ = try read(text) }
        #expect(error?.code == .malformed)
        #expect(error?.message.hasPrefix("the document is not valid JSON") == true, "\(error?.message ?? "")")
    }

    @Test("values are read as they are written")
    func values() throws {
        #expect(try read(" null ") == .null)
        #expect(try read("[true,false]") == .array([.bool(true), .bool(false)]))
        #expect(try read("[]") == .array([]))
        #expect(try read("\t{ }\r\n") == .object([]))
        for number in ["0", "-0", "10", "-1.50", "1e5", "1E+05", "2.5e-3", "123456789012345678901234567890"] {
            #expect(try read(number) == .number(number))
        }
        #expect(try read(#""a\"\\\/\b\f\n\r\té""#).text == "a\"\\/\u{8}\u{C}\n\r\té")
        #expect(try read(#""\ud83d\ude00\u00e9\u0000""#).text == "😀é\u{0}")
        #expect(try read(#"{"a":{"b":[1]}}"#)["a"]?["b"]?.elements == [.number("1")])
        #expect(try read(#"{"a":1}"#)["b"] == nil)
        #expect(try read("[1]")["a"] == nil)
    }

    @Test(
        "a name that is there twice is refused, however it is written",
        arguments: [
            #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"a":3}"#, #"{"a":1,"\u0061":1}"#, #"[{"x":{"a":1,"a":1}}]"#,
            #"{"":1,"":2}"#,
            // Two forms of one letter.
            #"{"\u00e9":1,"e\u0301":1}"#,
        ]
    )
    func repeated(_ text: String) {
        let error = #expect(throws: VerificationError.self) { _ = try read(text) }
        #expect(error?.code == .malformed)
        #expect(error?.message.contains("twice") == true)
    }

    @Test("names that only differ in case are two names")
    func upperCase() throws {
        let document = try read(#"{"a":1,"A":2}"#)
        #expect(document["a"] == .number("1"))
        #expect(document["A"] == .number("2"))
    }

    @Test("a name is compared byte by byte")
    func bytes() throws {
        // Swift's == takes a Kelvin sign for a K.
        #expect("public\u{212A}ey" == "publicKey")
        #expect(try read("{\"public\u{212A}ey\":1}")["publicKey"] == nil)
    }

    @Test(
        "what is not UTF-8 is refused",
        arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]]
    )
    func encoding(_ bytes: [UInt8]) {
        let error = #expect(throws: VerificationError.self) { _ = try JSONDocument(bytes, "the document") }
        #expect(error?.code == .malformed)
    }

    @Test("the depth has a limit")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try read(nested(JSONDocument.maximumDepth))
        #expect(throws: VerificationError.self) { _ = try read(nested(JSONDocument.maximumDepth + 1)) }
        #expect(throws: VerificationError.self) { _ = try read(nested(200_000)) }
        #expect(throws: VerificationError.self) { _ = try read(String(repeating: #"{"a":"#, count: 200_000)) }
    }

    @Test("an integer is a number or a text, and nothing else")
    func integers() throws {
        for (text, value) in [("0", 0), ("-7", -7), ("\"12\"", 12), ("9223372036854775807", Int64.max)]
            as [(String, Int64)]
        {
            #expect(try read(text).integer == value)
        }
        for text in [
            "1.0", "1e3", "\"\"", "\"-\"", "\"+1\"", "\" 1\"", "\"1-\"", "9223372036854775808", "true", "null", "[1]",
        ] {
            #expect(try read(text).integer == nil, "\(text)")
        }
    }

    @Test("base64 has padding, and line breaks do not matter")
    func base64() throws {
        #expect(try read("\"AQID\"").base64 == [1, 2, 3])
        #expect(try read("\"AQ==\"").base64 == [1])
        #expect(try read("\"AQ\\nID\\r\\n\"").base64 == [1, 2, 3])
        #expect(try read("\"\"").base64 == [])
        for text in [
            "\"AQ\"", "\"AQ=\"", "\"AQ===\"", "\"====\"", "\"AQID====\"", "\"A=BC\"", "\"AB=C\"", "\"AQ==AQ==\"",
            "\"A-_D\"", "\"AQID=\"", "\"AQ D\"", "\"AQ\\nI\u{2028}D\"", "1", "\"é\"",
        ] {
            #expect(try read(text).base64 == nil, "\(text)")
        }
    }

    @Test("what is read is also JSON for Foundation")
    func foundation() throws {
        var random = SeededGenerator(seed: Fuzz.seed)
        let sample = Array(#"{"a":[1,-2.5e3,"x\u00e9\n",null,true,{"b":{}}],"c":"\ud83d\ude00","d":"é","":false}"#.utf8)
        #expect(throws: Never.self) { _ = try JSONDocument(sample, "the document") }
        var count = 0
        for _ in 0..<Fuzz.cases(5_000) {
            let damaged = Fuzz.damaged(sample, &random)
            guard let document = try? JSONDocument(damaged, "the document") else { continue }
            count += 1
            let other = try? JSONSerialization.jsonObject(with: Data(damaged), options: [.fragmentsAllowed])
            #expect(other != nil, "seed \(Fuzz.seed): \(String(decoding: damaged, as: UTF8.self))")
            #expect((other as? [String: Any])?.count == document.members?.count, "seed \(Fuzz.seed)")
        }
        #expect(count > 100)
    }
}
