import MCPProtocol
public import Observability

/// What a server counts, with the names of OpenTelemetry's conventions for MCP as far as Prometheus' text format allows:
/// `mcp.server.operation.duration` becomes `mcp_server_operation_duration_seconds`.
public struct ServerMetrics: Sendable {
    private let operations: HistogramFamily
    private let sessionDurations: Histogram
    private let refusals: CounterFamily
    let sessions: Gauge
    let streams: Gauge
    let requests: Gauge

    /// Adds the metrics to a registry.
    public init(registry: MetricsRegistry) {
        operations = registry.histograms(
            "mcp_server_operation_duration_seconds",
            help: "Duration of the requests that the server has worked on, by method and outcome.",
            labels: ["mcp_method_name", "error_type"],
            // The buckets of the conventions.
            buckets: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300]
        )
        sessionDurations = registry.histograms(
            "mcp_server_session_duration_seconds",
            help: "Duration of the sessions that have ended.",
            buckets: [1, 10, 60, 300, 1_800, 3_600, 14_400, 86_400]
        ).with([])
        refusals = registry.counters(
            "mcp_server_refused_requests_total",
            help: "HTTP requests that were refused before their method was called, by HTTP status.",
            labels: ["http_response_status_code"]
        )
        sessions = registry.gauges("mcp_server_sessions", help: "Sessions that are open.").with([])
        streams = registry.gauges(
            "mcp_server_streams",
            help: "Streams that last: those of subscriptions and of GET."
        ).with([])
        requests = registry.gauges("mcp_server_requests", help: "Requests that are worked on.").with([])
    }

    func record(_ request: ServerRequest, _ response: JSONRPCResponse?, duration: Duration) {
        let isKnown = Self.methods.contains(request.method)
        // A subscription lasts as long as its client wants, which says nothing about the server.
        guard request.method != .subscriptionsListen else { return }
        let outcome =
            if let response {
                response.error?.code.description
                    ?? (response.result?["isError"]?.boolValue == true ? "tool_error" : "")
            } else { "cancelled" }
        operations.with([isKnown ? request.method.rawValue : "_OTHER", outcome]).observe(duration.seconds)
    }

    func sessionEnded(after duration: Duration) { sessionDurations.observe(duration.seconds) }

    func refused(status: Int) { refusals.with([String(status)]).increment() }

    private static let methods = ProtocolVersion.all.reduce(into: Set<Method>()) {
        $0.formUnion(Method.clientRequests(in: $1))
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
    var wholeMilliseconds: Int64 { Int64(min(seconds * 1_000, 1e15)) }
}
