extension Schema {
    /// Validates a value as the API server validates a custom resource on a write, with the same messages.
    ///
    /// First the structure is checked: types, required fields, lengths, patterns, and that list keys are unique. Then the
    /// rules are evaluated, unless the structure is so wrong that they cannot be; then the last error is
    /// `FieldError.rulesNotChecked`.
    ///
    /// - Parameters:
    ///   - value: the object, with defaults applied and unknown fields pruned.
    ///   - old: the object that it replaces. Unchanged values are accepted (validation ratcheting), and rules that compare
    ///     with `oldSelf` are only evaluated if there is one.
    public func validate(_ value: JSONValue, old: JSONValue? = nil) -> [FieldError] {
        var validator = SchemaValidator()
        validator.checkShape(self, value, old: old, at: .root)
        if validator.isBlocked {
            if hasRules { validator.errors.append(.rulesNotChecked) }
        } else {
            validator.checkRules(self, value, old: old, at: .root)
        }
        return validator.errors
    }
}

struct SchemaValidator {
    var errors: [FieldError] = []

    /// Whether an error prevents the rules from being evaluated (`hasBlockingErr` of the API server).
    var isBlocked: Bool {
        errors.contains { [.required, .typeInvalid, .notSupported, .tooLong, .tooMany].contains($0.kind) }
    }

    private mutating func add(
        _ kind: FieldError.Kind,
        _ path: FieldPath?,
        _ value: JSONValue? = nil,
        _ detail: String = ""
    ) {
        errors.append(FieldError(kind, path, value: value, detail: detail))
    }

    // MARK: Shape

    mutating func checkShape(_ schema: Schema, _ value: JSONValue, old: JSONValue?, at path: FieldPath) {
        if let old, old == value { return }
        if value.isNull, schema.isNullable { return }
        guard checkType(schema, value, at: path) else {
            checkAlternatives(schema, value, at: path)
            return
        }
        switch value {
        case .object(let members): checkObject(schema, members, old: old, at: path)
        case .array(let elements): checkArray(schema, elements, old: old, at: path)
        case .string(let text): checkString(schema, text, at: path)
        case .integer, .number: checkNumber(schema, value, at: path)
        case .bool, .null: break
        }
        if !schema.allowedValues.isEmpty, !schema.allowedValues.contains(value) {
            let names = schema.allowedValues.map { allowed in
                "\"\(allowed.stringValue ?? String(decoding: allowed.serialized(), as: UTF8.self))\""
            }
            add(.notSupported, path, value, "supported values: \(names.joined(separator: ", "))")
        }
        checkAlternatives(schema, value, at: path)
    }

    /// - Returns: whether the type allows further checks.
    private mutating func checkType(_ schema: Schema, _ value: JSONValue, at path: FieldPath) -> Bool {
        if schema.isIntOrString {
            switch value {
            case .integer, .string: return true
            default:
                let name = value.typeName
                add(.typeInvalid, path, .string(name), "\(path) in body must be of type integer,string: \"\(name)\"")
                return false
            }
        }
        guard let type = schema.type else { return true }
        switch (type, value) {
        case (.object, .object), (.array, .array), (.string, .string), (.boolean, .bool), (.number, .number),
            (.number, .integer):
            return true
        case (.integer, .integer(let number)):
            if schema.format == "int32", Int32(exactly: number) == nil {
                add(.invalid, nil, "", "Checked value must be of type integer with format int32 in \(path)")
            }
            return true
        case (.integer, .number):
            let format = schema.format ?? "integer"
            let name = schema.format == nil ? "number" : "float64"
            add(.typeInvalid, path, .string(name), "\(path) in body must be of type \(format): \"\(name)\"")
            let wanted = schema.format.map { "with format \($0)" } ?? "(default format)"
            add(.invalid, nil, "", "Checked value must be of type integer \(wanted) in \(path)")
            return false
        case (.integer, .bool) where schema.format != nil, (.integer, .object) where schema.format != nil:
            add(.typeInvalid, path, "", "\(path) in body must be of type \(schema.format ?? ""): \"\"")
            return false
        default:
            let name = value.typeName
            let place = path.elements.isEmpty ? "" : "\(path) "
            add(.typeInvalid, path, .string(name), "\(place)in body must be of type \(type.rawValue): \"\(name)\"")
            return !schema.allowedValues.isEmpty
        }
    }

