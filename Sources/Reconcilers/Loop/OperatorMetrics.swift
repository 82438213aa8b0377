internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import Observability
internal import Policy
internal import Registry

/// Moorage's own metrics. The metrics of the runtime have controller-runtime's names.
struct OperatorMetrics: Sendable {
    private let servers: GaugeFamily
    private let readiness: ServerReadiness
    private let quotaLimit: GaugeFamily
    private let quotaUsed: GaugeFamily
    private let breaches: CounterFamily
    private let writes: CounterFamily
    private let checks: CounterFamily
    private let checkTime: Histogram
    private let entryPointReads: CounterFamily
    private let signatureReads: CounterFamily
    private let verifications: CounterFamily

    init(registry: MetricsRegistry) {
        servers = registry.gauges(
            "moorage_servers",
            help: "The MCPServers of a tenant, by state: admitted or waiting.",
            labels: ["tenant", "state"]
        )
        readiness = ServerReadiness(
            registry.gauges(
                "moorage_server_ready",
                help: "Whether an MCPServer is Ready, with the reason of the condition.",
                labels: ["tenant", "namespace", "server", "reason"]
            )
        )
        quotaLimit = registry.gauges(
            "moorage_quota_limit",
            help: "The limit of one dimension of a tenant's quota. Not reported if there is no limit.",
            labels: ["tenant", "dimension"]
        )
        quotaUsed = registry.gauges(
            "moorage_quota_used",
            help: "The use of one dimension of a tenant's quota.",
            labels: ["tenant", "dimension"]
        )
        breaches = registry.counters(
            "moorage_quota_breaches_total",
            help: "Violations of a tenant's quota, each of which is audited.",
            labels: ["tenant", "dimension"]
        )
        writes = registry.counters(
            "moorage_writes_total",
            help: "Objects written, by controller and by type of write: children or status.",
            labels: ["controller", "target"]
        )
        checks = registry.counters(
            "moorage_protocol_checks_total",
            help: "Handshakes with servers, by result.",
            labels: ["result"]
        )
        checkTime = registry.histograms(
            "moorage_protocol_check_duration_seconds",
            help: "How long handshakes with servers took.",
            buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
        ).with([])
        entryPointReads = registry.counters(
            "moorage_entry_point_reads_total",
            help:
                "Entry points of images that were read from registries, by result: read, or the cause of the failure.",
            labels: ["result"]
        )
        signatureReads = registry.counters(
            "moorage_signature_reads_total",
            help:
                "Images whose signatures were read from registries, by result: read, or the cause of the failure.",
            labels: ["result"]
        )
        verifications = registry.counters(
            "moorage_image_verifications_total",
            help: "Decisions about the signatures of images, by result: verified, tolerated, refused or unreadable.",
            labels: ["result"]
        )
    }

    /// Counts a handshake.
    func countCheck(_ verdict: ProtocolVerdict, duration: Duration) {
        checks.with([verdict.metricLabel]).increment()
        checkTime.observe(duration.inSeconds)
    }

    /// Counts an entry point that was read from a registry.
    func countEntryPointRead(_ outcome: EntryPointCache.Outcome) {
        count(outcome, in: entryPointReads)
    }

    /// Counts an image whose signatures were read from a registry.
    func countSignatureRead(_ outcome: SignatureTable.Cache.Outcome) {
        count(outcome, in: signatureReads)
    }

    private func count<Value>(_ outcome: Result<Value, RegistryError>, in reads: CounterFamily) {
        switch outcome {
        case .success: reads.with(["read"]).increment()
        case .failure(let error): reads.with([error.code.rawValue]).increment()
        }
    }

    /// Counts a decision about the signatures of an image.
    func countVerification(_ state: SignatureState) {
        switch state {
        case .pending: return
        case .verified: verifications.with(["verified"]).increment()
        case .tolerated: verifications.with(["tolerated"]).increment()
        case .failed(let failure):
            verifications.with([failure.reason == .signatureRefused ? "refused" : "unreadable"]).increment()
        }
    }

    /// Sets the metrics of a tenant.
    func report(tenant: String, admitted: Int, waiting: Int, usage: [QuotaUsage]) {
        servers.with([tenant, "admitted"]).set(Double(admitted))
        servers.with([tenant, "waiting"]).set(Double(waiting))
        for entry in usage {
            let labels = [tenant, entry.dimension]
            if let limit = entry.limit {
                quotaLimit.with(labels).set(Double(limit))
            } else {
                quotaLimit.remove(labels)
            }
            if let used = entry.used { quotaUsed.with(labels).set(Double(used)) }
        }
    }

    /// Removes the metrics of a deleted tenant.
    func forget(tenant: String) {
        servers.removeAll(where: "tenant", is: tenant)
        quotaLimit.removeAll(where: "tenant", is: tenant)
        quotaUsed.removeAll(where: "tenant", is: tenant)
    }

    /// Sets whether a server is Ready.
    func report(_ server: NamespacedName, _ status: MCPServerStatus) {
        guard let ready = status.conditions?[type: ConditionType.ready] else { return }
        readiness.set(server, tenant: status.tenant ?? "", isReady: ready.status == .true, reason: ready.reason)
    }

    /// Removes the metrics of a deleted server.
    func forget(server: NamespacedName) { readiness.remove(server) }

    /// Counts a breach of a quota.
    func countBreach(_ breach: QuotaBreach) {
        breaches.with([breach.tenant, breach.dimension.rawValue]).increment()
    }

    /// Counts the writes of a reconcile.
    func countWrites(_ count: Int, controller: String, target: String) {
        if count > 0 { writes.with([controller, target]).increment(by: Double(count)) }
    }
}

extension ProtocolVerdict {
    /// The result as the value of a label: the reason of the condition.
    fileprivate var metricLabel: String {
        switch self {
        case .verified: Reason.protocolVerified.rawValue
        case .credentialsRequired: Reason.credentialsRequired.rawValue
        case .failed(let failure): failure.reason.rawValue
        }
    }
}
