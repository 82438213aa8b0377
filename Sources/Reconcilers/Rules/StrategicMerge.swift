internal import KubernetesAPI

/// Kubernetes' strategic merge patch of a pod template: objects are merged member by member, and lists whose elements have
/// a key are merged element by element. `$patch: delete`, `$patch: replace`, `$retainKeys` and
/// `$deleteFromPrimitiveList/…` are understood; `$setElementOrder/…` is ignored, since the order here is always that of the
/// original, then what the patch adds.
enum StrategicMerge {
    /// A patch that cannot be applied.
    struct PatchError: Error, Sendable, Hashable {
        /// The field, as a path.
        var field: String
        /// What is wrong.
        var message: String
    }

    /// The keys by which the lists of a pod template are merged (`patchMergeKey` of Kubernetes' types). Lists that are not
    /// here are replaced whole.
    private static let mergeKeys: [String: String] = [
        "spec.containers": "name",
        "spec.initContainers": "name",
        "spec.ephemeralContainers": "name",
        "spec.volumes": "name",
        "spec.imagePullSecrets": "name",
        "spec.hostAliases": "ip",
        "spec.topologySpreadConstraints": "topologyKey",
        "spec.resourceClaims": "name",
        "spec.containers.env": "name",
        "spec.containers.ports": "containerPort",
        "spec.containers.volumeMounts": "mountPath",
        "spec.containers.volumeDevices": "devicePath",
        "spec.initContainers.env": "name",
        "spec.initContainers.ports": "containerPort",
        "spec.initContainers.volumeMounts": "mountPath",
        "spec.initContainers.volumeDevices": "devicePath",
    ]

    /// Lists of plain values that are merged as sets (`patchStrategy: merge` without a key).
    private static let mergedPrimitives: Set<String> = ["metadata.finalizers"]

    /// A pod template with a patch over it.
    ///
    /// - Throws: `PatchError`, for a patch that has no meaning.
    static func apply(_ patch: JSONValue, to original: JSONValue) throws(PatchError) -> JSONValue {
        guard case .object = patch else {
            throw PatchError(field: "", message: "must be an object with the fields of a pod template")
        }
        return try merge(original, patch, path: "") ?? [:]
    }

    /// `nil` where the patch deletes the value.
    private static func merge(
        _ original: JSONValue?,
        _ patch: JSONValue,
        path: String
    ) throws(PatchError) -> JSONValue? {
        switch patch {
        case .null: return nil
        case .object(let members): return try merge(original?.objectValue ?? [:], members, path: path)
        case .array(let elements): return try merge(original?.arrayValue ?? [], elements, path: path)
        default: return patch
        }
    }

    private static func merge(
        _ original: [String: JSONValue],
        _ patch: [String: JSONValue],
        path: String
    ) throws(PatchError) -> JSONValue? {
        var result = original
        switch patch["$patch"] {
        case nil, "merge": break
        case "replace": result = [:]
        case "delete": return nil
        case let other?:
            throw PatchError(
                field: path,
                message:
                    "$patch must be merge, replace or delete, not \(String(decoding: other.serialized(), as: UTF8.self))"
            )
        }
        if let kept = patch["$retainKeys"] {
            guard let keys = kept.arrayValue?.compactMap(\.stringValue) else {
                throw PatchError(field: path, message: "$retainKeys must be a list of field names")
            }
            result = result.filter { keys.contains($0.key) }
        }
        for (key, value) in patch.sorted(by: { $0.key < $1.key }) where !key.hasPrefix("$") {
            let field = path.isEmpty ? key : "\(path).\(key)"
            result[key] = try merge(result[key], value, path: field)
        }
        for (key, value) in patch where key.hasPrefix("$deleteFromPrimitiveList/") {
            let field = String(key.dropFirst("$deleteFromPrimitiveList/".count))
            let gone = value.arrayValue ?? []
            if let list = result[field]?.arrayValue { result[field] = .array(list.filter { !gone.contains($0) }) }
        }
        return .object(result)
    }

    private static func merge(
        _ original: [JSONValue],
        _ patch: [JSONValue],
        path: String
    ) throws(PatchError) -> JSONValue? {
        guard let mergeKey = mergeKeys[path] else {
            if mergedPrimitives.contains(path) { return .array(original + patch.filter { !original.contains($0) }) }
            return .array(patch)
        }
        var result = original
        if patch.contains(where: { $0["$patch"] == "replace" }) { result = [] }
        for element in patch {
            if element.objectValue?.keys.elementsEqual(["$patch"]) == true { continue }
            guard let key = element[mergeKey] else {
                throw PatchError(field: path, message: "every element needs \(mergeKey), by which it is merged")
            }
            let index = result.firstIndex { $0[mergeKey] == key }
            if element["$patch"] == "delete" {
                if let index { result.remove(at: index) }
                continue
            }
            var element = element
            if element["$patch"] == "replace" { element["$patch"] = nil }
            guard let merged = try merge(index.map { result[$0] }, element, path: path) else { continue }
            if let index { result[index] = merged } else { result.append(merged) }
        }
        return .array(result)
    }
}
