/// Fields, elements and literals.
extension Evaluation {
    mutating func select(_ field: String, of operand: CELValue) throws(EvaluationError) -> CELValue {
        try charge(1)
        if case .optional(let wrapped) = operand {
            guard let wrapped else { return .optional(nil) }
            return try optionalSelect(field, of: wrapped)
        }
        guard let value = try element(.string(field), of: operand) else { throw .noSuchKey(field) }
        return value
    }

    mutating func optionalSelect(_ field: String, of operand: CELValue) throws(EvaluationError) -> CELValue {
        try charge(1)
        guard let operand = operand.unwrapped else { return .optional(nil) }
        return .optional(try element(.string(field), of: operand))
    }

    mutating func has(_ field: String, in operand: CELValue) throws(EvaluationError) -> Bool {
        if case .variables = operand { return activation.variables[field] != nil }
        guard let operand = operand.unwrapped else { return false }
        return try element(.string(field), of: operand) != nil
    }

    /// The field, the element of a list or the value of a map; `nil` if there is none.
    mutating func element(_ key: CELValue, of operand: CELValue) throws(EvaluationError) -> CELValue? {
        switch operand {
        case .map(let map): return CELMap.Key(key).flatMap { map[$0] }
        case .list(let elements):
            let index: Int?
            switch key {
            case .int(let number): index = Int(exactly: number)
            case .uint(let number): index = Int(exactly: number)
            case .double(let number):
                guard let whole = Int64(exactly: number) else {
                    throw EvaluationError("unsupported index value \(NumberText.text(number)) in list")
                }
                index = Int(exactly: whole)
            default: throw EvaluationError("unsupported index type '\(key.typeName)' in list")
            }
            guard let index, elements.indices.contains(index) else { return nil }
            return elements[index]
        case .message(let message):
            guard case .string(let name) = key else { return nil }
            return message.fields[name]
        case .variables:
            guard case .string(let name) = key, activation.variables[name] != nil else { return nil }
            return try policyVariable(name)
        default: return nil
        }
    }

    mutating func list(_ elements: [Node.Element]) throws(EvaluationError) -> CELValue {
        try charge(10)
        var result: [CELValue] = []
        result.reserveCapacity(elements.count)
        for element in elements {
            let value = try value(of: element.value)
            guard element.isOptional else {
                result.append(value)
                continue
            }
            guard case .optional(let wrapped) = value else {
                throw EvaluationError(
                    "cannot initialize optional list element from non-optional value \(value.plainText)"
                )
            }
            if let wrapped { result.append(wrapped) }
        }
        return .list(result)
    }

    mutating func map(_ entries: [Node.Entry]) throws(EvaluationError) -> CELValue {
        try charge(30)
        var result = CELMap()
        for entry in entries {
            let keyValue = try value(of: entry.key)
            var value = try value(of: entry.value)
            if entry.isOptional {
                guard case .optional(let wrapped) = value else {
                    let text = "cannot initialize optional entry '\(keyValue.plainText)' from non-optional value "
                    throw EvaluationError(text + value.plainText)
                }
                guard let wrapped else { continue }
                value = wrapped
            }
            guard let key = CELMap.Key(keyValue), !keyValue.isDouble else {
                throw EvaluationError("unsupported key type")
            }
            // As in the API server, the last of several entries with a key counts.
            result[key] = value
        }
        return .map(result)
    }

    mutating func message(_ type: String, _ fields: [Node.Field]) throws(EvaluationError) -> CELValue {
        try charge(40)
        var message = CELMessage(type: type, fields: [:])
        for field in fields {
            var value = try value(of: field.value)
            if field.isOptional {
                guard case .optional(let wrapped) = value else {
                    let text = "cannot initialize optional entry '\(field.name)' from non-optional value "
                    throw EvaluationError(text + value.plainText)
                }
                guard let wrapped else { continue }
                value = wrapped
            }
            message.fields[field.name] = value
        }
        return .message(message)
    }
}
