public import KubernetesAPI
public import Logging

/// The reconcile that the current task belongs to. All of its log lines contain it.
public struct ReconcileContext: Sendable {
    /// The controller's name.
    public var controller: String
    /// The key that is reconciled.
    public var key: NamespacedName
    /// The unique identifier of this run.
    public var reconcileID: String
    /// The key's priority in the queue.
    public var priority: Int

    /// The reconcile that the current task belongs to, if any.
    @TaskLocal public static var current: ReconcileContext?

    /// Adds the fixed keys `controller`, `namespace`, `name` and `reconcileID` to everything logged within a reconcile.
    public static let metadataProvider = Logger.MetadataProvider { current?.logMetadata ?? [:] }

    /// The fixed keys.
    public var logMetadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "controller": "\(controller)", "name": "\(key.name)", "reconcileID": "\(reconcileID)",
        ]
        if !key.namespace.isEmpty { metadata["namespace"] = "\(key.namespace)" }
        return metadata
    }
}
