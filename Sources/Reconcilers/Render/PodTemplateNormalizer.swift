internal import KubernetesAPI

/// Brings a pod template to the form in which the API server gives it back, so that what was applied and what is there can
/// be compared field by field: amounts in their canonical text, and none of the empty values that the server leaves out.
enum PodTemplateNormalizer {
    static func normalize(_ template: JSONValue) -> JSONValue {
        normalize(template, key: "", parent: "") ?? [:]
    }

    /// Fields whose members are amounts.
    private static let amountMaps: Set<String> = ["limits", "requests", "overhead"]
    /// Fields that are amounts.
    private static let amounts: Set<String> = ["sizeLimit", "divisor"]
    /// Fields that Kubernetes' types leave out when they are false: not pointers there, and so the same as absent.
    private static let falseFields: Set<String> = [
        "hostNetwork", "hostPID", "hostIPC", "stdin", "stdinOnce", "tty", "readOnly",
    ]
    /// The same for zero.
    private static let zeroFields: Set<String> = ["hostPort", "initialDelaySeconds"]
    /// The same for empty objects: maps, but not structures such as `emptyDir` or a selector, where empty says something.
    private static let emptyFields: Set<String> = [
        "nodeSelector", "labels", "annotations", "matchLabels", "limits", "requests", "overhead",
    ]
    /// Maps of text, in which an empty value is a value.
    private static let textMaps: Set<String> = [
        "nodeSelector", "labels", "annotations", "matchLabels", "volumeAttributes",
    ]
    /// Fields that are pointers in Kubernetes' types, so that empty text says something: no storage class, not the default.
    private static let meaningfulTexts: Set<String> = ["storageClassName", "volumeAttributesClassName"]

    /// `nil` where the value is left out.
    private static func normalize(_ value: JSONValue, key: String, parent: String) -> JSONValue? {
        switch value {
        case .null: return nil
        case .bool(false) where falseFields.contains(key): return nil
        case .integer(0) where zeroFields.contains(key): return nil
        case .string("") where !textMaps.contains(parent) && !meaningfulTexts.contains(key): return nil
        case .string, .integer, .number: return isAmount(key, parent) ? amount(value) : value
        case .bool: return value
        case .array(let elements):
            guard !elements.isEmpty else { return nil }
            // An element is kept whatever it is: its place says something.
            return .array(elements.map { normalize($0, key: "", parent: "") ?? $0 })
        case .object(let members):
            if members.isEmpty, emptyFields.contains(key) { return nil }
            var result: [String: JSONValue] = [:]
            for (name, member) in members { result[name] = normalize(member, key: name, parent: key) }
            return .object(result)
        }
    }

    private static func isAmount(_ key: String, _ parent: String) -> Bool {
        amountMaps.contains(parent) || amounts.contains(key)
    }

    private static func amount(_ value: JSONValue) -> JSONValue {
        guard let quantity: Quantity = try? value.decode() else { return value }
        return .string(quantity.canonicalText)
    }
}
