import KubernetesAPI
import Testing

@Suite struct YAMLLoaderTests {
    /// Each of these was checked with `kubectl create --dry-run=client -o json`, version 1.36.
    @Test(
        "scalars are resolved like by kubectl",
        arguments: [
            ("yes", .bool(true)), ("on", .bool(true)), ("y", .bool(true)), ("Y", .bool(true)), ("No", .bool(false)),
            ("off", .bool(false)), ("n", .bool(false)), ("N", .bool(false)), ("TRUE", .bool(true)), ("tRue", "tRue"),
            ("~", nil), ("Null", nil), ("", nil), ("~x", "~x"),
            ("010", 8), ("-010", -8), ("0o10", 8), ("-0o10", -8), ("0o8", "0o8"), ("0o", "0o"), ("0x1F", 31),
            ("0x1_F", 31), ("-0x1F", -31), ("0x", "0x"), ("0b11", 3), ("+0b1", 1), ("0b2", "0b2"), ("0_1", 1),
            ("1_000", 1000), ("1_", 1), ("_1", "_1"), ("1__0", 10), ("+1", 1), ("+", "+"), ("-0", 0), ("08", 8),
            ("1e3", 1000), ("1e+3", 1000), ("1e3x", "1e3x"), ("0.1e1", 1), ("1.0", 1), ("1.", 1), ("1.e1", 10),
            (".5", 0.5), ("+.5", 0.5), (".5e1", 5), ("09.5", 9.5), ("010.5", 10.5), ("685_230.15", 685230.15),
            ("1.5e-3", 0.0015), ("0.0000001", 1e-7), ("123456789.123456789", 123456789.12345679),
            ("1e400", "1e400"), ("123456789012345678901234567890", .number(1.2345678901234568e+29)),
            ("9223372036854775808", .number(9223372036854775808)),
            ("18446744073709551615", .number(18446744073709551615)), ("9223372036854775807", .integer(.max)),
            ("12:30:45", "12:30:45"), ("2020-01-01", "2020-01-01"), ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
            ("Infinity", "Infinity"), ("nan", "nan"), ("0x1p4", "0x1p4"), ("=", "="), ("<<", "<<"),
            ("\"yes\"", "yes"), ("'1'", "1"), ("\"\\u00e9\"", "é"), ("\"\\x41\"", "A"),
            ("!!str 12", "12"), ("!<tag:yaml.org,2002:str> 5", "5"), ("!!binary aGVsbG8=", "hello"),
            ("!foo bar", "bar"),
            ("!!int \"12\"", 12), ("!!float 1", 1), ("!!float \"1.5\"", 1.5), ("!!null \"\"", nil),
            ("!!timestamp 2020-01-01", "2020-01-01"),
        ] as [(String, JSONValue)]
    )
    func scalars(text: String, expected: JSONValue) throws {
        #expect(try YAML.value(of: "a: \(text)\n")["a"] == expected)
    }

    @Test(
        "errors have a code and a line",
        arguments: [
            ("a: 1\nb: {a: 1, a: 2}", YAMLError.Code.duplicateKey, 2), ("a: 1\na: 2", .duplicateKey, 2),
            ("1: a\n\"1\": b", .duplicateKey, 2), ("a: .inf", .invalidValue, 1), ("a: -.inf", .invalidValue, 1),
            ("a: .nan", .invalidValue, 1), ("a: !!bool maybe", .invalidValue, 1), ("a: !!int x", .invalidValue, 1),
            ("~: a", .invalidKey, 1), ("? [x]\n: y", .invalidKey, 1), ("a: *nobody", .unknownAnchor, 1),
            ("a: &x [*x]", .unknownAnchor, 1), ("a: [1,\n b", .syntax, 3), ("a:\n\t- b", .syntax, 2),
            ("a: - b", .syntax, 1), ("<<: 1", .invalidValue, 1), ("a: \u{1}", .syntax, 1),
            ("a: b\n---\na: @", .syntax, 3),
        ]
    )
    func refusals(text: String, code: YAMLError.Code, line: Int) {
        let error = #expect(throws: YAMLError.self) { try YAML.documents(in: text) }
        #expect(error?.code == code)
        #expect(error?.line == line)
    }

    @Test("merge keys are merged, and own keys take precedence")
    func mergeKeys() throws {
        let value = try YAML.value(of: "a: &x {p: 1, q: 1}\nb: {<<: *x, q: 2}\nc: {<<: [*x, {p: 3, r: 3}]}")
        #expect(value["b"] == ["p": 1, "q": 2])
        #expect(value["c"] == ["p": 1, "q": 1, "r": 3])
    }

    @Test("documents are split, and empty ones skipped")
    func documents() throws {
        let documents = try YAML.documents(in: "# comment\n---\na: 1\n---\n---\n# nothing\n---\nb: 2\n...\n")
        #expect(documents.map(\.value) == [["a": 1], ["b": 2]])
        #expect(documents.map(\.line) == [3, 8])
        #expect(try YAML.documents(in: "").isEmpty)
        #expect(try YAML.documents(in: "---\n").isEmpty)
    }

    @Test("each value has a line, and a missing value has that of its parent")
    func lines() throws {
        let text = "apiVersion: v1\nspec:\n  env:\n  - name: A\n    value: b\n  - {name: B}\n"
        let document = try #require(try YAML.documents(in: text).first)
        #expect(document.line(of: FieldPath("spec.env[0].value")) == 5)
        #expect(document.line(of: FieldPath("spec.env[1]")) == 6)
        #expect(document.line(of: FieldPath("spec.env[1].value")) == 6)
        #expect(document.line(of: FieldPath("spec.replicas")) == 2)
        #expect(document.line(of: FieldPath("status")) == 1)
    }

    @Test("the expansion of nested aliases is limited", .timeLimit(.minutes(1)))
    func billionLaughs() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            text +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
                + "]\n"
        }
        let error = #expect(throws: YAMLError.self) { try YAML.documents(in: text) }
        #expect(error?.code == .limit)
    }

    @Test("deep nesting is rejected and does not exhaust the stack", arguments: ["[", "{a: ", "- "])
    func depth(opening: String) {
        let error = #expect(throws: YAMLError.self) {
            try YAML.documents(in: String(repeating: opening, count: 5_000))
        }
        // libyaml looks ahead for flow sequences, and reaches the end of the text first.
        #expect(error?.code == .limit || error?.code == .syntax)
    }
}
