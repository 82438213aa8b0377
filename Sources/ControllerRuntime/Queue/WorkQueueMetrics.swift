import Observability

/// The metrics of one work queue, with controller-runtime's names (`pkg/internal/metrics/workqueue.go`).
struct WorkQueueMetrics: Sendable {
    /// The maximum number of label values for priorities, because keys could otherwise create any number of series.
    private static let maximumPriorities = 25

    let queueDuration: Histogram
    let workDuration: Histogram
    private let depth: GaugeFamily
    private let adds: Counter
    private let retries: Counter
    private let unfinishedWork: Gauge
    private let longestRunning: Gauge
    private let name: String

    init(name: String, registry: MetricsRegistry) {
        let labels = ["name", "controller"]
        let values = [name, name]
        // 10 ns to 1000 s in powers of ten.
        let buckets = (0..<12).map { exponent in (0..<exponent).reduce(10e-9) { value, _ in value * 10 } }
        self.name = name
        depth = registry.gauges(
            "workqueue_depth",
            help: "Current depth of workqueue by workqueue and priority",
            labels: labels + ["priority"]
        )
        adds = registry.counters(
            "workqueue_adds_total",
            help: "Total number of adds handled by workqueue",
            labels: labels
        ).with(values)
        retries = registry.counters(
            "workqueue_retries_total",
            help: "Total number of retries handled by workqueue",
            labels: labels
        ).with(values)
        queueDuration = registry.histograms(
            "workqueue_queue_duration_seconds",
            help: "How long in seconds an item stays in workqueue before being requested",
            labels: labels,
            buckets: buckets
        ).with(values)
        workDuration = registry.histograms(
            "workqueue_work_duration_seconds",
            help: "How long in seconds processing an item from workqueue takes.",
            labels: labels,
            buckets: buckets
        ).with(values)
        unfinishedWork = registry.gauges(
            "workqueue_unfinished_work_seconds",
            help: "How many seconds of work is in progress and has not been observed by work_duration.",
            labels: labels
        ).with(values)
        longestRunning = registry.gauges(
            "workqueue_longest_running_processor_seconds",
            help: "How many seconds the longest running processor for workqueue has been running.",
            labels: labels
        ).with(values)
        depth.with([name, name, String(WorkPriority.normal)]).set(0)
    }

    func report(depth byPriority: [Int: Int], adds: Int, retries: Int, processingFor: [Double]) {
        for (priority, count) in byPriority.sorted(by: { $0.key > $1.key }).prefix(Self.maximumPriorities) {
            depth.with([name, name, String(priority)]).set(Double(count))
        }
        self.adds.set(total: Double(adds))
        self.retries.set(total: Double(retries))
        unfinishedWork.set(processingFor.reduce(0, +))
        longestRunning.set(processingFor.max() ?? 0)
    }
}