    private mutating func checkString(_ schema: Schema, _ text: String, at path: FieldPath) {
        // The server reports only the first of these.
        let length = text.unicodeScalars.count
        if let maximum = schema.maxLength, length > maximum {
            add(.tooLong, path, nil, "may not be more than \(maximum) bytes")
        } else if let minimum = schema.minLength, length < minimum {
            add(.invalid, path, .string(text), "\(path) in body should be at least \(minimum) chars long")
        } else if let pattern = schema.pattern, !PatternCache.matches(text, pattern: pattern) {
            add(.invalid, path, .string(text), "\(path) in body should match '\(pattern)'")
        }
        let fits =
            switch schema.format {
            case "date-time": Timestamp(text) != nil
            case "byte": Base64.decode(text) != nil
            default: true
            }
        if !fits, let format = schema.format {
            add(.typeInvalid, path, .string(text), "\(path) in body must be of type \(format): \"\(text)\"")
        }
    }

    private mutating func checkNumber(_ schema: Schema, _ value: JSONValue, at path: FieldPath) {
        guard let number = value.numberValue else { return }
        func text(_ number: Double) -> String {
            Int64(exactly: number).map { String($0) } ?? "\(number)"
        }
        if let factor = schema.multipleOf, factor > 0, (number / factor).rounded() * factor != number {
            add(.invalid, path, value, "\(path) in body should be a multiple of \(text(factor))")
        }
        if let maximum = schema.maximum {
            if schema.isMaximumExclusive, number >= maximum {
                add(.invalid, path, value, "\(path) in body should be less than \(text(maximum))")
            } else if number > maximum {
                add(.invalid, path, value, "\(path) in body should be less than or equal to \(text(maximum))")
            }
        }
        if let minimum = schema.minimum {
            if schema.isMinimumExclusive, number <= minimum {
                add(.invalid, path, value, "\(path) in body should be greater than \(text(minimum))")
            } else if number < minimum {
                add(.invalid, path, value, "\(path) in body should be greater than or equal to \(text(minimum))")
            }
        }
    }

    private mutating func checkObject(
        _ schema: Schema,
        _ members: [String: JSONValue],
        old: JSONValue?,
        at path: FieldPath
    ) {
        let count = JSONValue.integer(Int64(members.count))
        if let maximum = schema.maxProperties, members.count > maximum {
            add(.tooMany, path, count, "must have at most \(maximum) items")
        }
        if let minimum = schema.minProperties, members.count < minimum {
            add(.invalid, path, count, "\(path) in body should have at least \(minimum) properties")
        }
        for name in schema.requiredNames where members[name] == nil || members[name] == .null {
            // A null in a nullable field counts as present.
            if members[name] == .null, schema.properties[name]?.isNullable == true { continue }
            add(.required, path.key(name))
        }
        for name in members.keys.sorted() {
            // A null in a field that is not nullable counts as missing.
            guard let member = members[name], !member.isNull,
                let memberSchema = schema.properties[name] ?? schema.additionalProperties?.schema
            else { continue }
            checkShape(memberSchema, member, old: old?[name], at: path.key(name))
        }
    }

    private mutating func checkArray(_ schema: Schema, _ elements: [JSONValue], old: JSONValue?, at path: FieldPath) {
        let count = JSONValue.integer(Int64(elements.count))
        if let maximum = schema.maxItems, elements.count > maximum {
            add(.tooMany, path, count, "must have at most \(maximum) items")
        }
        if let minimum = schema.minItems, elements.count < minimum {
            add(.invalid, path, count, "\(path) in body should have at least \(minimum) items")
        }
        if let items = schema.items?.schema {
            for (index, element) in elements.enumerated() {
                let before = schema.correlated(element, in: old)
                checkShape(items, element, old: before, at: path.index(index))
            }
        }
        guard schema.listType == .set || schema.listType == .map else { return }
        var seen: Set<JSONValue> = []
        for (index, element) in elements.enumerated() {
            if schema.listType == .map, element.objectValue == nil {
                if !element.isNull {
                    add(.invalid, path.index(index), element, "must be an object for an array of list-type map")
                }
                continue
            }
            let identity = schema.listType == .map ? schema.listMapKey(of: element) : element
            if !seen.insert(identity).inserted { add(.duplicate, path.index(index), identity) }
        }
    }

