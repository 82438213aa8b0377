import KubernetesAPI

extension ClusterState {
    private func selector(
        _ request: SandboxRequest,
        _ resource: ResourceDefinition,
        namespace: String?
    ) throws(APIFailure) -> ObjectSelector {
        var selector = ObjectSelector(namespace: namespace)
        if let text = request.query["labelSelector"] { selector.labels = try ObjectSelector.parseLabels(text) }
        if let text = request.query["fieldSelector"] {
            selector.fields = try ObjectSelector.parseFields(text, of: resource)
        }
        return selector
    }

    private func futureRevision(_ revision: Int64) -> APIFailure {
        APIFailure(
            504,
            "Timeout",
            "Too large resource version: \(revision), current: \(storage.revision)",
            details: .init(
                causes: [.init(reason: "ResourceVersionTooLarge", message: "Too large resource version")],
                retryAfterSeconds: 1
            ),
            retryAfter: 1
        )
    }

    private func requestedRevision(_ request: SandboxRequest) throws(APIFailure) -> Int64? {
        guard let text = request.query["resourceVersion"], !text.isEmpty else { return nil }
        guard let revision = Int64(text), revision >= 0 else {
            throw APIFailure(
                400,
                "BadRequest",
                "resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid syntax"
            )
        }
        return revision
    }

    static func sorted(_ objects: [StoredObject]) -> [StoredObject] {
        objects.sorted { ($0.key.namespace, $0.key.name) < ($1.key.namespace, $1.key.name) }
    }

    /// In a continue token: the rest of the list is read in its current state.
    private static let inconsistentRevision: Int64 = -1

