import MCPProtocol
import Testing

@Suite("JSON Schema")
struct JSONSchemaTests {
    /// A schema, values that match it, and values that do not, each with the violation.
    struct Case: Sendable, CustomTestStringConvertible {
        let schema: String
        let valid: [String]
        let invalid: [(value: String, violation: String)]

        var testDescription: String { schema }
    }

    static let cases = [
        Case(schema: "true", valid: ["1", "null"], invalid: []),
        Case(schema: "false", valid: [], invalid: [("1", "the value is not allowed")]),
        Case(
            schema: #"{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"#,
            valid: [#"{"city":"Bonn"}"#, #"{"c\u0069ty":"Bonn","more":1}"#],
            invalid: [
                ("{}", #"the value lacks the property "city""#),
                (#"{"city":7}"#, "/city must be a string, and is a number"),
                ("[]", "the value must be an object, and is an array"),
            ]
        ),
        Case(
            schema:
                #"{"properties":{"a":true},"patternProperties":{"^x-":{"type":"integer"}},"additionalProperties":false}"#,
            valid: [#"{"a":1,"x-b":2}"#, "7"],
            invalid: [
                (#"{"x-b":"2"}"#, "/x-b must be an integer, and is a string"),
                (#"{"a/b":1}"#, "/a~1b is not a known property"),
            ]
        ),
        Case(
            schema: #"{"type":["integer","null"],"minimum":1,"exclusiveMaximum":10}"#,
            valid: ["1", "9.0", "null", "1e0"],
            invalid: [
                ("0", "the value must be at least 1"), ("10", "the value must be less than 10"),
                ("1.5", "the value must be an integer or null, and is a number"),
            ]
        ),
        Case(
            schema: #"{"multipleOf":0.1}"#,
            valid: ["0.3", "7", "-0.7"],
            invalid: [("0.35", "the value must be a multiple of 0.1")]
        ),
        Case(
            schema: #"{"enum":["a",{"x":1.0,"y":[null]},3]}"#,
            valid: [#""a""#, #"{"y":[null],"x":1}"#, "3.0"],
            invalid: [(#""b""#, #"the value must be one of "a", 3, {"x":1,"y":[null]}"#)]
        ),
        Case(schema: #"{"const":0}"#, valid: ["0", "-0"], invalid: [("false", "the value must be one of 0")]),
        Case(
            schema: #"{"minLength":2,"maxLength":3,"pattern":"^\\p{Lu}"}"#,
            valid: [#""Äx""#, #""Ab👍""#],
            invalid: [
                (#""👍""#, "the value must have at least 2 characters"),
                (#""äx""#, #"the value must match the pattern "^\\p{Lu}""#),
            ]
        ),
        Case(
            schema: #"{"prefixItems":[{"type":"string"}],"items":{"type":"number"},"uniqueItems":true,"maxItems":3}"#,
            valid: ["[]", #"["a",1,2]"#],
            invalid: [
                (#"["a","b"]"#, "/1 must be a number, and is a string"),
                (#"["a",1,1.0]"#, "the value must not have the same element twice"),
                (#"["a",1,2,3]"#, "the value must have at most 3 elements"),
            ]
        ),
        Case(
            schema: #"{"contains":{"const":1},"minContains":2,"maxContains":2}"#,
            valid: ["[1,1]"],
            invalid: [(#"[1]"#, #"the value has 1 elements of the form that "contains" describes"#)]
        ),
        Case(
            schema:
                #"{"anyOf":[{"type":"string"},{"properties":{"a":{"type":"number"}},"required":["a"],"type":"object"}]}"#,
            valid: [#""x""#, #"{"a":1}"#],
            invalid: [(#"{"a":"1"}"#, "/a must be a number, and is a string, or has another allowed form")]
        ),
        Case(
            schema: #"{"oneOf":[{"minimum":1},{"maximum":5}]}"#,
            valid: ["0", "7"],
            invalid: [("3", "the value has 2 of the allowed forms, and must have one")]
        ),
        Case(
            schema: #"{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}"#,
            valid: [#"{"a":1,"b":1}"#, #"{"c":1}"#],
            invalid: [
                ("{}", #"the value lacks the property "c""#), (#"{"a":1}"#, #"the value lacks the property "b""#),
            ]
        ),
        Case(
            schema: ##"{"not":{"type":"null"},"allOf":[{"$ref":"#/$defs/a%20b"}],"$defs":{"a b":{"maximum":2}}}"##,
            valid: ["2"],
            invalid: [
                ("null", "the value has a form that is not allowed"), ("3", "the value must be at most 2"),
            ]
        ),
        Case(
            schema:
                ##"{"$defs":{"tree":{"$anchor":"t","properties":{"next":{"$ref":"#t"}},"required":["v"]}},"$ref":"#t"}"##,
            valid: [#"{"v":1,"next":{"v":2}}"#],
            invalid: [(#"{"v":1,"next":{"v":1,"next":{}}}"#, #"/next/next lacks the property "v""#)]
        ),
        Case(
            schema:
                #"{"dependentRequired":{"a":["b"]},"dependentSchemas":{"c":{"minProperties":2}},"propertyNames":{"maxLength":1}}"#,
            valid: [#"{"a":1,"b":1}"#, #"{"c":1,"d":1}"#],
            invalid: [
                (#"{"a":1}"#, #"the value lacks the property "b", which "a" needs"#),
                (#"{"c":1}"#, "the value must have at least 2 properties"),
                (#"{"ab":1}"#, "/ab must have at most 1 characters"),
            ]
        ),
        Case(
            schema: #"{"items":[{"type":"string"}],"additionalItems":false,"format":"date","x-unknown":{"type":1}}"#,
            valid: [#"["a"]"#],
            invalid: [(#"["a","b"]"#, "/1 is not allowed")]
        ),
    ]

    @Test("values match, or the first violation says where and why", arguments: cases)
    func values(_ test: Case) throws {
        let schema = try JSONSchema(RawJSON(parsing: test.schema))
        for value in test.valid {
            let violation = schema.violation(in: try RawJSON(parsing: value))
            #expect(violation == nil, "\(value)")
        }
        for (value, expected) in test.invalid {
            #expect(schema.violation(in: try RawJSON(parsing: value))?.description == expected, "\(value)")
        }
    }

    @Test(
        "a schema that is not valid, or not supported, says where",
        arguments: [
            (#"{"type":"text"}"#, #"inputSchema/type is "text", which is not a type of JSON Schema"#),
            (#"{"properties":{"a":7}}"#, "inputSchema/properties/a must be an object or a boolean, and is a number"),
            (##"{"$ref":"#/no"}"##, ##"inputSchema/$ref refers to "#/no", which does not exist"##),
            (#"{"minLength":-1}"#, "inputSchema/minLength must be a whole number of at least 0, and is -1"),
            (
                #"{"pattern":"(?=a)"}"#,
                "inputSchema/pattern has a pattern that cannot be used: lookaround is not supported"
            ),
            (#"{"unevaluatedProperties":false}"#, "inputSchema/unevaluatedProperties is not supported"),
            (#"{"required":["a",1]}"#, "inputSchema/required/1 must be a string, and is a number"),
        ]
    )
    func invalidSchemas(text: String, problem: String) throws {
        let schema = try RawJSON(parsing: text)
        let error = #expect(throws: MessageFieldError.self) { try JSONSchema(schema) }
        #expect(error?.description == problem)
    }

    @Test(
        "a schema cannot make a check expensive",
        arguments: [
            // Twice as many subschemas at each of 40 levels.
            ##"{"$defs":{"a":{"anyOf":[{"items":{"$ref":"#/$defs/a"}},{"items":{"$ref":"#/$defs/a"}}],"maxItems":1,"type":"array"}},"$ref":"#/$defs/a"}"##,
            ##"{"$ref":"#"}"##,
            ##"{"anyOf":[{"$ref":"#"},true]}"##,
            ##"{"not":{"$ref":"#"}}"##,
        ]
    )
    func expensive(text: String) throws {
        let schema = try JSONSchema(RawJSON(parsing: text))
        let value = String(repeating: "[", count: 40) + "1" + String(repeating: "]", count: 40)
        let violation = schema.violation(in: try RawJSON(parsing: value))
        #expect(violation?.problem == "is too complex to be checked against the schema")
    }

    @Test(
        "patterns match as in ECMA-262",
        arguments: [
            ("^a.c$", ["abc", "a\u{1F44D}c"], ["ac", "a\nc", "xabc"]),
            ("b|^$", ["b", "", "abc"], ["a"]), ("^(?:ab|c){2,3}$", ["abc", "ccc", "ababab"], ["ab", "cccc"]),
            ("^[^\\W\\d_-]+$", ["aZ"], ["a1", "a-", ""]), ("^[\\D]$", ["x"], ["5"]), ("^[a\\-z]$", ["-"], ["b"]),
            ("\\bfoo\\b", ["a foo b"], ["afoo"]), ("^\\u{1F44D}\\x41\\u0042$", ["\u{1F44D}AB"], ["AB"]),
            ("^\\s$", ["\u{FEFF}", "\u{A0}"], ["a"]), ("^a{,2}$", ["a{,2}"], ["aa"]), ("^(a+)+$", ["aaa"], ["aab"]),
            ("^\\d{4}-\\d\\d$", ["2026-11"], ["2026-1"]), ("^(?<year>\\d)??x*$", ["1xx", ""], ["12"]),
            ("^[]$", [], [""]), ("^[^]$", ["\n"], [""]), ("()", ["", "a"], []), ("^(|a)+$", ["", "aa"], ["b"]),
        ]
    )
    func patterns(pattern: String, matching: [String], different: [String]) throws {
        let pattern = try LinearPattern(pattern)
        for text in matching { #expect(pattern.matches(text), "\(text.debugDescription)") }
        for text in different { #expect(!pattern.matches(text), "\(text.debugDescription)") }
    }

    @Test(
        "patterns that cannot be used say why",
        arguments: [
            ("(a", "there is a \"(\" without its \")\""), ("a)", "there is a \")\" without its \"(\""),
            ("*a", "there is nothing before \"*\""), ("a**", "\"*\" follows a repetition"), ("[a", "it ends too early"),
            ("a\\", "it ends too early"), ("(?<!a)", "lookaround is not supported"),
            ("(a)\\1", "backreferences are not supported"), ("[z-a]", "a range of characters is in the wrong order"),
            ("a{2,1}", "the numbers of a repetition are in the wrong order"),
            ("a{9999}", "a repetition has more than 1000 times"), ("(a{1000}){1000}", "it is too large"),
            ("\\y", "\"\\y\" is not known"), ("\\p{Greek}", "the property \"Greek\" is not supported"),
            ("\\ud800", "U+D800 is not a character"),
        ]
    )
    func badPatterns(pattern: String, problem: String) {
        let error = #expect(throws: LinearPattern.Problem.self) { try LinearPattern(pattern) }
        #expect(error?.description == problem)
    }

    @Test("a pattern that takes others exponential time takes linear time")
    func linear() throws {
        let pattern = try LinearPattern("^(([a-z])+.)+[A-Z]([a-z])+$")
        #expect(!pattern.matches(String(repeating: "a", count: 5_000)))
    }

    @Test("10,000 random patterns and schemas neither crash nor hang")
    func fuzz() throws {
        var random = Fuzz.generator(7)
        let letters = Array("ab([{^$.|?*+)]}\\dwpuxk0129,-:<=!")
        let parts = [
            #"{"type":"#, #""object""#, "}", "{", #""anyOf":["#, "]", #""$ref":"#, ##""#""##, ",", "true", "1",
            #""properties":"#, #""items":"#, #""a":"#, #""pattern":"#, #""(a|b)*""#, "-1", "null",
        ]
        for _ in 0..<Fuzz.cases {
            let text = String(
                (0..<Int.random(in: 0..<20, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" }
            )
            _ = (try? LinearPattern(text))?.matches("abab")
            let schema = (0..<Int.random(in: 0..<12, using: &random)).map { _ in
                parts.randomElement(using: &random) ?? ""
            }
            guard let json = try? RawJSON(parsing: schema.joined()) else { continue }
            _ = (try? JSONSchema(json))?.violation(in: json)
        }
    }
}
