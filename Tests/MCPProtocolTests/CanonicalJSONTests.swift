import FoundationEssentials
import KubernetesAPI
import MCPProtocol
import Testing

/// RFC 8785.
@Suite struct CanonicalJSONTests {
    private func canonical(_ text: String) throws -> String {
        try RawJSON(parsing: text).canonical().text
    }

    @Test("the RFC's example")
    func example() throws {
        let text = #"""
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """#
        #expect(
            try canonical(text)
                == #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        )
    }

    @Test("members are in the order of UTF-16 code units")
    func order() throws {
        let text = #"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#
        #expect(
            try canonical(text) == "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{FB33}\":3}"
        )
    }

    @Test(
        "the RFC's numbers",
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
            (0xFFEF_FFFF_FFFF_FFFF, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xC340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"), (0x44B5_2D02_C7E1_4AF6, "1e+23"),
            (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"), (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
            (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"), (0x444B_1AE4_D6E2_EF50, "1e+21"),
            (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"), (0x3EB0_C6F7_A0B5_ED8D, "0.000001"),
            (0x41B3_DE43_5555_5553, "333333333.3333332"), (0x41B3_DE43_5555_5554, "333333333.33333325"),
            (0x41B3_DE43_5555_5555, "333333333.3333333"), (0x41B3_DE43_5555_5556, "333333333.3333334"),
            (0x41B3_DE43_5555_5557, "333333333.33333343"), (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
            (0x4314_3FF3_C1CB_0959, "1424953923781206.2"),
        ] as [(UInt64, String)]
    )
    func numbers(bits: UInt64, text: String) throws {
        #expect(try canonical("\(Double(bitPattern: bits))") == text)
        #expect(try canonical(text) == text)
    }

    @Test("what is outside I-JSON has no canonical form")
    func refused() throws {
        for text in [#""\ud800""#, #"{"\udc00":1}"#, "1e999", #"{"a":1,"\u0061":2}"#] {
            let json = try RawJSON(parsing: text, limits: MessageLimits(allowsDuplicateNames: true))
            #expect(throws: CanonicalJSONError.self) { try json.canonical() }
        }
        let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
        let json = try RawJSON(parsing: deep, limits: MessageLimits(maximumDepth: 600))
        #expect(throws: CanonicalJSONError.tooDeep) { try json.canonical() }
        // The same character in two spellings is two names.
        #expect(throws: Never.self) { try canonical("{\"\u{E9}\":1,\"e\u{301}\":2}") }
    }

    @Test(
        "the canonical form is canonical, means the same, and does not depend on the writing",
        arguments: Fuzz.seeds(0xCA01)
    )
    func random(seed: UInt64) throws {
        var random = Fuzz.generator(seed)
        for number in 0..<Fuzz.cases {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let once = try RawJSON(parsing: "\(value)").canonical()
            #expect(once.doubleValue == value, "case \(number) of seed \(seed)")
            #expect(try once.canonical() == once, "case \(number) of seed \(seed)")
            let names = (0..<4).map { _ in Fuzz.text(&random) }
            let members = Set(names).map { ($0, RawJSON.string($0)) }
            let one = try RawJSON.object(members).canonical()
            #expect(try RawJSON.object(members.shuffled(using: &random)).canonical() == one)
            let data = Data(one.bytes)
            #expect(try JSONDecoder().decode([String: String].self, from: data).count == members.count)
        }
    }
}
