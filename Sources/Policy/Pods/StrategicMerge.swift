package import KubernetesAPI

/// Kubernetes' strategic merge patch of a pod template: objects are merged member by member, and lists whose elements
/// have a key are merged element by element. `$patch: delete`, `$patch: replace`, `$retainKeys` and
/// `$deleteFromPrimitiveList/…` are supported. `$setElementOrder/…` is ignored, because the result always keeps the
/// order of the original, followed by what the patch adds.
package enum StrategicMerge {
    /// A patch that cannot be applied.
    package struct PatchError: Error, Sendable, Hashable {
        /// The field, as a path.
        package var field: String
        /// What is wrong.
        package var message: String
    }

    /// How the lists of Kubernetes' types are merged (`patchStrategy` and `patchMergeKey` of
    /// `k8s.io/api/core/v1/types.go` and `k8s.io/apimachinery/pkg/apis/meta/v1/types.go`), with the types of their
    /// elements. This contains every list of a pod template; other lists are replaced.
    private static let listsByType: [String: [String: ListMerge]] = [
        "ObjectMeta": [
            "finalizers": .set,
            "ownerReferences": .map(key: "uid"),
        ],
        "PodSpec": [
            "containers": .map(key: "name", of: "Container"),
            "ephemeralContainers": .map(key: "name", of: "Container"),
            "hostAliases": .map(key: "ip"),
            "imagePullSecrets": .map(key: "name"),
            "initContainers": .map(key: "name", of: "Container"),
            "resourceClaims": .map(key: "name"),
            "schedulingGates": .map(key: "name"),
            "topologySpreadConstraints": .map(key: "topologyKey"),
            "volumes": .map(key: "name", of: "Volume"),
        ],
        "Container": [
            "env": .map(key: "name"),
            "ports": .map(key: "containerPort"),
            "volumeDevices": .map(key: "devicePath"),
            "volumeMounts": .map(key: "mountPath"),
        ],
    ]

    /// The members of those types that are objects and contain such lists.
    private static let objectsByType: [String: [String: String]] = [
        "PodTemplateSpec": ["metadata": "ObjectMeta", "spec": "PodSpec"],
        "Volume": ["ephemeral": "EphemeralVolumeSource"],
        "EphemeralVolumeSource": ["volumeClaimTemplate": "PersistentVolumeClaimTemplate"],
        "PersistentVolumeClaimTemplate": ["metadata": "ObjectMeta"],
    ]

    /// How a list is merged.
    private enum ListMerge {
        /// Plain values, without duplicates.
        case set
        /// Objects, matched by the value of a member.
        case map(key: String, of: String? = nil)
    }

    /// Applies a patch to a pod template.
    ///
    /// - Throws: `PatchError` for a patch that is not valid.
    package static func apply(_ patch: JSONValue, to original: JSONValue) throws(PatchError) -> JSONValue {
        guard case .object = patch else {
            throw PatchError(field: "", message: "must be an object with the fields of a pod template")
        }
        return try merge(original, patch, path: "", type: "PodTemplateSpec", list: nil) ?? [:]
    }

    /// Returns `nil` if the patch deletes the value.
    private static func merge(
        _ original: JSONValue?,
        _ patch: JSONValue,
        path: String,
        type: String?,
        list: ListMerge?
    ) throws(PatchError) -> JSONValue? {
        switch patch {
        case .null: return nil
        case .object(let members): return try merge(original?.objectValue ?? [:], members, path: path, type: type)
        case .array(let elements): return try merge(original?.arrayValue ?? [], elements, path: path, list: list)
        default: return patch
        }
    }

    private static func merge(
        _ original: [String: JSONValue],
        _ patch: [String: JSONValue],
        path: String,
        type: String?
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
            result[key] = try merge(
                result[key],
                value,
                path: field,
                type: type.flatMap { objectsByType[$0]?[key] },
                list: type.flatMap { listsByType[$0]?[key] }
            )
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
        path: String,
        list: ListMerge?
    ) throws(PatchError) -> JSONValue? {
        let mergeKey: String
        let elementType: String?
        switch list {
        case nil: return .array(patch)
        case .set: return .array(original + patch.filter { !original.contains($0) })
        case .map(let key, let type): (mergeKey, elementType) = (key, type)
        }
        var result = original
        if patch.contains(where: { $0["$patch"] == "replace" }) { result = [] }
        for element in patch {
            if element.objectValue?.keys.elementsEqual(["$patch"]) == true { continue }
            guard let key = element[mergeKey] else {
                throw PatchError(field: path, message: "every element requires \(mergeKey), the key of this list")
            }
            let index = result.firstIndex { $0[mergeKey] == key }
            if element["$patch"] == "delete" {
                if let index { result.remove(at: index) }
                continue
            }
            var element = element
            if element["$patch"] == "replace" { element["$patch"] = nil }
            let old = index.map { result[$0] }
            guard let merged = try merge(old, element, path: path, type: elementType, list: nil) else { continue }
            if let index { result[index] = merged } else { result.append(merged) }
        }
        return .array(result)
    }
}
