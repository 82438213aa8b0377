import CEL
import KubernetesAPI

/// Evaluates the rules of custom resources (`x-kubernetes-validations`) that have no implementation in Swift.
enum CustomRules {
    /// A schema whose rules all have a check, except those that do not compile.
    static func completed(_ schema: Schema) -> Schema {
        schema.completingRules { rule, owner, isRoot in check(rule, of: owner, isRoot: isRoot) }
    }

    private static func check(_ rule: Rule, of schema: Schema, isRoot: Bool) -> Rule.NativeCheck? {
        var environment = Environment()
        let type = type(of: schema, path: "self", isRoot: isRoot, &environment.fields)
        environment.variables["self"] = type
        if rule.isTransition { environment.variables["oldSelf"] = type }
        guard let program = try? environment.compile(rule.text), program.type == .bool else { return nil }
        return { value, old in
            var activation = Activation(values: ["self": self.value(value, schema, isRoot: isRoot)])
            if let old {
                activation.values["oldSelf"] = self.value(aligned(old, to: value, schema), schema, isRoot: isRoot)
            }
            var evaluation = Evaluation(activation)
            guard case .bool(let isValid)? = try? evaluation.evaluate(program) else { return false }
            return isValid
        }
    }

    // MARK: Types

    private static func type(
        of schema: Schema,
        path: String,
        isRoot: Bool = false,
        _ fields: inout [String: [String: CELType]]
    ) -> CELType {
        guard !schema.isIntOrString, let type = schema.type else { return .dyn }
        switch type {
        case .boolean: return .bool
        case .integer: return .int
        case .number: return .double
        case .string:
            switch schema.format {
            case "byte": return .bytes
            case "date", "date-time": return .timestamp
            case "duration": return .duration
            default: return .string
            }
        case .array:
            guard let items = schema.items?.schema else { return .list(.dyn) }
            return .list(self.type(of: items, path: path + ".@items", &fields))
        case .object:
            if let values = schema.additionalProperties?.schema {
                return .map(.string, self.type(of: values, path: path + ".@values", &fields))
            }
            if schema.properties.isEmpty, schema.preservesUnknownFields, !schema.isEmbeddedResource { return .dyn }
            var members: [String: CELType] = [:]
            for name in schema.properties.names {
                guard let property = schema.properties[name] else { continue }
                members[escaped(name)] = self.type(of: property, path: "\(path).\(name)", &fields)
            }
            if isRoot || schema.isEmbeddedResource {
                members["apiVersion"] = .string
                members["kind"] = .string
                members["metadata"] = .named("\(path).metadata")
                fields["\(path).metadata"] = ["name": .string, "generateName": .string]
            }
            fields[path] = members
            return .named(path)
        }
    }

    // MARK: Values

    private static func value(_ json: JSONValue, _ schema: Schema, isRoot: Bool = false) -> CELValue {
        if schema.isIntOrString { return CELValue(json) }
        switch (schema.type, json) {
        case (.number, .integer(let number)): return .double(Double(number))
        case (.string, .string(let text)): return CELValue(text: text, format: schema.format)
        case (.array, .array(let elements)):
            guard let items = schema.items?.schema else { return CELValue(json) }
            return .list(elements.map { value($0, items) })
        case (.object, .object(let members)):
            if let values = schema.additionalProperties?.schema {
                return .map(CELMap(members.mapValues { value($0, values) }))
            }
            var result: [String: CELValue] = [:]
            for (name, member) in members {
                if isRoot || schema.isEmbeddedResource, ["apiVersion", "kind", "metadata"].contains(name) {
                    result[name] = CELValue(member)
                } else if let property = schema.properties[name] {
                    // A field that is null counts as missing.
                    if !member.isNull { result[escaped(name)] = value(member, property) }
                } else if schema.preservesUnknownFields {
                    result[name] = CELValue(member)
                }
            }
            return .map(CELMap(result))
        default: return CELValue(json)
        }
    }

    /// The old value with the elements of its sets and maps in the order of the new ones, which makes no difference to whether
    /// they are equal.
    private static func aligned(_ old: JSONValue, to new: JSONValue, _ schema: Schema) -> JSONValue {
        switch (old, new) {
        case (.object(let before), .object(let after)):
            return .object(
                Dictionary(
                    uniqueKeysWithValues: before.map { name, member in
                        guard let counterpart = after[name],
                            let child = schema.properties[name] ?? schema.additionalProperties?.schema
                        else { return (name, member) }
                        return (name, aligned(member, to: counterpart, child))
                    }
                )
            )
        case (.array(let before), .array(let after)):
            guard let items = schema.items?.schema, schema.listType == .set || schema.listType == .map else {
                return old
            }
            func identity(_ element: JSONValue) -> JSONValue {
                if schema.listType == .set { return element }
                return .array(schema.listMapKeys.map { element[$0] ?? .null })
            }
            var places: [JSONValue: Int] = [:]
            for (index, element) in after.enumerated() { places[identity(element)] = index }
            let sorted = before.sorted { first, second in
                (places[identity(first)] ?? after.count) < (places[identity(second)] ?? after.count)
            }
            return .array(
                sorted.map { element in
                    places[identity(element)].map { aligned(element, to: after[$0], items) } ?? element
                }
            )
        default: return old
        }
    }

    /// The name of a property in expressions (`Escape` of `k8s.io/apiserver/pkg/cel`).
    private static func escaped(_ name: String) -> String {
        let reserved: Set = [
            "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if",
            "import",
            "let", "loop", "package", "namespace", "return",
        ]
        if reserved.contains(name) { return "__\(name)__" }
        return name.replacing("__", with: "__underscores__").replacing(".", with: "__dot__")
            .replacing("-", with: "__dash__").replacing("/", with: "__slash__")
    }
}
