internal import HTTPTypes
internal import Logging
public import KubernetesAPI

/// The verbs for any kind, identified by its `ResourceType`. The typed verbs are based on these.
extension KubernetesClient {
    /// Gets one object, or a subresource of it, and decodes it with `decode`.
    public func get<Object: Sendable>(
        _ type: ResourceType,
        name: String,
        namespace: String? = nil,
        subresource: String? = nil,
        decode: ObjectDecoder<Object>
    ) async throws -> Object {
        let path = try RequestBuilding.path(type, namespace: namespace, name: name, subresource: subresource)
        return try read(try await data(APIRequest(path: path, headers: RequestBuilding.headers())).body, path, decode)
    }

    /// Gets one object.
    public func get(_ type: ResourceType, name: String, namespace: String? = nil) async throws -> JSONValue {
        try await get(type, name: name, namespace: namespace, decode: { try JSONValue(parsing: $0) })
    }

    /// Gets only the metadata of one object.
    public func getMetadata(
        _ type: ResourceType,
        name: String,
        namespace: String? = nil
    ) async throws -> PartialObjectMetadata {
        let path = try RequestBuilding.path(type, namespace: namespace, name: name)
        let headers = RequestBuilding.headers(accept: RequestBuilding.partialObject)
        return try read(try await data(APIRequest(path: path, headers: headers)).body, path) {
            try KubernetesJSON.decode(PartialObjectMetadata.self, from: $0)
        }
    }

    /// Lists one page, and decodes each item with `decode`. Items that cannot be decoded are in `failures`, and reported.
    ///
    /// - Parameters:
    ///   - namespace: `nil` for all namespaces.
    ///   - metadataOnly: whether to request only the objects' metadata.
    public func list<Object: Sendable>(
        _ type: ResourceType,
        namespace: String? = nil,
        options: ListOptions = ListOptions(),
        metadataOnly: Bool = false,
        decode: ObjectDecoder<Object>
    ) async throws -> ObjectList<Object> {
        let path = try RequestBuilding.collectionPath(type, namespace: namespace)
        let headers = RequestBuilding.headers(
            accept: metadataOnly ? RequestBuilding.partialList : RequestBuilding.json
        )
        let body = try await data(APIRequest(path: path, query: options.query, headers: headers)).body
        let list = try ListScanner.scan(body, type: type, decode: decode)
        list.failures.forEach(report)
        return list
    }

    /// Lists all pages. If the list expires between two pages (410), everything is listed again without pages, as
    /// client-go's pager does.
    ///
    /// - Parameter options: `limit` is the size of a page, 500 by default.
    public func listAll<Object: Sendable>(
        _ type: ResourceType,
        namespace: String? = nil,
        options: ListOptions = ListOptions(),
        metadataOnly: Bool = false,
        decode: ObjectDecoder<Object>
    ) async throws -> ObjectList<Object> {
        var options = options
        if options.limit == nil { options.limit = 500 }
        var whole = ObjectList<Object>()
        while true {
            let page: ObjectList<Object>
            do {
                page = try await list(
                    type,
                    namespace: namespace,
                    options: options,
                    metadataOnly: metadataOnly,
                    decode: decode
                )
            } catch let error as APIError where error.isResourceVersionTooOld && options.continue != nil {
                options.continue = nil
                options.limit = nil
                whole = ObjectList()
                continue
            }
            whole.items += page.items
            whole.failures += page.failures
            whole.metadata = page.metadata
            guard let next = page.nextPage else { return whole }
            options.continue = next
            // The token contains the version; the server rejects requests that have both.
            options.resourceVersion = nil
            options.resourceVersionMatch = nil
        }
    }

    /// Lists one page.
    public func list(
        _ type: ResourceType,
        namespace: String? = nil,
        options: ListOptions = ListOptions()
    ) async throws -> ObjectList<JSONValue> {
        try await list(type, namespace: namespace, options: options, decode: { try JSONValue(parsing: $0) })
    }

