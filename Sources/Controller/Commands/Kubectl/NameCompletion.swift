import ArgumentParser
import ClusterTool
import CommandSupport
import CRDModels
import KubernetesAPI
import KubernetesClient
import MCPProtocol
import MCPTransport
import Reconcilers

/// The names that shells complete. Nothing is offered if the cluster does not answer at once.
enum NameCompletion {
    /// How the argument parser's own scripts complete an argument.
    static func kind(_ names: CompletionRequest.Names) -> CompletionKind {
        .custom { words, _, prefix in
            // The first word is the program; `moorage kubectl` has one more.
            let rest = words.dropFirst().drop { $0 == KubectlCommand.configuration.commandName }
            var request = PluginCompletion.request(Array(rest))
            request.names = names
            return await read(request).filter { $0.hasPrefix(prefix) }
        }
    }

    /// A person waits for it.
    private static let timeout = Duration.seconds(2)

    /// The names that a request is about.
    static func read(_ request: CompletionRequest) async -> [String] {
        guard let names = request.names else { return [] }
        return (try? await TimeLimit.run(timeout) { try await find(names, request) }) ?? []
    }

    private static func find(_ names: CompletionRequest.Names, _ request: CompletionRequest) async throws -> [String] {
        var source = KubeconfigOptions()
        source.kubeconfig = request.options["kubeconfig"]
        source.context = request.options["context"]
        return try await source.withClient { client, configuration in
            let reader = ClusterReader(
                client: client,
                namespace: request.options["namespace"] ?? configuration.namespace
            )
            let namespace = reader.namespace
            switch names {
            case .server:
                return try await list(MCPServer.resourceType, reader) + list(MCPVirtualServer.resourceType, reader)
            case .tenant: return try await list(MCPTenant.resourceType, reader)
            case .target: return try await list(MCPServer.resourceType, reader) + list(MCPTenant.resourceType, reader)
            case .namespace: return try await list(.namespace, reader)
            case .revision:
                guard let server = request.arguments.first else { return [] }
                return try await list(MCPServerRevision.resourceType, reader, fields: "spec.server=\(server)")
            case .tool:
                guard let server = request.options["server"],
                    let object = try await reader.find(MCPServer.resourceType, server, namespace: namespace),
                    let revision = object[path: ["status", "revision", "name"]]?.stringValue
                else { return [] }
                let contract = try await RevisionReader(client: client).contract(namespace: namespace, name: revision)
                return contract.items.filter { $0.kind == .tool }.map(\.identity)
            }
        }
    }

    private static func list(
        _ type: ResourceType,
        _ reader: ClusterReader,
        fields: String? = nil
    ) async throws -> [String] {
        let found = try await reader.list(type, namespace: reader.namespace, fields: fields, metadataOnly: true) ?? []
        return found.compactMap { $0[path: ["metadata", "name"]]?.stringValue }
    }
}

/// `kubectl_complete-moorage`: this program, called by kubectl with the words after `kubectl moorage`, the last of which is to be completed
/// (https://github.com/kubernetes/enhancements, KEP 2379).
enum PluginCompletion {
    static func main(_ words: [String]) async {
        let request = request(words)
        let last = words.last ?? ""
        let names = await NameCompletion.read(request).filter { $0.hasPrefix(last) && !$0.contains(where: \.isNewline) }
        Console.standard.output(request.answer(names))
    }

    static func request(_ words: [String]) -> CompletionRequest {
        let description = (try? JSONValue(parsing: Array(KubectlPluginCommand._dumpHelp().utf8))) ?? [:]
        return CompletionRequest(description, words: words)
    }
}
