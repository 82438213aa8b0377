import CRDModels
import KubernetesAPI
import KubernetesClient

/// Runs something that does not end on its own until a condition holds, then kills it, without the graceful
/// shutdown that a signal causes.
public func killing(
    _ victim: @escaping @Sendable () async throws -> Void,
    once condition: () async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await victim() }
        do {
            try await condition()
        } catch {
            tasks.cancelAll()
            while let result = await tasks.nextResult() { _ = result }
            throw error
        }
        tasks.cancelAll()
        // Being killed is not a failure, whatever it throws.
        while let result = await tasks.nextResult() { _ = result }
    }
}

/// Waits until it is cancelled.
public func parked() async throws {
    let (never, continuation) = AsyncStream<Never>.makeStream()
    for await _ in never {}
    continuation.finish()
    try Task.checkCancellation()
}

extension TestCluster {
    /// What the names of the namespaces of `letOperatorPass` begin with.
    static let passNamespacePrefix = "pass-"

    /// Waits until the operator has processed its queue: creates one more server, in a namespace of its own, which it
    /// reconciles several times. Server and namespace are deleted again.
    public func letOperatorPass() async throws {
        let namespace = Self.passNamespacePrefix + String(UInt32.random(in: .min ... .max), radix: 36)
        _ = try await client.create(
            .namespace,
            ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)]]
        )
        let outcome: Result<Void, any Error>
        do {
            let name = "pass"
            try await apply(server(name, in: namespace))
            try await wait(for: "Ready", .true, of: name, in: namespace)
            try await client.delete(MCPServer.resourceType, name: name, namespace: namespace)
            try await eventually("\(name) is gone") { try await find(.deployment, name, in: namespace) == nil }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await removeNamespace(namespace)
        try outcome.get()
    }
}
