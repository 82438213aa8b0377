import KubernetesAPI

extension SandboxRequest {
    /// The pod whose ports are to be forwarded.
    var portForwardTarget: Target? {
        guard method == "GET" || method == "POST", let target, target.group.isEmpty, target.plural == "pods",
            target.subresource == "portforward"
        else { return nil }
        return target
    }
}

extension ClusterState {
    /// The pod whose ports are to be forwarded.
    ///
    /// - Throws: the API server's answer if there is none, or the client is not allowed to.
    mutating func portForward(
        _ request: SandboxRequest,
        _ target: SandboxRequest.Target
    ) throws(APIFailure) -> ObjectKey {
        // A WebSocket is opened with GET, but forwarding is more than reading.
        try passOn(request, target, verb: "create") { state throws(APIFailure) in
            let name = target.name ?? ""
            let key = ObjectKey(resource: ClusterState.pods, namespace: target.namespace ?? "", name: name)
            guard state.storage[key] != nil else {
                throw state.registry["", "v1", "pods"].map { .notFound($0, name) } ?? .noSuchPath
            }
            return key
        }
    }

    /// What answers on a port of a pod; `nil` if nothing does.
    func reach(pod key: ObjectKey, port: Int) -> ProxiedPod? {
        guard let pod = storage[key]?.value else { return nil }
        return reach(pod, port: String(port))
    }
}
