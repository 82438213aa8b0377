internal import KubernetesAPI

/// Checks whether a live object already has all fields of a rendered one.
///
/// What the API server defaulted and what others added (sidecars, annotations, injected variables) does not matter:
/// only fields that we render are compared. Lists are matched as the API server merges them on apply: by key where the
/// list is a map, element by element where it is atomic.
enum FieldCoverage {
    /// Whether applying `desired` over `live` would change nothing but bookkeeping.
    ///
    /// - Parameters:
    ///   - live: the object in the cluster.
    ///   - desired: the rendered object.
    static func covers(live: JSONValue, desired: JSONValue) -> Bool {
        // The lists of a NetworkPolicy are atomic and rendered with every default, so additional elements are drift:
        // one more peer or port allows more traffic.
        if desired["kind"]?.stringValue == "NetworkPolicy", live["spec"] != desired["spec"] { return false }
        return covers(live: live, desired: desired, key: "", parent: "")
    }

    private static func covers(live: JSONValue?, desired: JSONValue, key: String, parent: String) -> Bool {
        switch desired {
        case .object(let members):
            guard let live else {
                return members.values.allSatisfy { covers(live: nil, desired: $0, key: "", parent: "") }
            }
            guard case .object(let liveMembers) = live else { return false }
            return members.allSatisfy { name, value in
                covers(live: liveMembers[name], desired: value, key: name, parent: key)
            }
        case .array(let elements):
            guard let live else { return elements.isEmpty }
            guard case .array(let liveElements) = live else { return false }
            return covers(live: liveElements, desired: elements, key: key)
        case .string(let text):
            guard case .string(let liveText)? = live else { return false }
            return text == liveText || (quantityParents.contains(parent) && sameQuantity(text, liveText))
        case .null:
            return live == nil || live == .null
        case .bool, .integer, .number:
            return live == desired
        }
    }

    private static func covers(live: [JSONValue], desired: [JSONValue], key: String) -> Bool {
        guard let keys = mapKeys(list: key, element: desired.first) else {
            return live.count == desired.count
                && zip(live, desired).allSatisfy { covers(live: $0, desired: $1, key: "", parent: key) }
        }
        return desired.allSatisfy { element in
            live.contains { candidate in
                keys.allSatisfy { name, fallback in
                    (candidate[name] ?? fallback) == (element[name] ?? fallback)
                } && covers(live: candidate, desired: element, key: "", parent: key)
            }
        }
    }

    /// The first list of a render in which two elements have the same key, with the key's values, as in
    /// `spec.template.spec.containers[0].env: name "A"`. The API server creates most of such objects, and refuses to apply
    /// them.
    static func duplicate(in desired: JSONValue, path: String = "", key: String = "") -> String? {
        switch desired {
        case .object(let members):
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                let path = path.isEmpty ? name : "\(path).\(name)"
                if let found = duplicate(in: value, path: path, key: name) { return found }
            }
        case .array(let elements):
            if let keys = mapKeys(list: key, element: elements.first) {
                var seen: Set<[JSONValue?]> = []
                for element in elements {
                    let identity = keys.map { name, fallback in element[name] ?? fallback }
                    if seen.insert(identity).inserted { continue }
                    let values = zip(keys, identity).map { key, value in
                        "\(key.0) \(String(decoding: (value ?? .null).serialized(), as: UTF8.self))"
                    }
                    return "\(path): \(values.joined(separator: ", "))"
                }
            }
            for (index, element) in elements.enumerated() {
                if let found = duplicate(in: element, path: "\(path)[\(index)]") { return found }
            }
        case .string, .null, .bool, .integer, .number: break
        }
        return nil
    }

    /// The fields that contain quantities, which the API server rewrites: it returns `1024Mi` as `1Gi`.
    private static let quantityParents: Set<String> = [
        "limits", "requests", "hard", "default", "defaultRequest", "max", "min", "maxLimitRequestRatio",
    ]

    private static func sameQuantity(_ left: String, _ right: String) -> Bool {
        guard let left = Quantity(left), let right = Quantity(right) else { return false }
        return left == right
    }

    /// The keys, with their defaults, by which the API server merges a list (`x-kubernetes-list-map-keys`), or `nil`
    /// for an atomic list.
    private static func mapKeys(list: String, element: JSONValue?) -> [(String, JSONValue?)]? {
        switch list {
        case "containers", "initContainers", "volumes", "env", "imagePullSecrets", "secrets": [("name", nil)]
        case "volumeMounts": [("mountPath", nil)]
        case "ownerReferences": [("uid", nil)]
        case "hostAliases": [("ip", nil)]
        case "topologySpreadConstraints": [("topologyKey", nil), ("whenUnsatisfiable", nil)]
        case "ports" where element?["containerPort"] != nil: [("containerPort", nil), ("protocol", "TCP")]
        case "ports": [("port", nil), ("protocol", "TCP")]
        default: nil
        }
    }
}
