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
              \(ProgramName.commands) status tenant/acme -o json
            """
    )

    @Argument(
        help: ArgumentHelp("server/NAME, tenant/NAME, or only a name that is not both.", valueName: "name"),
        completion: NameCompletion.kind(.target)
    )
    var target: String?

    @OptionGroup
    var cluster: PluginClusterOptions

    @OptionGroup
    var format: FactOutputOptions

    func validate() throws {
        if let target, StatusTarget(target) == nil {
            throw ValidationError(
                "\(TerminalText.safe(target.debugDescription)) is not server/NAME, tenant/NAME or a name."
            )
        }
    }

    func run() async throws {
        try await cluster.withCluster { reader in
            guard let target = target.flatMap(StatusTarget.init) else { return try await overview(reader) }
            let report = StatusReport(
                try await objects(target, reader),
                catalogue: .project,
                program: ProgramName.commands,
                now: Timestamp(Date())
            )
            format.write(report.json) { report.rendered(console: $0) }
        }
    }

    private func overview(_ reader: ClusterReader) async throws {
        guard let servers = try await reader.list(MCPServer.resourceType, namespace: reader.namespace) else {
            throw CommandFailure(
                "your account is not allowed to list the MCPServers of the namespace \(reader.namespace): name another one "
                    + "with -n"
            )
        }
        let overview = ServerOverview(
            servers,
            namespace: reader.namespace,
            catalogue: .project,
            program: ProgramName.commands
        )
        format.write(overview.json) { overview.rendered(console: $0) }
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