    /// Lists the metadata of all objects, page by page.
    public func listMetadata(
        _ type: ResourceType,
        namespace: String? = nil,
        options: ListOptions = ListOptions()
    ) async throws -> ObjectList<PartialObjectMetadata> {
        try await listAll(type, namespace: namespace, options: options, metadataOnly: true) {
            try KubernetesJSON.decode(PartialObjectMetadata.self, from: $0)
        }
    }

    /// Starts a watch, and decodes each object with `decode`.
    ///
    /// - Parameter unreadable: is called for an object that `decode` throws for, in order with the events.
    /// - Returns: the events, once the server has accepted the watch.
    /// - Throws: `APIError` if the server rejects it, most often with 410 for a resourceVersion that is too old.
    public func watch<Object: Sendable>(
        _ type: ResourceType,
        namespace: String? = nil,
        options: WatchOptions = WatchOptions(),
        metadataOnly: Bool = false,
        unreadable: @escaping @Sendable (DecodeFailure) -> Void = { _ in },
        decode: @escaping ObjectDecoder<Object>
    ) async throws -> WatchSequence<Object> {
        let request = APIRequest(
            path: try RequestBuilding.collectionPath(type, namespace: namespace),
            query: options.query,
            headers: RequestBuilding.headers(
                accept: metadataOnly ? RequestBuilding.partialObject : RequestBuilding.json
            ),
            purpose: .watch
        )
        let response = try await execute(request)
        let client = self
        return WatchSequence(
            body: response.body,
            parser: WatchEventParser(type: type, decode: decode),
            maximumEventBytes: maximumEventBytes
        ) { report in
            switch report {
            case .undecodable(let failure):
                client.report(failure)
                unreadable(failure)
            case .unknownType(let name):
                client.logger.warning("skipped a watch event of an unknown type", metadata: ["type": "\(name)"])
            }
        }
    }

    /// Starts a watch.
    public func watch(
        _ type: ResourceType,
        namespace: String? = nil,
        options: WatchOptions = WatchOptions()
    ) async throws -> WatchSequence<JSONValue> {
        try await watch(type, namespace: namespace, options: options, decode: { try JSONValue(parsing: $0) })
    }

    /// Starts a watch of the objects' metadata.
    public func watchMetadata(
        _ type: ResourceType,
        namespace: String? = nil,
        options: WatchOptions = WatchOptions()
    ) async throws -> WatchSequence<PartialObjectMetadata> {
        try await watch(type, namespace: namespace, options: options, metadataOnly: true) {
            try KubernetesJSON.decode(PartialObjectMetadata.self, from: $0)
        }
    }

    /// Creates an object, in the namespace of its metadata.
    public func create(
        _ type: ResourceType,
        _ object: JSONValue,
        options: WriteOptions = WriteOptions()
    ) async throws -> JSONValue {
        try await create(type, object, options: options, decode: { try JSONValue(parsing: $0) })
    }

    /// Creates an object, in the namespace of its metadata, and decodes the answer with `decode`.
    public func create<Object: Sendable>(
        _ type: ResourceType,
        _ object: JSONValue,
        options: WriteOptions = WriteOptions(),
        decode: ObjectDecoder<Object>
    ) async throws -> Object {
        let namespace = object[path: ["metadata", "namespace"]]?.stringValue
        return try await write(
            .post,
            path: try RequestBuilding.collectionPath(type, namespace: namespace),
            query: options.query,
            body: RequestBuilding.body(object, type: type),
            decode: decode
        ).object
    }

