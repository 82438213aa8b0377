internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import Policy

/// Decides which server, virtual server, tenant or class is reconciled when something changes.
struct EventRouting: Sendable {
    var caches: OperatorCaches
    var references: ReferenceReader
    var claims: ClaimTable
    var admissions: AdmissionRegistry
    var platform: PlatformConfiguration
    var servers: WorkQueue<NamespacedName>
    var tenants: WorkQueue<NamespacedName>
    var classes: WorkQueue<NamespacedName>
    var virtualServers: WorkQueue<NamespacedName>

    /// Connects all informers to the queues. Call it before the informers run.
    func connect() {
        // First, so that the table is up to date before anything that reads it is queued.
        connectClaims()
        connectServers()
        connectTenants()
        connectClasses()
        connectVirtualServers()
        connectReferences()
        connectChildren()
        connectHosts()
    }

    /// How long tenants and classes wait after a change of a server: they only count servers, and a hundred changes in a
    /// second are one count.
    private static let countDelay = Duration.seconds(1)

    /// How long a server waits after a change of its pods, or after one of its children that undoes nothing. A rollout
    /// changes a Deployment and its pods several times within moments, and they are one pass.
    private static let settleDelay = Duration.milliseconds(100)

    private func connectServers() {
        caches.servers.enqueue(to: servers) { old, new in
            guard let key = (new ?? old)?.namespacedName else { return [] }
            if let old, let new, old.asksTheSame(as: new) { return [] }
            return [key]
        }
        // A change of the servers that hold places affects all servers that wait.
        caches.servers.enqueue(to: servers) { old, new in
            guard let namespace = (new ?? old)?.metadata.namespace, changesPlaces(old, new) else { return [] }
            return admissions.waiting(namespace: namespace)
        }
        caches.servers.enqueue(to: tenants, after: Self.countDelay) { old, new in
            let hasMoved = old?.status?.queuePosition != new?.status?.queuePosition
            guard changesPlaces(old, new) || hasMoved, let namespace = (new ?? old)?.metadata.namespace else {
                return []
            }
            return claimants(of: namespace)
        }
        caches.servers.enqueue(to: classes, after: Self.countDelay) { old, new in
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
            // Tenants that claim the same namespace are decided together.
            let rivals = claimed(by: old, new).flatMap(claimants(of:))
            return Array(Set([(new ?? old)?.namespacedName].compactMap { $0 } + rivals)).sorted()
        }
        caches.tenants.enqueue(to: servers) { old, new in
            // Servers depend on one thing in a tenant's status: they wait until the namespace is ready.
            let isProgrammed = { (tenant: MCPTenant) in
                TenantReadiness.isProgrammed(tenant, namespace: EffectiveTenant.namespace(of: tenant))
            }
            if let old, let new, old.spec == new.spec, old.metadata.uid == new.metadata.uid,
                isProgrammed(old) == isProgrammed(new)
            {
                return []
            }
            return claimed(by: old, new).flatMap { all(in: $0) + rivals(ofServersIn: $0) }
        }
        caches.namespaces.enqueue(to: tenants) { old, new in
            guard let record = new ?? old else { return [] }
            return claimants(of: record.reference.name) + tenantOwner(record)
        }
    }

    private func connectClaims() {
        caches.tenants.onChange { old, new in
            for namespace in claimed(by: old, new) { refreshClaim(of: namespace) }
        }
        caches.namespaces.onChange { old, new in
            if let record = new ?? old { refreshClaim(of: record.reference.name) }
        }
    }

    /// Decides again who holds a namespace. If the holder changes, queues everything that depends on it: what is in the
    /// namespace, and everything that may open something to it.
    private func refreshClaim(of namespace: String) {
        guard claims.refresh(namespace) else { return }
        let index = OperatorCaches.Index.namedNamespace
        let naming = caches.tenants.store.list(index: index, value: namespace)
        for key in naming.map(\.namespacedName) + claimants(of: namespace) { tenants.add(key) }
        let isNamedByPlatform = NetworkRules.namespaces(of: platform).contains(namespace)
        let concerned =
            isNamedByPlatform
            ? caches.servers.store.all.map(\.namespacedName)
            : all(in: namespace) + caches.servers.store.keys(index: index, value: namespace)
                + naming.map(EffectiveTenant.namespace(of:)).flatMap(all(in:))
        for key in Set(concerned + rivals(ofServersIn: namespace)) { servers.add(key) }
    }

