import CommandSupport
import CRDModels
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging
import SandboxCluster
import ServiceLifecycle
import Synchronization

/// The task of the sandbox, as a service next to the API and the operator: apply the files, then either wait, print and
/// exit, or print how to reach the API and keep running.
final class SandboxSession: Service {
    /// The options.
    struct Request: Sendable {
        /// The files to apply.
        var sources: [ManifestSource]
        /// How long to wait for servers to become Ready; `nil` to run until stopped.
        var timeout: Duration?
        /// The path of the kubeconfig to write, or `nil`.
        var kubeconfig: String?
        /// Whether containers with a command run as processes.
        var runsProcesses = false
    }

    /// Whether everything was applied, and every server that was waited for is Ready.
    var succeeded: Bool { result.withLock { $0 } }

    private let cluster: SandboxCluster
    private let gateway: SandboxGateway?
    private let request: Request
    private let console: Console
    private let result = Mutex(false)

    /// - Parameter gateway: the gateway that runs beside it, if any.
    init(cluster: SandboxCluster, gateway: SandboxGateway? = nil, request: Request, console: Console) {
        self.cluster = cluster
        self.gateway = gateway
        self.request = request
        self.console = console
    }

    func run() async throws {
        let url = try await cluster.url()
        if let kubeconfig = request.kubeconfig {
            try PrivateFile.write(try await cluster.kubeconfig(), to: kubeconfig)
        }
        let transport = try HTTPTransport(try await cluster.clientConfiguration())
        let succeeded: Bool
        do {
            succeeded = try await cancelWhenGracefulShutdown { [self] in
                let client = KubernetesClient(transport: transport)
                try await makeControllerNamespace(client)
                return try await work(ClientClusterAPI(client: client), url: url)
            }
        } catch {
            try? await transport.shutdown()
            // A signal is the normal way to stop a sandbox that keeps running.
            guard error is CancellationError, request.timeout == nil else { throw error }
            result.withLock { $0 = true }
            return
        }
        try await transport.shutdown()
        result.withLock { $0 = succeeded }
    }

    /// The namespace of a sandbox's operator. It differs from that of an installation, which users can then use in the
    /// sandbox.
    static let controllerNamespace = "moorage-sandbox"

    /// Creates the namespace that Helm creates for an installation.
    private func makeControllerNamespace(_ client: KubernetesClient) async throws {
        let name = SandboxSession.controllerNamespace
        let object: JSONValue = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]]
        _ = try await client.apply(.namespace, object, options: ApplyOptions(fieldManager: "moorage-sandbox"))
    }

    private func work(_ api: ClientClusterAPI, url: String) async throws -> Bool {
        let run = SandboxRun(api: api, console: console, clock: ContinuousClock())
        if request.timeout == nil { greet(url: url, gateway: try await gateway?.url()) }
        if request.runsProcesses {
            console.error(
                "the commands of manifests run on this machine, as this user, and can do everything that you can do",
                prefix: "warning: "
            )
        }
        let areApplied = try await run.apply(request.sources)
        let servers = LocalServers(
            api: api,
            console: console,
            open: { [cluster] service, namespace in try await cluster.open(service: service, namespace: namespace) },
            gateway: gateway
        )
        guard let timeout = request.timeout else {
            try await servers.announce(clock: ContinuousClock())
            return true
        }
        let reasons = try await run.waitUntilReady(timeout: timeout)
        try await run.printTree()
        for reason in reasons { console.error(reason) }
        guard request.runsProcesses else { return areApplied && reasons.isEmpty }
        if !reasons.isEmpty { try await servers.printLogs() }
        let areRead = try await servers.printContracts()
        return areApplied && reasons.isEmpty && areRead
    }

    private func greet(url: String, gateway: String?) {
        console.output("The sandbox listens at \(url), on this machine only. Press Ctrl-C to stop it.\n")
        if let gateway { console.output("The gateway serves each server at \(gateway)/NAMESPACE/NAME/mcp.\n") }
        guard let kubeconfig = request.kubeconfig else { return }
        console.output(
            "\n    export KUBECONFIG=\(SandboxSession.absolute(kubeconfig))\n    kubectl get mcpservers -A\n\n"
        )
    }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    }
}

/// The operator of a sandbox, which can be created only after the sandbox listens, because it needs the address of the API.
struct AfterListening: Service {
    let cluster: SandboxCluster
    let make: @Sendable (_ configuration: KubernetesClientConfiguration) async throws -> any Service

    func run() async throws {
        var configuration = try await cluster.clientConfiguration()
        configuration.impersonation = Self.controller
        try await make(configuration).run()
    }

    /// The controller of an installation by the chart, so that admission policies that are installed in a sandbox know it; and an administrator,
    /// because nobody has granted it anything.
    private static let controller = KubernetesClientConfiguration.Impersonation(
        user: "system:serviceaccount:moorage-system:moorage-controller",
        groups: ["system:masters", "system:serviceaccounts", "system:authenticated"]
    )
}

extension SandboxCluster {
    /// The connection of an administrator's client.
    func clientConfiguration() async throws -> KubernetesClientConfiguration {
        try Kubeconfig(text: try await kubeconfig(), directory: nil, file: "the kubeconfig of the sandbox")
            .configuration()
    }
}
