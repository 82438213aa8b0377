import ClusterTool
import CRDModels
import KubernetesAPI
import KubernetesClient

extension ClusterReader {
    /// The kinds of a server's objects that are shown by what they are, and not only by their names.
    private static let shown: [ResourceType] = [
        .deployment, .pod, .service, .networkPolicy, .persistentVolumeClaim, .horizontalPodAutoscaler, .ingress,
        .httpRoute,
    ]

    /// How many pods that are not ready have their Events read.
    private static let maximumPodsWithEvents = 5

    /// A server with what belongs to it.
    func objects(ofServer server: JSONValue) async throws -> ClusterObjects {
        let name = server[path: ["metadata", "name"]]?.stringValue ?? ""
        let own = "\(MoorageLabels.server)=\(name)"
        var requests = Self.shown.map { Request(type: $0, labels: own) }
        // The values of Secrets are never read.
        requests.append(Request(type: .secret, labels: own, metadataOnly: true))
        requests.append(Request(type: MCPServerRevision.resourceType, fields: "spec.server=\(name)"))
        if server[path: ["status", "candidate"]] != nil {
            for type in [ResourceType.deployment, .pod] {
                requests.append(Request(type: type, labels: "\(MoorageLabels.candidate)=\(name)"))
            }
        }
        let found = try await lists(requests, namespace: namespace)
        var events = try await events(kind: MCPServer.resourceType.kind, name: name, namespace: namespace)
        let unready = found.objects.filter { $0["kind"] == "Pod" && !Self.isReady($0) }
        for pod in unready.prefix(Self.maximumPodsWithEvents) {
            let name = pod[path: ["metadata", "name"]]?.stringValue ?? ""
            events += try await self.events(kind: "Pod", name: name, namespace: namespace)
        }
        return ClusterObjects(subject: server, objects: found.objects, events: events, unread: found.unread)
    }

    private static func isReady(_ pod: JSONValue) -> Bool {
        (pod[path: ["status", "conditions"]]?.arrayValue ?? []).contains {
            $0["type"] == "Ready" && $0["status"] == "True"
        }
    }

    /// A tenant with its servers and the objects of its namespace.
    func objects(ofTenant tenant: JSONValue) async throws -> ClusterObjects {
        let name = tenant[path: ["metadata", "name"]]?.stringValue ?? ""
        guard let namespace = tenant[path: ["status", "namespace"]]?.stringValue, !namespace.isEmpty else {
            return ClusterObjects(subject: tenant)
        }
        let managed =
            "\(MoorageLabels.managedSelector),\(MoorageLabels.tenant),!\(MoorageLabels.server),!\(MoorageLabels.candidate)"
        var requests = [Request(type: MCPServer.resourceType)]
        for type in [ResourceType.networkPolicy, .resourceQuota, .limitRange, .roleBinding] {
            requests.append(Request(type: type, labels: managed))
        }
        var found = try await lists(requests, namespace: namespace)
        do {
            if let object = try await find(.namespace, namespace, namespace: nil) { found.objects.append(object) }
        } catch let error as APIError where error.isForbidden {
            found.unread.append(ResourceType.namespace.kind)
        }
        // Events of objects without a namespace are in the namespace default.
        let events = try await events(kind: MCPTenant.resourceType.kind, name: name, namespace: "default")
        return ClusterObjects(subject: tenant, objects: found.objects, events: events, unread: found.unread)
    }
}
