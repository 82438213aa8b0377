import CommandSupport
import ControllerRuntime
import Gateway
import KubernetesClient
import MCPTransport
import Policy
import SandboxCluster
import ServiceLifecycle
import Synchronization

/// The gateway of a sandbox, on the loopback address. Without settings for it, everybody on this machine can call the servers, as at their
/// own addresses.
final class SandboxGateway: Service {
    private let cluster: SandboxCluster
    private let platform: PlatformConfiguration
    private let process = Mutex<GatewayProcess?>(nil)
    private let created = ControllerRuntime.Signal()

    /// Whether everybody may call, because the settings say nothing else.
    let isOpen: Bool

    init(cluster: SandboxCluster, platform: PlatformConfiguration) {
        self.cluster = cluster
        isOpen = platform.gateway?.authentication == nil
        var gateway = platform.gateway ?? GatewaySettings()
        gateway.authentication = gateway.authentication ?? GatewayAuthentication(mode: AuthenticationMode.none)
        // Standard output is for the results.
        gateway.audit = gateway.audit ?? GatewayAudit(sinks: [])
        self.platform = {
            var platform = platform
            platform.gateway = gateway
            return platform
        }()
    }

    func run() async throws {
        let exchange = try HTTPClientExchange()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await serve(exchange))
        } catch {
            outcome = .failure(error)
        }
        await exchange.shutdown()
        try outcome.get()
    }

    private func serve(_ exchange: HTTPClientExchange) async throws {
        var options = GatewayOptions()
        options.version = MoorageVersion.current.version
        options.server.shutdownGracePeriod = .seconds(1)
        let process = try await GatewayProcess(
            GatewayProcess.Settings(
                cluster: try await cluster.clientConfiguration(),
                platform: platform,
                controllerNamespace: SandboxSession.controllerNamespace,
                address: BindAddress(host: "127.0.0.1", port: 0),
                options: options,
                hasSharedSessionKeys: true,
                gracePeriod: .seconds(4),
                pods: SandboxPods(sandbox: cluster, exchange: exchange)
            )
        )
        self.process.withLock { $0 = process }
        created.raise()
        try await process.run()
    }

    /// The tool calls of tenants in the last whole minute.
    var toolCalls: ToolCallReport { process.withLock { $0 }?.toolCalls ?? ToolCallReport() }

    /// The address, once it listens.
    ///
    /// - Throws: `CancellationError` if it ends, or the task is cancelled.
    func url() async throws -> String {
        try await created.wait()
        guard let server = process.withLock({ $0?.server }) else { throw CancellationError() }
        return "http://127.0.0.1:\(try await server.port())"
    }
}
