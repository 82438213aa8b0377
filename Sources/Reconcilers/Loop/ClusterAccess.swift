internal import KubernetesAPI

/// The writes and the few reads by name that the loop makes; the one thing that a test has to stand in for.
///
/// Every method throws the client's `APIError` for what the API server refuses.
protocol ClusterAccess: Sendable {
    /// Applies an object, forced: the fields that Moorage renders are Moorage's.
    ///
    /// - Returns: the object as the server has it now, as JSON.
    func apply(_ body: JSONValue, to reference: ObjectReference) async throws -> [UInt8]

    /// Applies the status of an object.
    ///
    /// - Returns: the object's new resourceVersion.
    func applyStatus(_ body: JSONValue, to reference: ObjectReference) async throws -> String?

    /// Changes an object by a JSON patch (RFC 6902).
    func patch(_ operations: JSONValue, of reference: ObjectReference) async throws

    /// Deletes the object of this identity, in the background. One that is gone already is no error.
    func delete(_ reference: ObjectReference, uid: String) async throws

    /// The object as JSON, or `nil` where there is none.
    func get(_ reference: ObjectReference) async throws -> [UInt8]?
}
