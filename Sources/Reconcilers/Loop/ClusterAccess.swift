internal import CRDModels
internal import KubernetesAPI
internal import KubernetesClient

/// The writes, and the few reads by name, of the loop. Tests replace it.
///
/// Every method throws the client's `APIError` if the API server refuses the request.
protocol ClusterAccess: Sendable {
    /// Creates an object. Moorage's fields then belong to an entry of `metadata.managedFields` with the operation Update.
    ///
    /// - Returns: what `decode` makes of the object as the server now has it.
    func create<Object: Sendable>(
        _ body: JSONValue,
        at reference: ObjectReference,
        decode: @escaping ObjectDecoder<Object>
    ) async throws -> Object

    /// Applies an object with force: Moorage owns the fields that it renders.
    ///
    /// - Returns: what `decode` makes of the object as the server now has it.
    func apply<Object: Sendable>(
        _ body: JSONValue,
        to reference: ObjectReference,
        fieldManager: String,
        decode: @escaping ObjectDecoder<Object>
    ) async throws -> Object

    /// Applies the status of an object.
    ///
    /// - Returns: the object's new resourceVersion.
    func applyStatus(_ body: JSONValue, to reference: ObjectReference) async throws -> String?

    /// Changes an object by a JSON patch (RFC 6902).
    func patch(_ operations: [JSONValue], of reference: ObjectReference) async throws

    /// Deletes the object with this UID, in the background. It is not an error if the object no longer exists.
    func delete(_ reference: ObjectReference, uid: String) async throws

    /// Lists a collection in pages, and decodes each object as its page arrives. Objects that cannot be decoded are left out.
    ///
    /// - Parameter namespace: `nil` for all namespaces.
    func list<Object: Sendable>(
        _ type: ResourceType,
        namespace: String?,
        labelSelector: String,
        pageSize: Int,
        decode: @escaping ObjectDecoder<Object>
    ) async throws -> [Object]

    /// The object, or `nil` if it does not exist.
    func get(_ reference: ObjectReference) async throws -> JSONValue?
}

/// The loop's writes through the client.
struct ClientAccess: ClusterAccess {
    var client: KubernetesClient

    private static let options = ApplyOptions(fieldManager: Moorage.fieldManager, force: true)

    /// Strict, as apply is: a field that the API server does not know is an error, and is not dropped.
    private static let creation = WriteOptions(fieldManager: Moorage.fieldManager, fieldValidation: .strict)

    func create<Object: Sendable>(
        _ body: JSONValue,
        at reference: ObjectReference,
        decode: @escaping ObjectDecoder<Object>
    ) async throws -> Object {
        try await client.create(reference.type, body, options: Self.creation, decode: decode)
    }

    func apply<Object: Sendable>(
        _ body: JSONValue,
        to reference: ObjectReference,
        fieldManager: String,
        decode: @escaping ObjectDecoder<Object>
    ) async throws -> Object {
        let options = ApplyOptions(fieldManager: fieldManager, force: true)
        return try await client.apply(reference.type, body, options: options, decode: decode).object
    }

    func applyStatus(_ body: JSONValue, to reference: ObjectReference) async throws -> String? {
        try await client.apply(reference.type, body, subresource: "status", options: Self.options) {
            JSONScan.metadataString("resourceVersion", of: $0)
        }.object
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
            // It was already deleted, or another object now has the name.
        }
    }

    func list<Object: Sendable>(
        _ type: ResourceType,
        namespace: String?,
        labelSelector: String,
        pageSize: Int,
        decode: @escaping ObjectDecoder<Object>
    ) async throws -> [Object] {
        let options = ListOptions(labelSelector: labelSelector, limit: pageSize)
        return try await client.listAll(type, namespace: namespace, options: options, decode: decode).items
    }

    func get(_ reference: ObjectReference) async throws -> JSONValue? {
        do {
            return try await client.get(reference.type, name: reference.name, namespace: reference.namespace)
        } catch let error as APIError where error.isNotFound {
            return nil
        }
    }
}
