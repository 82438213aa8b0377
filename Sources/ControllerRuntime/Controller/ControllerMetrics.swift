import Observability

/// The metrics of one controller, with controller-runtime's names (`pkg/internal/controller/metrics`).
struct ControllerMetrics: Sendable {
    enum Outcome: String, CaseIterable {
        case error
        case requeueAfter = "requeue_after"
        case requeue
        case success
    }

    /// controller-runtime's buckets, in seconds.
    static let buckets: [Double] = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0,
        1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
    ]

    let errors: Counter
    let terminalErrors: Counter
    let timeouts: Counter
    let time: Histogram
    let activeWorkers: Gauge
    private let total: [Outcome: Counter]

    init(controller: String, workers: Int, registry: MetricsRegistry) {
        let labels = ["controller"]
        let prefix = "controller_runtime_"
        let totals = registry.counters(
            prefix + "reconcile_total",
            help: "Total number of reconciliations per controller",
            labels: labels + ["result"]
        )
        // All series exist from the start, because a rate over a series that appears with its first error misses that
        // error.
        total = Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map { ($0, totals.with([controller, $0.rawValue])) }
        )
        errors = registry.counters(
            prefix + "reconcile_errors_total",
            help: "Total number of reconciliation errors per controller",
            labels: labels
        ).with([controller])
        terminalErrors = registry.counters(
            prefix + "terminal_reconcile_errors_total",
            help: "Total number of terminal reconciliation errors per controller",
            labels: labels
        ).with([controller])
        timeouts = registry.counters(
            prefix + "reconcile_timeouts_total",
            help: "Total number of reconciliation timeouts per controller",
            labels: labels
        ).with([controller])
        // Swift has no panic to recover from; the series exists for dashboards that sum it up.
        _ = registry.counters(
            prefix + "reconcile_panics_total",
            help: "Total number of reconciliation panics per controller",
            labels: labels
        ).with([controller])
        time = registry.histograms(
            prefix + "reconcile_time_seconds",
            help: "Length of time per reconciliation per controller",
            labels: labels,
            buckets: Self.buckets
        ).with([controller])
        registry.gauges(
            prefix + "max_concurrent_reconciles",
            help: "Maximum number of concurrent reconciles per controller",
            labels: labels
        ).with([controller]).set(Double(workers))
        activeWorkers = registry.gauges(
            prefix + "active_workers",
            help: "Number of currently used workers per controller",
            labels: labels
        ).with([controller])
    }

    func count(_ outcome: Outcome) {
        total[outcome]?.increment()
    }
}
