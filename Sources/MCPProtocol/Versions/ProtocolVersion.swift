/// A revision of the Model Context Protocol, named by its date.
public struct ProtocolVersion: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// How a revision carries version, identity and capabilities (MCP 2026-07-28, Versioning, Terminology).
    public enum Era: String, Sendable, Hashable {
        /// With an `initialize` handshake, once a session.
        case legacy
        /// In the `_meta` of each request.
        case modern
    }

    /// The date, such as `2025-11-25`.
    public var rawValue: String

    /// Any date, known to this library or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The first revision. Its transport over HTTP is HTTP+SSE.
    public static let v2024_11_05 = ProtocolVersion(rawValue: "2024-11-05")
    /// Streamable HTTP. Its batches are refused.
    public static let v2025_03_26 = ProtocolVersion(rawValue: "2025-03-26")
    /// The header `MCP-Protocol-Version`.
    public static let v2025_06_18 = ProtocolVersion(rawValue: "2025-06-18")
    /// The last revision with a handshake.
    public static let v2025_11_25 = ProtocolVersion(rawValue: "2025-11-25")
    /// Stateless.
    public static let v2026_07_28 = ProtocolVersion(rawValue: "2026-07-28")

    /// The revisions that this library implements, newest first.
    public static let all = [v2026_07_28, v2025_11_25, v2025_06_18, v2025_03_26, v2024_11_05]

    /// Whether this library implements the revision.
    public var isKnown: Bool { Self.all.contains(self) }

    /// The era of a revision that this library implements, `nil` for any other.
    public var era: Era? {
        guard isKnown else { return nil }
        return self == .v2026_07_28 ? .modern : .legacy
    }

    /// Whether arguments of a tool that are not valid are reported in the tool's result, where the model sees them, and not as a JSON-RPC
    /// error (MCP 2025-11-25, Tools, Error Handling).
    public var reportsInvalidArgumentsInResult: Bool { self == .v2025_11_25 || era == .modern }

    public var description: String { rawValue }
}
