/// The result of `server/discover` (2026-07-28, Discovery).
public struct DiscoverResult: Sendable, Hashable {
    /// The whole result.
    public let raw: RawJSON
    /// The versions that the server supports, known or not, in its order.
    public let supportedVersions: [ProtocolVersion]
    /// What the server offers.
    public let capabilities: ServerCapabilities
    /// Who the server says it is; optional.
    public let serverInfo: Implementation?
    /// How to use the server, for a model, or `nil`.
    public let instructions: String?

    /// Reads the result.
    ///
    /// - Throws: `MessageFieldError` if a field is missing or has the wrong form.
    public init(_ raw: RawJSON) throws(MessageFieldError) {
        let reader = try ObjectReader(raw, at: "result")
        self.raw = raw
        guard let versions = try reader.optionalStrings("supportedVersions") else {
            throw reader.error("supportedVersions", "is missing")
        }
        supportedVersions = versions.map(ProtocolVersion.init(rawValue:))
        capabilities = try ServerCapabilities(reader.object("capabilities"), at: "result.capabilities")
        serverInfo = try reader.optionalReader("_meta")?.optionalReader(MetadataKey.serverInfo)
            .map { info throws(MessageFieldError) in try Implementation(info) }
        instructions = try reader.optionalString("instructions")
    }

    public init(
        supportedVersions: [ProtocolVersion],
        capabilities: ServerCapabilities,
        serverInfo: Implementation?,
        instructions: String? = nil,
        caching: CachingHints
    ) {
        self.supportedVersions = supportedVersions
        self.capabilities = capabilities
        self.serverInfo = serverInfo
        self.instructions = instructions
        let result: RawJSON = [
            "resultType": .string(ResultType.complete.rawValue),
            "supportedVersions": .array(supportedVersions.map { .string($0.rawValue) }),
            "capabilities": capabilities.raw,
            "instructions": instructions.map(RawJSON.string),
        ]
        raw = caching.applied(to: result).withServerInfo(serverInfo)
    }

    /// The request for it.
    public static func request(id: RequestID, metadata: RequestMetadata) -> JSONRPCRequest {
        JSONRPCRequest(id: id, method: Method.discover.rawValue).with(metadata: metadata)
    }
}

extension RawJSON {
    /// This result with the server's identity in its `_meta`, as servers of 2026-07-28 should send it (M10). `nil` changes nothing.
    public func withServerInfo(_ serverInfo: Implementation?) -> RawJSON {
        guard let serverInfo else { return self }
        return setting(path: ["_meta", MetadataKey.serverInfo], to: serverInfo.raw)
    }
}
