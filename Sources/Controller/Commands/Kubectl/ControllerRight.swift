import CRDModels
import KubernetesAPI

/// A right that the controller needs: the parts of `charts/moorage/templates/rbac.yaml` without which it cannot work at all.
struct ControllerRight: CustomStringConvertible {
    var verb: String
    var group: String
    var resource: String
    var subresource: String?
    var name: String?
    var namespace: String?

    var description: String {
        let full = resource + (subresource.map { "/\($0)" } ?? "")
        return "\(verb) \(group.isEmpty ? full : "\(full).\(group)")"
    }

    var attributes: JSONValue {
        var value: JSONValue = [
            "verb": .string(verb), "group": .string(group), "resource": .string(resource),
        ]
        if let subresource { value["subresource"] = .string(subresource) }
        if let name { value["name"] = .string(name) }
        if let namespace { value["namespace"] = .string(namespace) }
        return value
    }

    /// - Parameter namespaces: those that the controller manages; empty for all.
    static func all(namespaces: [String], systemNamespace: String, lease: String?) -> [ControllerRight] {
        var rights = [
            ControllerRight(verb: "list", group: Moorage.group, resource: "mcptenants"),
            ControllerRight(verb: "patch", group: Moorage.group, resource: "mcptenants", subresource: "status"),
            ControllerRight(verb: "list", group: Moorage.group, resource: "mcpserverclasses"),
            ControllerRight(verb: "watch", group: "", resource: "namespaces"),
            ControllerRight(
                verb: "create",
                group: "apps",
                resource: "controllerrevisions",
                namespace: systemNamespace
            ),
        ]
        if let lease {
            rights.append(
                ControllerRight(
                    verb: "update",
                    group: "coordination.k8s.io",
                    resource: "leases",
                    name: lease,
                    namespace: systemNamespace
                )
            )
        }
        let places: [String?] = namespaces.isEmpty ? [nil] : namespaces.map { $0 }
        for place in places {
            let own: [(String, String, String, String?)] = [
                ("watch", Moorage.group, "mcpservers", nil), ("patch", Moorage.group, "mcpservers", "status"),
                ("create", Moorage.group, "mcpserverrevisions", nil), ("patch", "apps", "deployments", nil),
                ("patch", "", "services", nil), ("patch", "", "secrets", nil), ("list", "", "pods", nil),
                ("patch", "networking.k8s.io", "networkpolicies", nil),
                ("patch", "rbac.authorization.k8s.io", "rolebindings", nil),
            ]
            rights += own.map { verb, group, resource, subresource in
                ControllerRight(
                    verb: verb,
                    group: group,
                    resource: resource,
                    subresource: subresource,
                    namespace: place
                )
            }
        }
        return rights
    }
}
