import KubernetesAPI

/// A pod that a request is passed on to.
struct ProxiedPod: Sendable {
    var uid: String
    /// What it serves over MCP.
    var contract: String
}

/// A path such as `/api/v1/namespaces/NS/pods/[https:]NAME[:PORT]/proxy/PATH`.
struct ProxyPath: Sendable, Hashable {
    var namespace: String
    /// `pods` or `services`.
    var plural: String
    var name: String
    /// A number or a name.
    var port: String?
    /// The path at the pod.
    var path: String

    init?(_ text: String) {
        // "", api, v1, namespaces, NS, pods, NAME, proxy, PATH
        let parts = text.split(separator: "/", maxSplits: 8, omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 8, parts[1] == "api", parts[2] == "v1", parts[3] == "namespaces",
            parts[5] == "pods" || parts[5] == "services", parts[7] == "proxy"
        else { return nil }
        namespace = parts[4]
        plural = parts[5]
        path = "/" + (parts.count > 8 ? parts[8] : "")
        var words = parts[6].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if words.count > 1, words[0] == "http" || words[0] == "https" || words[0].isEmpty { words.removeFirst() }
        name = words[0]
        port = words.count > 1 && !words[1].isEmpty ? words[1] : nil
    }
}

extension ClusterState {
    /// The pod that a request through the `proxy` subresource reaches.
    ///
    /// - Throws: the API server's answer if there is none, or the client is not allowed to.
    mutating func proxied(_ request: SandboxRequest, _ path: ProxyPath) throws(APIFailure) -> ProxiedPod {
        let verb = Self.proxyVerbs[request.method] ?? request.method.lowercased()
        do throws(APIFailure) {
            let pod = try reach(request, path, verb: verb)
            record(request, path, verb: verb, code: 200)
            return pod
        } catch {
            record(request, path, verb: verb, code: error.status.code ?? 500)
            throw error
        }
    }

    /// The verbs with which the proxy is authorized.
    private static let proxyVerbs = [
        "GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete",
    ]

    /// Records a request; what the pod answers is not known here.
    private mutating func record(_ request: SandboxRequest, _ path: ProxyPath, verb: String, code: Int) {
        guard requests.count < configuration.requestLimit else { return }
        requests.append(
            RequestRecord(
                verb: verb,
                path: request.path,
                user: "",
                group: "",
                resource: path.plural,
                namespace: path.namespace,
                name: path.name,
                subresource: "proxy",
                userAgent: request.userAgent,
                fieldManager: "",
                code: code,
                changed: false
            )
        )
    }

    private mutating func reach(
        _ request: SandboxRequest,
        _ path: ProxyPath,
        verb: String
    ) throws(APIFailure) -> ProxiedPod {
        let target = SandboxRequest.Target(
            group: "",
            version: "v1",
            plural: path.plural,
            namespace: path.namespace,
            name: path.name,
            subresource: "proxy"
        )
        let user = try authenticate(request, target: target, verb: verb)
        if configuration.enforcesRBAC {
            try authorize(request.access(target, verb: verb), for: user)
        }
        guard let definition = registry["", "v1", path.plural],
            let object = storage[ObjectKey(resource: definition.key, namespace: path.namespace, name: path.name)]
        else { throw registry["", "v1", path.plural].map { .notFound($0, path.name) } ?? .noSuchPath }
        let pod: StoredObject
        var port = path.port
        if path.plural == "services" {
            (pod, port) = try endpoint(of: object, port: path.port)
        } else {
            pod = object
        }
        guard isReady(pod.value), !pod.value.isBeingDeleted, opens(pod.value, port) else {
            let address = pod.value[path: ["status", "podIP"]]?.stringValue ?? ""
            throw APIFailure(
                503,
                "ServiceUnavailable",
                "error trying to reach service: dial tcp \(address):\(port ?? "80"): connect: connection refused"
            )
        }
        return ProxiedPod(uid: pod.uid, contract: contract(of: pod.value))
    }

    /// The first ready pod of a Service, and its port.
    private func endpoint(of service: StoredObject, port: String?) throws(APIFailure) -> (StoredObject, String?) {
        let ports = service.value[path: ["spec", "ports"]]?.arrayValue ?? []
        let wanted = ports.first { entry in
            port == nil || entry["name"]?.stringValue == port || entry["port"]?.integerValue.map { "\($0)" } == port
        }
        let selector = service.value[path: ["spec", "selector"]]?.objectValue ?? [:]
        let pods = ClusterState.sorted(storage.objects(ClusterState.pods, namespace: service.key.namespace))
        let ready = pods.first { pod in
            !selector.isEmpty && isReady(pod.value) && !pod.value.isBeingDeleted
                && selector.allSatisfy { pod.labels[$0.key] == $0.value.stringValue }
        }
        guard let wanted, let ready else {
            throw APIFailure(
                503,
                "ServiceUnavailable",
                "no endpoints available for service \"\(service.key.name)\""
            )
        }
        let target = wanted["targetPort"] ?? wanted["port"]
        return (ready, target?.stringValue ?? target?.integerValue.map { "\($0)" })
    }

    /// Whether a container of a pod opens a port, by number or name. Without a port, the API server uses 80.
    private func opens(_ pod: JSONValue, _ port: String?) -> Bool {
        (pod[path: ["spec", "containers"]]?.arrayValue ?? []).contains { container in
            (container["ports"]?.arrayValue ?? []).contains { entry in
                let number = entry["containerPort"]?.integerValue.map { "\($0)" }
                return number == port ?? "80" || entry["name"]?.stringValue == port
            }
        }
    }

    /// What a pod serves: the annotation of the pod or of one of its owners, or what the configuration says about its image.
    private func contract(of pod: JSONValue) -> String {
        var object: JSONValue? = pod
        for _ in 0..<5 {
            guard let current = object else { break }
            if let text = current[path: ["metadata", "annotations", StandInContract.annotation]]?.stringValue {
                return text
            }
            object = owner(of: current)
        }
        let images = (pod[path: ["spec", "containers"]]?.arrayValue ?? []).compactMap { $0["image"]?.stringValue }
        let known = images.compactMap { configuration.contracts[$0] }.first
        return known ?? StandInContract.builtIn
    }

    private func owner(of object: JSONValue) -> JSONValue? {
        let reference =
            object.ownerReferences.first { $0["controller"]?.boolValue == true } ?? object.ownerReferences.first
        guard let reference, let version = reference["apiVersion"]?.stringValue,
            let kind = reference["kind"]?.stringValue,
            let name = reference["name"]?.stringValue, let definition = registry.kind(version, kind)
        else { return nil }
        let namespace = definition.type.isNamespaced ? object.objectNamespace : ""
        return storage[ObjectKey(resource: definition.key, namespace: namespace, name: name)]?.value
    }
}
