internal import Observability

/// What an adapter counts.
struct AdapterMetrics: Sendable {
    /// Why a process has ended.
    enum End: String, Sendable {
        /// Its session or the adapter has ended, or nobody used it any more.
        case closed
        /// It ended by itself, while it was wanted.
        case crashed
        /// It wrote a line that is too long.
        case lineTooLong = "line_too_long"
        /// It could not be started, or did not speak MCP.
        case notStarted = "not_started"
    }

    private let ends: CounterFamily
    let processes: Gauge
    let starts: Counter
    let ignoredLines: Counter
    let undeliverable: Counter

    init(registry: MetricsRegistry) {
        processes = registry.gauges("mcp_adapter_processes", help: "Processes that run.").with([])
        starts = registry.counters("mcp_adapter_process_starts_total", help: "Processes that were started.").with([])
        ends = registry.counters(
            "mcp_adapter_process_ends_total",
            help: "Processes that have ended, by reason.",
            labels: ["reason"]
        )
        ignoredLines = registry.counters(
            "mcp_adapter_ignored_lines_total",
            help: "Lines on a standard output that were not MCP messages."
        ).with([])
        undeliverable = registry.counters(
            "mcp_adapter_undeliverable_requests_total",
            help: "Requests of processes that were answered with an error because no client could receive them."
        ).with([])
    }

    func ended(_ end: End) { ends.with([end.rawValue]).increment() }
}
