internal import KubernetesAPI

/// Brings a pod template to the form in which the API server gives it back, so that what was applied and what is there can
/// be compared field by field: amounts in their canonical text, and none of the empty values that the server leaves out.
enum PodTemplateNormalizer {
    static func normalize(_ template: JSONValue) -> JSONValue {
        normalize(template, as: [], in: []) ?? [:]
    }

    /// What Kubernetes' types make of a field, by its name.
    private struct Traits: OptionSet {
        let rawValue: Int

        /// A map whose members are amounts.
        static let amountMap = Traits(rawValue: 1)
        /// An amount.
        static let amount = Traits(rawValue: 2)
        /// Left out when false: not a pointer there, and so the same as absent.
        static let omitsFalse = Traits(rawValue: 4)
        /// The same for zero.
        static let omitsZero = Traits(rawValue: 8)
        /// The same for an empty object: a map, not a structure such as `emptyDir` or a selector, where empty says something.
        static let omitsEmpty = Traits(rawValue: 16)
        /// A map of text, in which an empty value is a value.
        static let textMap = Traits(rawValue: 32)
        /// A pointer to text, so that empty text says something: no storage class, not the default.
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

    /// `nil` where the value is left out.
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
            // An element is kept whatever it is: its place says something.
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
