internal import ControllerRuntime
internal import MCPProtocol
internal import MCPTransport
internal import Synchronization

/// The trace that a request belongs to, and the gateway's span in it, which is the parent of the server's.
///
/// A request without a trace context only gets one if the gateway exports spans: a server that traces on its own account decides itself
/// otherwise.
final class RequestTrace: Sendable {
    /// The trace of the request that this task answers.
    @TaskLocal static var current: RequestTrace?

    /// What became of the request.
    struct Outcome: Sendable, Hashable {
        var target: GatewayMetrics.Target
        var result: CallResult
        /// How much of the time the gateway waited for the server.
        var backend: Duration
    }

    /// What the server gets: the trace of the client, with the gateway's span as the parent.
    let context: TraceContext
    /// The span of the client, or of a proxy before the gateway; `nil` if the trace begins here.
    let parentID: String?
    private let outcome = Mutex<Outcome?>(nil)

    init(context: TraceContext, parentID: String?) {
        self.context = context
        self.parentID = parentID
    }

    /// The trace of a request: that of `_meta` (M20) or of the header fields, or a new one.
    ///
    /// If both belong to the same trace, the header's span is the nearer one: that of a proxy.
    ///
    /// - Parameters:
    ///   - beginsTraces: whether traces begin here, and whether they are recorded; `nil` if none begins here.
    ///   - randomID: makes an id of this many bytes, in hexadecimal digits; not only zeros.
    static func of(
        _ message: JSONRPCRequest,
        _ headers: HeaderFields?,
        beginsTraces: ((_ traceID: String) -> Bool)?,
        randomID: (_ bytes: Int) -> String = TraceContext.randomID
    ) -> RequestTrace? {
        let own = TraceContext(of: message)
        let outer = headers.flatMap { TraceContext(headers: $0) }
        let parent = if let own, let outer, own.traceID == outer.traceID { outer } else { own ?? outer }
        let spanID = randomID(8)
        if let parent {
            // What the client says in `_meta` about itself stays.
            let context = parent.continued(bySpan: spanID, state: own ?? parent)
            return context.map { RequestTrace(context: $0, parentID: parent.spanID) }
        }
        guard let beginsTraces else { return nil }
        let traceID = randomID(16)
        let baggage = message.params?["_meta"]?["baggage"]?.stringValue
        let flags = beginsTraces(traceID) ? "01" : "00"
        let traceparent = "00-\(traceID)-\(spanID)-\(flags)"
        let context = TraceContext(traceparent: traceparent, baggage: baggage) ?? TraceContext(traceparent: traceparent)
        return context.map { RequestTrace(context: $0, parentID: nil) }
    }

    /// Notes what became of the request at a server.
    func note(_ new: Outcome) { outcome.withLock { $0 = new } }

    /// What was noted last.
    var noted: Outcome? { outcome.withLock { $0 } }
}

extension TraceContext {
    /// The fields of `traceparent`, which is well-formed.
    private func field(_ index: Int) -> String {
        let parts = traceparent.split(separator: "-")
        return index < parts.count ? String(parts[index]) : ""
    }

    /// The id of the trace, 32 hexadecimal digits.
    var traceID: String { field(1) }
    /// The id of the span that is the parent of what the receiver does, 16 hexadecimal digits.
    var spanID: String { field(2) }
    /// Whether the trace is recorded by whoever takes part in it (W3C Trace Context, sampled flag).
    var isSampled: Bool { (UInt8(field(3), radix: 16) ?? 0) & 1 == 1 }

    /// The trace context of a request's header fields, or `nil` if there is none that is well-formed.
    init?(headers: HeaderFields) {
        let parents = headers[all: "traceparent"]
        guard parents.count == 1 else { return nil }
        let state = headers[all: "tracestate"].joined(separator: ",")
        let baggage = headers[all: "baggage"].joined(separator: ",")
        self.init(
            traceparent: parents[0],
            tracestate: state.isEmpty ? nil : state,
            baggage: baggage.isEmpty ? nil : baggage
        )
    }

    /// The context for the next hop. The version of `traceparent` is 00, the one that is understood here; of the flags, only the
    /// sampled flag is known in it.
    func continued(bySpan spanID: String, state: TraceContext) -> TraceContext? {
        TraceContext(
            traceparent: "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")",
            tracestate: state.tracestate,
            baggage: state.baggage
        )
    }

    /// The header fields of an HTTP request in this trace.
    var headers: [(name: String, value: String)] {
        [("traceparent", traceparent)]
            + [("tracestate", tracestate), ("baggage", baggage)].compactMap { name, value in
                value.map { (name, $0) }
            }
    }

    /// A random id of this many bytes, in hexadecimal digits. Not all of them are zero.
    static func randomID(_ bytes: Int) -> String {
        var text = ""
        for _ in 0..<max(1, bytes / 8) {
            let digits = String(UInt64.random(in: 1 ... .max), radix: 16)
            text += String(repeating: "0", count: 16 - digits.count) + digits
        }
        return text
    }
}

extension JSONRPCRequest {
    /// This request in a trace. Without one, a trace context that is not well-formed is removed.
    func inTrace(_ trace: RequestTrace?) -> JSONRPCRequest {
        if let trace { return with(traceContext: trace.context) }
        guard let meta = params?["_meta"], meta["traceparent"] != nil || meta["tracestate"] != nil else { return self }
        return with(metadataFields: [("traceparent", nil), ("tracestate", nil)])
    }
}
