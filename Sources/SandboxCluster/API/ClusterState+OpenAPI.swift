import KubernetesAPI

extension ClusterState {
    /// `/openapi/v2`: all types in one document, as JSON or in Protocol Buffers.
    func openAPI2(_ request: SandboxRequest) -> SandboxReply {
        let accepted = request.accept.split(separator: ",").map { $0.prefix { $0 != ";" }.filter { $0 != " " } }
        let takesProtobuf = accepted.contains { OpenAPIProtobuf.mediaTypes.contains($0) }
        let takesJSON =
            accepted.isEmpty || accepted.contains { ["application/json", "*/*", "application/*"].contains($0) }
        guard takesJSON || takesProtobuf else {
            let types = (["application/json"] + OpenAPIProtobuf.mediaTypes.sorted()).joined(separator: ", ")
            return SandboxReply(
                APIFailure(406, "NotAcceptable", "only the following media types are accepted: \(types)")
            )
        }
        var definitions: [String: JSONValue] = [:]
        var paths: [String: JSONValue] = [:]
        for group in registry.groups {
            for version in registry.versions(group) {
                let document = openAPIDocument(group, version)
                definitions.merge(document.schemas) { first, _ in first }
                paths.merge(document.paths) { first, _ in first }
            }
        }
        let document: JSONValue = [
            "swagger": "2.0", "info": ["title": "Moorage sandbox", "version": "v1.36.2"],
            "definitions": OpenAPIShapes.swagger(.object(definitions)),
            "paths": OpenAPIShapes.swagger(.object(paths)),
        ]
        guard takesProtobuf else { return SandboxReply(document) }
        return SandboxReply(bytes: OpenAPIProtobuf.encode(document), contentType: OpenAPIProtobuf.mediaType)
    }

    /// `/openapi/v3` and the documents below it.
    func openAPI(_ parts: [String]) -> SandboxReply? {
        if parts.isEmpty {
            var paths: [String: JSONValue] = [:]
            for group in registry.groups {
                for version in registry.versions(group) {
                    let path = group.isEmpty ? "api/\(version)" : "apis/\(group)/\(version)"
                    paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(storage.revision)")]
                }
            }
            return SandboxReply(["paths": .object(paths)])
        }
        let group = parts.count == 3 ? parts[1] : ""
        guard let version = parts.last else { return nil }
        if registry.resources(group, version).isEmpty { return nil }
        let document = openAPIDocument(group, version)
        return SandboxReply([
            "openapi": "3.0.0", "info": ["title": "Moorage sandbox", "version": "v1.36.2"],
            "paths": .object(document.paths), "components": ["schemas": .object(document.schemas)],
        ])
    }

    /// The types of one group and version, with those of their lists, and its paths.
    private func openAPIDocument(_ group: String, _ version: String)
        -> (schemas: [String: JSONValue], paths: [String: JSONValue])
    {
        let resources = registry.resources(group, version)
        var schemas: [String: JSONValue] = [:]
        var paths: [String: JSONValue] = [:]
        for resource in resources {
            let kinds: JSONValue = [
                ["group": .string(group), "version": .string(version), "kind": .string(resource.type.kind)]
            ]
            let name: String
            if let openAPI = resource.openAPI {
                name =
                    group.split(separator: ".").reversed().joined(separator: ".") + ".\(version).\(resource.type.kind)"
                var schema = openAPI
                schema["x-kubernetes-group-version-kind"] = kinds
                schema[path: ["properties", "metadata"]] = OpenAPIShapes.reference("meta.v1.ObjectMeta")
                schema[path: ["properties", "apiVersion"]] = ["type": "string"]
                schema[path: ["properties", "kind"]] = ["type": "string"]
                schemas[name] = schema
                OpenAPIShapes.collect("meta.v1.ObjectMeta", into: &schemas)
            } else if case .named(let short) = resource.shape {
                name = ResourceDefinition.openAPIName(short)
                OpenAPIShapes.collect(short, into: &schemas)
                schemas[name]?["x-kubernetes-group-version-kind"] = kinds
            } else {
                continue
            }
            if !resource.isVirtual {
                schemas["\(name)List"] = OpenAPIShapes.list(of: name, resource)
                OpenAPIShapes.collect("meta.v1.ListMeta", into: &schemas)
            }
            let action: (String, JSONValue) -> JSONValue = { verb, parameters in
                [
                    "x-kubernetes-action": .string(verb), "parameters": parameters,
                    "x-kubernetes-group-version-kind": kinds.arrayValue?.first ?? .null,
                    "responses": [
                        "200": [
                            "description": "OK",
                            "content": [
                                "application/json": ["schema": ["$ref": .string("#/components/schemas/\(name)")]]
                            ],
                        ]
                    ],
                ]
            }
            let query: (String) -> JSONValue = { ["name": .string($0), "in": "query", "schema": ["type": "string"]] }
            let writes: JSONValue = [query("dryRun"), query("fieldManager"), query("fieldValidation")]
            let root = resource.type.collectionPath(namespace: resource.type.isNamespaced ? "{namespace}" : nil)
            paths[root] = ["get": action("list", []), "post": action("post", writes)]
            paths["\(root)/{name}"] = [
                "get": action("get", []), "put": action("put", writes), "patch": action("patch", writes),
                "delete": action("delete", [query("dryRun")]),
            ]
        }
        return (schemas, paths)
    }
}

