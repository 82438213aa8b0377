import KubernetesAPI

extension ClusterState {
    private struct Options {
        var propagation: String?
        var grace: Int64?
        var uid: String?
        var resourceVersion: String?
        var isDryRun = false
    }

    private func options(_ request: SandboxRequest) throws(APIFailure) -> Options {
        var options = Options()
        options.propagation = request.query["propagationPolicy"]
        options.grace = request.query["gracePeriodSeconds"].flatMap(Int64.init)
        options.isDryRun = request.isDryRun
        guard !request.body.isEmpty else { return options }
        let body = try ClusterState.parse(request)
        if let value = body["propagationPolicy"]?.stringValue { options.propagation = value }
        if let value = body["gracePeriodSeconds"]?.integerValue { options.grace = value }
        if body["orphanDependents"]?.boolValue == true { options.propagation = "Orphan" }
        options.uid = body["preconditions"]?["uid"]?.stringValue
        options.resourceVersion = body["preconditions"]?["resourceVersion"]?.stringValue
        if body["dryRun"]?.arrayValue?.contains("All") == true { options.isDryRun = true }
        return options
    }

    mutating func delete(
        _ request: SandboxRequest,
        _ resource: ResourceDefinition,
        key: ObjectKey,
        form: ResponseForm
    ) throws(APIFailure) -> SandboxReply {
        let options = try options(request)
        guard let object = storage[key] else { throw .notFound(resource, key.name) }
        func mismatch(_ what: String, _ given: String, _ found: String, _ end: String) -> APIFailure {
            APIFailure(
                409,
                "Conflict",
                "Operation cannot be fulfilled on \(resource.type.groupKind) \"\(key.name)\": the \(what) in the precondition "
                    + "(\(given)) does not match the \(what) in record (\(found)). The object might have been \(end)",
                details: .init(name: key.name, group: resource.groupOrNil, kind: resource.type.kind)
            )
        }
        if let uid = options.uid, uid != object.uid {
            throw mismatch("UID", uid, object.uid, "deleted and then recreated")
        }
        if let version = options.resourceVersion, version != String(object.revision) {
            throw mismatch("ResourceVersion", version, String(object.revision), "modified")
        }
        try admitDeletion(of: object, resource, request)
        let rest =
            options.isDryRun
            ? JSONValue?.none : remove(object, resource, propagation: options.propagation, grace: options.grace)
        if let rest, rest.isBeingDeleted || resource.type.kind == "Pod" {
            return SandboxReply(render(convert(rest, to: resource), resource, form: form))
        }
        return SandboxReply([
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
            "details": .object(
                [
                    "name": .string(key.name), "kind": .string(resource.plural), "uid": .string(object.uid),
                ].merging(resource.groupOrNil.map { ["group": .string($0)] } ?? [:]) { first, _ in first }
            ),
        ])
    }

    /// Requests the deletion of an object. Returns the object if it still exists.
    @discardableResult
    mutating func remove(
        _ object: StoredObject,
        _ resource: ResourceDefinition,
        propagation: String? = nil,
        grace: Int64? = nil
    ) -> JSONValue? {
        var value = object.value
        var finalizers = value.finalizers
        switch propagation {
        case "Foreground" where !finalizers.contains("foregroundDeletion"): finalizers.append("foregroundDeletion")
        case "Orphan" where !finalizers.contains("orphan"): finalizers.append("orphan")
        default: break
        }
        if resource.type.kind == "CustomResourceDefinition",
            !finalizers.contains("customresourcecleanup.apiextensions.k8s.io"),
            !storage.objects(customKey(value)).isEmpty
        {
            finalizers.append("customresourcecleanup.apiextensions.k8s.io")
        }
        var graceful: Int64 = 0
        if resource.type.kind == "Pod", value[path: ["spec", "nodeName"]] != nil {
            graceful = grace ?? value[path: ["spec", "terminationGracePeriodSeconds"]]?.integerValue ?? 30
        }
        let keepsNamespace =
            resource.type.kind == "Namespace"
            && value[path: ["spec", "finalizers"]]?.arrayValue?.isEmpty == false
        if finalizers.isEmpty, graceful == 0, !keepsNamespace {
            erase(object.key)
            return value
        }
        if value.metadata["deletionTimestamp"] == nil {
            let moment = Timestamp(secondsSinceEpoch: now.secondsSinceEpoch + graceful)
            value[path: ["metadata", "deletionTimestamp"]] = .string(moment.description)
            if !keepsNamespace { value[path: ["metadata", "deletionGracePeriodSeconds"]] = .integer(graceful) }
            if hasGeneration(resource) {
                value[path: ["metadata", "generation"]] = .integer(
                    (value.metadata["generation"]?.integerValue ?? 0) + 1
                )
            }
            if keepsNamespace { value[path: ["status", "phase"]] = "Terminating" }
        }
        if !finalizers.isEmpty { value[path: ["metadata", "finalizers"]] = .array(finalizers.map { .string($0) }) }
        return store(value, at: object.key)?.value
    }

    mutating func deleteCollection(
        _ request: SandboxRequest,
        _ resource: ResourceDefinition,
        namespace: String?
    ) throws(APIFailure) -> SandboxReply {
        let options = try options(request)
        var selector = ObjectSelector(namespace: namespace)
        if let text = request.query["labelSelector"] { selector.labels = try ObjectSelector.parseLabels(text) }
        if let text = request.query["fieldSelector"] {
            selector.fields = try ObjectSelector.parseFields(text, of: resource)
        }
        let doomed = ClusterState.sorted(storage.objects(resource.key, namespace: namespace).filter(selector.matches))
        for object in doomed { try admitDeletion(of: object, resource, request) }
        if !options.isDryRun {
            for object in doomed { remove(object, resource, propagation: options.propagation, grace: options.grace) }
        }
        return SandboxReply([
            "kind": .string(resource.listKind), "apiVersion": .string(resource.type.apiVersion),
            "metadata": ["resourceVersion": .string(String(storage.revision))],
            "items": .array(doomed.map { item(convert($0.value, to: resource), resource) }),
        ])
    }
}
