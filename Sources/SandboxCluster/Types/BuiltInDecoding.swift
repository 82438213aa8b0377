import KubernetesAPI

/// Decodes built-in kinds as the API server does: unknown fields and nulls are dropped, wrong types are rejected.
enum BuiltInDecoding {
    /// Removes unknown fields. Returns their paths, sorted, and adds values of a wrong type to `problems`.
    ///
    static func prune(_ value: inout JSONValue, as type: FieldType, problems: inout [String]) -> [String] {
        var unknown: [String] = []
        visit(&value, type, Place(), &unknown, &problems)
        return unknown.sorted()
    }

    /// The location of a value: its path, and Go's name for it, which consists of the struct and the names of fields.
    private struct Place {
        var path = ""
        var structure = ""
        var fields: [String] = []

        var goField: String { "\(structure).\(fields.joined(separator: "."))" }
    }

    /// Go's name for the type of a JSON value.
    static func goName(_ value: JSONValue) -> String {
        if case .number(let number) = value { return "number \(number)" }
        if value.integerValue != nil { return "number" }
        return value.boolValue != nil ? "bool" : value.typeName
    }

    private static func goType(_ type: FieldType) -> String {
        switch type {
        case .any: return "interface {}"
        case .scalar(let scalar):
            switch scalar {
            case .string, .time, .microTime, .bytes, .quantity: return "string"
            case .integer, .intOrString: return "int32"
            case .number: return "float64"
            case .boolean: return "bool"
            }
        case .map(let values): return "map[string]\(goType(values))"
        case .list(let element, _): return "[]\(goType(element))"
        case .object(let object): return goType(.named(object.name))
        case .named(let name): return name.split(separator: ".").suffix(2).joined(separator: ".")
        }
    }

    private static func isBase64(_ text: String) -> Int? {
        var count = 0
        var padding = 0
        for (index, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): continue
            case UInt8(ascii: "="):
                padding += 1
                if count % 4 < 2 || padding > 2 { return index }
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                if padding > 0 { return index }
            default: return index
            }
            count += 1
        }
        return count % 4 == 0 ? nil : text.utf8.count
    }

    private static func visit(
        _ value: inout JSONValue,
        _ type: FieldType,
        _ place: Place,
        _ unknown: inout [String],
        _ problems: inout [String]
    ) {
        func expect(_ isRight: Bool, _ wanted: String? = nil) {
            if !isRight {
                problems.append(
                    "json: cannot unmarshal \(goName(value)) into Go struct field \(place.goField) of type "
                        + (wanted ?? goType(type))
                )
            }
        }
        switch type {
        case .any: return
        case .scalar(let scalar):
            switch scalar {
            case .string: expect(value.stringValue != nil)
            case .time, .microTime:
                expect(value.stringValue != nil)
                guard let text = value.stringValue else { return }
                let isTime = scalar == .time ? Timestamp(text) != nil : MicroTimestamp(text) != nil
                if !isTime {
                    let layout = scalar == .time ? "2006-01-02T15:04:05Z07:00" : "2006-01-02T15:04:05.000000Z07:00"
                    problems.append("parsing time \"\(text)\" as \"\(layout)\": cannot parse \"\(text)\" as \"2006\"")
                }
            case .bytes:
                expect(value.stringValue != nil)
                if let index = value.stringValue.flatMap({ isBase64($0) }) {
                    problems.append("illegal base64 data at input byte \(index)")
                }
            case .integer: expect(value.integerValue != nil)
            case .number: expect(value.numberValue != nil)
            case .boolean: expect(value.boolValue != nil)
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
            case .intOrString: expect(value.stringValue != nil || value.integerValue != nil)
            }
        case .map(let values):
            guard case .object(var members) = value else { return expect(false) }
            for key in members.keys {
                guard var child = members[key] else { continue }
                var below = place
                below.path += ".\(key)"
                visit(&child, values, below, &unknown, &problems)
                members[key] = child
            }
            value = .object(members)
        case .list(let elementType, _):
            guard case .array(var elements) = value else { return expect(false) }
            for index in elements.indices {
                var below = place
                below.path += "[\(index)]"
                visit(&elements[index], elementType, below, &unknown, &problems)
            }
            value = .array(elements)
        case .object, .named:
            guard let object = type.objectType else { return }
            guard case .object(var members) = value else { return expect(false) }
            for key in members.keys {
                let childPath = place.path.isEmpty ? key : "\(place.path).\(key)"
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
                let name = object.name.split(separator: ".").last.map(String.init) ?? ""
                let below = Place(path: childPath, structure: name, fields: place.fields + [key])
                visit(&child, field.type, below, &unknown, &problems)
                members[key] = child
            }
            value = .object(members)
        }
    }
}