/// OpenAPI of the built-in types.
enum OpenAPIShapes {
    static func reference(_ short: String) -> JSONValue {
        ["$ref": .string("#/components/schemas/\(ResourceDefinition.openAPIName(short))")]
    }

    /// The type of the lists of a resource.
    static func list(of name: String, _ resource: ResourceDefinition) -> JSONValue {
        [
            "type": "object", "required": ["items"],
            "properties": [
                "apiVersion": ["type": "string"], "kind": ["type": "string"],
                "metadata": reference("meta.v1.ListMeta"),
                "items": ["type": "array", "items": ["$ref": .string("#/components/schemas/\(name)")]],
            ],
            "x-kubernetes-group-version-kind": [
                [
                    "group": .string(resource.type.group), "version": .string(resource.type.version),
                    "kind": .string(resource.listKind),
                ]
            ],
        ]
    }

    /// Converts a part of a document from version 3 to version 2.
    static func swagger(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map(swagger))
        case .object(var members):
            if members["oneOf"] != nil {
                members["oneOf"] = nil
                members["type"] = "string"
            }
            // A parameter has its type, and a response its schema, at the top level.
            if members["in"] != nil, let type = members.removeValue(forKey: "schema")?["type"] {
                members["type"] = type
            }
            if let content = members.removeValue(forKey: "content") {
                members["schema"] = content["application/json"]?["schema"]
            }
            if let reference = members["$ref"]?.stringValue {
                members["$ref"] = .string(reference.replacing("#/components/schemas/", with: "#/definitions/"))
            }
            return .object(members.mapValues(swagger))
        default: return value
        }
    }

    /// Adds a type and all types that it refers to.
    static func collect(_ short: String, into schemas: inout [String: JSONValue]) {
        let name = ResourceDefinition.openAPIName(short)
        guard schemas[name] == nil, let type = BuiltInTypes.shared.types[short] else { return }
        schemas[name] = .null
        var properties: [String: JSONValue] = [:]
        for (key, field) in type.fields {
            var property = schema(field.type, &schemas)
            if field.isValueStruct { property = ["allOf": [property], "default": [:]] }
            if field.isAtomic { property["x-kubernetes-map-type"] = "atomic" }
            properties[key] = property
        }
        var result: JSONValue = ["type": "object", "properties": .object(properties)]
        let required = type.fields.filter(\.value.isRequired).map(\.key).sorted()
        if !required.isEmpty { result["required"] = .array(required.map { .string($0) }) }
        if type.isAtomic { result["x-kubernetes-map-type"] = "atomic" }
        schemas[name] = result
    }

    private static func schema(_ type: FieldType, _ schemas: inout [String: JSONValue]) -> JSONValue {
        switch type {
        case .any: return ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
        case .scalar(let scalar):
            switch scalar {
            case .string: return ["type": "string"]
            case .integer: return ["type": "integer", "format": "int32"]
            case .number: return ["type": "number", "format": "double"]
            case .boolean: return ["type": "boolean"]
            case .quantity: return ["oneOf": [["type": "string"], ["type": "number"]]]
            case .intOrString: return ["format": "int-or-string", "oneOf": [["type": "integer"], ["type": "string"]]]
            case .time, .microTime: return ["type": "string", "format": "date-time"]
            case .bytes: return ["type": "string", "format": "byte"]
            }
        case .map(let values): return ["type": "object", "additionalProperties": schema(values, &schemas)]
        case .list(let element, let merge):
            var result: JSONValue = ["type": "array", "items": schema(element, &schemas)]
            if let keys = merge.mapKeys {
                result["x-kubernetes-list-type"] = "map"
                result["x-kubernetes-list-map-keys"] = .array(keys.map { .string($0) })
            } else {
                result["x-kubernetes-list-type"] = merge.isSet ? "set" : "atomic"
            }
            if let key = merge.patchMergeKey {
                result["x-kubernetes-patch-strategy"] = "merge"
                if !key.isEmpty { result["x-kubernetes-patch-merge-key"] = .string(key) }
            }
            return result
        case .named(let name):
            collect(name, into: &schemas)
            return reference(name)
        case .object: return ["type": "object"]
        }
    }
}
