internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI

/// Says which server, tenant or class is to be looked at when something changes.
struct EventRouting: Sendable {
    var caches: OperatorCaches
    var references: ReferenceReader
    var servers: WorkQueue<NamespacedName>
    var tenants: WorkQueue<NamespacedName>
    var classes: WorkQueue<NamespacedName>

    /// Ties all informers to the queues. To be called before the informers run.
    func connect() {
        connectServers()
        connectTenants()
        connectClasses()
        connectReferences()
        connectChildren()
    }

    private func connectServers() {
        caches.servers.enqueue(to: servers) { old, new in
            guard let key = (new ?? old)?.namespacedName else { return [] }
            if let old, let new, old.asksTheSame(as: new) { return [] }
            let isGone =
                new == nil || (new?.metadata.deletionTimestamp != nil && old?.metadata.deletionTimestamp == nil)
            // A place is free: whoever waits for it is looked at, the server itself too.
            return isGone ? [key] + waiting(in: key.namespace) : [key]
        }
        caches.servers.enqueue(to: tenants) { old, new in
            let hasChanged =
                old == nil || new == nil || old?.metadata.deletionTimestamp != new?.metadata.deletionTimestamp
            let hasMoved = old?.status?.queuePosition != new?.status?.queuePosition
            guard hasChanged || hasMoved, let namespace = (new ?? old)?.metadata.namespace else { return [] }
            return claimants(of: namespace)
        }
        caches.servers.enqueue(to: classes) { old, new in
            let before = old?.status?.className
            let after = new?.status?.className
            let isBehind = { (server: MCPServer?) in
                server?.status?.conditions?[type: ConditionType.classCurrent]?.status
            }
            guard before != after || isBehind(old) != isBehind(new) else { return [] }
            return Set([before, after].compactMap { $0 }).sorted().map { NamespacedName(name: $0) }
        }
    }

    private func connectTenants() {
        caches.tenants.enqueue(to: tenants) { old, new in
            // Two that claim one namespace are decided about together.
            let namespaces = Set([old, new].compactMap { $0.map(EffectiveTenant.namespace(of:)) })
            let rivals = namespaces.flatMap(claimants(of:))
            return Array(Set([(new ?? old)?.namespacedName].compactMap { $0 } + rivals)).sorted()
        }
        caches.tenants.enqueue(to: servers) { old, new in
            // Of a tenant's status only one thing matters to its servers: they wait until the namespace is as it should be.
            let isProgrammed = { (tenant: MCPTenant) in
                TenantReadiness.isProgrammed(tenant, namespace: EffectiveTenant.namespace(of: tenant))
            }
            if let old, let new, old.spec == new.spec, old.metadata.uid == new.metadata.uid,
                isProgrammed(old) == isProgrammed(new)
            {
                return []
            }
            let namespaces = Set([old, new].compactMap { $0.map(EffectiveTenant.namespace(of:)) })
            return namespaces.sorted().flatMap(all(in:))
        }
        caches.namespaces.enqueue(to: tenants) { old, new in
            guard let record = new ?? old else { return [] }
            return claimants(of: record.reference.name) + tenantOwner(record)
        }
    }

    private func connectClasses() {
        caches.classes.enqueue(to: classes)
        caches.classes.enqueue(to: servers) { old, new in
            if let old, let new, old.spec == new.spec, old.metadata.annotations == new.metadata.annotations {
                return []
            }
            guard let name = (new ?? old)?.metadata.name else { return [] }
            let index = OperatorCaches.Index.className
            let store = caches.servers.store
            let isDefault = { (value: MCPServerClass?) in
                value?.metadata.annotations?[MoorageAnnotations.isDefaultClass] == "true"
            }
            let unnamed = isDefault(old) || isDefault(new) ? store.keys(index: index, value: "") : []
            return store.keys(index: index, value: name) + unnamed
        }
    }

