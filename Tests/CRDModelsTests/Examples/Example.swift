import CRDModels
import KubernetesAPI
import Testing

/// An object, and the response of the API server to it.
struct Example: Sendable, CustomTestStringConvertible {
    /// What the example shows.
    var name: String
    /// The object.
    var object: JSONValue
    /// The object that it replaces, for rules that only apply to updates.
    var old: JSONValue?
    /// Every error, with the server's message; empty for a valid example.
    var errors: [String]

    var testDescription: String { name }

    /// A server with this spec, in YAML.
    static func server(_ name: String, _ spec: String, old: String? = nil, _ errors: String...) -> Example {
        Example(
            name: name,
            object: object(MCPServer.resourceType, spec),
            old: old.map { object(MCPServer.resourceType, $0) },
            errors: errors
        )
    }

    /// A tenant with this spec, in YAML.
    static func tenant(_ name: String, _ spec: String, old: String? = nil, _ errors: String...) -> Example {
        Example(
            name: name,
            object: object(MCPTenant.resourceType, spec),
            old: old.map { object(MCPTenant.resourceType, $0) },
            errors: errors
        )
    }

    /// A class with this spec, in YAML.
    static func serverClass(_ name: String, _ spec: String, _ errors: String...) -> Example {
        Example(name: name, object: object(MCPServerClass.resourceType, spec), errors: errors)
    }

    /// A revision with this spec, in YAML.
    static func revision(_ name: String, _ spec: String, old: String? = nil, _ errors: String...) -> Example {
        Example(
            name: name,
            object: object(MCPServerRevision.resourceType, spec),
            old: old.map { object(MCPServerRevision.resourceType, $0) },
            errors: errors
        )
    }

    /// A virtual server with this spec, in YAML.
    static func virtualServer(_ name: String, _ spec: String, _ errors: String...) -> Example {
        Example(name: name, object: object(MCPVirtualServer.resourceType, spec), errors: errors)
    }

    /// The same example with another `metadata.name`.
    func named(_ name: String) -> Example {
        var copy = self
        copy.object[path: ["metadata", "name"]] = .string(name)
        return copy
    }

    /// The default name of examples.
    static let objectName = "example"

    private static func object(_ type: ResourceType, _ spec: String) -> JSONValue {
        let value: JSONValue
        do {
            value = try YAML.value(of: spec)
        } catch {
            Issue.record("an example is not valid YAML: \(error)\n\(spec)")
            value = [:]
        }
        return [
            "apiVersion": .string(type.apiVersion),
            "kind": .string(type.kind),
            "metadata": ["name": .string(objectName)],
            "spec": value.isNull ? [:] : value,
        ]
    }

    /// The object's kind.
    var kind: (any MoorageKind.Type)? {
        CustomResourceDefinitions.kinds.first { .string($0.resourceType.kind) == object["kind"] }
    }

    /// All examples.
    static let all = servers + tenants + classes + revisions + virtualServers

    /// What the server adds if it could not evaluate the rules.
    static let notChecked = FieldError.rulesNotChecked.description
}
