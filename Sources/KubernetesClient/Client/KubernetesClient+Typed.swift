internal import HTTPTypes
public import KubernetesAPI

/// The verbs for kinds that have a Swift type.
extension KubernetesClient {
    /// Gets one object.
    public func get<Object: KubernetesResource>(
        _ type: Object.Type = Object.self,
        name: String,
        namespace: String? = nil
    ) async throws -> Object {
        try await get(Object.resourceType, name: name, namespace: namespace) {
            try KubernetesJSON.decode(Object.self, from: $0)
        }
    }

    /// Lists one page; `nil` for all namespaces.
    public func list<Object: KubernetesResource>(
        _ type: Object.Type = Object.self,
        namespace: String? = nil,
        options: ListOptions = ListOptions()
    ) async throws -> ObjectList<Object> {
        try await list(Object.resourceType, namespace: namespace, options: options) {
            try KubernetesJSON.decode(Object.self, from: $0)
        }
    }

    /// Lists all objects, page by page; `nil` for all namespaces.
    public func listAll<Object: KubernetesResource>(
        _ type: Object.Type = Object.self,
        namespace: String? = nil,
        options: ListOptions = ListOptions()
    ) async throws -> ObjectList<Object> {
        try await listAll(Object.resourceType, namespace: namespace, options: options) {
            try KubernetesJSON.decode(Object.self, from: $0)
        }
    }

    /// Starts a watch; `nil` for all namespaces.
    public func watch<Object: KubernetesResource>(
        _ type: Object.Type = Object.self,
        namespace: String? = nil,
        options: WatchOptions = WatchOptions()
    ) async throws -> WatchSequence<Object> {
        try await watch(Object.resourceType, namespace: namespace, options: options) {
            try KubernetesJSON.decode(Object.self, from: $0)
        }
    }

    /// Creates an object, in the namespace of its metadata.
    public func create<Object: KubernetesResource>(
        _ object: Object,
        options: WriteOptions = WriteOptions()
    ) async throws -> Object {
        let path = try RequestBuilding.collectionPath(Object.resourceType, namespace: object.metadata.namespace)
        return try await write(.post, path: path, query: options.query, body: try RequestBuilding.body(object)) {
            try KubernetesJSON.decode(Object.self, from: $0)
        }.object
    }

    /// Replaces an object. If its metadata has a resourceVersion, this fails with a conflict if the object has changed
    /// since.
    public func replace<Object: KubernetesResource>(
        _ object: Object,
        subresource: String? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws -> Object {
        let path = try path(of: object, subresource: subresource)
        return try await write(.put, path: path, query: options.query, body: try RequestBuilding.body(object)) {
            try KubernetesJSON.decode(Object.self, from: $0)
        }.object
    }

    /// Applies an object by server-side apply. The object must contain only the fields that the manager wants to own:
    /// no resourceVersion, no status.
    public func apply<Object: KubernetesResource>(
        _ object: Object,
        subresource: String? = nil,
        options: ApplyOptions
    ) async throws -> ApplyResult<Object> {
        try await write(
            .patch,
            path: try path(of: object, subresource: subresource),
            query: options.query,
            body: try RequestBuilding.body(object),
            contentType: RequestBuilding.applyPatch
        ) { try KubernetesJSON.decode(Object.self, from: $0) }
    }

    /// Applies the status of an object, which needs to contain only its name, its namespace and its status.
    public func applyStatus<Object: KubernetesResource>(
        _ object: Object,
        options: ApplyOptions
    ) async throws -> Object {
        try await apply(object, subresource: "status", options: options).object
    }

    /// Patches an object, or a subresource of it.
    public func patch<Object: KubernetesResource>(
        _ type: Object.Type = Object.self,
        name: String,
        namespace: String? = nil,
        subresource: String? = nil,
        _ patch: Patch,
        options: WriteOptions = WriteOptions()
    ) async throws -> Object {
        let type = Object.resourceType
        return try await write(
            .patch,
            path: try RequestBuilding.path(type, namespace: namespace, name: name, subresource: subresource),
            query: options.query,
            body: patch.body,
            contentType: patch.contentType
        ) { try KubernetesJSON.decode(Object.self, from: $0) }.object
    }

    /// Deletes an object.
    @discardableResult
    public func delete<Object: KubernetesResource>(
        _ type: Object.Type,
        name: String,
        namespace: String? = nil,
        options: DeleteOptions = DeleteOptions()
    ) async throws -> DeleteResult {
        try await delete(Object.resourceType, name: name, namespace: namespace, options: options)
    }

    private func path<Object: KubernetesResource>(of object: Object, subresource: String?) throws -> String {
        guard let name = object.metadata.name else {
            throw ClientError(.invalidRequest, "\(Object.resourceType): the object has no metadata.name")
        }
        return try RequestBuilding.path(
            Object.resourceType,
            namespace: object.metadata.namespace,
            name: name,
            subresource: subresource
        )
    }
}
