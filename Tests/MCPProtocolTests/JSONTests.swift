import MCPProtocol
import Testing

/// The scanner accepts what RFC 8259 allows, within the limits, and nothing else.
@Suite struct JSONTests {
    @Test(
        "valid documents are read",
        arguments: [
            "{}", "[]", " [ ] ", "\t\r\n{ }\n", "null", "true", "false", "0", "-0", "-1.5e+10", "1E9", "0.0", "\"\"",
            "[1,2]",
            #"{"a":1,"b":{"c":[{}]}}"#, #""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#, "\"é世😀\"", #"{"":0}"#, "[[[]],[]]",
            #"{"a" : [ 1 , { "b" : null } ] , "c" : true }"#, #""\ud800""#, "\"\u{7F}\"", "[-0.1,1e-7]",
        ]
    )
    func valid(text: String) throws {
        #expect(throws: Never.self) { try RawJSON(parsing: text) }
    }

    @Test(
        "malformed documents are rejected",
        arguments: [
            "", " ", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
            "{,}",
            "{a:1}", "{'a':1}", "{1:2}", "nul", "nulll", "True", "tru", "+1", "01", "-", "-01", "1.", ".5", "1e", "1e+",
            "0x1",
            "NaN", "Infinity", "1 2", "{}{}", "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\u{1}\"",
            "\"\n\"", "[\"a]",
            "//", "/**/1", "[1]]", "{\"a\":1}}", "\u{FEFF}{}", "{\"a\":1 \"b\":2}", "[1:2]", "{\"a\",1}", "--1", "1.e1",
        ]
    )
    func malformed(text: String) {
        #expect(throws: JSONSyntaxError.self) { try RawJSON(parsing: text) }
    }