    private func connectClasses() {
        caches.classes.enqueue(to: classes)
        caches.classRevisions.enqueue(to: classes) { old, new in
            [(new ?? old)?.resolved.name].compactMap { $0 }.map { NamespacedName(name: $0) }
        }
        // If a stored state was deleted, it is stored again, or the server uses the current state of the class.
        caches.classRevisions.enqueue(to: servers) { old, new in
            guard new == nil, let hash = old?.resolved.hash else { return [] }
            let deployments = caches.children[.deployment]?.store
            return deployments?.keys(index: OperatorCaches.Index.classHash, value: hash) ?? []
        }
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

    private func connectVirtualServers() {
        caches.virtualServers.enqueue(to: virtualServers) { old, new in
            // Its status is written by nobody else.
            if let old, let new, old.spec == new.spec, old.metadata.uid == new.metadata.uid { return [] }
            return [(new ?? old)?.namespacedName].compactMap { $0 }
        }
        // They report what servers publish; a hundred new servers are one report.
        caches.servers.enqueue(to: virtualServers, after: Self.countDelay) { old, new in
            if let old, let new, old.publishesTheSame(as: new) { return [] }
            return allVirtual(in: (new ?? old)?.metadata.namespace)
        }
        caches.revisions.enqueue(to: virtualServers, after: Self.countDelay) { old, new in
            if let old, let new, old.generation == new.generation, old.isDeleting == new.isDeleting { return [] }
            return allVirtual(in: (new ?? old)?.namespace)
        }
        caches.tenants.enqueue(to: virtualServers, after: Self.countDelay) { old, new in
            // How servers are reviewed says which revision is published.
            if let old, let new, old.spec == new.spec, old.metadata.uid == new.metadata.uid { return [] }
            return claimed(by: old, new).flatMap { allVirtual(in: $0) }
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
        caches.children[.serviceAccount]?.enqueue(to: servers) { old, new in
            // Only whether it exists matters.
            guard (old == nil) != (new == nil), let reference = (new ?? old)?.reference else { return [] }
            let account = "\(reference.namespace ?? "")/\(reference.name)"
            return caches.servers.store.keys(index: OperatorCaches.Index.accountName, value: account)
        }
        caches.kubernetesAPI.enqueue(to: servers) { old, new in
            if old?.endpoints == new?.endpoints { return [] }
            let index = OperatorCaches.Index.kubernetesAPI
            return caches.servers.store.keys(index: index, value: index)
        }
        // A revision that was deleted is stored again, and one that was approved may serve.
        caches.revisions.enqueue(to: servers) { old, new in
            if let old, let new, old.hasStatus == new.hasStatus, old.isDeleting == new.isDeleting,
                old.generation == new.generation
            {
                return []
            }
            return [(new ?? old)?.server].compactMap { $0 }
        }
        caches.pods.enqueue(to: servers, after: Self.settleDelay) { old, new in
            guard let pod = new ?? old, !pod.server.isEmpty else { return [] }
            if let old, let new, old.status == new.status, old.deletionTimestamp == new.deletionTimestamp { return [] }
            return [NamespacedName(namespace: pod.namespace, name: pod.server)]
        }
    }

    private func connectChildren() {
        for informer in caches.children.values {
            informer.enqueue(to: servers) { old, new in
                isUrgent(old, new) ? owners(old, new, by: serverOwner) : []
            }
            informer.enqueue(to: servers, after: Self.settleDelay) { old, new in
                isUrgent(old, new) ? [] : owners(old, new, by: serverOwner)
            }
            informer.enqueue(to: tenants) { old, new in
                owners(old, new, by: tenantOwner)
            }
        }
        guard let deployments = caches.children[.deployment] else { return }
        // A state of a class that no Deployment names any more is deleted.
        deployments.enqueue(to: classes) { old, new in
            let hash = old?.annotations[MoorageAnnotations.classHash]
            guard let hash, hash != new?.annotations[MoorageAnnotations.classHash] else { return [] }
            return caches.classRevisions.store.list(index: ClassRevisions.hashIndex, value: hash)
                .compactMap(\.resolved.name).map { NamespacedName(name: $0) }
        }
        // A deleted Deployment may have been the only record that its server holds a place.
        deployments.enqueue(to: servers) { old, new in
            new == nil ? admissions.waiting(namespace: old?.reference.namespace ?? "") : []
        }
        deployments.enqueue(to: tenants) { old, new in
            new == nil ? claimants(of: old?.reference.namespace ?? "") : []
        }
    }

    // MARK: Who is concerned

    /// Whether a change of a child may be drift, which is undone at once: a deletion, or more than a new status.
    func isUrgent(_ old: ChildRecord?, _ new: ChildRecord?) -> Bool {
        guard let old else { return false }
        return new == nil || new?.generation == nil || old.generation != new?.generation || new?.isDeleting == true
    }

    /// The owners of a child that a change concerns: if the child changes its owner, both.
    private func owners(
        _ old: ChildRecord?,
        _ new: ChildRecord?,
        by owner: (ChildRecord) -> [NamespacedName]
    ) -> [NamespacedName] {
        var keys = Set([old, new].compactMap { $0 }.flatMap(owner))
        // The answer to a write of this owner: the pass that made the write knows it.
        if let new, new.verifiedHash != nil { keys.subtract(owner(new)) }
        return keys.sorted()
    }

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

    private func allVirtual(in namespace: String?) -> [NamespacedName] {
        caches.virtualServers.store.keys(index: OperatorCaches.Index.namespace, value: namespace ?? "")
    }

    /// The namespaces that a tenant claims before and after a change.
    private func claimed(by old: MCPTenant?, _ new: MCPTenant?) -> [String] {
        Set([old, new].compactMap { $0.map(EffectiveTenant.namespace(of:)) }).sorted()
    }

    /// Whether a change of a server can change which servers hold places under its quota, or their order.
    private func changesPlaces(_ old: MCPServer?, _ new: MCPServer?) -> Bool {
        let place = { (server: MCPServer?) -> [String?] in
            let accepted = server?.status?.conditions?[type: ConditionType.accepted]
            let isDeleting = server?.metadata.deletionTimestamp != nil
            return [server?.metadata.uid, isDeleting ? "deleting" : nil, accepted?.status.rawValue, accepted?.reason]
        }
        return place(old) != place(new)
    }

    private func readers(of reference: ContentReference, namespace: String) -> [NamespacedName] {
        let key = OperatorCaches.referenceKey(reference, namespace: namespace)
        let direct = caches.servers.store.keys(index: OperatorCaches.Index.reference, value: key)
        return isReadByPlatform(reference) ? all(in: namespace) : direct
    }

    /// Whether a class or a tenant makes all servers read an object of this name.
    private func isReadByPlatform(_ reference: ContentReference) -> Bool {
        let key = OperatorCaches.referenceKey(reference, namespace: "")
        let index = OperatorCaches.Index.reference
        return !caches.classes.store.keys(index: index, value: key).isEmpty
            || !caches.tenants.store.keys(index: index, value: key).isEmpty
    }
}

extension MCPServer {
    /// Whether two versions of a server differ only in their status, which only Moorage writes.
    fileprivate func asksTheSame(as other: MCPServer) -> Bool {
        var metadata = metadata
        metadata.resourceVersion = other.metadata.resourceVersion
        return metadata == other.metadata && spec == other.spec
    }

    /// Whether two versions of a server are the same for virtual servers.
    fileprivate func publishesTheSame(as other: MCPServer) -> Bool {
        func isReady(_ server: MCPServer) -> Bool {
            server.status?.conditions?[type: ConditionType.ready]?.status == .true
        }
        return metadata.uid == other.metadata.uid && metadata.labels == other.metadata.labels
            && metadata.deletionTimestamp == other.metadata.deletionTimestamp && spec.review == other.spec.review
            && spec.tools == other.spec.tools && spec.toolPolicy == other.spec.toolPolicy
            && PublishedContract.candidates(status) == PublishedContract.candidates(other.status)
            && PublishedContract.isUnread(status) == PublishedContract.isUnread(other.status)
            && isReady(self) == isReady(other)
    }
}
