import CRDModels
import Foundation
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers

/// The reference for the operator: a loop without caches, queues or watches. For each server, it renders with the same
/// functions, applies the objects one by one, and applies the status as often as the operator: twice, or once for a
/// suspended server, which has no pods.
struct BareLoop: Sendable {
    let client: KubernetesClient
    let fleet: Fleet
    let tenants: [MCPTenant]

    private static let options = ApplyOptions(fieldManager: Moorage.fieldManager, force: true)

    /// Creates the tenants, and their namespaces without the operator.
    static func prepare(_ fleet: Fleet, client: KubernetesClient) async throws -> [MCPTenant] {
        var tenants: [MCPTenant] = []
        for namespace in fleet.namespaces {
            let tenant = try await client.create(MCPTenant.resourceType, fleet.tenant(namespace))
            tenants.append(try tenant.decode(MCPTenant.self))
            let object: JSONValue = [
                "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)],
            ]
            _ = try await client.create(.namespace, object)
        }
        return tenants
    }

    /// Writes the objects of one server.
    func converge(_ created: JSONValue) async throws {
        let server = try created.decode(MCPServer.self)
        let decision = decide(
            ServerInput(server: server, claims: NamespaceClaims(tenants: tenants), platform: Fleet.platform)
        )
        guard let plan = decision.plan else { throw BenchmarkFailure("refused: \(String(describing: decision))") }
        for object in render(plan) {
            var body = object.value
            // What the operator's writes carry too: a fingerprint.
            body[path: ["metadata", "annotations", "moorage.dev/render-hash"]] = .string(
                String(repeating: "0", count: 32)
            )
            _ = try await client.create(
                object.reference.type,
                body,
                options: WriteOptions(fieldManager: Moorage.fieldManager, fieldValidation: .strict)
            )
        }
        let replicas = fleet.isSuspended ? 0 : 1
        let observed = ObservedDeployment(
            generation: 1,
            replicas: replicas,
            status: DeploymentStatus(
                observedGeneration: 1,
                replicas: replicas,
                updatedReplicas: replicas,
                readyReplicas: replicas,
                availableReplicas: replicas
            )
        )
        let deployments = fleet.isSuspended || fleet.isPending ? [observed] : [nil, observed]
        for deployment in deployments {
            let status = serverStatus(
                of: server,
                decision: decision,
                observed: ObservedServer(deployment: deployment),
                claims: NamespaceClaims(tenants: tenants),
                now: Timestamp(Date())
            )
            let body: JSONValue = [
                "apiVersion": .string(Moorage.apiVersion), "kind": "MCPServer",
                "metadata": [
                    "name": .string(server.metadata.name ?? ""), "namespace": .string(server.metadata.namespace ?? ""),
                    "uid": .string(server.metadata.uid ?? ""),
                ],
                "status": try JSONValue(encoding: status),
            ]
            _ = try await client.applyStatus(MCPServer.resourceType, body, options: BareLoop.options)
        }
        if !fleet.isSuspended, !fleet.isPending { try await recordEvent(server) }
    }

    /// Writes the Event that a server serves.
    private func recordEvent(_ server: MCPServer) async throws {
        let type = ResourceType(
            group: "events.k8s.io",
            version: "v1",
            kind: "Event",
            plural: "events",
            isNamespaced: true
        )
        let regarding: JSONValue = [
            "apiVersion": .string(Moorage.apiVersion), "kind": "MCPServer",
            "name": .string(server.metadata.name ?? ""), "namespace": .string(server.metadata.namespace ?? ""),
            "uid": .string(server.metadata.uid ?? ""),
        ]
        let event: JSONValue = [
            "metadata": [
                "name": .string("\(server.metadata.name ?? "").bench"),
                "namespace": .string(server.metadata.namespace ?? ""),
            ],
            "eventTime": .string("\(MicroTimestamp(Date()))"), "reportingController": "moorage.dev/controller",
            "reportingInstance": "bench", "action": "Reconcile", "reason": "Serving", "type": "Normal",
            "note": "1 of 1 pods are available", "regarding": regarding,
        ]
        _ = try await client.create(type, event)
    }

    /// Creates all servers, and lets as many workers write what they need, either at the same time or afterwards.
    ///
    /// - Parameters:
    ///   - isCold: whether the workers start when all servers exist.
    ///   - onStart: called when the time that is measured starts.
    func run(isCold: Bool, onStart: @escaping @Sendable () -> Void) async throws {
        let (stream, continuation) = AsyncStream<JSONValue>.makeStream()
        if !isCold { onStart() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await fleet.forEachServer { continuation.yield(try await fleet.create($0, with: client)) }
            }
            if isCold {
                try await group.waitForAll()
                onStart()
            }
            group.addTask {
                try await withThrowingTaskGroup(of: Void.self) { workers in
                    var busy = 0
                    for await server in stream {
                        if busy == Fleet.concurrency {
                            _ = try await workers.next()
                            busy -= 1
                        }
                        workers.addTask { try await converge(server) }
                        busy += 1
                    }
                    try await workers.waitForAll()
                }
            }
            try await group.waitForAll()
        }
    }
}
