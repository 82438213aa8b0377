internal import KubernetesAPI

/// The writes and the few reads that the loop makes, as the loop needs them; the one place that knows the client.
protocol ClusterAccess: Sendable {
    /// Applies an object, forced: the fields that Moorage renders are Moorage's.
    ///
    /// - Returns: the object as the server has it now.
    func apply(_ body: JSONValue, to reference: ObjectReference) async throws -> [UInt8]

    /// Applies the status of an object.
    ///
    /// - Returns: the object's new resourceVersion.
    func applyStatus(_ body: JSONValue, to reference: ObjectReference) async throws -> String?

    /// Deletes the object of this identity, in the background. One that is gone already is no error.
    func delete(_ reference: ObjectReference, uid: String) async throws

    /// The object, or `nil` where there is none.
    func get(_ reference: ObjectReference) async throws -> [UInt8]?
}
