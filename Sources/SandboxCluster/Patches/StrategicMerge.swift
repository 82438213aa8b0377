import KubernetesAPI

/// The strategic merge patch of built-in kinds: lists are merged by their keys, and directives delete and replace.
enum StrategicMerge {
    static func apply(_ patch: JSONValue, to target: JSONValue?, as type: FieldType) -> JSONValue? {
        switch (patch, type) {
        case (.object(let members), _):
            switch members["$patch"]?.stringValue {
            case "replace": return .object(clean(members.filter { $0.key != "$patch" }))
            case "delete": return nil
            default: break
            }
            if case .any = type { return Patches.merge(patch, into: target) }
            return object(members, into: target?.objectValue ?? [:], as: type)
        case (.array(let elements), .list(let elementType, let merge)):
            guard let key = merge.patchMergeKey else { return patch }
            return .array(list(elements, into: target?.arrayValue ?? [], key: key, as: elementType))
        default: return patch
        }
    }

    private static func object(
        _ patch: [String: JSONValue],
        into target: [String: JSONValue],
        as type: FieldType
    ) -> JSONValue {
        let fields = type.objectType?.fields
        var result = target
        if let retained = patch["$retainKeys"]?.arrayValue?.compactMap(\.stringValue) {
            result = result.filter { retained.contains($0.key) }
        }
        for (key, value) in patch where key != "$retainKeys" && key != "$patch" {
            if key.hasPrefix("$deleteFromPrimitiveList/") {
                let name = String(key.dropFirst("$deleteFromPrimitiveList/".count))
                let gone = Set(value.arrayValue ?? [])
                result[name] = result[name]?.arrayValue.map { .array($0.filter { !gone.contains($0) }) }
                continue
            }
            if key.hasPrefix("$setElementOrder/") { continue }
            let fieldType: FieldType =
                if case .map(let values) = type { values } else { fields?[key]?.type ?? .any }
            result[key] = value.isNull ? JSONValue?.none : apply(value, to: result[key], as: fieldType)
        }
        for (key, order) in patch where key.hasPrefix("$setElementOrder/") {
            let name = String(key.dropFirst("$setElementOrder/".count))
            guard let elements = result[name]?.arrayValue, let order = order.arrayValue,
                case .list(_, let merge)? = fields?[name]?.type
            else { continue }
            let original = target[name]?.arrayValue ?? []
            result[name] = .array(ordered(elements, by: order, original: original, key: merge.patchMergeKey ?? ""))
        }
        return .object(result)
    }

    private static func list(
        _ patch: [JSONValue],
        into target: [JSONValue],
        key: String,
        as type: FieldType
    ) -> [JSONValue] {
        if patch.contains(where: { $0["$patch"]?.stringValue == "replace" }) {
            return patch.filter { $0["$patch"] == nil }
        }
        var result = target
        for element in patch {
            guard !key.isEmpty, element.objectValue != nil else {
                if !result.contains(element) { result.append(element) }
                continue
            }
            let index = result.firstIndex { $0[key] == element[key] }
            if element["$patch"]?.stringValue == "delete" {
                if let index { result.remove(at: index) }
            } else if let index {
                result[index] = apply(element, to: result[index], as: type) ?? .null
            } else if let added = apply(element, to: nil, as: type) {
                result.append(added)
            }
        }
        return ordered(result, by: patch, original: target, key: key)
    }

    /// Sorts the named elements into the given order among the others, which keep theirs. An element that already
    /// existed precedes a named one only if it did before, so that new elements come first.
    private static func ordered(
        _ elements: [JSONValue],
        by order: [JSONValue],
        original: [JSONValue],
        key: String
    ) -> [JSONValue] {
        func rank(_ element: JSONValue, in list: [JSONValue]) -> Int? {
            list.firstIndex { key.isEmpty ? $0 == element : $0[key] == element[key] }
        }
        var named = elements.filter { rank($0, in: order) != nil }
            .sorted { (rank($0, in: order) ?? 0) < (rank($1, in: order) ?? 0) }[...]
        var result: [JSONValue] = []
        for element in elements where rank(element, in: order) == nil {
            while let next = named.first {
                if let place = rank(next, in: original), let own = rank(element, in: original), own < place { break }
                result.append(next)
                named.removeFirst()
            }
            result.append(element)
        }
        return result + named
    }

    private static func clean(_ members: [String: JSONValue]) -> [String: JSONValue] {
        members.filter { !$0.key.hasPrefix("$") }
    }
}
