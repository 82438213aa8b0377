internal import KubernetesAPI

/// Speaks MCP to the pods of servers. Tests replace it.
protocol ProtocolProbe: Sendable {
    /// Checks one pod. Whatever the pod does is a verdict, not an error.
    ///
    /// - Throws: `CancellationError` if the task is cancelled.
    func check(_ target: HandshakeTarget) async throws(CancellationError) -> ProtocolVerdict

    /// Forgets what is remembered of a server that was deleted.
    func forget(_ server: NamespacedName)
}
