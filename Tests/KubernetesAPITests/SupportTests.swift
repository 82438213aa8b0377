import KubernetesAPI
import Testing

@Suite struct SupportTests {
    /// One character of 5,001 code points.
    static let tower = "e" + String(repeating: "\u{301}", count: 5_000)

    @Test("texts are cut by code points, not by characters")
    func codePoints() {
        #expect(Self.tower.count == 1)
        #expect(Self.tower.truncated(toCodePoints: 100).unicodeScalars.count == 100)
        #expect("aé😀b".truncated(toCodePoints: 3) == "aé😀")
        #expect("abc".truncated(toCodePoints: 3) == "abc")
        #expect("aé😀b".truncated(toUTF8Bytes: 6) == "aé")
        #expect("aé😀b".truncated(toUTF8Bytes: 7) == "aé😀")
    }

    @Test("a condition's message has at most as many code points as the API server accepts")
    func conditionMessage() {
        let message = String(repeating: Self.tower, count: 10)
        let condition = Condition(
            type: "Ready",
            status: .false,
            reason: "R",
            message: message,
            lastTransitionTime: Timestamp(secondsSinceEpoch: 0)
        )
        #expect(condition.message.unicodeScalars.count == Condition.maximumMessageLength)
    }

    @Test(
        "a number inside a typed object keeps its type",
        arguments: [
            ("1", .integer(1)), ("1.0", .number(1)), ("0.0", .number(0)), ("1e3", .number(1000)), ("-7", .integer(-7)),
            ("[1, 1.0]", .array([.integer(1), .number(1)])), (#"{"x": {"y": 2.0}}"#, ["x": ["y": .number(2)]]),
            ("\"1.0\"", .string("1.0")), ("true", .bool(true)),
        ] as [(String, JSONValue)]
    )
    func numbers(text: String, expected: JSONValue) throws {
        struct Holder: Codable, Equatable {
            struct Item: Codable, Equatable { var value: JSONValue? }
            var items: [Item]
        }
        let bytes = Array(#"{"items": [{}, {"value": \#(text)}]}"#.utf8)
        let holder: Holder = try KubernetesJSON.decode(from: bytes)
        #expect(holder.items[1].value == expected)
        // A value that is not contiguous in memory, and one that comes from a value.
        #expect(try KubernetesJSON.decode(Holder.self, from: AnySequence(bytes)) == holder)
        #expect(try JSONValue(parsing: bytes).decode(Holder.self) == holder)
    }

    @Test("the delay doubles with each failure, up to the maximum")
    func backoff() {
        let schedule = ExponentialBackoff(initial: .milliseconds(5), maximum: .seconds(1))
        #expect(schedule.delay(afterFailures: 0) == .zero)
        #expect((1...4).map { schedule.delay(afterFailures: $0) } == [5, 10, 20, 40].map { .milliseconds($0) })
        #expect(schedule.delay(afterFailures: 9) == .seconds(1))
        #expect(schedule.delay(afterFailures: .max) == .seconds(1))
    }

    @Test(
        "JSON strings have their escapes",
        arguments: [
            (StringEscaper.json, "a\"\\\n\r\t\u{1}\u{7F}é😀", "a\\\"\\\\\\n\\r\\t\\u0001\u{7F}é😀")
        ]
    )
    func escapes(escaper: StringEscaper, text: String, expected: String) {
        #expect(escaper.escaped(text) == expected)
        #expect(escaper.quoted(text) == "\"\(expected)\"")
    }

    @Test("a text that is not trusted has no control characters and is not too long")
    func printable() {
        #expect("a\u{1B}[31mb\n\u{9B}é".printable(maximumLength: 10) == "a[31mbé")
        #expect("abc".printable(maximumLength: 2) == "ab")
    }

    @Test("the numbers of a seed are the published ones")
    func splitMix() {
        var random = SplitMix64(seed: 1_234_567)
        let numbers = (0..<3).map { _ in random.next() }
        #expect(numbers == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    }
}
