public import FoundationEssentials

/// A period of time; both ends are part of it (Sigstore's `TimeRange`).
public struct ValidityPeriod: Sendable, Hashable {
    /// The first moment.
    public var start: Date
    /// The last moment; `nil` if it has no end yet.
    public var end: Date?

    /// Creates a period.
    public init(start: Date, end: Date? = nil) {
        self.start = start
        self.end = end
    }

    /// Whether a moment is in the period.
    public func contains(_ time: Date) -> Bool { start <= time && (end.map { time <= $0 } ?? true) }

    /// Reads `validFor` of a trusted root.
    init(_ document: JSONDocument?, _ what: String) throws(VerificationError) {
        guard
            let start = try document?["start"].map({ value throws(VerificationError) in
                try Self.time(value, "\(what).start")
            })
        else {
            throw VerificationError(.trustedRootMalformed, "\(what).start is missing in the trusted root")
        }
        self.start = start
        if let end = document?["end"], end != .null { self.end = try Self.time(end, "\(what).end") }
    }

    private static func time(_ value: JSONDocument, _ what: String) throws(VerificationError) -> Date {
        let text = value.text ?? ""
        if let date = InternetTime.date(text) { return date }
        throw VerificationError(
            .trustedRootMalformed,
            "\(what) of the trusted root is \"\(printable(text))\", which is not a time such as 2026-01-31T00:00:00Z"
        )
    }
}
