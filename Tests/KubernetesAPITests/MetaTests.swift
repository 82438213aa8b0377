import KubernetesAPI
import Testing

@Suite struct QuantityTests {
    @Test(
        "quantities are read like in Kubernetes",
        arguments: [
            ("0", 0), ("1", 1_000_000_000), ("500m", 500_000_000), ("0.5", 500_000_000), (".5", 500_000_000),
            ("5.", 5_000_000_000), ("1n", 1), ("1u", 1_000), ("1k", 1_000_000_000_000), ("1Ki", 1_024_000_000_000),
            ("1Mi", 1_048_576_000_000_000), ("1.5Gi", 1_610_612_736_000_000_000), ("1e3", 1_000_000_000_000),
            ("1E3", 1_000_000_000_000), ("1e-3", 1_000_000), ("+1", 1_000_000_000), ("-1", -1_000_000_000),
            ("0.1n", 1), ("9E", 9_000_000_000_000_000_000_000_000_000),
        ] as [(String, Int128)]
    )
    func reads(text: String, nanos: Int128) {
        #expect(Quantity(text)?.nanos == nanos)
    }

    @Test(
        "invalid quantities are rejected",
        arguments: ["", "a", "1 Gi", "1GB", "Gi", "1.2.3", "--1", "1e", "1ki", "1e99", "0x1", "１", "12E"]
    )
    func refuses(text: String) {
        #expect(Quantity(text) == nil)
    }

    @Test("quantities are compared by value, and keep their text")
    func compares() throws {
        #expect(Quantity("0.5") == Quantity("500m"))
        #expect(Quantity("1Gi") == Quantity("1024Mi"))
        #expect(try #require(Quantity("1G")) < #require(Quantity("1Gi")))
        #expect(Set<Quantity>(["0.5", "500m", "1"]).count == 2)
        #expect(try KubernetesJSON.encode([Quantity("0.50")]) == Array("[\"0.50\"]".utf8))
    }

    @Test("a number in JSON is also a quantity")
    func decodes() throws {
        #expect(
            try KubernetesJSON.decode([Quantity].self, from: Array("[2, 0.5, \"1Gi\"]".utf8)) == ["2", "500m", "1Gi"]
        )
        #expect(throws: DecodingError.self) { try KubernetesJSON.decode([Quantity].self, from: Array("[\"x\"]".utf8)) }
    }
}

@Suite struct TimestampTests {
    @Test(
        "times are read according to RFC 3339",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59Z", -1), ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-07-28T01:02:03.999Z", 1_785_200_523), ("2026-07-28T01:02:03+02:00", 1_785_193_323),
            ("2026-07-28t01:02:03z", 1_785_200_523), ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("1969-12-31T23:59:58.5Z", -2),
        ] as [(String, Int64)]
    )
    func reads(text: String, seconds: Int64) {
        #expect(Timestamp(text)?.secondsSinceEpoch == seconds)
    }

    @Test(
        "invalid times are rejected",
        arguments: [
            "", "2026-07-28", "2026-07-28T01:02:03", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-01-32T00:00:00Z",
            "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+0200", "2026-01-01T00:00:00ZZ", "2026-01-01 00:00:00Z",
        ]
    )
    func refuses(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("random times are read back unchanged", arguments: [0x71_0001] as [UInt64])
    func roundTrip(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<10_000 {
            let seconds = Int64.random(in: -62_135_596_800...253_402_300_799, using: &generator)
            let time = Timestamp(secondsSinceEpoch: seconds)
            try #require(Timestamp(time.description) == time, "seed \(seed): \(time)")
            let micro = MicroTimestamp(
                microsecondsSinceEpoch: seconds * 1_000_000 + Int64.random(in: 0..<1_000_000, using: &generator)
            )
            try #require(MicroTimestamp(micro.description) == micro, "seed \(seed): \(micro)")
        }
    }

    @Test("microseconds are written with six digits")
    func micro() {
        #expect(MicroTimestamp(microsecondsSinceEpoch: 1).description == "1970-01-01T00:00:00.000001Z")
        #expect(MicroTimestamp(microsecondsSinceEpoch: -1).description == "1969-12-31T23:59:59.999999Z")
    }
}

@Suite struct LabelSelectorTests {
    private let labels = ["app": "a", "tier": "front"]

    @Test("an empty selector selects everything")
    func empty() {
        #expect(LabelSelector().matches(labels))
        #expect(LabelSelector().matches([:]))
    }

    @Test(
        "requirements match like in Kubernetes",
        arguments: [
            ("app", "In", ["a", "b"], true), ("app", "In", ["b"], false), ("none", "In", ["a"], false),
            ("app", "NotIn", ["a"], false), ("app", "NotIn", ["b"], true), ("none", "NotIn", ["a"], true),
            ("app", "Exists", nil, true), ("none", "Exists", nil, false), ("app", "DoesNotExist", nil, false),
            ("none", "DoesNotExist", nil, true), ("app", "Near", ["a"], false), ("app", "In", nil, false),
        ] as [(String, String, [String]?, Bool)]
    )
    func requirements(key: String, operation: String, values: [String]?, holds: Bool) {
        let selector = LabelSelector(matchExpressions: [.init(key: key, operator: operation, values: values)])
        #expect(selector.matches(labels) == holds)
    }

    @Test("all requirements must match")
    func all() {
        #expect(LabelSelector(matchLabels: labels).matches(labels))
        #expect(!LabelSelector(matchLabels: ["app": "a", "tier": "back"]).matches(labels))
        let expressions = [LabelSelector.Requirement(key: "tier", operator: "DoesNotExist")]
        #expect(!LabelSelector(matchLabels: ["app": "a"], matchExpressions: expressions).matches(labels))
    }
}

@Suite struct ConditionTests {
    private func condition(_ status: Condition.Status, reason: String = "Why", at seconds: Int64) -> Condition {
        Condition(
            type: "Ready",
            status: status,
            reason: reason,
            message: "m",
            observedGeneration: seconds,
            lastTransitionTime: Timestamp(secondsSinceEpoch: seconds)
        )
    }

    @Test("the transition time changes only with the status")
    func transitionTime() {
        var conditions: [Condition] = []
        conditions.merge([condition(.false, at: 1)])
        conditions.merge([condition(.false, reason: "Other", at: 2)])
        #expect(conditions[type: "Ready"]?.lastTransitionTime.secondsSinceEpoch == 1)
        #expect(conditions[type: "Ready"]?.reason == "Other")
        #expect(conditions[type: "Ready"]?.observedGeneration == 2)
        conditions.merge([condition(.true, at: 3)])
        #expect(conditions[type: "Ready"]?.lastTransitionTime.secondsSinceEpoch == 3)
        #expect(conditions.count == 1)
    }

    @Test("a message is truncated to the server's limit")
    func longMessage() {
        let long = Condition(
            type: "Ready",
            status: .true,
            reason: "R",
            message: String(repeating: "x", count: 40_000),
            lastTransitionTime: Timestamp(secondsSinceEpoch: 0)
        )
        #expect(long.message.count == 32_768)
    }
}

@Suite struct IntOrStringTests {
    @Test("a number stays a number and a name a name")
    func roundTrip() throws {
        let value = try KubernetesJSON.decode([IntOrString].self, from: Array("[80,\"http\",\"80%\"]".utf8))
        #expect(value == [80, "http", "80%"])
        #expect(try KubernetesJSON.encode(value) == Array("[80,\"http\",\"80%\"]".utf8))
    }
}
