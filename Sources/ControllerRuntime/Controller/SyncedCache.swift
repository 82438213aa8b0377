/// What controllers and health checks need to know about an informer of any kind.
public protocol SyncedCache: Sendable {
    /// The name for logs and health checks.
    var name: String { get }
    /// Whether the first list is in the store, and the handlers have seen it.
    var hasSynced: Bool { get }
    /// Why the store may be out of date.
    var syncFailure: String? { get }
    /// Whether the loops make progress.
    var heartbeats: [Heartbeat] { get }
    /// Returns once `hasSynced`.
    ///
    /// - Throws: `CancellationError`.
    func waitForSync() async throws
}

extension Informer: SyncedCache {}
