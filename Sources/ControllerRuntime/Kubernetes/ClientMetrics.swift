internal import KubernetesAPI
public import KubernetesClient
public import Observability

/// Counts the client's requests, with client-go's metric names.
public struct ClientMetrics: ClientObserver {
    private let requests: CounterFamily
    private let retries: CounterFamily
    private let durations: HistogramFamily
    private let undecodable: CounterFamily

    /// Creates the metrics in a registry.
    public init(registry: MetricsRegistry) {
        requests = registry.counters(
            "rest_client_requests_total",
            help: "Number of HTTP requests, partitioned by status code, method, and host.",
            labels: ["code", "method", "host"]
        )
        retries = registry.counters(
            "rest_client_request_retries_total",
            help: "Number of request retries, partitioned by status code, verb, and host.",
            labels: ["code", "verb", "host"]
        )
        durations = registry.histograms(
            "rest_client_request_duration_seconds",
            help: "Request latency in seconds. Broken down by verb, and host.",
            labels: ["verb", "host"],
            buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]
        )
        undecodable = registry.counters(
            "moorage_undecodable_objects_total",
            help: "Objects that the API server sent and that could not be read, by kind.",
            labels: ["kind"]
        )
    }

    public func requestFinished(_ record: RequestRecord) {
        requests.with([record.code, record.method, record.host]).increment()
        durations.with([record.method, record.host]).observe(record.duration.inSeconds)
        if record.attempt > 1 { retries.with([record.code, record.method, record.host]).increment() }
    }

    public func decodeFailed(_ failure: DecodeFailure) {
        undecodable.with([failure.type.groupKind]).increment()
    }
}
