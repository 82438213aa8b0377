import ArgumentParser
import ClusterTool
import CommandSupport
import KubernetesAPI
import KubernetesClient
import Synchronization
import UnixSignals

extension ClientProgram: ExpressibleByArgument {}

/// `kubectl moorage connect`.
struct ConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Open a local port to a server, and show how clients use it.",
        discussion: """
            Runs kubectl port-forward to a ready pod of the server until it is interrupted, and goes on with another pod when that \
            one is gone. Remote and virtual servers are reached through the gateway; so are all with --through-gateway. gateway \
            instead of a name means all servers of the namespace; server/gateway is a server with this name.

            Examples:
              \(ProgramName.commands) connect weather -n mcp-acme
              \(ProgramName.commands) connect gateway -n mcp-acme --client cursor
            """
    )

    @Argument(
        help: ArgumentHelp("The MCPServer or MCPVirtualServer, or gateway.", valueName: "server"),
        completion: NameCompletion.kind(.server)
    )
    var server: String

    @Option(help: ArgumentHelp("The local port. (default: any that is free)", valueName: "port"))
    var port: Int?

    @Option(help: "Only show the configuration of this client.")
    var client: ClientProgram?

    @Flag(help: "Reach the server as its clients do, through the gateway.")
    var throughGateway = false

    @OptionGroup
    var installation: InstallationOptions

    @OptionGroup
    var cluster: PluginClusterOptions

    func validate() throws {
        if let port, !(1...65_535).contains(port) { throw ValidationError("--port must be from 1 to 65535.") }
    }

    func run() async throws {
        try await cluster.withCluster { reader in
            let connection = try await find(reader)
            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask { for await _ in signals { return } }
                group.addTask { try await keepOpen(connection, reader) }
                try await group.next()
            }
        }
    }

    private func find(_ reader: ClusterReader) async throws -> ServerConnection {
        if server == "gateway" { return try await reader.connectionToAll(installation) }
        let prefix = "server/"
        let name = server.hasPrefix(prefix) ? String(server.dropFirst(prefix.count)) : server
        return try await reader.connection(to: name, prefersGateway: throughGateway, installation) {
            Console.standard.error($0, prefix: "note: ")
        }
    }

    /// How long a pod is waited for, and between two attempts.
    private static let delay = Duration.seconds(2)

    /// Forwards the port to one pod after the other.
    private func keepOpen(_ connection: ServerConnection, _ reader: ClusterReader) async throws {
        let console = Console.standard
        var pod = try await connection.findPod()
        var localPort = port ?? 0
        var hasWorked = false
        let forward = cluster.portForward
        while !Task.isCancelled {
            let (current, isFirst) = (pod, !hasWorked)
            let opened = OpenedPort()
            do {
                try await forward.run(current, localPort: localPort) { port in
                    opened.set(port)
                    console.error("127.0.0.1:\(port) leads to pod \(current.namespace)/\(current.name)", prefix: nil)
                    if isFirst { show(connection, port: port, console) }
                    try await waitUntilGone(current, reader)
                }
                console.error("pod \(current.name) does not serve any more", prefix: nil)
            } catch let error as KubectlPortForward.Ended {
                guard hasWorked || opened.port != nil else { throw error.failure }
                // An interrupt of the terminal ends kubectl too, and may reach it before this command.
                try await Task.sleep(for: .milliseconds(200))
                console.error("the connection has ended: \(error)", prefix: nil)
            }
            localPort = opened.port ?? localPort
            hasWorked = hasWorked || opened.port != nil
            pod = try await next(connection, console)
        }
    }

    /// Finds the next pod, and waits for one if none is ready.
    private func next(_ connection: ServerConnection, _ console: Console) async throws -> ForwardedPod {
        var isWaiting = false
        while true {
            try await Task.sleep(for: Self.delay)
            do {
                return try await connection.findPod()
            } catch let failure as CommandFailure {
                if !isWaiting { console.error("\(failure); waiting for one", prefix: nil) }
                isWaiting = true
            } catch let error as ClientError {
                if !isWaiting { console.error("\(error); trying again", prefix: nil) }
                isWaiting = true
            }
        }
    }

    /// Returns when a pod is deleted or not ready any more: kubectl only finds out when a connection fails.
    private func waitUntilGone(_ pod: ForwardedPod, _ reader: ClusterReader) async throws {
        while true {
            try await Task.sleep(for: Self.delay)
            do {
                guard let object = try await reader.find(.pod, pod.name, namespace: pod.namespace),
                    object[path: ["metadata", "uid"]]?.stringValue == pod.uid, ForwardedPod.isReady(object)
                else { return }
            } catch is ClientError {
                // The API server cannot be reached for a moment; kubectl ends if that lasts.
            }
        }
    }

    private func show(_ connection: ServerConnection, port: Int, _ console: Console) {
        let servers = connection.snippetServers(port: port)
        let snippet = ClientSnippet(servers, needsToken: connection.isThroughGateway)
        if let client {
            console.output(snippet.text(for: client))
            return
        }
        for server in servers { console.output("\(console.styled(server.name, .bold))  \(server.url)\n") }
        if connection.isThroughGateway {
            console.output("The gateway may require a token: put it into \(ClientSnippet.tokenVariable).\n")
        }
        if connection.usesTLS {
            console.output("The certificate is not for 127.0.0.1: the client must be told to accept it.\n")
        }
        for program in ClientProgram.allCases {
            let file = program.file.map { ", \($0)" } ?? ""
            console.output("\n\(console.styled(program.title + file, .bold))\n\(snippet.text(for: program))")
        }
        console.error("\nInterrupt this command to close the port.", prefix: nil)
    }
}

/// The local port, once it is open.
private final class OpenedPort: Sendable {
    private let value = Mutex<Int?>(nil)

    var port: Int? { value.withLock { $0 } }

    func set(_ port: Int) { value.withLock { $0 = port } }
}
