import KubernetesAPI

/// Reads built-in kinds as the API server does: unknown fields and nulls are dropped, wrong types refused.
enum BuiltInDecoding {
    /// Drops what the type does not name. Gives the paths of unknown fields, sorted, and adds to `problems` values of a
    /// wrong type.
    static func prune(_ value: inout JSONValue, as type: FieldType, problems: inout [String]) -> [String] {
        var unknown: [String] = []
        visit(&value, type, "", &unknown, &problems)
        return unknown.sorted()
    }

    private static func visit(
        _ value: inout JSONValue,
        _ type: FieldType,
        _ path: String,
        _ unknown: inout [String],
        _ problems: inout [String]
    ) {
        func expect(_ isRight: Bool, _ wanted: String) {
            if !isRight {
                let name = value.numberValue != nil ? "number" : value.boolValue != nil ? "bool" : value.typeName
                problems.append("json: cannot unmarshal \(name) into Go struct field .\(path) of type \(wanted)")
            }
        }
        switch type {
        case .any: return
        case .scalar(let scalar):
            switch scalar {
            case .string, .time, .microTime, .bytes: expect(value.stringValue != nil, "string")
            case .integer: expect(value.integerValue != nil, "int32")
            case .number: expect(value.numberValue != nil, "float64")
            case .boolean: expect(value.boolValue != nil, "bool")
            case .quantity:
                let text =
                    value.stringValue
                    ?? value.numberValue.map { _ in String(decoding: value.serialized(), as: UTF8.self) }
                guard let quantity = text.flatMap({ Quantity($0) }) else {
                    problems.append(
                        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
                    )
                    return
                }
                value = .string(quantity.canonicalText)
            case .intOrString: expect(value.stringValue != nil || value.integerValue != nil, "intstr.IntOrString")
            }
        case .map(let values):
            guard case .object(var members) = value else { return expect(false, "map[string]string") }
            for key in members.keys {
                guard var child = members[key] else { continue }
                visit(&child, values, "\(path).\(key)", &unknown, &problems)
                members[key] = child
            }
            value = .object(members)
        case .list(let elementType, _):
            guard case .array(var elements) = value else { return expect(false, "[]") }
            for index in elements.indices {
                visit(&elements[index], elementType, "\(path)[\(index)]", &unknown, &problems)
            }
            value = .array(elements)
        case .object, .named:
            guard let object = type.objectType else { return }
            guard case .object(var members) = value else { return expect(false, object.name) }
            for key in members.keys {
                let childPath = path.isEmpty ? key : "\(path).\(key)"
                guard let field = object.fields[key] else {
                    if !object.preservesUnknown {
                        members[key] = nil
                        unknown.append(childPath)
                    }
                    continue
                }
                guard var child = members[key], !child.isNull else {
                    members[key] = nil
                    continue
                }
                visit(&child, field.type, childPath, &unknown, &problems)
                members[key] = child
            }
            value = .object(members)
        }
    }
}
