import KubernetesAPI

/// The checks of the body of every write: its kind and name, the types of its fields, unknown fields, and its values.
extension ClusterState {
    /// The first checks of every object in a body.
    func checkIdentity(
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

    /// Names are read before the rest is decoded, so their types are checked first.
    func checkMetadataTypes(_ object: JSONValue, _ resource: ResourceDefinition) throws(APIFailure) {
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

    /// Handles unknown fields as `fieldValidation` says, then applies defaults.
    mutating func decode(
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

    mutating func check(
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

    /// Checks an applied configuration for unknown fields as it was sent, before defaults are applied.
    mutating func reportUnknown(
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
}