    /// Replaces an object, or a subresource of it. If its metadata has a resourceVersion, this fails with a conflict if
    /// the object has changed since.
    public func replace(
        _ type: ResourceType,
        _ object: JSONValue,
        subresource: String? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws -> JSONValue {
        try await write(
            .put,
            path: try path(type, of: object, subresource: subresource),
            query: options.query,
            body: RequestBuilding.body(object, type: type)
        ) { try JSONValue(parsing: $0) }.object
    }

    /// Applies an object by server-side apply. The object must contain only the fields that the manager wants to own:
    /// no resourceVersion, no managedFields, no status.
    public func apply(
        _ type: ResourceType,
        _ object: JSONValue,
        subresource: String? = nil,
        options: ApplyOptions
    ) async throws -> ApplyResult<JSONValue> {
        try await apply(
            type,
            object,
            subresource: subresource,
            options: options,
            decode: { try JSONValue(parsing: $0) }
        )
    }

    /// Applies an object by server-side apply, and decodes the answer with `decode`.
    public func apply<Object: Sendable>(
        _ type: ResourceType,
        _ object: JSONValue,
        subresource: String? = nil,
        options: ApplyOptions,
        decode: ObjectDecoder<Object>
    ) async throws -> ApplyResult<Object> {
        try await write(
            .patch,
            path: try path(type, of: object, subresource: subresource),
            query: options.query,
            body: RequestBuilding.body(object, type: type),
            contentType: RequestBuilding.applyPatch,
            decode: decode
        )
    }

    /// Applies the status of an object, which needs to contain only apiVersion, kind, name and `status`.
    public func applyStatus(
        _ type: ResourceType,
        _ object: JSONValue,
        options: ApplyOptions
    ) async throws -> JSONValue {
        try await apply(type, object, subresource: "status", options: options).object
    }

    /// Patches an object, or a subresource of it.
    public func patch(
        _ type: ResourceType,
        name: String,
        namespace: String? = nil,
        subresource: String? = nil,
        _ patch: Patch,
        options: WriteOptions = WriteOptions()
    ) async throws -> JSONValue {
        try await write(
            .patch,
            path: try RequestBuilding.path(type, namespace: namespace, name: name, subresource: subresource),
            query: options.query,
            body: patch.body,
            contentType: patch.contentType
        ) { try JSONValue(parsing: $0) }.object
    }

    /// Deletes an object.
    @discardableResult
    public func delete(
        _ type: ResourceType,
        name: String,
        namespace: String? = nil,
        options: DeleteOptions = DeleteOptions()
    ) async throws -> DeleteResult {
        let path = try RequestBuilding.path(type, namespace: namespace, name: name)
        return try await write(.delete, path: path, body: options.body) { bytes in
            if let status = ErrorBody.status(from: bytes) { return DeleteResult.deleted(status) }
            return .pending(try KubernetesJSON.decode(PartialObjectMetadata.self, from: bytes))
        }.object
    }

    /// Deletes all objects of a collection that the selectors of `options` match.
    public func deleteCollection(
        _ type: ResourceType,
        namespace: String? = nil,
        options: ListOptions = ListOptions(),
        delete: DeleteOptions = DeleteOptions()
    ) async throws {
        let path = try RequestBuilding.collectionPath(type, namespace: namespace)
        _ = try await write(.delete, path: path, query: options.query, body: delete.body) { _ in true }
    }

    private func path(_ type: ResourceType, of object: JSONValue, subresource: String?) throws -> String {
        guard let name = object[path: ["metadata", "name"]]?.stringValue else {
            throw ClientError(.invalidRequest, "\(type): the object has no metadata.name")
        }
        let namespace = object[path: ["metadata", "namespace"]]?.stringValue
        return try RequestBuilding.path(type, namespace: namespace, name: name, subresource: subresource)
    }

    func write<Object: Sendable>(
        _ method: HTTPRequest.Method,
        path: String,
        query: [APIRequest.QueryItem] = [],
        body: [UInt8]?,
        contentType: String = RequestBuilding.json,
        decode: ObjectDecoder<Object>
    ) async throws -> ApplyResult<Object> {
        let headers = RequestBuilding.headers(contentType: body == nil ? nil : contentType)
        let request = APIRequest(method: method, path: path, query: query, headers: headers, body: body)
        let answer = try await data(request)
        return ApplyResult(
            object: try read(answer.body, path, decode),
            wasCreated: answer.response.status.code == 201
        )
    }

    private func read<Object>(
        _ bytes: [UInt8],
        _ path: String,
        _ decode: ObjectDecoder<Object>
    ) throws(ClientError) -> Object {
        do {
            return try decode(bytes[...])
        } catch {
            throw ClientError(.undecodable, "the answer for \(path) cannot be decoded", underlying: error)
        }
    }
}
