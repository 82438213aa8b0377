import CRDModels
import KubernetesAPI
import Testing

/// A schema and its Swift type are declared separately; these tests compare them.
@Suite struct SchemaMatchesTypesTests {
    @Test("every field of a schema is a property of its Swift type, and the reverse")
    func kinds() throws {
        try check(MCPServer.self)
        try check(MCPServerClass.self)
        try check(MCPServerRevision.self)
        try check(MCPVirtualServer.self)
        try check(MCPTenant.self)
    }

    @Test("the same applies to types that no CRD contains as a whole")
    func parts() throws {
        try check(PodTemplateSpec.self, schema: PodTemplateSpec.schema)
    }

    private func check<Kind: MoorageKind>(_ kind: Kind.Type) throws {
        var schema = Kind.schema
        schema.properties["metadata"] = .object(ObjectMeta.self, "", ["name": .string()])
        try check(Kind.self, schema: schema)
    }

    private func check<Value: Codable>(_ type: Value.Type, schema: Schema) throws {
        let full = schema.fullExample
        let value = try full.decode(type)
        let back = try JSONValue(encoding: value)
        try #require(back == full, "a field of the schema has no property: \(differences(full, back, at: .root))")
        let absent = absentProperties(of: value, at: "\(type)").filter { !$0.contains(".metadata.") }
        #expect(absent.isEmpty, "these properties have no field in the schema")
    }

    private func differences(_ left: JSONValue, _ right: JSONValue?, at path: FieldPath) -> [FieldPath] {
        guard let right else { return [path] }
        switch (left, right) {
        case (.object(let members), .object):
            return members.keys.sorted().flatMap { differences(members[$0] ?? .null, right[$0], at: path.key($0)) }
        case (.array(let elements), .array(let others)):
            return elements.indices.flatMap { index in
                differences(
                    elements[index],
                    others.indices.contains(index) ? others[index] : nil,
                    at: path.index(index)
                )
            }
        default: return left == right ? [] : [path]
        }
    }

    /// The paths of optional properties that are `nil`, although the example has every field.
    private func absentProperties(of value: Any, at path: String) -> [String] {
        if value is JSONValue || value is Quantity || value is Timestamp { return [] }
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .optional {
            guard let wrapped = mirror.children.first?.value else { return [path] }
            return absentProperties(of: wrapped, at: path)
        }
        switch mirror.displayStyle {
        case .struct?:
            return mirror.children.flatMap { absentProperties(of: $0.value, at: "\(path).\($0.label ?? "")") }
        case .collection?:
            return mirror.children.flatMap { absentProperties(of: $0.value, at: "\(path)[]") }
        default: return []
        }
    }
}

extension Schema {
    /// A value that has every field, with content that its Swift type can decode.
    var fullExample: JSONValue {
        if let value = allowedValues.first { return value }
        if isIntOrString { return pattern == nil ? 8080 : "1Gi" }
        switch type {
        case .object?:
            if let values = additionalProperties?.schema { return ["key": values.fullExample] }
            if preservesUnknownFields { return ["spec": ["hostname": "x"]] }
            var members: [String: JSONValue] = [:]
            for name in properties.names { members[name] = properties[name]?.fullExample }
            return .object(members)
        case .array?: return [items?.schema.fullExample ?? .null]
        case .string?: return format == "date-time" ? "2026-01-02T03:04:05Z" : "text"
        case .integer?: return .integer(Int64(minimum ?? 1))
        case .number?: return 1.5
        case .boolean?: return true
        case nil: return .null
        }
    }
}
