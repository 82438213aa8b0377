import CRDModels
import CommandSupport
import ControllerRuntime
import Gateway
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import MCPProtocol
import MCPTransport
import Policy
import SandboxCluster
import Synchronization
import TestSupport
import Testing

@testable import Controller
@testable import Reconcilers

/// A clock that only advances when it is told to.
private final class StepClock: Clock {
    typealias Instant = ContinuousClock.Instant
    private let time = Mutex(ContinuousClock.now)

    var now: Instant { time.withLock { $0 } }
    var minimumResolution: Duration { .zero }

    func advance(by duration: Duration) { time.withLock { $0 += duration } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws { throw CancellationError() }
}

/// The addresses of the gateways.
private final class Addresses: HostResolver {
    private let list: Mutex<[String]>

    init(_ list: [String]) { self.list = Mutex(list) }

    func set(_ new: [String]) { list.withLock { $0 = new } }

    func addresses(of host: String) async throws -> [String] {
        #expect(host == "gateways")
        return list.withLock { $0 }
    }
}

/// Two gateways, and the operator that writes what they have counted into the status of tenants.
@Suite("Tool calls in the status of tenants")
struct TenantUsageTests {
    private static func call(
        _ exchange: HTTPClientExchange,
        _ process: GatewayProcess,
        _ namespace: String
    ) async throws -> Int {
        let request = JSONRPCRequest(id: 1, method: "tools/call", params: ["name": "echo", "arguments": [:]])
            .with(metadata: RequestMetadata(clientCapabilities: ClientCapabilities(), clientInfo: nil))
        let response = try await exchange.send(
            HTTPExchangeRequest(
                method: .post,
                url: "http://127.0.0.1:\(try await process.server.port())/\(namespace)/echo/mcp",
                headers: HTTPFields(try HeaderFields.modern(for: request)),
                body: Array(JSONRPCMessage.request(request).bytes)
            )
        )
        for try await _ in response.body {}
        return response.status
    }

    private static func status(_ cluster: TestCluster, _ tenant: String) async throws -> MCPTenantStatus? {
        try await cluster.find(MCPTenant.resourceType, tenant).map {
            let tenant: MCPTenant = try $0.decode()
            return tenant.status
        } ?? nil
    }

    @Test("the calls of two gateways are added, with few writes, and are not known when a gateway cannot be read")
    func usage() async throws {
        let platform = PlatformConfiguration(
            handshake: PlatformHandshake(mode: .enabled, periodSeconds: 86_400),
            gateway: GatewaySettings(
                authentication: GatewayAuthentication(mode: AuthenticationMode.none),
                audit: GatewayAudit(sinks: [])
            )
        )
        let (port, addresses, clock) = (TestPort.random(), Addresses(["127.0.0.1", "127.0.0.2"]), StepClock())
        var options = OperatorOptions(usage: .service(host: "gateways", port: port))
        options.usageResolver = addresses
        let settings = options
        try await withSandbox { cluster, sandbox in
            try await withOperator(cluster, platform: platform, options: settings) { moorage in
                for tenant in ["acme", "globex", "idle"] {
                    let quotas = TenantQuotas(overrides: QuotaOverrides(toolCallsPerMinutePerServer: 4))
                    try await cluster.apply(
                        MCPTenant(metadata: ObjectMeta(name: tenant), spec: MCPTenantSpec(quotas: quotas))
                    )
                    try await eventually("the namespace exists") {
                        try await cluster.find(.namespace, "mcp-\(tenant)") != nil
                    }
                    try await cluster.apply(cluster.server("echo", in: "mcp-\(tenant)"))
                }
                for tenant in ["acme", "globex", "idle"] {
                    try await cluster.wait(for: ConditionType.ready, .true, of: "echo", in: "mcp-\(tenant)")
                }
                let exchange = try HTTPClientExchange()
                let outcome: Result<Void, any Error>
                do {
                    let reader = try #require(moorage.usageReader)
                    try await Self.serve(cluster, sandbox, platform, exchange, port, clock) { gateways in
                        for (gateway, namespace, statuses) in [
                            (0, "mcp-acme", [200, 200, 200]), (1, "mcp-acme", [200, 200, 200, 200, 429]),
                            (0, "mcp-globex", [200]),
                        ] {
                            for status in statuses {
                                let answered = try await Self.call(exchange, gateways[gateway], namespace)
                                #expect(answered == status)
                            }
                        }
                        try await Self.check(cluster, sandbox, reader, exchange, addresses, clock)
                    }
                    outcome = .success(())
                } catch {
                    outcome = .failure(error)
                }
                await exchange.shutdown()
                try outcome.get()
            }
            // A new leader keeps what is known until it has read the gateways itself.
            sandbox.clearRequests()
            try await withOperator(cluster, platform: platform, options: settings) { _ in
                try await cluster.letOperatorPass()
                try await cluster.letOperatorPass()
                #expect(Self.writes(sandbox).isEmpty)
                let kept = try await Self.status(cluster, "acme")
                #expect(kept?.toolCalls == TenantToolCalls(calls: 0, overLimit: 0))
            }
        }
    }

