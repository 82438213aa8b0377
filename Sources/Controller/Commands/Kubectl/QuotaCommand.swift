import ArgumentParser
import ClusterTool
import CommandSupport
import CRDModels
import KubernetesAPI
import KubernetesClient

/// `kubectl moorage quota`.
struct QuotaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quota",
        abstract: "Show the limits of a tenant, what is used of them, and the servers that wait.",
        discussion: """
            Without a name, the tenant of the namespace.

            Examples:
              \(ProgramName.commands) quota acme
              \(ProgramName.commands) quota -n mcp-acme -o yaml
            """
    )

    @Argument(help: ArgumentHelp("The MCPTenant.", valueName: "tenant"), completion: NameCompletion.kind(.tenant))
    var tenant: String?

    @OptionGroup
    var cluster: PluginClusterOptions

    @OptionGroup
    var format: FactOutputOptions

    func run() async throws {
        try await cluster.withCluster { reader in
            let name = if let tenant { tenant } else { try await reader.tenantOfNamespace() }
            guard let object = try await reader.find(MCPTenant.resourceType, name, namespace: nil) else {
                throw CommandFailure("MCPTenant \(name) does not exist: kubectl get mcptenants lists them")
            }
            var servers: [JSONValue]? = []
            if let namespace = object[path: ["status", "namespace"]]?.stringValue, !namespace.isEmpty {
                servers = try await reader.list(MCPServer.resourceType, namespace: namespace)
            }
            let report = QuotaReport(object, servers: servers)
            format.write(report.json) { report.rendered(console: $0) }
        }
    }
}

extension ClusterReader {
    /// The name of the tenant that the namespace belongs to. Members of a tenant can read its servers, and perhaps not the
    /// namespace.
    ///
    /// - Throws: `CommandFailure` if that is not known.
    func tenantOfNamespace() async throws -> String {
        for server in try await list(MCPServer.resourceType, namespace: namespace) ?? [] {
            if let name = server[path: ["status", "tenant"]]?.stringValue, !name.isEmpty { return name }
        }
        for tenant in try await list(MCPTenant.resourceType, namespace: nil) ?? []
        where tenant[path: ["status", "namespace"]]?.stringValue == namespace {
            if let name = tenant[path: ["metadata", "name"]]?.stringValue { return name }
        }
        throw CommandFailure(
            "it is not known which MCPTenant the namespace \(namespace) belongs to: name the tenant, or another namespace "
                + "with -n"
        )
    }
}
