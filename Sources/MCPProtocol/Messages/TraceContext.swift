/// The trace context of a request, which MCP carries in `_meta` (M20; W3C Trace Context).
public struct TraceContext: Sendable, Hashable {
    /// The trace and the span that is the parent of what the receiver does. Always well-formed.
    public let traceparent: String
    /// What vendors add, or `nil`.
    public let tracestate: String?
    /// The application's own context (W3C Baggage), or `nil`.
    public let baggage: String?

    /// - Returns: `nil` if `traceparent` is not well-formed, or the others contain what no HTTP header may.
    public init?(traceparent: String, tracestate: String? = nil, baggage: String? = nil) {
        guard Self.isWellFormed(traceparent),
            [tracestate, baggage].allSatisfy({ $0.map(HeaderValue.isPlain) ?? true })
        else { return nil }
        self.traceparent = traceparent
        self.tracestate = tracestate
        self.baggage = baggage
    }

    /// The trace context of a request, or `nil` if it has none that is well-formed; one that is not is to be ignored.
    public init?(of request: JSONRPCRequest) {
        guard let meta = request.params?["_meta"], let parent = meta["traceparent"]?.stringValue else { return nil }
        let state = meta["tracestate"]?.stringValue
        let baggage = meta["baggage"]?.stringValue
        self.init(
            traceparent: parent,
            tracestate: state.flatMap { HeaderValue.isPlain($0) ? $0 : nil },
            baggage: baggage.flatMap { HeaderValue.isPlain($0) ? $0 : nil }
        )
    }

    /// `version-traceid-parentid-flags` in lower-case hexadecimal; ids of zeros and version `ff` are not valid. Later versions may
    /// add fields at the end.
    private static func isWellFormed(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, zip(parts, [2, 32, 16, 2]).allSatisfy({ $0.utf8.count == $1 }),
            parts.prefix(4).allSatisfy({ $0.utf8.allSatisfy { byte in Array("0123456789abcdef".utf8).contains(byte) } }
            ),
            parts[0] != "ff", parts[0] != "00" || parts.count == 4
        else { return false }
        return HeaderValue.isPlain(text) && [parts[1], parts[2]].allSatisfy { $0.contains { $0 != "0" } }
    }
}

extension JSONRPCRequest {
    /// This request with a trace context in place of its own. `nil` removes it.
    public func with(traceContext: TraceContext?) -> JSONRPCRequest {
        if traceContext == nil, params?["_meta"] == nil { return self }
        return with(metadataFields: [
            ("traceparent", traceContext.map { .string($0.traceparent) }),
            ("tracestate", traceContext?.tracestate.map(RawJSON.string)),
            ("baggage", traceContext?.baggage.map(RawJSON.string)),
        ])
    }
}
