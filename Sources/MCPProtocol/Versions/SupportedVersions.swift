/// The revisions that one side of a connection supports, best first.
public struct SupportedVersions: Sendable, Hashable {
    /// In order of preference. Each is known to this library, and there once.
    public let versions: [ProtocolVersion]

    /// All that this library implements, newest first.
    public static let all = SupportedVersions(ProtocolVersion.all)

    /// - Parameter versions: in order of preference. What this library does not implement is left out.
    public init(_ versions: [ProtocolVersion]) {
        var seen: Set<ProtocolVersion> = []
        self.versions = versions.filter { $0.isKnown && seen.insert($0).inserted }
    }

    /// The supported revisions without a handshake.
    public var modern: [ProtocolVersion] { versions.filter { $0.era == .modern } }
    /// The supported revisions with a handshake.
    public var legacy: [ProtocolVersion] { versions.filter { $0.era == .legacy } }

    /// Whether a revision is supported.
    public func contains(_ version: ProtocolVersion) -> Bool { versions.contains(version) }

    /// The best revision that the other side supports as well, or `nil`.
    public func best(of others: [ProtocolVersion], era: ProtocolVersion.Era) -> ProtocolVersion? {
        versions.first { $0.era == era && others.contains($0) }
    }

    /// The version with which a server answers `initialize` (2025-11-25, Lifecycle, Version Negotiation): the one that is asked for, or
    /// else the best that it supports. Never one that has no handshake.
    ///
    /// - Returns: `nil` if no revision with a handshake is supported.
    public func answer(toInitialize requested: ProtocolVersion) -> ProtocolVersion? {
        legacy.contains(requested) ? requested : legacy.first
    }
}
