import ArgumentParser
import ClusterTool
import CommandSupport
import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy

/// A way to a server that was found in the cluster.
struct ServerConnection: Sendable {
    /// The servers that are reached, with their paths.
    var servers: [Server]
    /// Finds the pod that the port is forwarded to; it is called again when that pod is gone.
    var findPod: @Sendable () async throws -> ForwardedPod
    /// Whether the pods serve TLS.
    var usesTLS: Bool
    /// Whether it leads through the gateway, which may require a token.
    var isThroughGateway: Bool

    struct Server: Sendable {
        var name: String
        var path: String
        var usesSSE = false
    }

    /// The URLs at a local port.
    func snippetServers(port: Int) -> [ClientSnippet.Server] {
        servers.map { server in
            ClientSnippet.Server(
                name: server.name,
                url: "\(usesTLS ? "https" : "http")://127.0.0.1:\(port)\(server.path)",
                usesSSE: server.usesSSE
            )
        }
    }
}

extension ClusterReader {
    /// How many servers of a namespace are named at once.
    private static let maximumServers = 50

    /// The way to a server or a virtual server.
    ///
    /// - Parameters:
    ///   - prefersGateway: whether it leads through the gateway, also if the server has pods.
    ///   - note: receives why it does although that was not asked for.
    /// - Throws: `CommandFailure` if the server does not exist.
    func connection(
        to name: String,
        prefersGateway: Bool,
        _ installation: InstallationOptions,
        note: (String) -> Void
    ) async throws -> ServerConnection {
        let server: JSONValue?
        do {
            server = try await find(MCPServer.resourceType, name, namespace: namespace)
        } catch let error as APIError where error.isForbidden {
            _ = try await self.server(name)
            throw error
        }
        guard let server else {
            guard try await find(MCPVirtualServer.resourceType, name, namespace: namespace) != nil else {
                // It says that the server does not exist.
                _ = try await self.server(name)
                throw CommandFailure("MCPServer \(namespace)/\(name) does not exist")
            }
            if !prefersGateway {
                note("\(name) is a virtual server, which only the gateway serves: through the gateway")
            }
            return try await throughGateway(
                [.init(name: name, path: GatewayPath.server(name, in: namespace))],
                installation
            )
        }
        switch ServerRoute(server: server, service: try await service(ofServer: name)) {
        case .gateway(let path, let reason):
            if !prefersGateway { note("\(reason): through the gateway") }
            return try await throughGateway([.init(name: name, path: path)], installation)
        case .pods where prefersGateway:
            return try await throughGateway(
                [.init(name: name, path: GatewayPath.server(name, in: namespace))],
                installation
            )
        case .pods(let endpoint):
            return ServerConnection(
                servers: [.init(name: name, path: endpoint.path, usesSSE: endpoint.usesSSE)],
                findPod: { try await pod(ofServer: name, port: endpoint.port) },
                usesTLS: endpoint.usesTLS,
                isThroughGateway: false
            )
        }
    }

    /// The way to all servers of the namespace, each at its own path of the gateway.
    func connectionToAll(_ installation: InstallationOptions) async throws -> ServerConnection {
        var names: [String] = []
        for type in [MCPServer.resourceType, MCPVirtualServer.resourceType] {
            let found = try await list(type, namespace: namespace, metadataOnly: true) ?? []
            names += found.compactMap { $0[path: ["metadata", "name"]]?.stringValue }.sorted()
        }
        guard !names.isEmpty else {
            throw CommandFailure(
                "there is no MCPServer in the namespace \(namespace): name another one with -n"
            )
        }
        return try await throughGateway(
            names.prefix(Self.maximumServers).map {
                .init(name: $0, path: GatewayPath.server($0, in: namespace))
            },
            installation
        )
    }

    /// The way to paths of the gateway.
    func throughGateway(
        _ servers: [ServerConnection.Server],
        _ installation: InstallationOptions
    ) async throws -> ServerConnection {
        let first = try await gatewayPod(installation)
        return ServerConnection(
            servers: servers,
            findPod: { try await gatewayPod(installation) },
            usesTLS: try await gatewayUsesTLS(first),
            isThroughGateway: true
        )
    }
}
