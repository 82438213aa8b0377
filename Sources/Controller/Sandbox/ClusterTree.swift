import ClusterTool
import KubernetesAPI

/// The objects of a cluster, as trees: tenants, their namespaces, the servers in them, and what each server owns.
struct ClusterTree: Sendable {
    private var objects: [Object]
    private var byOwner: [String: [Object]] = [:]
    private var byNamespace: [String: [Object]] = [:]

    /// An object, with the fields that determine its position in a tree.
    private struct Object: Sendable {
        var value: JSONValue
        var kind: String
        var name: String
        var namespace: String?
        var uid: String
        var owners: [String]
        var labels: [String: JSONValue]

        init?(_ value: JSONValue) {
            guard let kind = value["kind"]?.stringValue, let name = value[path: ["metadata", "name"]]?.stringValue
            else {
                return nil
            }
            self.value = value
            self.kind = kind
            self.name = name
            self.namespace = value[path: ["metadata", "namespace"]]?.stringValue
            self.uid = value[path: ["metadata", "uid"]]?.stringValue ?? ""
            self.owners = (value[path: ["metadata", "ownerReferences"]]?.arrayValue ?? []).compactMap {
                $0["uid"]?.stringValue
            }
            self.labels = value[path: ["metadata", "labels"]]?.objectValue ?? [:]
        }
    }

    /// - Parameter objects: complete objects of any kinds, each with its `kind`.
    init(objects: [JSONValue]) {
        self.objects = objects.compactMap(Object.init).sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
        for object in self.objects {
            for owner in object.owners { byOwner[owner, default: []].append(object) }
            if let namespace = object.namespace { byNamespace[namespace, default: []].append(object) }
        }
    }

    /// One tree for each tenant, then one for each namespace that has servers and no tenant.
    func trees() -> [TreeNode] {
        var claimed: Set<String> = []
        var trees: [TreeNode] = []
        for tenant in objects where tenant.kind == "MCPTenant" {
            let namespaces = objects.filter { object in
                object.kind == "Namespace"
                    && (object.name == tenant.value[path: ["status", "namespace"]]?.stringValue
                        || object.labels["moorage.dev/tenant"]?.stringValue == tenant.name
                        || object.owners.contains(tenant.uid))
            }
            claimed.formUnion(namespaces.map(\.name))
            trees.append(node(tenant, children: namespaces.map { namespaceNode($0.name, object: $0) }))
        }
        let unclaimed = Set(objects.filter { $0.kind == "MCPServer" }.compactMap(\.namespace)).subtracting(claimed)
        for namespace in unclaimed.sorted() {
            trees.append(namespaceNode(namespace, object: nil))
        }
        return trees
    }

    private func namespaceNode(_ name: String, object: Object?) -> TreeNode {
        let inside = byNamespace[name] ?? []
        let servers = inside.filter { $0.kind == "MCPServer" }
        // The objects of the tenant, except those that belong to servers or to others.
        let shared = inside.filter {
            $0.kind != "MCPServer" && $0.labels["app.kubernetes.io/managed-by"]?.stringValue == "moorage"
                && $0.labels["moorage.dev/server"] == nil
        }
        let children = shared.map { node($0) } + servers.map { node($0, children: descendants(of: $0, depth: 0)) }
        guard let object else { return TreeNode("Namespace \(name)", children: children) }
        return node(object, children: children)
    }

    private func descendants(of owner: Object, depth: Int) -> [TreeNode] {
        // An API server accepts circular owner references, so the depth is limited.
        guard depth < 8, !owner.uid.isEmpty else { return [] }
        // Objects that are kept after a server is deleted have a label instead of an owner reference.
        let retained = (byNamespace[owner.namespace ?? ""] ?? []).filter { object in
            owner.kind == "MCPServer" && object.owners.isEmpty
                && object.labels["app.kubernetes.io/managed-by"]?.stringValue == "moorage"
                && object.labels["moorage.dev/server"]?.stringValue == owner.name
        }
        let children = ((byOwner[owner.uid] ?? []) + retained).sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
        return children.map { node($0, children: descendants(of: $0, depth: depth + 1)) }
    }

    private func node(_ object: Object, children: [TreeNode] = []) -> TreeNode {
        let (summary, state) = ClusterTree.health(kind: object.kind, value: object.value)
        let notes = object.kind.hasPrefix("MCP") ? ClusterTree.conditionLines(object.value) : []
        return TreeNode(
            "\(object.kind) \(object.name)",
            summary: summary,
            state: state,
            notes: notes,
            children: children
        )
    }

    private static func health(kind: String, value: JSONValue) -> (String, TreeNode.State) {
        let status = value["status"]
        switch kind {
        case "MCPServer", "MCPTenant", "MCPServerClass":
            guard let ready = conditions(value).first(where: { $0["type"]?.stringValue == "Ready" }) else {
                return ("", .neutral)
            }
            if ready["status"]?.stringValue == "True" {
                let url = status?["url"]?.stringValue.map { "  \($0)" } ?? ""
                return ("Ready\(url)", .good)
            }
            let isStalled = conditions(value).contains {
                $0["type"]?.stringValue == "Stalled" && $0["status"]?.stringValue == "True"
            }
            return ("not ready: \(ready["reason"]?.stringValue ?? "?")", isStalled ? .bad : .waiting)
        case "Deployment", "ReplicaSet", "StatefulSet":
            let wanted = value[path: ["spec", "replicas"]]?.integerValue ?? 1
            let ready = status?["readyReplicas"]?.integerValue ?? 0
            return ("\(ready)/\(wanted) ready", ready >= wanted ? .good : .waiting)
        case "Pod", "PersistentVolumeClaim", "Namespace":
            guard let phase = status?["phase"]?.stringValue else { return ("", .neutral) }
            return (phase, ["Running", "Bound", "Active", "Succeeded"].contains(phase) ? .good : .waiting)
        default:
            return ("", .neutral)
        }
    }

    private static func conditions(_ value: JSONValue) -> [JSONValue] {
        value[path: ["status", "conditions"]]?.arrayValue ?? []
    }

    /// `Accepted=True Admitted: message`, in the order that the object has them.
    static func conditionLines(_ value: JSONValue) -> [String] {
        conditions(value).map { condition in
            let head = "\(condition["type"]?.stringValue ?? "?")=\(condition["status"]?.stringValue ?? "?")"
            let reason = condition["reason"]?.stringValue ?? ""
            let message = condition["message"]?.stringValue ?? ""
            return message.isEmpty ? "\(head) \(reason)" : "\(head) \(reason): \(message)"
        }
    }
}
