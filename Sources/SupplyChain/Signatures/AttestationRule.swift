internal import FoundationEssentials

/// A statement that an image must have.
public struct AttestationRule: Sendable, Hashable {
    /// The rule's name, for messages.
    public var name: String
    /// The type of the statement, such as `https://slsa.dev/provenance/v1`, or one of the short names of ``predicateTypes(_:)``.
    public var predicateType: String
    /// The builder of a SLSA provenance.
    public var builder: AnchoredPattern?
    /// The source repository of a SLSA provenance.
    public var source: AnchoredPattern?
    /// How old a scan for vulnerabilities may be.
    public var maximumAge: Duration?

    /// Creates a rule.
    public init(
        name: String,
        predicateType: String,
        builder: AnchoredPattern? = nil,
        source: AnchoredPattern? = nil,
        maximumAge: Duration? = nil
    ) {
        self.name = name
        self.predicateType = predicateType
        self.builder = builder
        self.source = source
        self.maximumAge = maximumAge
    }

    /// The types that a short name stands for, as cosign has them; a type itself otherwise.
    public static func predicateTypes(_ name: String) -> [String] {
        switch name {
        case "slsaprovenance": ["https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"]
        case "spdx": ["https://spdx.dev/Document", "https://spdx.dev/Document/v2.3"]
        case "cyclonedx": ["https://cyclonedx.org/bom"]
        case "vuln":
            ["https://cosign.sigstore.dev/attestation/vuln/v1", "https://in-toto.io/attestation/vulns/v0.1"]
        default: [name]
        }
    }

    /// Checks a statement.
    ///
    /// - Parameter now: the current time, for the age of a scan.
    /// - Throws: `VerificationError` with `predicateMismatch`.
    func check(_ statement: InTotoStatement, now: Date) throws(VerificationError) {
        guard Self.predicateTypes(predicateType).contains(statement.predicateType) else {
            throw VerificationError(
                .predicateMismatch,
                "its type is \"\(printable(statement.predicateType))\", and \"\(predicateType)\" is required"
            )
        }
        let predicate = statement.predicate
        if let builder {
            try Self.check(
                predicate["runDetails"]?["builder"]?["id"] ?? predicate["builder"]?["id"],
                matches: builder,
                "builder"
            )
        }
        if let source { try checkSource(predicate, source) }
        if let maximumAge { try Self.check(Self.scanTime(predicate), maximumAge: maximumAge, now: now) }
    }

    private static func check(
        _ value: JSONDocument?,
        matches pattern: AnchoredPattern,
        _ what: String
    ) throws(VerificationError) {
        let text = value?.text
        guard let text, pattern.matches(text) else {
            throw VerificationError(
                .predicateMismatch,
                "its \(what) is \"\(printable(text ?? ""))\", and \"\(pattern)\" is required"
            )
        }
    }

    /// The source of a provenance: of version 1 from its parameters or dependencies, of version 0.2 from its configuration or materials.
    /// Everything that the builder fetched is a dependency, so only the first is compared, which is the source by convention.
    private func checkSource(_ predicate: JSONDocument, _ source: AnchoredPattern) throws(VerificationError) {
        let definition = predicate["buildDefinition"]
        let value =
            definition?["externalParameters"]?["workflow"]?["repository"]
            ?? definition?["externalParameters"]?["source"]?["uri"]
            ?? definition?["resolvedDependencies"]?.elements?.first?["uri"]
            ?? predicate["invocation"]?["configSource"]?["uri"]
            ?? predicate["materials"]?.elements?.first?["uri"]
        try Self.check(value, matches: source, "source")
    }

    private static func scanTime(_ predicate: JSONDocument) -> Date? {
        let metadata = predicate["metadata"]
        let text = metadata?["scanFinishedOn"]?.text ?? metadata?["scanStartedOn"]?.text ?? ""
        return InternetTime.date(text)
    }

    private static func check(_ time: Date?, maximumAge: Duration, now: Date) throws(VerificationError) {
        guard let time else {
            throw VerificationError(.predicateMismatch, "it does not say when the image was scanned")
        }
        let age = now.timeIntervalSince(time)
        // A scan in the future is a clock that is wrong, or a lie.
        guard age >= -300 else {
            throw VerificationError(
                .predicateMismatch,
                "the image was scanned in the future, at \(time.formatted(.iso8601))"
            )
        }
        guard age <= Double(maximumAge.components.seconds) else {
            throw VerificationError(
                .predicateMismatch,
                "the image was last scanned at \(time.formatted(.iso8601)), which is too long ago"
            )
        }
    }
}
