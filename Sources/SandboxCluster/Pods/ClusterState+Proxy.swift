import KubernetesAPI

/// A pod that a request or a connection is passed on to.
struct ProxiedPod: Sendable {
    /// What answers in the pod.
    enum Server: Sendable {
        /// A stand-in, with this contract.
        case standIn(contract: String)
        /// A process.
        case process
    }

    var uid: String
    /// The port of the pod.
    var port: Int
    /// The container that opens the port.
    var container: String
    var server: Server
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

    init(namespace: String, plural: String, name: String, port: String?) {
        self.namespace = namespace
        self.plural = plural
        self.name = name
        self.port = port
        path = "/"
    }

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
        let target = SandboxRequest.Target(
            group: "",
            version: "v1",
            plural: path.plural,
            namespace: path.namespace,
            name: path.name,
            subresource: "proxy"
        )
        let verb = Self.proxyVerbs[request.method] ?? request.method.lowercased()
        return try passOn(request, target, verb: verb) { state throws(APIFailure) in try state.reach(path) }
    }

    /// The verbs with which the proxy is authorized.
    private static let proxyVerbs = [
        "GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete",
    ]

    /// Authenticates, authorizes and records a request that a pod answers. What it answers is not known here.
    mutating func passOn<Result>(
        _ request: SandboxRequest,
        _ target: SandboxRequest.Target,
        verb: String,
        _ body: (inout ClusterState) throws(APIFailure) -> Result
    ) throws(APIFailure) -> Result {
        do throws(APIFailure) {
            let user = try authenticate(request, target: target, verb: verb)
            if configuration.enforcesRBAC { try authorize(request.access(target, verb: verb), for: user) }
            if let resource = registry["", "v1", target.plural], let subresource = target.subresource {
                let name = target.name ?? ""
                let key = ObjectKey(resource: resource.key, namespace: target.namespace ?? "", name: name)
                try admitConnection(resource, subresource: subresource, key: key, user: user, request)
            }
            let result = try body(&self)
            record(request, target, verb: verb, code: 200)
            return result
        } catch {
            record(request, target, verb: verb, code: error.status.code ?? 500)
            throw error
        }
    }

    private mutating func record(
        _ request: SandboxRequest,
        _ target: SandboxRequest.Target,
        verb: String,
        code: Int
    ) {
        guard requests.count < configuration.requestLimit else { return }
        requests.append(
            RequestRecord(
                verb: verb,
                path: request.path,
                user: "",
                group: "",
                resource: target.plural,
                namespace: target.namespace ?? "",
                name: target.name ?? "",
                subresource: target.subresource,
                userAgent: request.userAgent,
                fieldManager: "",
                code: code,
                changed: false
            )
        )
    }

    private func reach(_ path: ProxyPath) throws(APIFailure) -> ProxiedPod {
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
        guard let reached = reach(pod.value, port: port) else {
            let address = pod.value[path: ["status", "podIP"]]?.stringValue ?? ""
            throw APIFailure(
                503,
                "ServiceUnavailable",
                "error trying to reach service: dial tcp \(address):\(port ?? "80"): connect: connection refused"
            )
        }
        return reached
    }

    /// What answers on a port of a pod, by number or name; `nil` if nothing does. Without a port, the API server uses 80.
    func reach(_ pod: JSONValue, port: String?) -> ProxiedPod? {
        let uid = pod[path: ["metadata", "uid"]]?.stringValue ?? ""
        for container in pod[path: ["spec", "containers"]]?.arrayValue ?? [] {
            for entry in container["ports"]?.arrayValue ?? [] {
                guard let number = entry["containerPort"]?.integerValue,
                    String(number) == port ?? "80" || entry["name"]?.stringValue == port
                else { continue }
                let isProcess = isProcess(container, of: pod)
                guard isProcess || isReady(pod) && !pod.isBeingDeleted else { return nil }
                return ProxiedPod(
                    uid: uid,
                    port: Int(number),
                    container: container["name"]?.stringValue ?? "",
                    server: isProcess ? .process : .standIn(contract: contract(of: pod))
                )
            }
        }
        return nil
    }

    /// The pod that a Service leads to.
    ///
    /// - Throws: the API server's answer if there is none.
    func endpoint(ofService name: String, namespace: String, port: String?) throws(APIFailure) -> ProxiedPod {
        let port = port ?? firstPort(ofService: name, namespace: namespace)
        return try reach(ProxyPath(namespace: namespace, plural: "services", name: name, port: port))
    }

    private func firstPort(ofService name: String, namespace: String) -> String? {
        storage[ObjectKey(resource: ClusterState.services, namespace: namespace, name: name)]?
            .value[path: ["spec", "ports"]]?.arrayValue?.first?["port"]?.integerValue.map { String($0) }
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
