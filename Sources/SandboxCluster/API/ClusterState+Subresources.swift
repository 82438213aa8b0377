import KubernetesAPI

extension ClusterState {
    private func selectorText(_ value: JSONValue?) -> String {
        if let text = value?.stringValue { return text }
        return (value?["matchLabels"] ?? value ?? .null).stringMap.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }

    func scale(of object: JSONValue, _ resource: ResourceDefinition) throws(APIFailure) -> JSONValue {
        guard let paths = resource.scale else { throw .noSuchPath }
        var status: JSONValue = ["replicas": .integer(object[path: paths.statusReplicas]?.integerValue ?? 0)]
        if let path = paths.selector {
            let text = selectorText(object[path: path])
            if !text.isEmpty { status["selector"] = .string(text) }
        }
        var metadata: JSONValue = [:]
        for name in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            metadata[name] = object.metadata[name]
        }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
            "spec": ["replicas": .integer(object[path: paths.specReplicas]?.integerValue ?? 0)], "status": status,
        ]
    }

    mutating func writeScale(
        _ request: SandboxRequest,
        _ resource: ResourceDefinition,
        key: ObjectKey,
        verb: String
    ) throws(APIFailure) -> SandboxReply {
        guard let paths = resource.scale else { throw .noSuchPath }
        guard let stored = storage[key] else { throw .notFound(resource, key.name) }
        let current = try scale(of: stored.value, resource)
        let wanted: JSONValue
        if verb == "update" {
            wanted = try body(request, resource)
        } else {
            guard let patch = try? JSONValue(parsing: request.body) else {
                throw .badRequest("the patch is not valid JSON")
            }
            wanted =
                request.contentType == "application/json-patch+json"
                ? try Patches.json(patch, to: current) : Patches.merge(patch, into: current)
        }
        if let version = wanted.metadata["resourceVersion"]?.stringValue, !version.isEmpty,
            version != String(stored.revision)
        {
            throw .modified(resource, key.name)
        }
        guard let replicas = wanted[path: ["spec", "replicas"]]?.integerValue, replicas >= 0 else {
            throw .invalid(
                resource,
                key.name,
                [
                    FieldError(
                        .invalid,
                        FieldPath("spec.replicas"),
                        value: wanted[path: ["spec", "replicas"]] ?? 0,
                        detail: "must be greater than or equal to 0"
                    )
                ]
            )
        }
        let admitted = try admitScale(wanted, old: current, resource, key: key, request)
        var object = convert(stored.value, to: resource)
        object[path: paths.specReplicas] = .integer(admitted[path: ["spec", "replicas"]]?.integerValue ?? replicas)
        var managed = ManagedFields(stored.value.metadata["managedFields"])
        let identity = ManagedFields.Identity(
            manager: request.fieldManager,
            isApply: false,
            subresource: "scale",
            apiVersion: resource.type.apiVersion,
            time: now.description
        )
        let result = try finish(
            object,
            stored: stored,
            request,
            resource,
            key: key,
            subresource: nil,
            managed: &managed,
            identity: identity,
            isAdmitted: true
        )
        return SandboxReply(try scale(of: result, resource))
    }

    mutating func createSubresource(
        _ request: SandboxRequest,
        _ resource: ResourceDefinition,
        key: ObjectKey,
        subresource: String
    ) throws(APIFailure) -> SandboxReply {
        guard let stored = storage[key] else { throw .notFound(resource, key.name) }
        try admitCreation(of: subresource, resource, key: key, request)
        switch (resource.plural, subresource) {
        case ("pods", "eviction"):
            try admitEviction(of: stored)
            if !request.isDryRun {
                remove(stored, resource)
                // The next eviction must take it into account immediately.
                recountBudgets(of: stored)
            }
            return SandboxReply(
                code: 201,
                ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success"]
            )
        case ("pods", "binding"):
            var value = stored.value
            value[path: ["spec", "nodeName"]] = try body(request, resource)[path: ["target", "name"]]
            store(value, at: key)
            return SandboxReply(
                code: 201,
                ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success"]
            )
        case ("serviceaccounts", "token"): return try requestToken(request, resource, account: stored)
        default: throw missingSubresource(subresource)
        }
    }
}
