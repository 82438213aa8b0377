import CommandSupport
import ControllerRuntime
import FoundationEssentials
import Gateway
import KubernetesClient
import Logging
import Observability
import Policy
import ServiceLifecycle

/// What stands before the servers of a cluster, made from the platform's settings.
struct GatewayParts: Sendable {
    /// Who may call what, how often, and what is recorded.
    let shield: GatewayGuard
    /// What runs for it. It starts before the gateway, and stops after it.
    let services: [any Service]
    /// Who calls.
    let authenticator: ConfiguredAuthenticator
    private let local: LocalLimiter
    private let bytes: ByteLimiter
    private let sharing: LimitSharing
    /// The tool calls of tenants, for the operator.
    let tally: ToolCallTally

    /// - Parameters:
    ///   - settings: the platform's; `nil` if it has none for the gateway.
    ///   - publicURL: the address under which clients know the gateway; `nil` if it is not known.
    ///   - client: for the keys of the cluster's ServiceAccounts.
    ///   - tenant: the tenant that holds a namespace.
    ///   - podName: replaces `$(POD_NAME)` in the path of the audit file.
    ///   - usageClock: the clock whose minutes the tool calls of tenants are counted by.
    /// - Throws: `CommandFailure` if settings cannot be used.
    init(
        _ settings: GatewaySettings?,
        publicURL: String?,
        client: KubernetesClient,
        tenant: @escaping @Sendable (String) -> String?,
        podName: String,
        usageClock: RuntimeClock = .system,
        registry: MetricsRegistry
    ) throws {
        tally = ToolCallTally(clock: usageClock)
        do throws(SettingsError) {
            let dependencies = ConfiguredAuthenticator.Dependencies(
                kubernetes: client,
                tenantOfNamespace: tenant,
                logger: Logger(label: "gateway.authentication")
            )
            authenticator = try ConfiguredAuthenticator(settings?.authentication, dependencies)
            let metrics = GatewayMetrics(registry: registry)
            let limits = settings?.limits ?? GatewayLimits()
            let audit = settings?.audit ?? GatewayAudit()
            let log = AuditLog(audit, podName: podName, metrics: metrics)
            let (local, bytes) = (LocalLimiter(), ByteLimiter())
            (self.local, self.bytes) = (local, bytes)
            let (limiter, redis) = try Self.limiter(limits, local, metrics)
            sharing = LimitSharing(hasStore: redis != nil, metrics: metrics)
            var shield = GatewayGuard(
                authenticator: authenticator,
                exchanger: TokenExchanger(settings?.authentication, dependencies),
                authorizationServers: authenticator.authorizationServers,
                origin: publicURL,
                limiter: limiter,
                concurrency: ConcurrencyLimiter(),
                bytes: bytes,
                limits: limits,
                audit: log,
                arguments: AuditArgumentPolicy(audit),
                metrics: metrics
            )
            shield.tally = tally
            shield.auditFiles = audit.files(podName: podName)
            shield.spans = settings?.tracing.map {
                SpanExporter($0, podName: podName, version: MoorageVersion.current.version, metrics: metrics)
            }
            self.shield = shield
            services = [log, authenticator] + (redis.map { [$0] } ?? []) + (shield.spans.map { [$0] } ?? [])
        } catch {
            throw CommandFailure("the platform's settings: \(error)", underlying: error)
        }
    }

    /// Records changes of rules.
    func record(_ changes: [RuleChange]) {
        for change in changes {
            shield.audit?.record(
                AuditRecord(
                    time: shield.clock.wallTime,
                    kind: .ruleChange,
                    tenant: change.tenant,
                    namespace: change.namespace,
                    server: change.server,
                    virtualServer: change.virtualServer,
                    reason: change.reason.rawValue,
                    revisionDigest: change.revisionDigest
                )
            )
        }
    }

    /// How many gateways share the limits that are counted in each process.
    func setReplicas(_ count: Int) {
        local.replicas = count
        bytes.replicas = count
        sharing.note(count)
    }

    /// What counts calls: in Redis, so that all gateways share the limits, or in this process.
    private static func limiter(
        _ settings: GatewayLimits,
        _ local: LocalLimiter,
        _ metrics: GatewayMetrics
    ) throws(SettingsError) -> (any Limiter, RedisClient?) {
        guard let redis = settings.redis else { return (local, nil) }
        let configuration = try RedisConfiguration(redis) { path in
            var text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
            while text.last?.isNewline == true { text.removeLast() }
            return text
        }
        let client = RedisClient(configuration)
        let store = redis.keyPrefix.map { RedisLimiter(client: client, keyPrefix: $0) } ?? RedisLimiter(client: client)
        let limiter = FallbackLimiter(
            store: store,
            local: local,
            policy: settings.storeUnavailable ?? .local,
            metrics: metrics
        )
        return (limiter, client)
    }
}
