import KubernetesAPI

extension ClusterState {
    /// The paths that a write to the main resource, or to its status, does not change.
    func resets(_ resource: ResourceDefinition, subresource: String?) -> [[String]] {
        if subresource == "status" {
            var paths = [["spec"]]
            if resource.isCustom { paths.append(["metadata"]) }
            return paths
        }
        return resource.hasStatus ? [["status"]] : []
    }

    private func identity(_ request: SandboxRequest, _ resource: ResourceDefinition, subresource: String?)
        -> ManagedFields.Identity
    {
        ManagedFields.Identity(
            manager: request.fieldManager,
            isApply: request.contentType.hasPrefix("application/apply-patch"),
            subresource: subresource,
            apiVersion: resource.type.apiVersion,
            time: now.description
        )
    }

    /// Creates an object.
    ///
    /// - Parameter byUpdate: whether the request was an update or an apply, which also requires the permission to
    ///   create.
    mutating func create(
        _ input: JSONValue,
        _ request: SandboxRequest,
        _ resource: ResourceDefinition,
        namespace: String?,
        managed: ManagedFields? = nil,
        byUpdate: Bool = false
    ) throws(APIFailure) -> JSONValue {
        var object = input
        try checkIdentity(object, resource, namespace: namespace, name: nil)
        object["apiVersion"] = .string(resource.type.apiVersion)
        object["kind"] = .string(resource.type.kind)
        if !resource.isCustom { try checkMetadataTypes(object, resource) }
        var metadata = object.metadata
        if resource.type.isNamespaced {
            guard let namespace else { throw .methodNotAllowed() }
            metadata["namespace"] = .string(namespace)
        } else {
            metadata["namespace"] = nil
        }
        if (metadata["name"]?.stringValue ?? "").isEmpty {
            guard let prefix = metadata["generateName"]?.stringValue, !prefix.isEmpty else {
                throw .invalid(
                    resource,
                    "",
                    [FieldError(.required, FieldPath("metadata.name"), detail: "name or generateName is required")]
                )
            }
            metadata["name"] = .string(generateName(prefix, resource, namespace: namespace))
        }
        // An apply that creates an object ignores the version, which only matters if the object exists.
        if managed == nil, let version = metadata["resourceVersion"]?.stringValue, !version.isEmpty {
            throw .badRequest("resourceVersion should not be set on objects to be created")
        }
        for name in ["resourceVersion", "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"]
        {
            metadata[name] = nil
        }
        metadata["uid"] = .string(newUID())
        metadata["creationTimestamp"] = .string(now.description)
        metadata["generation"] = hasGeneration(resource) ? 1 : nil
        object["metadata"] = metadata
        if resource.hasStatus {
            object["status"] = nil
            // A real API server applies defaults again when it reads the object from storage.
            resource.schema?.applyDefaults(to: &object)
        }
        let key = ObjectKey(
            resource: resource.key,
            namespace: resource.type.isNamespaced ? namespace ?? "" : "",
            name: object.objectName
        )
        try decode(&object, request, resource, reportsUnknown: managed == nil)
        try admitGrants(object, old: nil, resource, name: byUpdate ? key.name : "")
        if resource.type.isNamespaced { try admitNamespace(key.namespace, resource, name: key.name) }
        try mutate(&object, resource, isNew: true)
        var attempt = AdmissionAttempt(
            .create,
            resource,
            object: object,
            old: nil,
            key: key,
            user: requester,
            request: request
        )
        object = try mutateByPolicies(attempt) ?? object
        attempt.object = object
        try check(object, old: nil, resource)
        if byUpdate, configuration.enforcesRBAC, let requester {
            let access = AccessRequest(
                verb: "create",
                group: resource.type.group,
                resource: resource.plural,
                namespace: key.namespace,
                name: key.name
            )
            try authorize(access, for: requester)
        }
        try admit(object, old: nil, resource, policies: attempt)
        // The server detects an existing object only when it writes.
        if storage[key] != nil { throw .alreadyExists(resource, key.name) }
        var fields = managed ?? ManagedFields()
        if managed == nil {
            fields.update(
                from: nil,
                to: object,
                as: resource.shape,
                by: identity(request, resource, subresource: nil),
                resets: resets(resource, subresource: nil)
            )
        }
        object[path: ["metadata", "managedFields"]] = fields.json
        EventShapes.complete(&object, resource)
        if request.isDryRun { return object }
        createdName = key.name
        let result = store(EventShapes.stored(object, resource), at: key)?.value ?? object
        if !key.namespace.isEmpty { refreshQuotas(key.namespace) }
        if resource.type.kind == "CustomResourceDefinition" { return establish(result, key: key) }
        return convert(result, to: resource)
    }

