internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import KubernetesClient
internal import Policy
import Synchronization

/// Reports what MCPVirtualServers publish. It renders nothing: the gateway serves them.
final class VirtualServerReconciler: Sendable {
    private let context: OperatorContext
    private let revisions: OfferReader
    private let memories = Mutex<[NamespacedName: StatusMemory<MCPVirtualServerStatus>]>([:])

    init(context: OperatorContext) {
        self.context = context
        revisions = OfferReader(cluster: context.cluster)
    }

    /// Reconciles one virtual server.
    ///
    /// - Throws: errors that a retry can fix.
    func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let virtualServer = context.caches.virtualServers.store.get(key), virtualServer.metadata.uid != nil,
            virtualServer.metadata.deletionTimestamp == nil
        else {
            _ = memories.withLock { $0.removeValue(forKey: key) }
            return .done
        }
        let servers = context.caches.servers.store.list(index: OperatorCaches.Index.namespace, value: key.namespace)
            .filter { $0.metadata.deletionTimestamp == nil }
        let review = try? EffectiveTenant(
            namespace: key.namespace,
            claims: context.claims.current,
            platform: context.platform
        ).review
        var input = VirtualServerInput(virtualServer: virtualServer, servers: [])
        input.isProtected = ProtectedNamespaces(
            platform: context.platform,
            controllerNamespace: context.controllerNamespace
        ).contains(key.namespace)
        for server in servers {
            input.servers.append(
                VirtualServerPlan.Server(
                    name: server.metadata.name ?? "",
                    labels: server.metadata.labels ?? [:],
                    // Of those that cannot belong to it, only the name matters.
                    offer: virtualServer.spec.mayInclude(server)
                        ? try await revisions.offer(of: server, review: review) : .unrecorded
                )
            )
        }
        var memory = memories.withLock { $0[key] }
        let known = memory?.status(forVersion: virtualServer.metadata.resourceVersion) ?? virtualServer.status
        input.virtualServer.status = known
        let status = virtualServerStatus(of: input, now: context.now)
        guard status != known else { return .done }
        let reference = ObjectReference(
            type: MCPVirtualServer.resourceType,
            namespace: key.namespace,
            name: key.name
        )
        if try await context.write(
            status,
            to: reference,
            virtualServer.metadata,
            memory: &memory,
            controller: "mcpvirtualserver"
        ) {
            memories.withLock { [memory] in $0[key] = memory }
            report(status, known, virtualServer)
        }
        return .done
    }

    /// Records an Event when the virtual server becomes ready, or stops being it.
    private func report(
        _ status: MCPVirtualServerStatus,
        _ known: MCPVirtualServerStatus?,
        _ virtualServer: MCPVirtualServer
    ) {
        guard let ready = status.conditions?[type: ConditionType.ready], let reason = Reason(rawValue: ready.reason),
            known?.conditions?[type: ConditionType.ready]?.reason != ready.reason
        else { return }
        context.event(
            ready.status == .true ? .normal : .warning,
            reason,
            action: "Reconcile",
            note: ready.message,
            regarding: virtualServer.metadata,
            of: MCPVirtualServer.resourceType
        )
    }
}

extension MCPVirtualServerSpec {
    /// Whether a server may belong to the virtual server.
    fileprivate func mayInclude(_ server: MCPServer) -> Bool {
        servers?.contains { $0.name == server.metadata.name } == true
            || serverSelector?.matches(server.metadata.labels ?? [:]) == true
    }
}

/// Reads what servers publish by name, from the revisions that the gateway publishes.
private final class OfferReader: Sendable {
    private let cluster: any ClusterAccess
    /// What revisions publish, by their UIDs. It never changes; whether a revision is approved does.
    private let known = Mutex<[String: VirtualServerPlan.Offer]>([:])
    /// How many are kept. What is not kept is read again.
    private static let capacity = 10_000

    init(cluster: any ClusterAccess) { self.cluster = cluster }

    /// - Parameter review: how the servers of the tenant are reviewed; `nil` if that is not known.
    /// - Throws: errors of the API server.
    func offer(of server: MCPServer, review: TenantReview?) async throws -> VirtualServerPlan.Offer {
        let isUnread = PublishedContract.isUnread(server.status)
        let isReviewed = PublishedContract.isReviewed(server.spec.review, isUnread: isUnread, tenant: review)
        let candidates = PublishedContract.candidates(server.status)
        guard !candidates.isEmpty else {
            return .withoutRevision(
                mustBeRecorded: isReviewed || Curation(server.spec).isAboutPublishing,
                isUnread: isUnread,
                isReady: server.status?.conditions?[type: ConditionType.ready]?.status == .true
            )
        }
        let namespace = server.metadata.namespace ?? ""
        var revisions: [MCPServerRevision] = []
        for name in candidates {
            let reference = ObjectReference(type: MCPServerRevision.resourceType, namespace: namespace, name: name)
            guard let object = try await cluster.get(reference),
                let revision = try? object.decode(MCPServerRevision.self),
                revision.metadata.controllerReference?.uid == server.metadata.uid
            else { continue }
            revisions.append(revision)
        }
        let chosen = PublishedContract.choose(from: revisions, isReviewed: isReviewed) {
            ReviewedRevision($0).standing.admits
        }
        guard let chosen else {
            return .unknown(isReviewed ? "no revision of it is approved" : "its revision \(candidates[0]) is gone")
        }
        return try await offer(of: chosen, namespace: namespace)
    }

    private func offer(of revision: MCPServerRevision, namespace: String) async throws -> VirtualServerPlan.Offer {
        let uid = revision.metadata.uid ?? ""
        if let offer = known.withLock({ $0[uid] }) { return offer }
        let contract: RevisionContract
        do {
            contract = try await RevisionReader(cluster: cluster).contract(
                of: revision.spec,
                namespace: namespace,
                digest: revision.spec.contractDigest
            )
        } catch let failure as RevisionReader.Failure {
            return .unknown("revision \(revision.metadata.name ?? "") cannot be used: \(failure)")
        }
        let offer = VirtualServerPlan.Offer.recorded(
            tools: (contract.tools ?? []).filter(\.published).map(\.name),
            prompts: (contract.prompts ?? []).map(\.identity)
        )
        known.withLock { known in
            if known.count >= Self.capacity { known = [:] }
            known[uid] = offer
        }
        return offer
    }
}
