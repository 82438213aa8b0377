internal import CRDModels
internal import KubernetesAPI
internal import KubernetesClient

/// The writes and the few reads by name that the loop makes; the only part that a test has to replace.
///
/// Every method throws the client's `APIError` for what the API server refuses.
protocol ClusterAccess: Sendable {
    /// Applies an object, forced: the fields that Moorage renders are Moorage's.
    ///
    /// - Returns: the object as the server has it now.
    func apply(_ body: JSONValue, to reference: ObjectReference, fieldManager: String) async throws -> JSONValue

    /// Applies the status of an object.
    ///
    /// - Returns: the object's new resourceVersion.
    func applyStatus(_ body: JSONValue, to reference: ObjectReference) async throws -> String?

    /// Changes an object by a JSON patch (RFC 6902).
    func patch(_ operations: [JSONValue], of reference: ObjectReference) async throws

    /// Deletes the object of this identity, in the background. One that is gone already is no error.
    func delete(_ reference: ObjectReference, uid: String) async throws

    /// The object, or `nil` where there is none.
    func get(_ reference: ObjectReference) async throws -> JSONValue?
}

/// The loop's writes through the client.
struct ClientAccess: ClusterAccess {
    var client: KubernetesClient

    private static let options = ApplyOptions(fieldManager: Moorage.fieldManager, force: true)

    func apply(_ body: JSONValue, to reference: ObjectReference, fieldManager: String) async throws -> JSONValue {
        let options = ApplyOptions(fieldManager: fieldManager, force: true)
        return try await client.apply(reference.type, body, options: options).object
    }

    func applyStatus(_ body: JSONValue, to reference: ObjectReference) async throws -> String? {
        try await client.applyStatus(reference.type, body, options: Self.options)[path: ["metadata", "resourceVersion"]
        ]?
        .stringValue
    }

    func patch(_ operations: [JSONValue], of reference: ObjectReference) async throws {
        _ = try await client.patch(
            reference.type,
            name: reference.name,
            namespace: reference.namespace,
            .json(operations),
            options: WriteOptions(fieldManager: Moorage.fieldManager)
        )
    }

    func delete(_ reference: ObjectReference, uid: String) async throws {
        do {
            try await client.delete(
                reference.type,
                name: reference.name,
                namespace: reference.namespace,
                options: DeleteOptions(
                    preconditions: DeleteOptions.Preconditions(uid: uid),
                    propagationPolicy: .background
                )
            )
        } catch let error as APIError where error.isNotFound || error.isConflict {
            // Gone already, or another object has the name by now: either way ours is not there.
        }
    }

    func get(_ reference: ObjectReference) async throws -> JSONValue? {
        do {
            return try await client.get(reference.type, name: reference.name, namespace: reference.namespace)
        } catch let error as APIError where error.isNotFound {
            return nil
        }
    }
}
