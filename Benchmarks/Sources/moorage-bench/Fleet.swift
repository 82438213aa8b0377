import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers

/// The tenants and servers of a benchmark.
struct Fleet: Sendable {
    /// The number of servers.
    var servers: Int
    /// A part of every name, so that runs on one cluster do not conflict.
    var prefix: String
    /// Whether servers are suspended, so that a real cluster runs no pods for them.
    var isSuspended = false
    /// Whether pods are expected to stay Pending, so that a server has converged once its objects are written.
    var isPending = false

    /// The platform of both sides: without quotas, so that every server runs, and without the handshake, which the bare loop does
    /// not make.
    static let platform = platform(handshake: false)

    /// The platform with or without the handshake.
    static func platform(handshake: Bool) -> PlatformConfiguration {
        PlatformConfiguration(
            quotas: PlatformQuotas(mode: .unbounded),
            handshake: PlatformHandshake(mode: handshake ? .enabled : .disabled)
        )
    }
    /// The number of namespaces of the servers.
    static let namespaceCount = 10
    /// The number of concurrent requests on each side of a comparison.
    static let concurrency = 8

    var namespaces: [String] { (0..<Fleet.namespaceCount).map { "\(prefix)-\($0)" } }

    /// One tenant for each namespace, with no limit on servers.
    func tenant(_ namespace: String) -> JSONValue {
        [
            "apiVersion": .string(Moorage.apiVersion), "kind": "MCPTenant", "metadata": ["name": .string(namespace)],
            "spec": ["namespace": ["name": .string(namespace)], "quotas": ["mode": "Unbounded"]],
        ]
    }

    /// A server with a configuration, so that it has five objects: NetworkPolicy, ServiceAccount, Secret, Service and
    /// Deployment.
    func server(_ index: Int) -> JSONValue {
        let digits = String(index)
        let name = "server-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        return [
            "apiVersion": .string(Moorage.apiVersion), "kind": "MCPServer",
            "metadata": [
                "name": .string(name), "namespace": .string("\(prefix)-\(index % Fleet.namespaceCount)"),
            ],
            "spec": [
                "image": .string("registry.example/mcp/echo@sha256:" + String(repeating: "a", count: 64)),
                "config": ["env": ["LOG_LEVEL": "info", "API_TOKEN": .string("token-\(index)")]],
                "suspend": .bool(isSuspended),
            ],
        ]
    }

    /// Calls a closure for each server, with at most `concurrency` calls at a time.
    func forEachServer(_ body: @Sendable @escaping (Int) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var next = 0
            while next < min(Fleet.concurrency, servers) {
                group.addTask { [next] in try await body(next) }
                next += 1
            }
            while try await group.next() != nil {
                guard next < servers else { continue }
                group.addTask { [next] in try await body(next) }
                next += 1
            }
        }
    }

    /// Creates one server, like a user.
    func create(_ index: Int, with client: KubernetesClient) async throws -> JSONValue {
        try await client.create(MCPServer.resourceType, server(index))
    }

    /// Whether a server has converged.
    func isConverged(_ server: MCPServer) -> Bool {
        let conditions = server.status?.conditions
        let wanted = isSuspended || isPending ? "Programmed" : "Ready"
        return conditions?[type: wanted]?.status == .true
    }

    /// The number of servers that have converged.
    func converged(_ client: KubernetesClient) async throws -> Int {
        var count = 0
        for namespace in namespaces {
            count += try await client.listAll(MCPServer.self, namespace: namespace).items.count(where: isConverged)
        }
        return count
    }

    /// Deletes everything that a run created, and waits until it no longer exists.
    func remove(_ client: KubernetesClient) async throws {
        for namespace in namespaces {
            _ = try? await client.delete(MCPTenant.resourceType, name: namespace)
            _ = try? await client.delete(.namespace, name: namespace)
        }
        for type in [MCPTenant.resourceType, .namespace] {
            for namespace in namespaces {
                for _ in 0..<600 {
                    guard (try? await client.get(type, name: namespace)) != nil else { break }
                    try await Task.sleep(for: .milliseconds(500))
                }
            }
        }
    }
}
