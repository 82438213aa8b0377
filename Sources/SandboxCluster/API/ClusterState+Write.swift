import KubernetesAPI

extension ClusterState {
    /// Which paths a write to the main resource, or to its status, leaves alone.
    private func resets(_ resource: ResourceDefinition, subresource: String?) -> [[String]] {
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

    /// The checks that every object in a body passes first.
    private func checkIdentity(
        _ object: JSONValue,
        _ resource: ResourceDefinition,
        namespace: String?,
        name: String?
    ) throws(APIFailure) {
        let apiVersion = object["apiVersion"]?.stringValue
        let kind = object["kind"]?.stringValue
        if let kind, let apiVersion, kind != resource.type.kind, !resource.isCustom,
            let other = registry.kind(apiVersion, kind), !other.isCustom
        {
            func package(_ type: ResourceType) -> String {
                type.group.isEmpty ? "core" : String(type.group.prefix { $0 != "." })
            }
            throw .badRequest(
                "\(kind) in version \"\(other.type.version)\" cannot be handled as a \(resource.type.kind): converting "
                    + "(\(other.type.version).\(kind)) to (\(package(resource.type)).\(resource.type.kind)): unknown "
                    + "conversion"
            )
        }
        if let kind, let apiVersion, kind != resource.type.kind || apiVersion != resource.type.apiVersion {
            throw .badRequest(
                "\(resource.type.kind) in version \"\(resource.type.version)\" cannot be handled as a "
                    + "\(resource.type.kind): the API version in the data (\(apiVersion)) or kind (\(kind)) does not match "
                    + "the expected (\(resource.type.apiVersion), \(resource.type.kind))"
            )
        }
        if let given = object.metadata["namespace"]?.stringValue, !given.isEmpty, let namespace, given != namespace {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        }
        if let name, let given = object.metadata["name"]?.stringValue, !given.isEmpty, given != name {
            throw .badRequest(
                "the name of the object (\(given)) does not match the name on the URL (\(name))"
            )
        }
    }

    /// Names are read before the rest is decoded, so their types are looked at first.
    private func checkMetadataTypes(_ object: JSONValue, _ resource: ResourceDefinition) throws(APIFailure) {
        func refuse(_ value: JSONValue, _ field: String, _ type: String) -> APIFailure {
            .badRequest(
                "\(resource.type.kind) in version \"\(resource.type.version)\" cannot be handled as a "
                    + "\(resource.type.kind): json: cannot unmarshal \(BuiltInDecoding.goName(value)) into Go struct field "
                    + "\(field) of type \(type)"
            )
        }
        guard let metadata = object["metadata"], !metadata.isNull else { return }
        guard metadata.objectValue != nil else {
            throw refuse(metadata, "\(resource.type.kind).metadata", "v1.ObjectMeta")
        }
        for name in ["name", "namespace", "generateName"] {
            guard let value = metadata[name], !value.isNull, value.stringValue == nil else { continue }
            throw refuse(value, "ObjectMeta.metadata.\(name)", "string")
        }
    }

    /// Unknown fields by `fieldValidation`, then defaults.
    private mutating func decode(
        _ object: inout JSONValue,
        _ request: SandboxRequest,
        _ resource: ResourceDefinition,
        reportsUnknown: Bool = true
    ) throws(APIFailure) {
        var unknown: [String] = []
        if resource.isCustom {
            if let schema = resource.schema { unknown = schema.prune(&object).map { "unknown field \"\($0)\"" } }
        } else {
            var problems: [String] = []
            unknown = BuiltInDecoding.prune(&object, as: resource.shape, problems: &problems).map {
                "unknown field \"\($0)\""
            }
            if let problem = problems.first {
                throw .badRequest(
                    "\(resource.type.kind) in version \"\(resource.type.version)\" cannot be handled as a "
                        + "\(resource.type.kind): \(problem)"
                )
            }
        }
        if !unknown.isEmpty, reportsUnknown {
            switch request.query["fieldValidation"] ?? "Warn" {
            case "Strict":
                throw .badRequest("strict decoding error: \(unknown.joined(separator: ", "))")
            case "Ignore": break
            default: warnings.append(contentsOf: unknown)
            }
        }
        if resource.isCustom {
            resource.schema?.applyDefaults(to: &object)
        } else {
            Defaults.apply(to: &object, kind: resource.type.kind)
        }
    }

    private mutating func check(
        _ object: JSONValue,
        old: JSONValue?,
        _ resource: ResourceDefinition,
        subresource: String? = nil
    ) throws(APIFailure) {
        var errors = Validation.metadata(object, old: old, isCustom: resource.isCustom)
        if let schema = resource.schema {
            errors += schema.validate(object, old: old)
        } else if subresource == nil {
            errors += Validation.builtIn(object, old: old, kind: resource.type.kind)
            if resource.type.kind == "Event" { errors += EventShapes.errors(object, old: old, resource) }
        }
        if !errors.isEmpty { throw .invalid(resource, object.objectName, errors) }
    }

    /// Creates an object.
    mutating func create(
        _ input: JSONValue,
        _ request: SandboxRequest,
        _ resource: ResourceDefinition,
        namespace: String?,
        managed: ManagedFields? = nil
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
            metadata["name"] = .string(prefix + randomSuffix())
        }
        // An apply that creates drops the version; it counts only against an object that is there.
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
            // A real API server fills defaults in again when it reads the object back from where it is stored.
            resource.schema?.applyDefaults(to: &object)
        }
        let key = ObjectKey(
            resource: resource.key,
            namespace: resource.type.isNamespaced ? namespace ?? "" : "",
            name: object.objectName
        )
        try decode(&object, request, resource, reportsUnknown: managed == nil)
        if resource.type.isNamespaced { try admitNamespace(key.namespace, resource, name: key.name) }
        try mutate(&object, resource, isNew: true)
        try check(object, old: nil, resource)
        try admit(object, old: nil, resource)
        // Only where it would be written does the server see that it is there.
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
        let result = store(EventShapes.stored(object, resource), at: key)?.value ?? object
        if !key.namespace.isEmpty { refreshQuotas(key.namespace) }
        if resource.type.kind == "CustomResourceDefinition" { return establish(result, key: key) }
        return convert(result, to: resource)
    }

    /// Updates, patches or applies. Gives the object as it now is, and whether it was created.
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
                        managed: applied.managedFields
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
                    try create(try body(request, resource), request, resource, namespace: key.namespace), true
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
        // Managed fields may be written as such, which is how kubectl moves an object to server-side apply.
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

    /// The kinds that an update creates where they are missing.
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

    /// An applied configuration is checked for unknown fields as it was sent, since defaults are no part of it.
    private mutating func reportUnknown(
        _ configuration: inout JSONValue,
        _ request: SandboxRequest,
        _ resource: ResourceDefinition
    ) throws(APIFailure) {
        var unknown: [String] = []
        if let schema = resource.schema {
            unknown = schema.prune(&configuration).map { ".\($0): field not declared in schema" }
        } else if !resource.isCustom {
            var problems: [String] = []
            unknown = BuiltInDecoding.prune(&configuration, as: resource.shape, problems: &problems)
                .map { ".\($0): field not declared in schema" }
            if let problem = problems.first {
                throw .badRequest("failed to create typed patch object: \(problem)")
            }
        }
        guard !unknown.isEmpty else { return }
        let text =
            "failed to create typed patch object (\(configuration.objectNamespace)/\(configuration.objectName); "
            + "\(resource.type.apiVersion), Kind=\(resource.type.kind)): "
        if !resource.isCustom || request.query["fieldValidation"] == "Strict" {
            throw APIFailure(500, "InternalError", text + unknown.joined(separator: ", "))
        }
        warnings.append(contentsOf: unknown)
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

    /// The end of every change of an existing object.
    mutating func finish(
        _ input: JSONValue,
        stored: StoredObject?,
        _ request: SandboxRequest,
        _ resource: ResourceDefinition,
        key: ObjectKey,
        subresource: String?,
        managed: inout ManagedFields,
        identity: ManagedFields.Identity?
    ) throws(APIFailure) -> JSONValue {
        guard let stored else { throw .notFound(resource, key.name) }
        var live = convert(stored.value, to: resource)
        let before = live
        live[path: ["metadata", "managedFields"]] = nil
        var object = input
        object["apiVersion"] = .string(resource.type.apiVersion)
        object["kind"] = .string(resource.type.kind)
        if subresource == "status" {
            var base = live
            base["status"] = object["status"]
            if !resource.isCustom {
                for name in ["labels", "annotations"] {
                    base[path: ["metadata", name]] = object.metadata[name]
                }
            }
            object = base
        } else if resource.hasStatus {
            object["status"] = live["status"]
        }
        var metadata = object.metadata
        for name in [
            "name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp",
            "deletionGracePeriodSeconds", "generateName",
        ] {
            metadata[name] = live.metadata[name]
        }
        metadata["managedFields"] = nil
        for name in ["labels", "annotations", "finalizers", "ownerReferences"]
        where metadata[name]?.objectValue?.isEmpty == true || metadata[name]?.arrayValue?.isEmpty == true {
            metadata[name] = nil
        }
        object["metadata"] = metadata
        try decode(&object, request, resource, reportsUnknown: identity != nil)
        carryOver(&object, from: live, kind: resource.type.kind)
        try mutate(&object, resource, isNew: false)
        try check(object, old: live, resource, subresource: subresource)
        if subresource == nil { try admit(object, old: live, resource) }
        if subresource == nil, hasGeneration(resource), desired(object, resource) != desired(live, resource) {
            object[path: ["metadata", "generation"]] = .integer((live.metadata["generation"]?.integerValue ?? 0) + 1)
        }
        if let identity {
            managed.update(
                from: live,
                to: object,
                as: resource.shape,
                by: identity,
                resets: resets(resource, subresource: subresource)
            )
        }
        EventShapes.complete(&object, resource)
        if object == live, managed == ManagedFields(before.metadata["managedFields"]) { return before }
        object[path: ["metadata", "managedFields"]] = managed.json
        if request.isDryRun { return object }
        if object.isBeingDeleted, object.finalizers.isEmpty, live.isBeingDeleted, !isKeptWhileDeleting(object, resource)
        {
            erase(key)
            return object
        }
        let result = store(EventShapes.stored(object, resource), at: key)?.value ?? object
        if resource.type.kind == "CustomResourceDefinition", subresource == nil { return establish(result, key: key) }
        return convert(result, to: resource)
    }

    /// Namespaces stay until their own finalizer is gone, pods until the kubelet let them go.
    func isKeptWhileDeleting(_ object: JSONValue, _ resource: ResourceDefinition) -> Bool {
        switch resource.type.kind {
        case "Namespace": object[path: ["spec", "finalizers"]]?.arrayValue?.isEmpty == false
        case "Pod":
            (object.metadata["deletionGracePeriodSeconds"]?.integerValue ?? 0) > 0
                && object[path: ["spec", "nodeName"]] != nil
        default: false
        }
    }

    func hasGeneration(_ resource: ResourceDefinition) -> Bool {
        if resource.isCustom { return true }
        return [
            "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Ingress", "NetworkPolicy", "PodDisruptionBudget",
            "CustomResourceDefinition", "Job", "CronJob", "Pod", "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding", "EndpointSlice", "IngressClass", "PriorityClass",
        ].contains(resource.type.kind)
    }

    private func desired(_ object: JSONValue, _ resource: ResourceDefinition) -> JSONValue {
        var object = object
        object["metadata"] = nil
        if resource.hasStatus || !resource.isCustom { object["status"] = nil }
        return object
    }

    /// What the server allotted once stays, where an update leaves it out.
    private func carryOver(_ object: inout JSONValue, from live: JSONValue, kind: String) {
        switch kind {
        case "Service":
            for name in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]
            where object[path: ["spec", name]] == nil {
                object[path: ["spec", name]] = live[path: ["spec", name]]
            }
        case "PersistentVolumeClaim":
            if object[path: ["spec", "volumeName"]] == nil {
                object[path: ["spec", "volumeName"]] = live[path: ["spec", "volumeName"]]
            }
        case "Pod":
            if object[path: ["spec", "nodeName"]] == nil {
                object[path: ["spec", "nodeName"]] = live[path: ["spec", "nodeName"]]
            }
        case "Namespace":
            object[path: ["spec", "finalizers"]] = live[path: ["spec", "finalizers"]]
        default: break
        }
    }
}
