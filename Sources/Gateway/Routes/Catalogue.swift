public import MCPProtocol

/// What a server publishes of its tools: the approved contract with its curation. Pure.
public struct Catalogue: Sendable, Hashable {
    /// A tool that is published.
    public struct Entry: Sendable, Hashable {
        /// The definition as clients see it: under its published name, with the title and description of the curation.
        public var tool: Tool
        /// The name by which the server knows the tool.
        public var originalName: String
        /// The scopes that a caller needs.
        public var requiredScopes: Set<String>
        /// The arguments that clients of 2026-07-28 repeat in headers (M15).
        public var parameterHeaders: ParameterHeaders

        /// - Throws: `MessageFieldError` if the definition is not valid.
        public init(
            definition: RawJSON,
            title: String? = nil,
            description: String? = nil,
            requiredScopes: Set<String> = []
        ) throws(MessageFieldError) {
            var tool = try Tool(definition)
            originalName = tool.name
            if let title { tool = try tool.with(title: title) }
            if let description { tool = try tool.with(description: description) }
            self.tool = tool
            self.requiredScopes = requiredScopes
            parameterHeaders = (try? ParameterHeaders(inputSchema: tool.inputSchema)) ?? ParameterHeaders()
        }
    }

    /// The published tools, in the order in which they are listed.
    public let entries: [Entry]
    /// The digest of the revision that the catalogue comes from, for audit records.
    public let revisionDigest: String?
    private let positions: [[UInt8]: Int]

    public init(_ entries: [Entry], revisionDigest: String? = nil) {
        self.entries = entries
        self.revisionDigest = revisionDigest
        // By bytes: strings take different spellings of a character for the same.
        positions = Dictionary(
            entries.enumerated().map { (Array($0.element.originalName.utf8), $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The published tool that the server knows by exactly this name.
    public func entry(named name: String) -> Entry? { positions[Array(name.utf8)].map { entries[$0] } }
}
