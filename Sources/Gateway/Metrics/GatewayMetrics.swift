import ControllerRuntime
import KubernetesAPI
public import Observability
public import Policy

/// The metrics of the gateway.
///
/// The number of series is bounded: names of tools come from approved contracts only, and what exceeds the maximum of a metric is
/// counted in one series whose labels are all `other`.
public final class GatewayMetrics: Sendable {
    /// Which tool of which server is called.
    public struct Target: Sendable, Hashable {
        public var tenant: String
        public var namespace: String
        public var server: String
        /// The name of a tool of the contract; `nil` if the call names no such tool, or for other methods.
        public var tool: String?

        public init(tenant: String, namespace: String, server: String, tool: String? = nil) {
            self.tenant = tenant
            self.namespace = namespace
            self.server = server
            self.tool = tool
        }

        fileprivate var serverLabels: [String] { [tenant, namespace, server] }
        fileprivate var labels: [String] { serverLabels + [tool ?? ""] }
    }

    /// The state of the circuit breaker of a server.
    public enum BreakerState: Int, Sendable, Hashable, CaseIterable {
        /// Requests are sent.
        case closed = 0
        /// A few requests are sent as a trial.
        case halfOpen = 1
        /// No requests are sent.
        case open = 2
    }

    private static let backendLabels = ["namespace", "server"]
    private static let targetLabels = ["tenant", "namespace", "server", "tool"]
    /// From 0.5 ms, about what the gateway adds, to two minutes, the default limit of a request.
    private static let buckets = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
    ]

    private let calls: BoundedSeries<Counter>
    private let callSeconds: BoundedSeries<Histogram>
    private let backendSeconds: BoundedSeries<Histogram>
    private let gatewaySeconds: BoundedSeries<Histogram>
    private let breaches: BoundedSeries<Counter>
    private let breakers: BoundedSeries<Gauge>
    private let ejectedPods: BoundedSeries<Gauge>
    private let limitStore: GaugeFamily
    private let limitFallbacks: CounterFamily
    private let limitReplicas: GaugeFamily
    private let auditRecords: CounterFamily
    private let auditLost: CounterFamily
    private let auditFailing: GaugeFamily
    private let authenticationFailures: CounterFamily
    private let certificateExpiration: GaugeFamily
    private let exportedSpans: CounterFamily
    private let droppedSpans: CounterFamily

    /// - Parameter maximumSeries: how many series one metric can have, a histogram's buckets not counted.
    public init(registry: MetricsRegistry, maximumSeries: Int = 10_000) {
        func bounded<Metric>(_ family: MetricFamily<Metric>, _ labels: [String]) -> BoundedSeries<Metric> {
            BoundedSeries(family, labels: labels, maximum: maximumSeries)
        }
        func histogram(_ name: String, _ help: String) -> BoundedSeries<Histogram> {
            bounded(
                registry.histograms(name, help: help, labels: Self.targetLabels, buckets: Self.buckets),
                Self.targetLabels
            )
        }
        let callLabels = Self.targetLabels + ["result"]
        calls = bounded(
            registry.counters("moorage_gateway_calls_total", help: "Calls by result.", labels: callLabels),
            callLabels
        )
        callSeconds = histogram(
            "moorage_gateway_call_duration_seconds",
            "Time from the request to the end of the response."
        )
        backendSeconds = histogram(
            "moorage_gateway_backend_duration_seconds",
            "Time in which the gateway waited for the server."
        )
        gatewaySeconds = histogram(
            "moorage_gateway_own_duration_seconds",
            "Time of a call in which the gateway did not wait for the server."
        )
        let breachLabels = ["tenant", "namespace", "server", "scope", "reason"]
        breaches = bounded(
            registry.counters(
                "moorage_gateway_limit_breaches_total",
                help: "Requests over a limit, refused or only counted.",
                labels: breachLabels
            ),
            breachLabels
        )
        breakers = bounded(
            registry.gauges(
                "moorage_gateway_breaker_state",
                help: "The circuit breaker of a server: 0 closed, 1 half open, 2 open.",
                labels: Self.backendLabels
            ),
            Self.backendLabels
        )
        ejectedPods = bounded(
            registry.gauges(
                "moorage_gateway_ejected_pods",
                help: "Pods of a server that get no new requests, because they failed repeatedly.",
                labels: Self.backendLabels
            ),
            Self.backendLabels
        )
        limitStore = registry.gauges(
            "moorage_gateway_limit_store_available",
            help: "Whether the store of the limits answers."
        )
        limitFallbacks = registry.counters(
            "moorage_gateway_limit_fallbacks_total",
            help: "Calls that were decided without the store of the limits, by policy.",
            labels: ["policy"]
        )
        limitReplicas = registry.gauges(
            "moorage_gateway_limit_replicas",
            help: "Among how many gateways each limit of calls is divided, because they share no store."
        )
        auditRecords = registry.counters(
            "moorage_gateway_audit_records_total",
            help: "Audit records that were written.",
            labels: ["sink"]
        )
        auditLost = registry.counters(
            "moorage_gateway_audit_lost_total",
            help: "Audit records that were lost.",
            labels: ["sink"]
        )
        auditFailing = registry.gauges(
            "moorage_gateway_audit_failing",
            help: "Whether audit records cannot be written.",
            labels: ["sink"]
        )
        authenticationFailures = registry.counters(
            "moorage_gateway_authentication_failures_total",
            help: "Requests without credentials that are accepted, by reason.",
            labels: ["reason"]
        )
        certificateExpiration = registry.gauges(
            "moorage_gateway_certificate_expiration_timestamp_seconds",
            help: "When the certificate of the gateway's port expires, in seconds since 1970. Only with TLS."
        )
        exportedSpans = registry.counters(
            "moorage_gateway_spans_exported_total",
            help: "Spans that the collector has taken."
        )
        droppedSpans = registry.counters(
            "moorage_gateway_spans_dropped_total",
            help: "Spans that were not exported, because too many waited or the collector did not take them."
        )
    }

    /// Counts a call that has ended.
    ///
    /// - Parameters:
    ///   - duration: from the request to the end of the response.
    ///   - backend: how much of it the gateway waited for the server.
    ///   - traceID: the trace of the call, if it is recorded.
    public func countCall(
        _ target: Target,
        result: CallResult,
        duration: Duration,
        backend: Duration,
        traceID: String? = nil
    ) {
        calls.with(target.labels + [result.rawValue]).increment()
        let seconds = duration.inSeconds
        let waiting = min(backend.inSeconds, seconds)
        let time = traceID == nil ? 0 : Double(RuntimeClock.system.wallTime.microsecondsSinceEpoch) / 1_000_000
        callSeconds.with(target.labels).observe(seconds, traceID: traceID, at: time)
        backendSeconds.with(target.labels).observe(waiting, traceID: traceID, at: time)
        gatewaySeconds.with(target.labels).observe(seconds - waiting, traceID: traceID, at: time)
    }

    /// Counts a request over a limit.
    public func countBreach(_ breach: LimitBreach, of target: Target) {
        breaches.with(target.serverLabels + [breach.scope.rawValue, breach.reason.rawValue]).increment()
    }

    /// Sets the state of a server's circuit breaker.
    public func setBreaker(_ state: BreakerState, namespace: String, server: String) {
        breakers.with([namespace, server]).set(Double(state.rawValue))
    }

    /// Sets how many pods of a server are ejected.
    public func setEjectedPods(_ count: Int, namespace: String, server: String) {
        ejectedPods.with([namespace, server]).set(Double(count))
    }

    /// Reports whether the store of the limits answers.
    public func setLimitStore(isAvailable: Bool) { limitStore.with([]).set(isAvailable ? 1 : 0) }

    /// Counts a call that was decided without the store of the limits.
    public func countLimitFallback(_ policy: StoreUnavailablePolicy) {
        limitFallbacks.with([policy.rawValue]).increment()
    }

    /// Sets among how many gateways limits of calls are divided.
    func setLimitReplicas(_ count: Int) { limitReplicas.with([]).set(Double(count)) }

    /// Counts audit records that were written.
    public func countAuditRecords(_ count: Int, sink: String) { auditRecords.with([sink]).increment(by: Double(count)) }

    /// Counts audit records that were lost.
    public func countLostAuditRecords(_ count: Int, sink: String) {
        auditLost.with([sink]).increment(by: Double(count))
    }

    /// Reports whether audit records can be written.
    public func setAudit(isFailing: Bool, sink: String) { auditFailing.with([sink]).set(isFailing ? 1 : 0) }

    /// Counts a request whose caller is not known.
    func countAuthenticationFailure(_ code: AuthenticationFailure.Code) {
        authenticationFailures.with([code.rawValue]).increment()
    }

    /// Sets when the certificate of the gateway's port expires, in seconds since 1970.
    func setCertificateExpiration(_ seconds: Int64) { certificateExpiration.with([]).set(Double(seconds)) }

    /// Counts spans that the collector has taken.
    func countExportedSpans(_ count: Int) { exportedSpans.with([]).increment(by: Double(count)) }

    /// Counts spans that were not exported.
    func countDroppedSpans(_ count: Int) { droppedSpans.with([]).increment(by: Double(count)) }

    /// Removes the series of a server that was deleted.
    public func removeServer(namespace: String, server: String) {
        let matches = [(label: "namespace", value: namespace), (label: "server", value: server)]
        calls.removeAll(where: matches)
        callSeconds.removeAll(where: matches)
        backendSeconds.removeAll(where: matches)
        gatewaySeconds.removeAll(where: matches)
        breaches.removeAll(where: matches)
        breakers.removeAll(where: matches)
        ejectedPods.removeAll(where: matches)
    }
}