    @Test(
        "invalid UTF-8 is rejected",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0x80], [0xE4, 0xB8], [0xED, 0xA0, 0x80],
            [0xED, 0xBF, 0xBF],
            [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xF0, 0x9F, 0x98],
            [0xC3, 0x28], [0xE2, 0x28, 0xA1], [0xF0, 0x9F, 0x28, 0x80],
        ] as [[UInt8]]
    )
    func invalidUTF8(bytes: [UInt8]) {
        for document in [[0x22] + bytes + [0x22], [0x7B, 0x22] + bytes + [0x22, 0x3A, 0x31, 0x7D], [0x22] + bytes] {
            #expect(throws: JSONSyntaxError.self) { try RawJSON(parsing: document) }
        }
    }

    @Test("nesting is limited, and deep nesting costs no stack")
    func depth() throws {
        let limits = MessageLimits(maximumDepth: 5)
        _ = try RawJSON(parsing: "[[[[[]]]]]", limits: limits)
        let error = #expect(throws: JSONSyntaxError.self) { try RawJSON(parsing: "[[[[[[]]]]]]", limits: limits) }
        #expect(error?.reason == .tooDeep(limit: 5))
        #expect(error?.exceedsLimit == true)

        let open = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: JSONSyntaxError.self) { try RawJSON(parsing: open) }
        let closed = open + [UInt8](repeating: UInt8(ascii: "]"), count: 1_000_000)
        let wide = MessageLimits(maximumDepth: 2_000_000, maximumValues: 2_000_000)
        #expect(try RawJSON(parsing: closed, limits: wide).elements?.count == 1)
    }

    @Test("bytes, values and the length of numbers are limited")
    func limits() {
        func reason(_ text: String, _ limits: MessageLimits) -> JSONSyntaxError.Reason? {
            do throws(JSONSyntaxError) {
                _ = try RawJSON(parsing: text, limits: limits)
                return nil
            } catch { return error.reason }
        }
        #expect(reason("[1,2]", MessageLimits(maximumBytes: 5)) == nil)
        #expect(reason("[1,2] ", MessageLimits(maximumBytes: 5)) == .tooManyBytes(limit: 5))
        #expect(reason("[1,2]", MessageLimits(maximumValues: 3)) == nil)
        #expect(reason("[1,2,3]", MessageLimits(maximumValues: 3)) == .tooManyValues(limit: 3))
        #expect(reason("123", MessageLimits(maximumNumberBytes: 3)) == nil)
        #expect(reason("1234", MessageLimits(maximumNumberBytes: 3)) == .numberTooLong(limit: 3))
        let huge = String(repeating: "9", count: 1_000_000)
        #expect(reason(huge, MessageLimits()) == .numberTooLong(limit: 400))
    }

    @Test(
        "two members of the same name are rejected at any depth, whatever their escapes",
        arguments: [
            #"{"a":1,"a":2}"#, #"{"a":1,"b":2,"a":3}"#, #"{"a":1,"\u0061":2}"#, #"[{"x":{"k":1,"k":1}}]"#,
            #"{"":1,"":2}"#,
            #"{"é":1,"\u00e9":2}"#, #"{"\ud83d\ude00":1,"😀":2}"#, #"{"\ud800":1,"\ud800":2}"#,
            "{" + (0..<50).map { "\"m\($0)\":0" }.joined(separator: ",") + ",\"m7\":1}",
        ]
    )
    func duplicates(text: String) throws {
        let error = #expect(throws: JSONSyntaxError.self) { try RawJSON(parsing: text) }
        guard case .duplicateName = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        _ = try RawJSON(parsing: text, limits: MessageLimits(allowsDuplicateNames: true))
    }

    @Test("a member is found and replaced by the text of its name, however that is written")
    func lookups() throws {
        let names = [
            "", "a", "A", "ab", "s", "\u{17F}", "é", "e\u{301}", #"a\b"#, #"a\\b"#, "a\"", "a/b", "😀", "\u{1}",
        ]
        for name in names {
            let escaped = name.utf16.map { "\\u" + String(0x10000 | Int($0), radix: 16).dropFirst() }.joined()
            for written in [RawJSON.string(name).text, "\"\(escaped)\""] {
                let object = try RawJSON(parsing: #"{"x": {"a":0}, \#(written) : [1], "y":2}"#)
                for wanted in names {
                    let isSame = wanted.utf8.elementsEqual(name.utf8)
                    #expect((object[wanted] != nil) == isSame, "\(wanted.debugDescription) in \(object)")
                    let changed = object.setting(wanted, to: "new")
                    #expect(changed.members?.count == (isSame ? 3 : 4))
                    #expect(changed[wanted]?.stringValue == "new")
                    #expect(changed.setting(wanted, to: nil).members?.count == (isSame ? 2 : 3))
                    _ = try RawJSON(parsing: changed.text)
                }
            }
        }
    }

    @Test("names that only look alike are different")
    func similarNames() throws {
        for text in [
            #"{"a":1,"A":2}"#, #"{"\ud800":1,"\ud801":2}"#, #"{"a":{"a":{"a":1}},"b":{"a":1}}"#, #"[{"a":1},{"a":1}]"#,
        ] {
            _ = try RawJSON(parsing: text)
        }
        let many = "{" + (0..<2_000).map { "\"name\($0)\":{\"name\($0)\":0}" }.joined(separator: ",") + "}"
        #expect(try RawJSON(parsing: many).members?.count == 2_000)
    }

    @Test("an object of very many names is read quickly", .timeLimit(.minutes(1)))
    func manyNames() throws {
        let many = "{" + (0..<200_000).map { "\"n\($0)\":0" }.joined(separator: ",") + "}"
        _ = try RawJSON(parsing: many)
    }

    @Test("values are read as what they are")
    func values() throws {
        let json = try RawJSON(
            parsing:
                #" { "s" : "a\u00e9\ud83d\ude00\n" , "n":-12, "d": 1.5e3, "t":true,"f":false, "z":null,"a":[1,[2],"x]"],"o":{"k":"}"} } "#
        )
        #expect(json["s"]?.stringValue == "aé😀\n")
        #expect(json["n"]?.integerValue == -12)
        #expect(json["d"]?.doubleValue == 1500)
        #expect(json["d"]?.integerValue == nil)
        #expect(json["t"]?.boolValue == true)
        #expect(json["f"]?.boolValue == false)
        #expect(json["z"]?.isNull == true)
        #expect(json["a"]?.elements?.map(\.text) == ["1", "[2]", #""x]""#])
        #expect(json[path: ["o", "k"]]?.stringValue == "}")
        #expect(json["missing"] == nil)
        #expect(json.members?.map(\.name) == ["s", "n", "d", "t", "f", "z", "a", "o"])
        #expect(json["s"]?.integerValue == nil && json["n"]?.stringValue == nil && json["n"]?.elements == nil)
        #expect(json["o"]?.detached == json["o"] && json["o"]?.detached.bytes.startIndex == 0)
        #expect(json.bytes.first == UInt8(ascii: "{") && json.bytes.last == UInt8(ascii: "}"))
    }

    @Test("half of a surrogate pair is kept, but is not text")
    func loneSurrogates() throws {
        for text in [#""\ud800""#, #""x\udc00y""#, #""\ud800\ud800""#, #""\ud83dx""#] {
            let json = try RawJSON(parsing: text)
            #expect(json.stringValue == nil)
            #expect(json.text == text)
        }
        #expect(try RawJSON(parsing: #""\ud83d\ude00\ud83d\ude00""#).stringValue == "😀😀")
    }

    @Test("one member changes, every other byte stays")
    func editing() throws {
        let text = #"{ "a" : 1.0, "b":{"\u0063" : 2e0 } ,"z": [1, 2] }"#
        let json = try RawJSON(parsing: text)
        #expect(json.setting("a", to: 7).text == #"{ "a" : 7, "b":{"\u0063" : 2e0 } ,"z": [1, 2] }"#)
        #expect(json.setting(path: ["b", "c"], to: "x").text == #"{ "a" : 1.0, "b":{"\u0063" : "x" } ,"z": [1, 2] }"#)
        #expect(json.setting("n", to: .null).text == #"{ "a" : 1.0, "b":{"\u0063" : 2e0 } ,"z": [1, 2] ,"n":null}"#)
        #expect(json.setting("b", to: nil).text == #"{"a":1.0,"z":[1, 2]}"#)
        #expect(json.setting("missing", to: nil).text == text)
        #expect(json.setting(path: ["q", "r"], to: true)["q"]?.text == #"{"r":true}"#)
        #expect(json.setting(path: ["q", "r"], to: nil).text == text)
        #expect(RawJSON.object([]).setting("a", to: 1).text == #"{"a":1}"#)
        let twice = try RawJSON(parsing: #"{"a":1,"b":2,"a":3}"#, limits: MessageLimits(allowsDuplicateNames: true))
        #expect(twice.setting("a", to: 4).text == #"{"b":2,"a":4}"#)
        #expect(twice["a"]?.integerValue == 3)
    }

    @Test("what is written is valid, in order, and without nils")
    func writing() throws {
        let json: RawJSON = [
            "text": .string("\"\\\u{8}\u{C}\n\r\t\u{0}\u{1F}é/\u{2028}"), "none": nil,
            "list": [1, true, .null, .number(0.5), [:]],
            "infinite": .number(.infinity), "whole": .number(3), "big": .integer(.min),
        ]
        #expect(
            json.text
                == #"{"text":"\"\\\b\f\n\r\t\u0000\u001fé/"# + "\u{2028}"
                + #"","list":[1,true,null,0.5,{}],"infinite":null,"whole":3,"big":-9223372036854775808}"#
        )
        #expect(try RawJSON(parsing: json.text) == json)
        #expect(RawJSON.object([("a", 1), ("b", 2), ("a", 3)]).text == #"{"a":3,"b":2}"#)
    }

    @Test("a text with line breaks goes on one line, its strings untouched")
    func oneLine() throws {
        let json = try RawJSON(parsing: "{\r\n  \"a\\n\": [\n1\r]\n}")
        #expect(json.onOneLine.text == "{    \"a\\n\": [ 1 ] }")
        #expect(json.line == Array(json.onOneLine.bytes) + [0x0A])
    }
}
