public import KubernetesAPI

/// What a route publishes, as an entry of a registry of MCP servers: an approved version of a server.
public struct Publication: Sendable, Hashable {
    /// `NAMESPACE/NAME` of the server, which no other entry has.
    public var name: String
    /// What people read about it, in at most ``maximumDescription`` characters.
    public var description: String
    /// The version, such as `1.4.0+7d20e4a1b8`. What follows `+` is different for each version of the server that was recorded.
    public var version: String
    /// When the version was recorded.
    public var recorded: Timestamp
    /// When it became what the route publishes. Not before ``recorded``.
    public var updated: Timestamp

    /// The longest description that a registry has.
    static let maximumDescription = 100
    /// The longest version that a registry has.
    static let maximumVersion = 255

    /// - Parameters:
    ///   - number: the version's number, as the server gives it; `nil` if it gives none.
    ///   - build: what makes the version different from all others of the server.
    public init(
        name: String,
        description: String,
        number: String?,
        build: String,
        recorded: Timestamp,
        updated: Timestamp? = nil
    ) {
        self.name = name
        self.description = description
        version = Self.version(number, build)
        self.recorded = recorded
        self.updated = max(recorded, updated ?? recorded)
    }

    /// A server says anything about its version: only what Semantic Versioning allows is used.
    private static func version(_ number: String?, _ build: String) -> String {
        guard let number, !number.isEmpty, number.utf8.count + build.utf8.count < maximumVersion,
            number.utf8.allSatisfy({ isAllowed($0) })
        else { return build }
        return "\(number)+\(build)"
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        case UInt8(ascii: "."), UInt8(ascii: "-"): true
        default: false
        }
    }

    /// A description from an annotation, on one line, or what is known of the server without one.
    static func description(_ annotation: String?, or fallback: String) -> String {
        let words = (annotation ?? "").split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
        let text = words.isEmpty ? fallback : words
        guard text.unicodeScalars.count > maximumDescription else { return text }
        // The limit of a JSON schema counts Unicode scalars.
        var short = String.UnicodeScalarView(text.unicodeScalars.prefix(maximumDescription - 1))
        short.append("…")
        return String(short)
    }
}