    private static func serve(
        _ cluster: TestCluster,
        _ sandbox: SandboxCluster,
        _ platform: PlatformConfiguration,
        _ exchange: HTTPClientExchange,
        _ port: Int,
        _ clock: StepClock,
        _ body: @Sendable ([GatewayProcess]) async throws -> Void
    ) async throws {
        var gateways: [GatewayProcess] = []
        for host in ["127.0.0.1", "127.0.0.2"] {
            var settings = GatewayProcess.Settings(
                cluster: try await sandbox.clientConfiguration(),
                platform: platform,
                address: BindAddress(host: "127.0.0.1", port: 0),
                hasSharedSessionKeys: true,
                pods: SandboxPods(sandbox: sandbox, exchange: exchange)
            )
            settings.health = BindAddress(host: host, port: port)
            settings.usageClock = RuntimeClock(clock)
            gateways.append(try await GatewayProcess(settings))
        }
        let running = gateways
        try await whileRunning(running) {
            for gateway in running { try await gateway.routes.waitUntilReady() }
            try await body(running)
        }
    }

    private static func check(
        _ cluster: TestCluster,
        _ sandbox: SandboxCluster,
        _ reader: UsageReader,
        _ exchange: HTTPClientExchange,
        _ addresses: Addresses,
        _ clock: StepClock
    ) async throws {
        #expect(try await status(cluster, "acme")?.toolCalls == nil)
        clock.advance(by: .seconds(60))
        #expect(await reader.read(exchange) == 0)
        try await eventually("the calls of both gateways are in the status") {
            try await status(cluster, "acme")?.toolCalls == TenantToolCalls(calls: 7, overLimit: 1)
        }
        let quotas = try await status(cluster, "acme")?.quotas
        let server = quotas?.first { $0.dimension == "toolCallsPerMinutePerServer" }
        #expect(server?.used == 7 && server?.limit == 4 && server?.remaining == 0)
        // Without authentication, everybody is one client.
        #expect(quotas?.first { $0.dimension == "toolCallsPerMinutePerClient" }?.used == 7)
        try await eventually("each tenant has its own") {
            let (other, idle) = (try await status(cluster, "globex"), try await status(cluster, "idle"))
            return other?.toolCalls == TenantToolCalls(calls: 1, overLimit: 0)
                && idle?.toolCalls == TenantToolCalls(calls: 0, overLimit: 0)
        }
        // The same numbers are not written again.
        try await cluster.letOperatorPass()
        sandbox.clearRequests()
        #expect(await reader.read(exchange) == 0)
        try await cluster.letOperatorPass()
        #expect(writes(sandbox).isEmpty)
        // A tenant whose numbers have changed costs one write.
        clock.advance(by: .seconds(60))
        #expect(await reader.read(exchange) == 0)
        try await eventually("nobody has called") {
            let (acme, globex) = (try await status(cluster, "acme"), try await status(cluster, "globex"))
            return acme?.toolCalls?.calls == 0 && globex?.toolCalls?.calls == 0
        }
        #expect(writes(sandbox).sorted() == ["acme", "globex"])
        // Nothing listens there: the others alone would be wrong.
        addresses.set(["127.0.0.1", "127.0.0.3"])
        var failures = 0
        for expected in 1...3 {
            #expect(try await status(cluster, "acme")?.toolCalls != nil)
            failures = await reader.read(exchange, after: failures)
            #expect(failures == expected)
        }
        try await eventually("what is not known is not shown") {
            try await status(cluster, "acme")?.toolCalls == nil
        }
        addresses.set(["127.0.0.1", "127.0.0.2"])
        #expect(await reader.read(exchange, after: failures) == 0)
        try await eventually("it is known again") {
            try await status(cluster, "acme")?.toolCalls == TenantToolCalls(calls: 0, overLimit: 0)
        }
    }

    private static func writes(_ sandbox: SandboxCluster) -> [String] {
        sandbox.writes().filter { $0.path.contains("/mcptenants/") }.map {
            $0.path.split(separator: "/").last { $0 != "status" }.map(String.init) ?? ""
        }
    }
}