    private mutating func checkAlternatives(_ schema: Schema, _ value: JSONValue, at path: FieldPath) {
        func errors(of alternative: Schema) -> [FieldError] {
            var validator = SchemaValidator()
            validator.checkShape(alternative, value, old: nil, at: path)
            return validator.errors
        }
        for alternative in schema.allOf { self.errors += errors(of: alternative) }
        if !schema.anyOf.isEmpty, !schema.anyOf.contains(where: { errors(of: $0).isEmpty }) {
            add(.invalid, nil, "", "\"\(path)\" must validate at least one schema (anyOf)")
            self.errors += schema.anyOf.first.map { errors(of: $0) } ?? []
        }
        if !schema.oneOf.isEmpty {
            let valid = schema.oneOf.count { errors(of: $0).isEmpty }
            if valid != 1 {
                let found = valid == 0 ? "Found none valid" : "Found \(valid) valid alternatives"
                add(.invalid, nil, "", "\"\(path)\" must validate one and only one schema (oneOf). \(found)")
                if valid == 0 { self.errors += schema.oneOf.first.map { errors(of: $0) } ?? [] }
            }
        }
        if let not = schema.not?.schema, errors(of: not).isEmpty {
            add(.invalid, nil, "", "\"\(path)\" must not validate the schema (not)")
        }
    }

    // MARK: Rules

    mutating func checkRules(_ schema: Schema, _ value: JSONValue, old: JSONValue?, at path: FieldPath) {
        if value.isNull { return }
        for rule in schema.rules {
            guard let check = rule.nativeCheck else { continue }
            // Unchanged values are accepted, and a rule that compares needs something to compare with.
            if rule.isTransition ? old == nil : old == value { continue }
            if check(value, old) { continue }
            let place = rule.fieldPath.map { FieldPath(path.elements + FieldPath($0).elements) } ?? path
            let kind: FieldError.Kind =
                switch rule.reason {
                case .forbidden: .forbidden
                case .required: .required
                case .duplicate: .duplicate
                case .invalid, nil: .invalid
                }
            // The server only shows the values of scalars.
            let shown: JSONValue? =
                switch value {
                case .object, .array: nil
                default: value
                }
            // The server does not name a field for the root.
            add(kind, place.elements.isEmpty ? nil : place, shown, rule.message ?? "failed rule: \(rule.text)")
        }
        switch value {
        case .object(let members):
            for name in members.keys.sorted() {
                guard let member = members[name],
                    let memberSchema = schema.properties[name] ?? schema.additionalProperties?.schema
                else { continue }
                checkRules(memberSchema, member, old: old?[name], at: path.key(name))
            }
        case .array(let elements):
            guard let items = schema.items?.schema, items.hasRules else { return }
            for (index, element) in elements.enumerated() {
                checkRules(items, element, old: schema.correlated(element, in: old), at: path.index(index))
            }
        default: return
        }
    }
}

extension Schema {
    /// The fields that identify an element of a `map` list.
    func listMapKey(of element: JSONValue) -> JSONValue {
        var key: [String: JSONValue] = [:]
        for name in listMapKeys { key[name] = element[name] }
        return .object(key)
    }

    /// The element that an element of a `map` list replaces. Elements of other lists cannot be matched.
    func correlated(_ element: JSONValue, in old: JSONValue?) -> JSONValue? {
        guard listType == .map, let old else { return nil }
        let key = listMapKey(of: element)
        return old.arrayValue?.first { listMapKey(of: $0) == key }
    }
}