    /// The maximum length of a generated name, and the length of its random part (`names.SimpleNameGenerator` of the
    /// API server).
    private static let generatedLength = (total: 63, random: 5)

    /// An unused name that starts with as much of a prefix as possible.
    private mutating func generateName(_ prefix: String, _ resource: ResourceDefinition, namespace: String?) -> String {
        let (total, random) = ClusterState.generatedLength
        let base = String(prefix.prefix(total - random))
        let place = resource.type.isNamespaced ? namespace ?? "" : ""
        var name = base + randomSuffix(random)
        // The API server also gives up after eight attempts.
        for _ in 1..<8 where storage[ObjectKey(resource: resource.key, namespace: place, name: name)] != nil {
            name = base + randomSuffix(random)
        }
        return name
    }

    /// Updates, patches or applies. Returns the object, and whether it was created.
    mutating func write(
        _ request: SandboxRequest,
        _ resource: ResourceDefinition,
        key: ObjectKey,
        verb: String,
        subresource: String?
    ) throws(APIFailure) -> (JSONValue, isNew: Bool) {
        let stored = storage[key]
        let identity = identity(request, resource, subresource: subresource)
        let resets = resets(resource, subresource: subresource)
        var managed = ManagedFields(stored?.value.metadata["managedFields"])
        var live = stored.map { convert($0.value, to: resource) }
        live?[path: ["metadata", "managedFields"]] = nil

        if verb == "apply" {
            guard request.query["fieldManager"]?.isEmpty == false else {
                throw APIFailure(
                    422,
                    "Invalid",
                    "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
                    details: .init(
                        group: "meta.k8s.io",
                        kind: "PatchOptions",
                        causes: [
                            .init(
                                reason: "FieldValueRequired",
                                message: "Required value: is required for apply patch",
                                field: "fieldManager"
                            )
                        ]
                    )
                )
            }
            var configuration = try applyBody(request)
            try checkIdentity(
                configuration,
                resource,
                namespace: key.namespace.isEmpty ? nil : key.namespace,
                name: key.name
            )
            if configuration.metadata["managedFields"]?.isNull == false {
                throw .badRequest("metadata.managedFields must be nil")
            }
            if let version = configuration.metadata["resourceVersion"]?.stringValue, let live,
                version != live.metadata["resourceVersion"]?.stringValue
            {
                throw .modified(resource, key.name)
            }
            if stored == nil, subresource != nil { throw .notFound(resource, key.name) }
            var unknownCheck = configuration
            try reportUnknown(&unknownCheck, request, resource)
            configuration = unknownCheck
            configuration[path: ["metadata", "name"]] = .string(key.name)
            if resource.type.isNamespaced { configuration[path: ["metadata", "namespace"]] = .string(key.namespace) }
            let applied: ManagedFields.Applied
            do {
                var effective = configuration
                for path in resets where path.count == 1 && path != ["metadata"] { effective[path[0]] = nil }
                applied = try managed.apply(
                    effective,
                    to: live,
                    as: resource.shape,
                    by: identity,
                    force: request.flag("force"),
                    resets: resets
                )
            } catch {
                throw error.failure
            }
            if stored == nil {
                return (
                    try create(
                        applied.object,
                        request,
                        resource,
                        namespace: key.namespace.isEmpty ? nil : key.namespace,
                        managed: applied.managedFields,
                        byUpdate: true
                    ), true
                )
            }
            managed = applied.managedFields
            let object = try finish(
                applied.object,
                stored: stored,
                request,
                resource,
                key: key,
                subresource: subresource,
                managed: &managed,
                identity: nil
            )
            return (object, false)
        }

        guard let live else {
            if verb == "update", subresource == nil, createdByUpdate.contains(resource.type.kind), !resource.isCustom {
                return (
                    try create(
                        try body(request, resource),
                        request,
                        resource,
                        namespace: key.namespace,
                        byUpdate: true
                    ), true
                )
            }
            throw .notFound(resource, key.name)
        }
        var object: JSONValue
        if verb == "update" {
            object = try body(request, resource)
            try checkIdentity(object, resource, namespace: key.namespace.isEmpty ? nil : key.namespace, name: key.name)
        } else {
            var whole = live
            whole[path: ["metadata", "managedFields"]] = managed.json
            object = try patched(whole, request, resource)
        }
        // Clients can write managed fields directly, as kubectl does when it migrates an object to server-side apply.
        if let given = object.metadata["managedFields"], given != managed.json, let entries = given.arrayValue {
            managed = ManagedFields(.array(entries.filter { $0["manager"] != nil }))
        }
        if let uid = object.metadata["uid"]?.stringValue, !uid.isEmpty, uid != live.objectUID {
            throw .conflict(
                resource,
                key.name,
                "Precondition failed: UID in precondition: \(uid), UID in object meta: \(live.objectUID)"
            )
        }
        if let version = object.metadata["resourceVersion"]?.stringValue, !version.isEmpty,
            version != live.metadata["resourceVersion"]?.stringValue
        {
            throw .modified(resource, key.name)
        }
        if verb == "update", resource.isCustom, (object.metadata["resourceVersion"]?.stringValue ?? "").isEmpty {
            throw .invalid(
                resource,
                key.name,
                [
                    FieldError(
                        .invalid,
                        FieldPath("metadata.resourceVersion"),
                        value: 0,
                        detail: "must be specified for an update"
                    )
                ]
            )
        }
        return (
            try finish(
                object,
                stored: stored,
                request,
                resource,
                key: key,
                subresource: subresource,
                managed: &managed,
                identity: identity
            ), false
        )
    }

