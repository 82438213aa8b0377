import Foundation
import Testing

@testable import SupplyChain

private func period(_ json: String) throws -> ValidityPeriod {
    try ValidityPeriod(try JSONDocument(Array(json.utf8), "the document"), "validFor")
}

private let start = Date(timeIntervalSince1970: 1_769_817_600)

@Suite("Periods of a trusted root")
struct ValidityPeriodTests {
    @Test("both ends are part of it")
    func ends() {
        let period = ValidityPeriod(start: start, end: start.addingTimeInterval(10))
        #expect(period.contains(start))
        #expect(period.contains(start.addingTimeInterval(10)))
        #expect(!period.contains(start.addingTimeInterval(-0.001)))
        #expect(!period.contains(start.addingTimeInterval(10.001)))
        #expect(ValidityPeriod(start: start).contains(.distantFuture))
        #expect(!ValidityPeriod(start: start).contains(.distantPast))
    }

    @Test(
        "a time is one of RFC 3339",
        arguments: [
            ("2026-01-31T00:00:00Z", 0), ("2026-01-31T00:00:00.5Z", 0.5), ("2026-01-31T00:00:00.250000000Z", 0.25),
            ("2026-01-31T01:00:00+01:00", 0), ("2026-01-30T18:30:00-05:30", 0), ("2026-01-31T01:00:00.5+01:00", 0.5),
            ("2026-01-31T00:00:59Z", 59),
        ]
    )
    func valid(_ text: String, _ offset: TimeInterval) throws {
        #expect(try period(#"{"start":"\#(text)"}"#) == ValidityPeriod(start: start.addingTimeInterval(offset)))
    }

    @Test(
        "a time that others could understand differently is refused",
        arguments: [
            "", "2026-01-31", "2026-01-31T00:00:00", "2026-01-31T00:00Z", "2026-01-31 00:00:00Z",
            "2026-01-31t00:00:00z",
            "20260131T000000Z", "2026-1-3T0:0:0Z", "2026-01-31T00:00:00Zx", "2026-01-31T00:00:00.5Z x",
            "2026-01-31T00:00:00.Z",
            " 2026-01-31T00:00:00Z", "2026-01-31T00:00:00Z ", "2026-02-30T00:00:00Z", "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T23:60:00Z",
            "2026-01-31T00:00:00+1:00", "2026-01-31T00:00:00+01", "2026-01-31T00:00:00+24:00",
            "2026-01-31T00:00:00+0x:00",
            "-2026-01-31T00:00:00Z", "2026-01-31T00:00:00,5Z", "2026-01-31T00:00:00Z+01:00", "1769817600",
        ]
    )
    func refused(_ text: String) {
        let error = #expect(throws: VerificationError.self) { _ = try period(#"{"start":"\#(text)"}"#) }
        #expect(error?.code == .trustedRootMalformed)
        #expect(error?.message.contains("validFor.start") == true)
    }

    @Test("a start is needed, and an end is not")
    func missing() throws {
        #expect(try period(#"{"start":"2026-01-31T00:00:00Z","end":null}"#).end == nil)
        let closed = try period(#"{"start":"2026-01-31T00:00:00Z","end":"2026-01-31T00:00:01Z"}"#)
        #expect(closed.end == start.addingTimeInterval(1))
        for json in [
            "{}", #"{"end":"2026-01-31T00:00:00Z"}"#, #"{"start":null}"#, #"{"start":1769817600}"#, "[]", "null",
        ] {
            let error = #expect(throws: VerificationError.self) { _ = try period(json) }
            #expect(error?.code == .trustedRootMalformed)
        }
        #expect(throws: VerificationError.self) { _ = try period(#"{"start":"2026-01-31T00:00:00Z","end":"never"}"#) }
        #expect(throws: VerificationError.self) { _ = try ValidityPeriod(nil, "validFor") }
    }

    @Test("a leap day is a day")
    func leapDay() throws {
        #expect(try period(#"{"start":"2028-02-29T00:00:00Z"}"#).start.formatted(.iso8601) == "2028-02-29T00:00:00Z")
    }
}
