internal import KubernetesAPI

/// A field of an input. Reading its value records that it is carried over.
struct FieldReader {
    let ledger: FieldLedger
    let path: FieldPath
    let value: JSONValue

    /// A member, or `nil` if it is missing or null.
    subscript(key: String) -> FieldReader? {
        guard let member = value[key] else { return nil }
        let reader = FieldReader(ledger: ledger, path: path.key(key), value: member)
        guard !member.isNull else {
            ledger.markRead(reader.path)
            return nil
        }
        return reader
    }

    /// The first of several spellings of a member.
    func first(of keys: String...) -> FieldReader? {
        for key in keys { if let reader = self[key] { return reader } }
        return nil
    }

    /// A member of a member.
    func at(_ keys: String...) -> FieldReader? {
        var reader: FieldReader? = self
        for key in keys { reader = reader?[key] }
        return reader
    }

    /// The elements of a list. Anything else is reported.
    var elements: [FieldReader] {
        guard let elements = value.arrayValue else {
            lose("must be a list, not of type \(value.typeName)", "correct the input")
            return []
        }
        if elements.isEmpty { markRead() }
        return elements.enumerated().map {
            FieldReader(ledger: ledger, path: path.index($0.offset), value: $0.element)
        }
    }

    /// The members of an object, by name. Anything else is reported.
    var members: [(name: String, reader: FieldReader)] {
        guard let members = value.objectValue else {
            lose("must be an object, not of type \(value.typeName)", "correct the input")
            return []
        }
        if members.isEmpty { markRead() }
        return members.sorted { $0.key < $1.key }.map {
            ($0.key, FieldReader(ledger: ledger, path: path.key($0.key), value: $0.value))
        }
    }

    /// Records that this field and all below it are carried over.
    func markRead() { ledger.markRead(path) }

    /// The text. A value of another type is reported.
    func string() -> String? {
        guard let text = value.stringValue else {
            lose("must be a text, not of type \(value.typeName)", "correct the input")
            return nil
        }
        markRead()
        return text
    }

    /// The text of a scalar: numbers and booleans as they are written.
    func text() -> String? {
        switch value {
        case .string(let text):
            markRead()
            return text
        case .integer, .number, .bool:
            markRead()
            return String(decoding: value.serialized(), as: UTF8.self)
        default: return string()
        }
    }

    /// The boolean. A value of another type is reported.
    func bool() -> Bool? {
        guard let flag = value.boolValue else {
            lose("must be true or false, not of type \(value.typeName)", "correct the input")
            return nil
        }
        markRead()
        return flag
    }

    /// The integer. A value of another type or beyond the range is reported.
    func integer(in range: ClosedRange<Int64>) -> Int64? {
        guard let number = value.integerValue, range.contains(number) else {
            lose("must be a whole number from \(range.lowerBound) to \(range.upperBound)", "correct the input")
            return nil
        }
        markRead()
        return number
    }

    /// The texts of a list.
    func texts() -> [String] { elements.compactMap { $0.text() } }

    /// The value, as far as a schema accepts it. The rest is reported.
    func checked(_ schema: Schema) -> JSONValue? {
        var value = self.value
        for removed in schema.prune(&value, isResource: false) {
            ledger.add(
                .notCarriedOver,
                path.appending(removed),
                "Moorage has no such field",
                "if the server needs it, set it in spec.podTemplate"
            )
        }
        var complete = value
        schema.applyDefaults(to: &complete)
        if let error = schema.validate(complete).first(where: { $0 != .rulesNotChecked }) {
            lose("is not valid: \(Redaction.message(of: error))", "correct it in the manifest")
            return nil
        }
        markRead()
        return value
    }

    /// Reports that this field is not carried over.
    func lose(_ reason: String, _ solution: String = "") { ledger.add(.notCarriedOver, path, reason, solution) }

    /// Reports something else about this field.
    func report(_ kind: ImportFinding.Kind, _ reason: String, _ solution: String = "") {
        ledger.add(kind, path, reason, solution)
    }
}

extension FieldPath {
    /// This path followed by another one.
    func appending(_ other: FieldPath) -> FieldPath { FieldPath(elements + other.elements) }

    /// Whether this is another path or below it.
    func isAtOrBelow(_ other: FieldPath) -> Bool { elements.starts(with: other.elements) }

    /// The last key; `nil` for the root and for an element of a list.
    var lastKey: String? {
        if case .key(let key)? = elements.last { key } else { nil }
    }
}
