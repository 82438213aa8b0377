import CRDModels
import FoundationEssentials
import KubernetesAPI

/// The generated parts of the Helm chart: the CustomResourceDefinitions, and the parts of `values.schema.json` that
/// describe types of the API.
enum ChartFiles {
    /// The schema that Helm checks values against.
    static let schemaName = "values.schema.json"

    /// The files of the chart's `crds`: every definition, without the kustomization, which Helm would read as a
    /// definition.
    static var definitions: [(name: String, text: String)] {
        CustomResourceDefinitions.files.filter { $0.name != "kustomization.yaml" }
            .map { ("crds/\($0.name)", $0.text) }
    }

    /// A values schema with the `$defs` of the code; the parts written by hand are not changed.
    static func schema(from current: JSONValue) -> String {
        var schema = current
        schema["$defs"] = .object(typeSchemas)
        return schema.indentedJSON() + "\n"
    }

    /// The parts of the API that values use unchanged.
    private static let sources: [String: (kind: any MoorageKind.Type, path: [String])] = [
        "affinity": (MCPServer.self, ["spec", "scheduling", "affinity"]),
        "classSpec": (MCPServerClass.self, ["spec"]),
        "dns": (MCPTenant.self, ["spec", "network", "dns"]),
        "env": (MCPServer.self, ["spec", "env"]),
        "envFrom": (MCPServer.self, ["spec", "envFrom"]),
        "exposure": (MCPTenant.self, ["spec", "exposure"]),
        "gateway": (MCPTenant.self, ["spec", "network", "gateway"]),
        "images": (MCPTenant.self, ["spec", "images"]),
        "imagePullSecrets": (MCPServer.self, ["spec", "imagePullSecrets"]),
        "plan": (MCPTenant.self, ["spec", "quotas", "overrides"]),
        "podSecurity": (MCPTenant.self, ["spec", "podSecurity"]),
        "podSecurityContext": (MCPServer.self, ["spec", "podSecurityContext"]),
        "quotaMode": (MCPTenant.self, ["spec", "quotas", "mode"]),
        "review": (MCPTenant.self, ["spec", "review"]),
        "resources": (MCPServer.self, ["spec", "resources"]),
        "securityContext": (MCPServer.self, ["spec", "securityContext"]),
        "selector": (MCPTenant.self, ["spec", "network", "gateway", "podSelector"]),
        "tolerations": (MCPServer.self, ["spec", "scheduling", "tolerations"]),
        "topologySpreadConstraints": (MCPServer.self, ["spec", "scheduling", "topologySpreadConstraints"]),
        "volumeMounts": (MCPServer.self, ["spec", "volumeMounts"]),
        "volumes": (MCPServer.self, ["spec", "volumes"]),
    ]

    private static var typeSchemas: [String: JSONValue] {
        SharedSchemas(
            sources.mapValues { kind, path in
                let versions = CustomResourceDefinitions.definition(of: kind)[path: ["spec", "versions"]]?.arrayValue
                var schema = versions?.first?[path: ["schema", "openAPIV3Schema"]]
                for field in path { schema = schema?[path: ["properties", field]] }
                return closed(schema ?? .null)
            }
        )
        .definitions
    }

    /// A structural schema as JSON Schema that allows no unknown fields: fields that an API server drops silently are
    /// refused in a values file. Descriptions are in `docs/api.md`.
    private static func closed(_ schema: JSONValue) -> JSONValue {
        guard case .object(let members) = schema else { return schema }
        var result: [String: JSONValue] = [:]
        for (key, value) in members where !key.hasPrefix("x-kubernetes-") && !dropped.contains(key) {
            result[key] =
                switch key {
                case "properties": .object(value.objectValue?.mapValues(closed) ?? [:])
                case "items", "additionalProperties": closed(value)
                default: value
                }
        }
        if result["properties"] != nil, members["x-kubernetes-preserve-unknown-fields"] != true {
            result["additionalProperties"] = false
        }
        return .object(result)
    }

    private static let dropped: Set<String> = ["default", "description", "format"]
}

/// JSON schemas in which parts that occur more than once are written once, and referenced.
private struct SharedSchemas {
    private(set) var definitions: [String: JSONValue] = [:]

    /// The name of each referenced schema, by its text.
    private var names: [[UInt8]: String] = [:]
    private var seen: Set<[UInt8]> = []

    init(_ schemas: [String: JSONValue]) {
        let named = schemas.sorted { $0.key < $1.key }
        for (name, schema) in named { names[schema.serialized()] = name }
        var taken = Set(schemas.keys)
        var shared: [(name: String, schema: JSONValue)] = []
        for (name, schema) in named { share(schema, field: name, taken: &taken, into: &shared) }
        for (name, schema) in named + shared.map({ ($0.name, $0.schema) }) {
            definitions[name] = replacingParts(of: schema)
        }
    }

    /// Gives a name to every part that is found a second time. The contents of such a part are not counted again.
    private mutating func share(
        _ schema: JSONValue,
        field: String,
        taken: inout Set<String>,
        into shared: inout [(name: String, schema: JSONValue)]
    ) {
        let text = schema.serialized()
        guard seen.insert(text).inserted else {
            guard names[text] == nil, text.count > 200 else { return }
            var name = field
            var number = 2
            while !taken.insert(name).inserted {
                name = "\(field)\(number)"
                number += 1
            }
            names[text] = name
            shared.append((name, schema))
            return
        }
        for (field, part) in Self.parts(of: schema, field: field) {
            share(part, field: field, taken: &taken, into: &shared)
        }
    }

    private func replacingParts(of schema: JSONValue) -> JSONValue {
        func reference(_ part: JSONValue) -> JSONValue {
            names[part.serialized()].map { ["$ref": .string("#/$defs/\($0)")] } ?? replacingParts(of: part)
        }
        guard case .object(var members) = schema else { return schema }
        for key in ["items", "additionalProperties"] {
            if let part = members[key] { members[key] = reference(part) }
        }
        if let properties = members["properties"]?.objectValue {
            members["properties"] = .object(properties.mapValues(reference))
        }
        return .object(members)
    }

    private static func parts(of schema: JSONValue, field: String) -> [(field: String, schema: JSONValue)] {
        let nested = ["items", "additionalProperties"].compactMap { key in schema[key].map { (field, $0) } }
        let properties = schema["properties"]?.objectValue ?? [:]
        return nested + properties.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
