import KubernetesAPI

/// The stand-in for the controller of EndpointSlices.
extension ClusterState {
    private static let slices = ResourceKey(group: "discovery.k8s.io", plural: "endpointslices")

    mutating func refreshEndpoints(for pod: StoredObject) {
        let services = storage.objects(ResourceKey(group: "", plural: "services"), namespace: pod.key.namespace)
        for service in services {
            guard let selector = service.value[path: ["spec", "selector"]]?.objectValue, !selector.isEmpty else {
                continue
            }
            if selector.allSatisfy({ pod.labels[$0.key] == $0.value.stringValue }) { endpoints(service) }
        }
    }

    mutating func endpoints(_ service: StoredObject) {
        let selector = service.value[path: ["spec", "selector"]]?.stringMap ?? [:]
        guard !selector.isEmpty, !service.value.isBeingDeleted else { return }
        let name = "\(service.key.name)-sandbox"
        let key = ObjectKey(resource: ClusterState.slices, namespace: service.key.namespace, name: name)
        let pods = storage.objects(ClusterState.pods, namespace: service.key.namespace).filter { pod in
            selector.allSatisfy { pod.labels[$0.key] == $0.value } && isReady(pod.value)
        }
        let endpoints = ClusterState.sorted(pods).map { pod -> JSONValue in
            [
                "addresses": .array([pod.value[path: ["status", "podIP"]] ?? ""]),
                "conditions": ["ready": true, "serving": true, "terminating": false],
                "targetRef": [
                    "kind": "Pod", "name": .string(pod.key.name), "namespace": .string(pod.key.namespace),
                    "uid": .string(pod.uid),
                ],
            ]
        }
        if var value = storage[key]?.value {
            value["endpoints"] = .array(endpoints)
            store(value, at: key)
            return
        }
        let ports = (service.value[path: ["spec", "ports"]]?.arrayValue ?? []).map { port -> JSONValue in
            [
                "name": port["name"] ?? "", "protocol": port["protocol"] ?? "TCP",
                "port": .integer(port["targetPort"]?.integerValue ?? port["port"]?.integerValue ?? 0),
            ]
        }
        make(
            "discovery.k8s.io/v1",
            "EndpointSlice",
            namespace: service.key.namespace,
            [
                "addressType": "IPv4", "endpoints": .array(endpoints), "ports": .array(ports),
                "metadata": [
                    "name": .string(name), "labels": ["kubernetes.io/service-name": .string(service.key.name)],
                    "ownerReferences": [ownerReference(service)],
                ],
            ]
        )
    }

    mutating func removeSlices(of service: ObjectKey) {
        erase(ObjectKey(resource: ClusterState.slices, namespace: service.namespace, name: "\(service.name)-sandbox"))
    }
}
