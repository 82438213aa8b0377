import KubernetesAPI

/// The simulated controller of EndpointSlices.
extension ClusterState {
    private static let slices = ResourceKey(group: "discovery.k8s.io", plural: "endpointslices")
    static let services = ResourceKey(group: "", plural: "services")
    private static let serviceName = "kubernetes.io/service-name"

    mutating func refreshEndpoints(for pod: StoredObject) {
        for service in storage.objects(ClusterState.services, namespace: pod.key.namespace) {
            guard let selector = service.value[path: ["spec", "selector"]]?.objectValue, !selector.isEmpty else {
                continue
            }
            if selector.allSatisfy({ pod.labels[$0.key] == $0.value.stringValue }) { endpoints(service) }
        }
    }

    /// Writes the slices of a Service: one for each set of ports that its pods have.
    mutating func endpoints(_ service: StoredObject) {
        let selector = service.value[path: ["spec", "selector"]]?.stringMap ?? [:]
        guard !selector.isEmpty, !service.value.isBeingDeleted else { return }
        let pods = storage.objects(ClusterState.pods, namespace: service.key.namespace).filter { pod in
            selector.allSatisfy { pod.labels[$0.key] == $0.value } && isReady(pod.value)
                && !pod.value.isBeingDeleted
        }
        var groups: [JSONValue: [JSONValue]] = [:]
        for pod in ClusterState.sorted(pods) {
            groups[.array(ports(of: service, in: pod)), default: []].append(endpoint(pod))
        }
        // A Service without pods has a slice without endpoints and ports.
        if groups.isEmpty { groups = [.null: []] }
        var stale = Set(slices(of: service.key).map(\.key))
        for (ports, list) in groups {
            let endpoints: JSONValue = list.isEmpty ? .null : .array(list)
            let name = "\(service.key.name)-\(shortHash(ports).prefix(5))"
            let key = ObjectKey(resource: ClusterState.slices, namespace: service.key.namespace, name: name)
            stale.remove(key)
            write(endpoints, ports, of: service, at: key)
        }
        for key in stale { erase(key) }
    }

    private mutating func write(
        _ endpoints: JSONValue,
        _ ports: JSONValue,
        of service: StoredObject,
        at key: ObjectKey
    ) {
        if var value = storage[key]?.value {
            value["endpoints"] = endpoints
            store(value, at: key)
            return
        }
        // The Service's own labels are copied.
        var labels = service.value.metadata["labels"] ?? [:]
        labels[ClusterState.serviceName] = .string(service.key.name)
        labels["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io"
        make(
            "discovery.k8s.io/v1",
            "EndpointSlice",
            namespace: key.namespace,
            [
                "addressType": "IPv4", "endpoints": endpoints, "ports": ports,
                "metadata": [
                    "name": .string(key.name), "generateName": .string("\(service.key.name)-"),
                    "labels": labels, "ownerReferences": [ownerReference(service)],
                ],
            ]
        )
    }

    private func endpoint(_ pod: StoredObject) -> JSONValue {
        var result: JSONValue = [
            "addresses": [pod.value[path: ["status", "podIP"]] ?? ""],
            "conditions": ["ready": true, "serving": true, "terminating": false],
            "targetRef": [
                "kind": "Pod", "name": .string(pod.key.name), "namespace": .string(pod.key.namespace),
                "uid": .string(pod.uid),
            ],
        ]
        result["nodeName"] = pod.value[path: ["spec", "nodeName"]]
        return result
    }

    /// The ports of a Service resolved for a pod. Named ports that the pod does not have are omitted.
    private func ports(of service: StoredObject, in pod: StoredObject) -> [JSONValue] {
        (service.value[path: ["spec", "ports"]]?.arrayValue ?? []).compactMap { port in
            let networkProtocol = port["protocol"]?.stringValue ?? "TCP"
            var number = port["targetPort"]?.integerValue
            if let name = port["targetPort"]?.stringValue {
                number = containerPort(name, networkProtocol, in: pod.value)
            } else if number == nil {
                number = port["port"]?.integerValue
            }
            guard let number else { return nil }
            var result: JSONValue = [
                "name": port["name"] ?? "", "port": .integer(number), "protocol": .string(networkProtocol),
            ]
            result["appProtocol"] = port["appProtocol"]
            return result
        }
    }

    private func containerPort(_ name: String, _ networkProtocol: String, in pod: JSONValue) -> Int64? {
        let spec = pod["spec"] ?? [:]
        // Init containers are included if they keep running as sidecars.
        let sidecars = (spec["initContainers"]?.arrayValue ?? []).filter { $0["restartPolicy"] == "Always" }
        for container in (spec["containers"]?.arrayValue ?? []) + sidecars {
            for port in container["ports"]?.arrayValue ?? []
            where port["name"]?.stringValue == name && (port["protocol"]?.stringValue ?? "TCP") == networkProtocol {
                return port["containerPort"]?.integerValue
            }
        }
        return nil
    }

    private func slices(of service: ObjectKey) -> [StoredObject] {
        storage.objects(ClusterState.slices, namespace: service.namespace).filter { slice in
            slice.labels[ClusterState.serviceName] == service.name
                && slice.value.ownerReferences.contains { $0["kind"] == "Service" }
        }
    }

    mutating func removeSlices(of service: ObjectKey) {
        for slice in slices(of: service) { erase(slice.key) }
    }
}
