import CRDModels
public import KubernetesAPI
public import SandboxCluster

/// What the operator has made of a sandbox, without what differs between two runs that did the same: identities, versions and
/// times. Two runs that end in the same place have equal snapshots.
public struct ClusterSnapshot: Sendable, Equatable {
    /// The objects, by `plural/namespace/name`.
    public private(set) var objects: [String: JSONValue] = [:]

    /// The kinds that are looked at: all that Moorage renders, and its own.
    private static let kinds: [ResourceType] = [
        MCPTenant.resourceType, MCPServer.resourceType, .namespace, .serviceAccount, .secret, .persistentVolumeClaim,
        .service, .deployment, .networkPolicy, .podDisruptionBudget, .horizontalPodAutoscaler, .ingress, .resourceQuota,
        .limitRange, .roleBinding,
    ]

    /// Takes a snapshot of what is in one namespace, and of what is in none.
    public init(_ sandbox: SandboxCluster, namespace: String) {
        for type in Self.kinds {
            for object in sandbox.objects(type) {
                let metadata = object["metadata"] ?? [:]
                let name = metadata["name"]?.stringValue ?? ""
                let place = metadata["namespace"]?.stringValue
                guard (place ?? (type == .namespace ? name : namespace)) == namespace else { continue }
                objects["\(type.plural)/\(place ?? "")/\(name)"] = Self.settled(object, of: type)
            }
        }
    }

    /// How another snapshot differs from this one, in words; `nil` where it does not.
    public func difference(from expected: ClusterSnapshot) -> String? {
        var lines: [String] = []
        for key in Set(objects.keys).union(expected.objects.keys).sorted() where objects[key] != expected.objects[key] {
            switch (objects[key], expected.objects[key]) {
            case (nil, _): lines.append("\(key) is missing")
            case (_, nil): lines.append("\(key) is left over")
            case (let found?, let want?):
                lines.append("\(key) is\n  \(Self.text(found))\nand not\n  \(Self.text(want))")
            }
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    private static func text(_ value: JSONValue) -> String { String(decoding: value.serialized(), as: UTF8.self) }

    private static func settled(_ object: JSONValue, of type: ResourceType) -> JSONValue {
        var object = object
        var metadata = object["metadata"] ?? [:]
        for key in ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"] {
            metadata[key] = nil
        }
        if let owners = metadata["ownerReferences"]?.arrayValue {
            metadata["ownerReferences"] = .array(
                owners.map { owner in
                    var owner = owner
                    owner["uid"] = nil
                    return owner
                }
            )
        }
        // The fingerprint of the render holds the owner's identity; what the built-in controllers note is not the operator's.
        metadata["annotations"]?["moorage.dev/render-hash"] = nil
        metadata["annotations"]?["deployment.kubernetes.io/revision"] = nil
        // Users' own, which tests write.
        if type == MCPServer.resourceType || type == MCPTenant.resourceType { metadata["annotations"] = nil }
        object["metadata"] = metadata
        for key in ["clusterIP", "clusterIPs", "volumeName"] { object["spec"]?[key] = nil }
        let status = object["status"]
        object["status"] = nil
        if type == MCPServer.resourceType || type == MCPTenant.resourceType {
            object["status"] = status.map(settledStatus)
        }
        return object
    }

    /// The status with the gist of its conditions alone, and without the generation that was observed: two edits in quick
    /// succession may count as one or as two.
    private static func settledStatus(_ status: JSONValue) -> JSONValue {
        var status = status
        status["observedGeneration"] = nil
        status["namespaceUID"] = nil
        status["conditions"] = .array(
            (status["conditions"]?.arrayValue ?? []).map { condition in
                var condition = condition
                for key in ["lastTransitionTime", "observedGeneration", "message"] { condition[key] = nil }
                return condition
            }
        )
        return status
    }
}
