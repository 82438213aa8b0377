internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import Policy

extension OperatorCaches.Index {
    /// Servers by the hosts that they request; see `HostNames.indexKeys(of:)`.
    static let host = "host"
}

extension OperatorCaches {
    /// The values of the index `host` for a server.
    static func hostKeys(of server: MCPServer) -> [String] {
        Set((server.spec.exposure?.hosts ?? []).flatMap(HostNames.indexKeys(of:))).sorted()
    }

    /// The servers in other namespaces that request a host that overlaps one of these.
    func rivals(for hosts: [String], outside namespace: String) -> [MCPServer] {
        var found: [NamespacedName: MCPServer] = [:]
        for key in Set(hosts.flatMap(HostNames.lookupKeys(of:))) {
            for server in servers.store.list(index: Index.host, value: key)
            where server.metadata.namespace != namespace
                && server.spec.exposure?.hosts.contains(where: { other in
                    hosts.contains { HostNames.overlap($0, other) }
                }) == true
            {
                found[server.namespacedName] = server
            }
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The claims of other tenants' servers on the hosts that a server requests.
    func hostClaims(against server: MCPServer) -> [HostClaim] {
        guard let hosts = server.spec.exposure?.hosts, !hosts.isEmpty else { return [] }
        return rivals(for: hosts, outside: server.metadata.namespace ?? "").compactMap { HostClaim($0) }
    }
}

extension EventRouting {
    /// Queues servers whose host another tenant takes or releases.
    func connectHosts() {
        let caches = caches
        caches.servers.enqueue(to: servers) { old, new in
            if let old, let new, old.spec.exposure == new.spec.exposure, old.spec.service == new.spec.service,
                old.metadata.uid == new.metadata.uid, old.status?.url == new.status?.url
            {
                return []
            }
            let hosts = [old, new].flatMap { $0?.spec.exposure?.hosts ?? [] }
            guard !hosts.isEmpty, let namespace = (new ?? old)?.metadata.namespace else { return [] }
            return caches.rivals(for: hosts, outside: namespace).map(\.namespacedName)
        }
    }

    /// The servers in other namespaces that request a host that a server of this namespace requests.
    func rivals(ofServersIn namespace: String) -> [NamespacedName] {
        let servers = caches.servers.store.list(index: OperatorCaches.Index.namespace, value: namespace)
        let hosts = servers.flatMap { $0.spec.exposure?.hosts ?? [] }
        return hosts.isEmpty ? [] : caches.rivals(for: hosts, outside: namespace).map(\.namespacedName)
    }
}
