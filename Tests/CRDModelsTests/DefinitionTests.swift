import CRDModels
import KubernetesAPI
import Testing

@Suite struct DefinitionTests {
    private func walk(_ schema: Schema, _ path: String, _ visit: (Schema, String) -> Void) {
        visit(schema, path)
        // The two types of an integer or a string have no format in Kubernetes' own definitions either.
        for name in schema.properties.names {
            if let property = schema.properties[name] { walk(property, "\(path).\(name)", visit) }
        }
        if let items = schema.items { walk(items.schema, "\(path)[]", visit) }
        if let values = schema.additionalProperties { walk(values.schema, "\(path){}", visit) }
    }

    @Test("every integer has a format")
    func formats() {
        var count = 0
        for kind in CustomResourceDefinitions.kinds {
            walk(kind.schema, kind.resourceType.kind) { schema, path in
                guard schema.type == .integer else { return }
                count += 1
                #expect(["int32", "int64"].contains(schema.format ?? ""), "\(path)")
            }
        }
        #expect(count > 50)
    }

    @Test("enumerated values are CamelCase, except those of other standards")
    func enumerations() {
        // Values that MCP, the Pod Security Standards and core/v1 define.
        let foreign: Set = ["streamable-http", "sse", "stdio", "privileged", "baseline", "restricted", ""]
        for kind in CustomResourceDefinitions.kinds {
            walk(kind.schema, kind.resourceType.kind) { schema, path in
                for value in schema.allowedValues.compactMap(\.stringValue) where !foreign.contains(value) {
                    let isCamelCase =
                        value.first?.isUppercase == true
                        && value.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
                    #expect(isCamelCase, "\(path): \(value)")
                }
            }
        }
    }

    @Test("servers can be selected by class and tenant, and the selectable fields are strings")
    func selectableFields() throws {
        let definition = CustomResourceDefinitions.definition(of: MCPServer.self)
        let version = try #require(definition[path: ["spec", "versions"]]?.arrayValue?.first)
        let fields = (version["selectableFields"]?.arrayValue ?? []).compactMap { $0["jsonPath"]?.stringValue }
        #expect(fields == [".spec.className", ".status.className", ".status.tenant"])
        for field in fields {
            var schema: Schema? = MCPServer.schema
            for part in field.split(separator: ".") { schema = schema?.properties[String(part)] }
            #expect(schema?.type == .string, "\(field)")
        }
        let tenant = CustomResourceDefinitions.definition(of: MCPTenant.self)
        #expect(tenant[path: ["spec", "versions"]]?.arrayValue?.first?["selectableFields"] == nil)
    }

    @Test("a column shows which servers are behind their class")
    func columns() {
        #expect(MCPServer.printerColumns.contains { $0.jsonPath.contains("ClassCurrent") && !$0.isWide })
    }
}
