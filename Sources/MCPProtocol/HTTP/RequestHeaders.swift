extension HeaderFields {
    /// The headers of a POST that carries a request of 2026-07-28 (M3): what an intermediary may route by, repeated from the body.
    ///
    /// - Parameters:
    ///   - request: with the metadata of 2026-07-28 in its body.
    ///   - parameterHeaders: for `tools/call`, the headers that the tool's input schema asks for (M15).
    /// - Throws: `MessageFieldError` if the body has no protocol version, or lacks the name that its method needs.
    public static func modern(
        for request: JSONRPCRequest,
        parameterHeaders: ParameterHeaders = ParameterHeaders()
    ) throws(MessageFieldError) -> HeaderFields {
        guard let version = try RequestMetadata.declaredVersion(of: request) else {
            throw MessageFieldError(field: "params._meta.\(MetadataKey.protocolVersion)", problem: "is missing")
        }
        // These two headers have no encoded form.
        for (field, value) in [("method", request.method), (MetadataKey.protocolVersion, version.rawValue)] {
            guard !value.isEmpty, HeaderValue.isPlain(value), value == HeaderValue.trimmed(value) else {
                throw MessageFieldError(
                    field: field,
                    problem: "is \(value.debugDescription), which no header can carry"
                )
            }
        }
        var headers = HeaderFields(sharedByPosts)
        headers.set(HeaderName.protocolVersion, version.rawValue)
        headers.set(HeaderName.method, request.method)
        if let parameter = Method(rawValue: request.method).nameParameter {
            let name = try ObjectReader(request.params ?? [:], at: "params").string(parameter)
            headers.set(HeaderName.name, HeaderValue.encode(name))
        }
        if request.method == Method.toolsCall.rawValue {
            for (name, value) in parameterHeaders.values(for: request.params?["arguments"]) {
                headers.set(HeaderName.parameterPrefix + name, HeaderValue.encode(value))
            }
        }
        return headers
    }

    /// The headers of a POST of the legacy era.
    ///
    /// - Parameters:
    ///   - version: that was negotiated; `nil` for `initialize`. Revisions before 2025-06-18 have no such header.
    ///   - sessionID: that the server assigned, or `nil`.
    public static func legacyPost(version: ProtocolVersion?, sessionID: String?) -> HeaderFields {
        legacy(sharedByPosts, version: version, sessionID: sessionID)
    }

    /// The headers of a GET that opens or resumes a stream of the legacy era.
    ///
    /// - Parameter lastEventID: the last event received of the stream that is to be resumed, or `nil`.
    public static func legacyGet(
        version: ProtocolVersion?,
        sessionID: String?,
        lastEventID: String? = nil
    ) -> HeaderFields {
        var headers = legacy([Field(HeaderName.accept, MediaType.eventStream)], version: version, sessionID: sessionID)
        if let lastEventID { headers.set(HeaderName.lastEventID, lastEventID) }
        return headers
    }

    private static let sharedByPosts = [
        Field(HeaderName.contentType, MediaType.json), Field(HeaderName.accept, MediaType.acceptOfPost),
    ]

    private static func legacy(_ fields: [Field], version: ProtocolVersion?, sessionID: String?) -> HeaderFields {
        var headers = HeaderFields(fields)
        if let version, version == .v2025_06_18 || version == .v2025_11_25 {
            headers.set(HeaderName.protocolVersion, version.rawValue)
        }
        if let sessionID { headers.set(HeaderName.sessionID, sessionID) }
        return headers
    }

    /// The headers of a response that is an event stream (M14): no cache, and no buffering in proxies.
    public static let eventStream: HeaderFields = [
        HeaderName.contentType: MediaType.eventStream, "Cache-Control": "no-cache, no-transform",
        "X-Accel-Buffering": "no",
    ]
}
