/// What a request of 2026-07-28 says about itself in `params._meta` (Basic Protocol, Per-request protocol fields).
public struct RequestMetadata: Sendable, Hashable {
    /// The version of the request, known or not.
    public var protocolVersion: ProtocolVersion
    /// What the client can do.
    public var clientCapabilities: ClientCapabilities
    /// Who the client says it is; optional.
    public var clientInfo: Implementation?
    /// The least severe log messages that the client wants about this request; `nil` for none at all.
    public var logLevel: String?

    public init(
        protocolVersion: ProtocolVersion = .v2026_07_28,
        clientCapabilities: ClientCapabilities,
        clientInfo: Implementation?,
        logLevel: String? = nil
    ) {
        self.protocolVersion = protocolVersion
        self.clientCapabilities = clientCapabilities
        self.clientInfo = clientInfo
        self.logLevel = logLevel
    }

    /// Reads the metadata of a request.
    ///
    /// - Throws: `MessageFieldError` if the version or the capabilities are missing (M5), or a field has the wrong form.
    public init(of request: JSONRPCRequest) throws(MessageFieldError) {
        let params = try ObjectReader(request.params ?? [:], at: "params")
        let meta = try ObjectReader(params.object("_meta"), at: "params._meta")
        protocolVersion = ProtocolVersion(rawValue: try meta.string(MetadataKey.protocolVersion))
        clientCapabilities = try ClientCapabilities(
            meta.object(MetadataKey.clientCapabilities),
            at: "params._meta.\(MetadataKey.clientCapabilities)"
        )
        clientInfo = try meta.optionalReader(MetadataKey.clientInfo).map { reader throws(MessageFieldError) in
            try Implementation(reader)
        }
        logLevel = try meta.optionalString(MetadataKey.logLevel)
    }

    /// The version that a request declares in its body, or `nil` if it declares none, as in the legacy era.
    ///
    /// - Throws: `MessageFieldError` if the field has the wrong form.
    public static func declaredVersion(of request: JSONRPCRequest) throws(MessageFieldError) -> ProtocolVersion? {
        guard let params = request.params,
            let meta = try ObjectReader(params, at: "params").optionalReader("_meta"),
            let version = try meta.optionalString(MetadataKey.protocolVersion)
        else { return nil }
        return ProtocolVersion(rawValue: version)
    }
}

extension JSONRPCRequest {
    /// This request with metadata of 2026-07-28. Other keys of `_meta`, and all other bytes, stay.
    public func with(metadata: RequestMetadata) -> JSONRPCRequest {
        let fields: [(String, RawJSON?)] = [
            (MetadataKey.protocolVersion, .string(metadata.protocolVersion.rawValue)),
            (MetadataKey.clientInfo, metadata.clientInfo?.raw),
            (MetadataKey.clientCapabilities, metadata.clientCapabilities.raw),
            (MetadataKey.logLevel, metadata.logLevel.map(RawJSON.string)),
        ]
        return with(metadataFields: fields)
    }

    /// This request without the metadata of 2026-07-28, for a legacy server. Progress token, trace context and what is not
    /// MCP's own stay; an empty `_meta` goes.
    public func withoutModernMetadata() -> JSONRPCRequest {
        guard var meta = params?["_meta"], meta.kind == .object else { return self }
        for key in MetadataKey.ofModernRequests { meta = meta.setting(key, to: nil) }
        let isEmpty = meta.members?.isEmpty ?? true
        return with(params: params?.setting("_meta", to: isEmpty ? nil : meta))
    }

    /// This request with some keys of `_meta` set; `nil` removes a key.
    public func with(metadataFields fields: [(String, RawJSON?)]) -> JSONRPCRequest {
        var params = params ?? [:]
        for (key, value) in fields { params = params.setting(path: ["_meta", key], to: value) }
        return with(params: params)
    }
}