    func list(
        _ request: SandboxRequest,
        _ resource: ResourceDefinition,
        namespace: String?,
        form: ResponseForm
    ) throws(APIFailure) -> SandboxReply {
        let selector = try selector(request, resource, namespace: namespace)
        var revision = storage.revision
        var start: (namespace: String, name: String)?
        if let token = request.query["continue"], !token.isEmpty {
            let parts = token.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, let old = Int64(parts[0]) else {
                throw .badRequest("continue key is not valid: illegal base64 data")
            }
            if old != ClusterState.inconsistentRevision {
                guard old >= storage.floor(resource.key) else {
                    throw .expiredContinue(token: "\(ClusterState.inconsistentRevision):\(parts[1]):\(parts[2])")
                }
                revision = old
            }
            start = (parts[1], parts[2])
        } else if let asked = try requestedRevision(request) {
            if asked > revision { throw futureRevision(asked) }
            if request.query["resourceVersionMatch"] == "Exact" {
                guard asked >= storage.floor(resource.key) else {
                    throw .expired("The resourceVersion for the provided list is too old.")
                }
                revision = asked
            }
        }
        guard let all = storage.snapshot(resource.key, namespace: namespace, at: revision) else {
            throw .expired("The resourceVersion for the provided list is too old.")
        }
        var matching = ClusterState.sorted(all.filter(selector.matches))
        if let start {
            matching = Array(matching.drop { ($0.key.namespace, $0.key.name) <= start })
        }
        var metadata: JSONValue = ["resourceVersion": .string(String(revision))]
        if let limit = request.query["limit"].flatMap(Int.init), limit > 0, matching.count > limit {
            let last = matching[limit - 1].key
            metadata["continue"] = .string("\(revision):\(last.namespace):\(last.name)")
            if selector.labels.isEmpty, selector.fields.isEmpty {
                metadata["remainingItemCount"] = .integer(Int64(matching.count - limit))
            }
            matching = Array(matching.prefix(limit))
        }
        switch form {
        case .table(let includeObject):
            var result = table(
                matching.map { convert($0.value, to: resource) },
                resource,
                revision: nil,
                includeObject: includeObject
            )
            result["metadata"] = metadata
            return SandboxReply(result)
        case .partialMetadata:
            return SandboxReply([
                "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
                "items": .array(matching.map { partial($0.value) }),
            ])
        case .full:
            var bytes = Array("{\"kind\":\"\(resource.listKind)\",\"apiVersion\":\"\(resource.type.apiVersion)\",".utf8)
            bytes.append(contentsOf: "\"metadata\":".utf8)
            bytes.append(contentsOf: metadata.serialized())
            bytes.append(contentsOf: ",\"items\":[".utf8)
            for (index, object) in matching.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                if object.value["apiVersion"]?.stringValue == resource.type.apiVersion {
                    if resource.isCustom {
                        bytes.append(contentsOf: object.bytes)
                    } else {
                        object.appendItem(to: &bytes)
                    }
                } else {
                    bytes.append(contentsOf: item(convert(object.value, to: resource), resource).serialized())
                }
            }
            bytes.append(contentsOf: "]}".utf8)
            return SandboxReply(bytes: bytes)
        }
    }

    /// An object as an item of a list: built-in kinds omit `kind` and `apiVersion` there.
    func item(_ value: JSONValue, _ resource: ResourceDefinition) -> JSONValue {
        guard !resource.isCustom else { return value }
        var value = value
        value["kind"] = nil
        value["apiVersion"] = nil
        return value
    }

    mutating func watch(
        _ request: SandboxRequest,
        _ resource: ResourceDefinition,
        target: SandboxRequest.Target,
        form: ResponseForm
    ) throws(APIFailure) -> SandboxReply {
        var selector = try selector(request, resource, namespace: target.namespace)
        if let name = target.name { selector.fields.append((["metadata", "name"], name, true)) }
        let asked = try requestedRevision(request)
        let sendsInitial = request.flag("sendInitialEvents")
        if request.query["sendInitialEvents"] != nil, request.query["resourceVersionMatch"] != "NotOlderThan" {
            throw APIFailure(
                422,
                "Invalid",
                "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires "
                    + "setting resourceVersionMatch to NotOlderThan"
            )
        }
        if let asked, asked > storage.revision { throw futureRevision(asked) }
        var initial: [StoredObject] = []
        var backlog: [Change] = []
        if sendsInitial || asked == nil || asked == 0 {
            initial = ClusterState.sorted(
                storage.objects(resource.key, namespace: target.namespace).filter(selector.matches)
            )
            if request.query["sendInitialEvents"] == "false" { initial = [] }
        } else if let asked {
            guard let changes = storage.changes(resource.key, after: asked) else {
                throw .expired("too old resource version: \(asked) (\(storage.floor(resource.key)))")
            }
            backlog = changes
        }
        let (stream, continuation) = AsyncStream<WatchSignal>.makeStream()
        let id = nextWatcher
        nextWatcher += 1
        watchers[resource.key, default: [:]][id] = Watcher(namespace: target.namespace, continuation: continuation)
        let bookmarks = request.flag("allowWatchBookmarks")
        return SandboxReply(
            watch: WatchPlan(
                resource: resource,
                selector: selector,
                backlog: backlog,
                initial: initial,
                initialEventsEnd: sendsInitial && bookmarks ? storage.revision : nil,
                sendsBookmarks: bookmarks,
                timeoutSeconds: request.query["timeoutSeconds"].flatMap(Int.init),
                form: form,
                id: id,
                signals: stream,
                revision: storage.revision,
                bookmarkInterval: configuration.bookmarkInterval
            )
        )
    }

    /// The bytes of one event, or `nil` if the watch does not select the object.
    func event(_ change: Change, _ plan: WatchPlan) -> [UInt8]? {
        let was = change.old.map(plan.selector.matches) ?? false
        let matches = change.new.map(plan.selector.matches) ?? false
        switch (was, matches) {
        case (false, true): return change.new.map { event("ADDED", $0.value, $0.bytes, plan) }
        case (true, true): return change.new.map { event("MODIFIED", $0.value, $0.bytes, plan) }
        case (true, false):
            guard let old = change.old else { return nil }
            // A deleted object has the revision of its deletion.
            var value = change.new?.value ?? old.value
            value[path: ["metadata", "resourceVersion"]] = .string(String(change.revision))
            return event("DELETED", value, nil, plan)
        case (false, false): return nil
        }
    }

    func event(_ type: String, _ value: JSONValue, _ bytes: [UInt8]?, _ plan: WatchPlan) -> [UInt8] {
        var output = Array("{\"type\":\"\(type)\",\"object\":".utf8)
        let isStored = value["apiVersion"]?.stringValue == plan.resource.type.apiVersion
        if plan.form == .full, isStored, let bytes {
            output.append(contentsOf: bytes)
        } else {
            output.append(
                contentsOf: render(convert(value, to: plan.resource), plan.resource, form: plan.form).serialized()
            )
        }
        output.append(contentsOf: "}\n".utf8)
        return output
    }

    func bookmark(_ revision: Int64, _ plan: WatchPlan, endsInitialEvents: Bool = false) -> [UInt8] {
        var metadata: JSONValue = ["resourceVersion": .string(String(revision)), "creationTimestamp": .null]
        if endsInitialEvents { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        let object: JSONValue = [
            "kind": .string(plan.resource.type.kind), "apiVersion": .string(plan.resource.type.apiVersion),
            "metadata": metadata,
        ]
        return Array("{\"type\":\"BOOKMARK\",\"object\":".utf8)
            + (plan.form == .full ? object : plan.form == .partialMetadata ? partial(object) : object).serialized()
            + Array("}\n".utf8)
    }
}