    /// The kinds that an update creates if they do not exist.
    private var createdByUpdate: Set<String> {
        [
            "Lease", "Event", "Service", "Endpoints", "LimitRange", "Role", "RoleBinding", "ClusterRole",
            "ClusterRoleBinding",
        ]
    }

    private func applyBody(_ request: SandboxRequest) throws(APIFailure) -> JSONValue {
        do {
            if request.body.first == UInt8(ascii: "{") { return try JSONValue(parsing: request.body) }
            return try YAML.documents(in: request.body).first?.value ?? .null
        } catch {
            throw .badRequest("error decoding YAML: \(error)")
        }
    }

    private func patched(_ live: JSONValue, _ request: SandboxRequest, _ resource: ResourceDefinition)
        throws(APIFailure)
        -> JSONValue
    {
        let patch: JSONValue
        do {
            patch = try JSONValue(parsing: request.body)
        } catch {
            throw .badRequest("error decoding patch: \(error.message)")
        }
        switch request.contentType {
        case "application/json-patch+json": return try Patches.json(patch, to: live)
        case "application/merge-patch+json": return Patches.merge(patch, into: live)
        case "application/strategic-merge-patch+json" where !resource.isCustom:
            return StrategicMerge.apply(patch, to: live, as: resource.shape) ?? live
        default:
            throw .unsupportedMedia(
                "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
            )
        }
    }
}