    private func connectReferences() {
        caches.configMaps.enqueue(to: servers) { old, new in
            guard let record = new ?? old else { return [] }
            let reference = ContentReference(kind: .configMap, name: record.name)
            if new == nil { references.forget(reference, namespace: record.namespace) }
            return readers(of: reference, namespace: record.namespace)
        }
        caches.children[.secret]?.enqueue(to: servers) { old, new in
            guard let record = (new ?? old)?.reference, let namespace = record.namespace else { return [] }
            let reference = ContentReference(kind: .secret, name: record.name)
            if new == nil { references.forget(reference, namespace: namespace) }
            return readers(of: reference, namespace: namespace)
        }
        caches.children[.persistentVolumeClaim]?.enqueue(to: servers) { old, new in
            guard let record = new ?? old else { return [] }
            if let old, let new, old.content == new.content, old.isDeleting == new.isDeleting { return [] }
            let claim = "\(record.reference.namespace ?? "")/\(record.reference.name)"
            return caches.servers.store.keys(index: OperatorCaches.Index.claimName, value: claim)
        }
        caches.kubernetesAPI.enqueue(to: servers) { old, new in
            if old?.endpoints == new?.endpoints { return [] }
            let index = OperatorCaches.Index.kubernetesAPI
            return caches.servers.store.keys(index: index, value: index)
        }
        caches.pods.enqueue(to: servers) { old, new in
            guard let pod = new ?? old, !pod.server.isEmpty else { return [] }
            if let old, let new, old.status == new.status, old.deletionTimestamp == new.deletionTimestamp { return [] }
            return [NamespacedName(namespace: pod.namespace, name: pod.server)]
        }
    }

    private func connectChildren() {
        for informer in caches.children.values {
            informer.enqueue(to: servers) { old, new in
                // A child that changed hands concerns both owners.
                Array(Set([old, new].compactMap { $0 }.flatMap(serverOwner)))
            }
            informer.enqueue(to: tenants) { old, new in
                Array(Set([old, new].compactMap { $0 }.flatMap(tenantOwner)))
            }
        }
    }

    // MARK: Who is concerned

    private func serverOwner(_ record: ChildRecord) -> [NamespacedName] {
        if case .server(let name)? = record.origin {
            return [NamespacedName(namespace: record.reference.namespace ?? "", name: name)]
        }
        guard let owner = record.owner, owner.groupKind == MCPServer.resourceType.groupKind else { return [] }
        return [NamespacedName(namespace: record.reference.namespace ?? "", name: owner.name)]
    }

    private func tenantOwner(_ record: ChildRecord) -> [NamespacedName] {
        if record.origin == .tenant, let namespace = record.reference.namespace { return claimants(of: namespace) }
        guard let owner = record.owner, owner.groupKind == MCPTenant.resourceType.groupKind else { return [] }
        return [NamespacedName(name: owner.name)]
    }

    private func claimants(of namespace: String) -> [NamespacedName] {
        caches.tenants.store.keys(index: OperatorCaches.Index.claim, value: namespace)
    }

    private func all(in namespace: String) -> [NamespacedName] {
        caches.servers.store.keys(index: OperatorCaches.Index.namespace, value: namespace)
    }

    private func waiting(in namespace: String) -> [NamespacedName] {
        caches.servers.store.list(index: OperatorCaches.Index.namespace, value: namespace)
            .filter { $0.status?.conditions?[type: ConditionType.accepted]?.status != .true }
            .map(\.namespacedName)
    }

    private func readers(of reference: ContentReference, namespace: String) -> [NamespacedName] {
        let key = OperatorCaches.referenceKey(reference, namespace: namespace)
        let direct = caches.servers.store.keys(index: OperatorCaches.Index.reference, value: key)
        return isReadByPlatform(reference) ? all(in: namespace) : direct
    }

    /// Whether a class or a tenant has all servers read something of this name.
    private func isReadByPlatform(_ reference: ContentReference) -> Bool {
        let key = OperatorCaches.referenceKey(reference, namespace: "")
        let index = OperatorCaches.Index.reference
        return !caches.classes.store.keys(index: index, value: key).isEmpty
            || !caches.tenants.store.keys(index: index, value: key).isEmpty
    }
}

extension MCPServer {
    /// Whether another version of this server differs in nothing but its status, which is written by nobody but Moorage.
    fileprivate func asksTheSame(as other: MCPServer) -> Bool {
        var metadata = metadata
        metadata.resourceVersion = other.metadata.resourceVersion
        return metadata == other.metadata && spec == other.spec
    }
}
