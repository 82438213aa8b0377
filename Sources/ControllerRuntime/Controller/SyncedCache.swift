/// The parts of an informer that controllers and health checks use.
public protocol SyncedCache: Sendable {
    /// The name for logs and health checks.
    var name: String { get }
    /// Whether the first list is in the store, and the handlers have been called for it.
    var hasSynced: Bool { get }
    /// Why the store may be out of date.
    var syncFailure: String? { get }
    /// Shows whether the loops make progress.
    var heartbeats: [Heartbeat] { get }
    /// Returns once `hasSynced`.
    ///
    /// - Throws: `CancellationError`.
    func waitForSync() async throws
}

extension Informer: SyncedCache {}
