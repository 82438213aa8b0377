internal import FoundationEssentials
package import KubernetesAPI

extension CELValue {
    /// A JSON document as a value.
    package init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .int(value)
        case .number(let value): self = .double(value)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(elements.map { CELValue($0) })
        case .object(let members): self = .map(CELMap(members.mapValues { CELValue($0) }))
        }
    }
}

extension Evaluation {
    /// A value as JSON. The conversion costs as much as the value is large.
    ///
    /// - Throws: if the value, or one in it, cannot be written as JSON.
    package mutating func json(_ value: CELValue) throws(EvaluationError) -> JSONValue {
        try charge(1)
        switch value {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return .integer(value)
        case .uint(let value):
            guard let integer = Int64(exactly: value) else { return .number(Double(value)) }
            return .integer(integer)
        case .double(let value): return .number(value)
        case .string(let text):
            try charge(traversing: text)
            return .string(text)
        case .bytes(let bytes):
            try charge(traversing: bytes)
            return .string(Data(bytes).base64EncodedString())
        case .timestamp(let instant): return .string(instant.text)
        case .duration(let nanoseconds): return .string(DurationText.text(nanoseconds))
        case .quantity(let quantity): return .string(quantity.canonicalText)
        case .list(let elements):
            var result: [JSONValue] = []
            for element in elements { result.append(try json(element)) }
            return .array(result)
        case .map(let map):
            var result: [String: JSONValue] = [:]
            for key in map.keys {
                guard case .string(let name) = key, let member = map[key] else {
                    throw EvaluationError("unsupported JSON key type: \(key.value.typeName)")
                }
                result[name.text] = try json(member)
            }
            return .object(result)
        case .message(let message):
            var result: [String: JSONValue] = [:]
            for (name, field) in message.fields { result[name] = try json(field) }
            return .object(result)
        default: throw EvaluationError("type conversion error from '\(value.typeName)' to JSON")
        }
    }
}
