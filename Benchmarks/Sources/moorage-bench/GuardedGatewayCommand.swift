import ArgumentParser
import CRDModels
import Foundation
import Gateway
import Logging
import MCPProtocol
import MCPTransport
import Observability
import Policy
import ServiceLifecycle

/// Runs the gateway before one server with everything that stands before servers in a cluster: tokens that are verified, access rules, a scope, a
/// curated contract whose schemas arguments are checked against, limits, and an audit log in a file. `scripts/bench-gateway` measures it.
struct GuardedGatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "guarded-gateway", shouldDisplay: false)

    @Option(help: "The URL of the server.")
    var server: String

    @Option(help: "The port to listen on.")
    var port: Int

    @Option(help: "A file with the keys of the tokens' issuer.")
    var jwks: String

    @Option(help: "The file of the audit log.")
    var audit: String

    func run() async throws {
        var logger = Logger(label: "gateway")
        logger.logLevel = .error
        let registry = MetricsRegistry()
        let metrics = GatewayMetrics(registry: registry)
        let authenticator = try ConfiguredAuthenticator(
            GatewayAuthentication(
                issuers: [
                    TokenIssuer(
                        issuer: "https://issuer.example",
                        audiences: ["bench"],
                        jwksFile: jwks,
                        tenants: TenantMapping(names: ["acme"])
                    )
                ]
            ),
            ConfiguredAuthenticator.Dependencies(logger: logger)
        )
        let settings = GatewayAudit(sinks: [.file], file: GatewayAuditFile(path: audit), arguments: .keys)
        let log = AuditLog(settings, podName: "bench", metrics: metrics)
        let shield = GatewayGuard(
            authenticator: authenticator,
            limiter: LocalLimiter(),
            concurrency: ConcurrencyLimiter(),
            bytes: ByteLimiter(),
            // Counted, and never reached.
            limits: GatewayLimits(
                concurrentRequests: ConcurrentRequestLimits(perServer: 10_000, perPrincipal: 10_000)
            ),
            audit: log,
            arguments: AuditArgumentPolicy(settings),
            metrics: metrics
        )
        let exchange = try HTTPClientExchange()
        let gateway = GatewayServer(
            routes: RouteTable([try route()]),
            port: port,
            shield: shield,
            exchange: exchange,
            now: { Int64(Date().timeIntervalSince1970) },
            logger: logger,
            metrics: registry
        )
        let group = ServiceGroup(services: [log, authenticator, gateway], logger: logger)
        try await group.run()
    }

    private func route() throws -> Route {
        var backend = Backend(
            id: "acme/one",
            target: .streamableHTTP(url: server),
            catalogue: Catalogue(
                [
                    try Catalogue.Entry(
                        definition: [
                            "name": "add",
                            "inputSchema": [
                                "type": "object", "properties": ["a": ["type": "integer"], "b": ["type": "integer"]],
                                "required": ["a", "b"],
                            ],
                        ],
                        title: "Add",
                        description: "Adds two numbers.",
                        requiredScopes: ["math"]
                    )
                ],
                revisionDigest: "sha256:0"
            ),
            namespace: "acme",
            labels: ["tier": "gold"]
        )
        backend.validatesArguments = true
        let access = TenantAccess(
            allow: [
                AccessRule(
                    from: [
                        AccessSource(claims: [ClaimRequirement(claim: "groups", values: ["dev"])], clients: ["bench"])
                    ],
                    to: [AccessTarget(servers: ["one"], tools: ["add", "sub*"])]
                )
            ]
        )
        return Route(
            path: "/acme/one/mcp",
            backend: backend,
            rules: RouteRules(
                namespace: "acme",
                tenant: "acme",
                access: AccessRules(access),
                // Counted, and never reached.
                callsPerMinutePerServer: 100_000_000,
                callsPerMinutePerClient: 100_000_000
            )
        )
    }
}
