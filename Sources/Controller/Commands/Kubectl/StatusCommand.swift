import ArgumentParser
import ClusterTool
import CommandSupport
import CRDModels
import FoundationEssentials
import KubernetesAPI
import KubernetesClient

/// `kubectl moorage status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show a server or a tenant, what belongs to it, and what to do next.",
        discussion: """
            Shows the conditions, those that matter first, the objects and pods with the reason why they wait, the revisions \
            and the recent Events; below, what to do, with its cause. Without an argument, the servers of the namespace.

            What your account is not allowed to read is left out, and named. The values of Secrets are never read.

            Examples:
              \(ProgramName.commands) status weather -n mcp-acme
              \(ProgramName.commands) status weather -n mcp-acme --watch
              \(ProgramName.commands) status tenant/acme -o json
            """
    )

    @Argument(
        help: ArgumentHelp("server/NAME, tenant/NAME, or only a name that is not both.", valueName: "name"),
        completion: NameCompletion.kind(.target)
    )
    var target: String?

    @Flag(name: .shortAndLong, help: "Go on, and show it again when it changes, until interrupted.")
    var watch = false

    @OptionGroup
    var cluster: PluginClusterOptions

    @OptionGroup
    var format: FactOutputOptions

    /// The time between two looks.
    private static let interval = Duration.seconds(2)

    func validate() throws {
        if watch, format.output != .text { throw ValidationError("--watch is for people: leave out -o.") }
        if let target, StatusTarget(target) == nil {
            throw ValidationError(
                "\(TerminalText.safe(target.debugDescription)) is not server/NAME, tenant/NAME or a name."
            )
        }
    }

    func run() async throws {
        try await cluster.withCluster { reader in
            var last: JSONValue?
            repeat {
                let (json, text) = try await read(reader)
                // On a terminal, ages go on too.
                if json != last || Console.standard.columns != nil {
                    if watch { Console.standard.clear() }
                    format.write(json, text: text)
                }
                last = json
                if watch { try await Task.sleep(for: Self.interval) }
            } while watch && !Task.isCancelled
        }
    }

    private func read(_ reader: ClusterReader) async throws -> (JSONValue, (Console) -> String) {
        guard let target = target.flatMap(StatusTarget.init) else {
            let overview = try await overview(reader)
            return (overview.json, overview.rendered)
        }
        let report = StatusReport(
            try await objects(target, reader),
            catalogue: .project,
            program: ProgramName.commands,
            now: Timestamp(Date())
        )
        return (report.json, report.rendered)
    }

    private func overview(_ reader: ClusterReader) async throws -> ServerOverview {
        guard let servers = try await reader.list(MCPServer.resourceType, namespace: reader.namespace) else {
            throw CommandFailure(
                "your account is not allowed to list the MCPServers of the namespace \(reader.namespace): name another one "
                    + "with -n"
            )
        }
        return ServerOverview(
            servers,
            namespace: reader.namespace,
            catalogue: .project,
            program: ProgramName.commands
        )
    }

    private func objects(_ target: StatusTarget, _ reader: ClusterReader) async throws -> ClusterObjects {
        switch target {
        case .server(let name): return try await reader.objects(ofServer: try await reader.server(name))
        case .tenant(let name):
            guard let tenant = try await reader.find(MCPTenant.resourceType, name, namespace: nil) else {
                throw CommandFailure("MCPTenant \(name) does not exist: kubectl get mcptenants lists them")
            }
            return try await reader.objects(ofTenant: tenant)
        case .either(let name):
            let server = try await reader.find(MCPServer.resourceType, name, namespace: reader.namespace)
            let tenant = try await tenantIfAllowed(name, reader)
            switch (server, tenant) {
            case (let server?, nil): return try await reader.objects(ofServer: server)
            case (nil, let tenant?): return try await reader.objects(ofTenant: tenant)
            case (_?, _?):
                throw CommandFailure("both exist: write server/\(name) or tenant/\(name)")
            case (nil, nil):
                throw CommandFailure(
                    "there is neither an MCPServer \(name) in the namespace \(reader.namespace) nor an MCPTenant \(name): "
                        + "set the namespace with -n; kubectl get mcpservers -A lists all servers"
                )
            }
        }
    }

    /// Members of a tenant can read their own tenant, and no other.
    private func tenantIfAllowed(_ name: String, _ reader: ClusterReader) async throws -> JSONValue? {
        do {
            return try await reader.find(MCPTenant.resourceType, name, namespace: nil)
        } catch let error as APIError where error.isForbidden {
            return nil
        }
    }
}
