internal import KubernetesAPI

/// Converts a pod template to the form in which the API server returns it, so that the applied object and the live
/// object can be compared field by field: quantities in their canonical form, and without the empty values that the
/// server omits.
enum PodTemplateNormalizer {
    static func normalize(_ template: JSONValue) -> JSONValue {
        normalize(template, as: [], in: []) ?? [:]
    }

    /// How Kubernetes' types encode a field, by the field's name.
    private struct Traits: OptionSet {
        let rawValue: Int

        /// A map of quantities.
        static let amountMap = Traits(rawValue: 1)
        /// A quantity.
        static let amount = Traits(rawValue: 2)
        /// Omitted if false, because the field is not a pointer.
        static let omitsFalse = Traits(rawValue: 4)
        /// Omitted if zero, for the same reason.
        static let omitsZero = Traits(rawValue: 8)
        /// Omitted if empty: a map, but not a structure such as `emptyDir` or a selector, where an empty object has a
        /// meaning.
        static let omitsEmpty = Traits(rawValue: 16)
        /// A map of text, in which empty values are kept.
        static let textMap = Traits(rawValue: 32)
        /// A pointer to text, where an empty string has a meaning, such as no storage class instead of the default one.
        static let keepsEmptyText = Traits(rawValue: 64)
    }

    private static let traits: [String: Traits] = [
        "limits": [.amountMap, .omitsEmpty], "requests": [.amountMap, .omitsEmpty],
        "overhead": [.amountMap, .omitsEmpty],
        "sizeLimit": .amount, "divisor": .amount,
        "hostNetwork": .omitsFalse, "hostPID": .omitsFalse, "hostIPC": .omitsFalse, "stdin": .omitsFalse,
        "stdinOnce": .omitsFalse, "tty": .omitsFalse, "readOnly": .omitsFalse,
        "hostPort": .omitsZero, "initialDelaySeconds": .omitsZero,
        "nodeSelector": [.omitsEmpty, .textMap], "labels": [.omitsEmpty, .textMap],
        "annotations": [.omitsEmpty, .textMap], "matchLabels": [.omitsEmpty, .textMap],
        "volumeAttributes": .textMap,
        "storageClassName": .keepsEmptyText, "volumeAttributesClassName": .keepsEmptyText,
    ]

    /// Returns `nil` if the value is omitted.
    private static func normalize(_ value: JSONValue, as field: Traits, in parent: Traits) -> JSONValue? {
        switch value {
        case .null: return nil
        case .bool(false) where field.contains(.omitsFalse): return nil
        case .integer(0) where field.contains(.omitsZero): return nil
        case .string("") where !parent.contains(.textMap) && !field.contains(.keepsEmptyText): return nil
        case .string, .integer, .number:
            return parent.contains(.amountMap) || field.contains(.amount) ? amount(value) : value
        case .bool: return value
        case .array(let elements):
            guard !elements.isEmpty else { return nil }
            // An element is always kept, because its position has a meaning.
            return .array(elements.map { normalize($0, as: [], in: []) ?? $0 })
        case .object(var members):
            if members.isEmpty, field.contains(.omitsEmpty) { return nil }
            for (name, member) in members {
                members[name] = normalize(member, as: traits[name] ?? [], in: field)
            }
            return .object(members)
        }
    }

    private static func amount(_ value: JSONValue) -> JSONValue {
        guard let quantity: Quantity = try? value.decode() else { return value }
        return .string(quantity.canonicalText)
    }
}
