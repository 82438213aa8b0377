import CommandSupport
import CRDModels
import KubernetesAPI
import MCPProtocol
import MCPTransport
import Policy
import ServiceLifecycle

/// The servers of a sandbox, at addresses of this machine.
struct LocalServers: Sendable {
    let api: any ClusterAPI
    let console: Console
    /// Opens a port of this machine that leads to a Service.
    let open: @Sendable (_ service: String, _ namespace: String) async throws -> Int
    /// The gateway before the servers; `nil` if there is none.
    var gateway: SandboxGateway?

    /// A server that is Ready.
    struct Server: Sendable, Hashable {
        var namespace: String
        var name: String
        var uid: String
        /// The path at which it serves.
        var path: String
        var usesHTTPSSE: Bool

        var title: String { "MCPServer \(namespace)/\(name)" }
    }

    /// The time between two looks at the servers.
    private static let pause = Duration.milliseconds(250)
    private static let logLines = 20
    /// How long the gateway may take to serve a server that has just become Ready.
    private static let gatewayTime = Duration.seconds(10)

    // MARK: - While the sandbox runs

    /// Prints the URL of each server once it is Ready, and why servers cannot become Ready, until the sandbox ends.
    func announce(clock: some Clock<Duration>) async throws {
        var announced: Set<String> = []
        var complaints: [String: String] = [:]
        while true {
            for object in try await api.list(MCPServer.resourceType) {
                guard let server = Self.server(object) else { continue }
                if ReadinessWait.isReady(object), !ReadinessWait.isSuspended(object) {
                    complaints[server.uid] = nil
                    guard !announced.contains(server.uid), let url = try await url(of: server) else { continue }
                    announced.insert(server.uid)
                    console.output("\(server.title) is ready at \(url)\n")
                } else if let reason = ReadinessWait.problem(object) {
                    // The message can contain counts, which do not make it another problem.
                    guard complaints.updateValue(reason, forKey: server.uid) != reason else { continue }
                    console.error(ReadinessWait.reasons(object))
                }
            }
            try await clock.sleep(for: Self.pause)
        }
    }

    // MARK: - Once

    /// Prints what each server that is Ready offers, as any client reads it: through the gateway, if everybody may call there.
    ///
    /// - Returns: whether all could be read.
    func printContracts() async throws -> Bool {
        let exchange = try HTTPClientExchange()
        let result: Result<Bool, any Error>
        do {
            result = .success(try await printContracts(exchange))
        } catch {
            result = .failure(error)
        }
        await exchange.shutdown()
        return try result.get()
    }

    private func printContracts(_ exchange: HTTPClientExchange) async throws -> Bool {
        var options = MCPClientOptions()
        options.clientInfo = Implementation(name: "moorage", version: MoorageVersion.current.version)
        let reader = ContractReader(options: options, exchange: exchange)
        var areRead = true
        for object in try await api.list(MCPServer.resourceType) {
            guard ReadinessWait.isReady(object), !ReadinessWait.isSuspended(object), let server = Self.server(object),
                let url = try await url(of: server)
            else { continue }
            do {
                if let gateway, gateway.isOpen {
                    let reading = try await read(server, through: try await gateway.url(), reader)
                    console.output("\n\(server.title), through the gateway\n\(ContractSummary(reading).text)")
                } else {
                    let reading = try await reader.read(server.usesHTTPSSE ? .httpSSE(url) : .streamableHTTP(url))
                    console.output("\n\(server.title)\n\(ContractSummary(reading).text)")
                }
            } catch let error as MCPClientError {
                console.error("\(server.title): \(TerminalText.safe(error.message))")
                areRead = false
            }
        }
        return areRead
    }

    private func read(
        _ server: Server,
        through gateway: String,
        _ reader: ContractReader
    ) async throws -> ServerReading {
        let endpoint = MCPEndpoint.streamableHTTP(gateway + GatewayPath.server(server.name, in: server.namespace))
        let deadline = ContinuousClock.now + Self.gatewayTime
        while true {
            do {
                return try await reader.read(endpoint)
            } catch let error as MCPClientError {
                // A moment after the operator, the gateway knows the server as well.
                guard ContinuousClock.now < deadline, [404, 503].contains(error.httpStatus ?? 0) else { throw error }
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Prints the end of the log of each container that is not ready.
    func printLogs() async throws {
        for pod in try await api.list(.pod) {
            let name = pod[path: ["metadata", "name"]]?.stringValue ?? ""
            let namespace = pod[path: ["metadata", "namespace"]]?.stringValue ?? ""
            for status in pod[path: ["status", "containerStatuses"]]?.arrayValue ?? []
            where status["ready"]?.boolValue != true {
                let container = status["name"]?.stringValue ?? ""
                let path = ResourceType.pod.path(namespace: namespace, name: name, subresource: "log")
                let query = [("container", container), ("tailLines", String(Self.logLines))]
                var text = try await api.text(path, query: query) ?? ""
                // A container that was just started again has not written anything yet.
                if text.isEmpty { text = try await api.text(path, query: query + [("previous", "true")]) ?? "" }
                guard !text.isEmpty else { continue }
                console.error("the log of container \(container) of pod \(name) ends with:", prefix: nil)
                for line in text.split(separator: "\n") {
                    console.error("  \(TerminalText.safe(String(line)))", prefix: nil)
                }
            }
        }
    }

    // MARK: - Servers

    private static func server(_ object: JSONValue) -> Server? {
        guard let name = object[path: ["metadata", "name"]]?.stringValue,
            let namespace = object[path: ["metadata", "namespace"]]?.stringValue,
            let uid = object[path: ["metadata", "uid"]]?.stringValue
        else { return nil }
        let url = object[path: ["status", "url"]]?.stringValue ?? ""
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return Server(
            namespace: namespace,
            name: name,
            uid: uid,
            path: parts.count > 3 ? "/" + parts[3] : "/",
            usesHTTPSSE: object[path: ["spec", "transport"]]?.stringValue == Transport.sse.rawValue
        )
    }

    /// Where a server is reached on this machine; `nil` if it has no Service.
    private func url(of server: Server) async throws -> String? {
        let services = try await api.list(.service).filter { service in
            (service[path: ["metadata", "ownerReferences"]]?.arrayValue ?? []).contains {
                $0["uid"]?.stringValue == server.uid
            }
        }
        guard let service = services.first?[path: ["metadata", "name"]]?.stringValue else { return nil }
        return "http://127.0.0.1:\(try await open(service, server.namespace))\(server.path)"
    }
}
