internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import KubernetesClient
internal import Policy
import Synchronization

/// Maintains the namespace of one MCPTenant and the objects in it other than servers, and counts its quota.
///
/// A tenant has a finalizer before its first object is written, so that its deletion follows the deletion policy and is
/// reported. With `Delete`, the namespace is deleted first; with `Retain`, it is kept with its servers.
final class TenantReconciler: Sendable {
    private struct Memory {
        var uid: String
        var status: StatusMemory<MCPTenantStatus>?
        var retry = ProblemRetry()
    }

    /// Moorage's finalizer on tenants.
    static let finalizer = "moorage.dev/tenant"
    /// The minimum time between status writes for numbers, so that a hundred new servers do not cause a hundred writes.
    private static let quietPeriod = Duration.seconds(1)

    private let context: OperatorContext
    private let memories = Mutex<[NamespacedName: Memory]>([:])

    init(context: OperatorContext) {
        self.context = context
    }

    /// Reconciles one tenant.
    ///
    /// - Throws: errors that a retry can fix.
    func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let tenant = context.caches.tenants.store.get(key), let uid = tenant.metadata.uid else {
            _ = memories.withLock { $0.removeValue(forKey: key) }
            context.metrics.forget(tenant: key.name)
            return .done
        }
        guard context.looksAfter(namespace: EffectiveTenant.namespace(of: tenant)) else { return .done }
        var memory = memories.withLock { memories in
            if let memory = memories[key], memory.uid == uid { return memory }
            return Memory(uid: uid)
        }
        defer { memories.withLock { [memory] in $0[key] = memory } }

        let input = input(tenant)
        let decision = decide(input)
        if tenant.metadata.deletionTimestamp != nil {
            return try await finish(input, decision: decision, memory: &memory)
        }
        guard let plan = decision.plan else {
            let rest = try await report(input, decision: decision, memory: &memory)
            return rest.map { .requeueAfter($0) } ?? .done
        }
        if tenant.metadata.finalizers?.contains(Self.finalizer) != true {
            try await addFinalizer(tenant)
        }
        let outcome = try await context.carryOut(
            render(plan),
            owner: owner(tenant, uid: uid),
            retainable: TenantRenderer.retainable(in: plan.effective.namespace),
            controller: "mcptenant"
        )
        if let failure = outcome.failure { throw failure }
        context.metrics.report(
            tenant: key.name,
            admitted: plan.ledger.admitted.count,
            waiting: plan.ledger.waiting.count,
            usage: plan.usage
        )
        let rest = try await report(input, decision: decision, problems: outcome.problems, memory: &memory)
        let retryDelay = memory.retry.delay(after: outcome.problems, now: context.clock.now)
        return [retryDelay, rest].compactMap { $0 }.min().map { .requeueAfter($0) } ?? .done
    }

    // MARK: Gather

    private func input(_ tenant: MCPTenant) -> TenantInput {
        let namespace = EffectiveTenant.namespace(of: tenant)
        var input = TenantInput(
            tenant: tenant,
            claims: context.claims.current,
            existingNamespace: existing(namespace),
            servers: context.quotaServers(namespace: namespace),
            platform: context.platform,
            controllerNamespace: context.controllerNamespace
        )
        input.toolCalls = context.usage.usage(of: tenant)
        input.network = context.network.state
        return input
    }

    private func existing(_ name: String) -> Namespace? {
        guard let record = context.children[ObjectReference(type: .namespace, namespace: nil, name: name)] else {
            return nil
        }
        var namespace = try? KubernetesJSON.decode(Namespace.self, from: record.content)
        namespace?.status = record.status(as: Namespace.Status.self)
        return namespace
    }

    private func owner(_ tenant: MCPTenant, uid: String) -> ChildRecord.Owner {
        ChildRecord.Owner(
            groupKind: MCPTenant.resourceType.groupKind,
            name: tenant.metadata.name ?? "",
            uid: uid
        )
    }

    // MARK: Deletion

    private func finish(
        _ input: TenantInput,
        decision: Decision<TenantPlan>,
        memory: inout Memory
    ) async throws -> ReconcileResult {
        let tenant = input.tenant
        guard tenant.metadata.finalizers?.contains(Self.finalizer) == true else { return .done }
        let name = EffectiveTenant.namespace(of: tenant)
        let reference = ObjectReference(type: .namespace, namespace: nil, name: name)
        if tenant.spec.namespace?.deletionPolicy == .delete, let record = context.children[reference],
            record.owner?.uid == memory.uid, decision.refusal?.reason != .namespaceProtected
        {
            if !record.isDeleting { try await context.cluster.delete(reference, uid: record.uid) }
            let count = context.caches.servers.store.keys(index: OperatorCaches.Index.namespace, value: name).count
            let servers = count > 0 ? ", which contains \(count) MCPServers" : ""
            let rest = try await report(
                input,
                decision: decision,
                waitsFor: "the deletion of namespace \"\(name)\"\(servers)",
                memory: &memory
            )
            return rest.map { .requeueAfter($0) } ?? .done
        }
        if let plan = decision.plan, let record = context.children[reference], !record.isDeleting {
            // Nothing that keeps the namespace strict is deleted with the tenant, whatever was rendered last.
            let outcome = try await context.carryOut(
                render(plan).filter { $0.isRetained || $0.reference.type == .namespace },
                owner: owner(tenant, uid: memory.uid),
                retainable: TenantRenderer.retainable(in: name),
                controller: "mcptenant"
            )
            if let failure = outcome.failure { throw failure }
        }
        try await removeFinalizer(tenant)
        return .done
    }

    private func reference(_ tenant: MCPTenant) -> ObjectReference {
        ObjectReference(type: MCPTenant.resourceType, namespace: nil, name: tenant.metadata.name ?? "")
    }

    private func addFinalizer(_ tenant: MCPTenant) async throws {
        let path = "/metadata/finalizers"
        let version: JSONValue = .string(tenant.metadata.resourceVersion ?? "")
        let add: JSONValue =
            tenant.metadata.finalizers == nil
            ? ["op": "add", "path": .string(path), "value": [.string(Self.finalizer)]]
            : ["op": "add", "path": .string("\(path)/-"), "value": .string(Self.finalizer)]
        try await context.cluster.patch(
            [["op": "test", "path": "/metadata/resourceVersion", "value": version], add],
            of: reference(tenant)
        )
    }

    /// Removes Moorage's finalizer by its index, and only if it is still there, so that finalizers of others are not
    /// changed.
    private func removeFinalizer(_ tenant: MCPTenant) async throws {
        guard let index = tenant.metadata.finalizers?.firstIndex(of: Self.finalizer) else { return }
        let path: JSONValue = .string("/metadata/finalizers/\(index)")
        do {
            try await context.cluster.patch(
                [
                    ["op": "test", "path": path, "value": .string(Self.finalizer)],
                    ["op": "remove", "path": path],
                ],
                of: reference(tenant)
            )
        } catch let error as APIError where error.isNotFound {
            // Another pass already removed it.
        }
    }

    // MARK: Report

    /// The UID of the tenant's namespace: of the one that this pass wrote, or the previously known one.
    private func namespaceUID(of tenant: MCPTenant, problems: [WriteProblem]) -> String? {
        let reference = ObjectReference(
            type: .namespace,
            namespace: nil,
            name: EffectiveTenant.namespace(of: tenant)
        )
        guard let uid = context.children[reference]?.uid else { return nil }
        let isWritten = !problems.contains { $0.reference == reference }
        return isWritten || tenant.status?.namespaceUID == uid ? uid : nil
    }

    /// Writes the status if it differs from the last known one.
    ///
    /// - Returns: when to reconcile again, if the write was delayed.
    private func report(
        _ input: TenantInput,
        decision: Decision<TenantPlan>,
        problems: [WriteProblem] = [],
        waitsFor: String? = nil,
        memory: inout Memory
    ) async throws -> Duration? {
        let now = context.clock.now
        var tenant = input.tenant
        if let known = memory.status?.status(forVersion: tenant.metadata.resourceVersion) {
            tenant.status = known
        }
        let status = tenantStatus(
            of: tenant,
            decision: decision,
            namespaceUID: namespaceUID(of: tenant, problems: problems),
            problems: problems,
            waitsFor: waitsFor,
            now: context.now
        )
        guard status != tenant.status else { return nil }
        if let rest = memory.status?.rest(of: Self.quietPeriod, now: now), status.says(theSameAs: tenant.status) {
            return rest
        }
        guard
            try await context.write(
                status,
                to: reference(tenant),
                tenant.metadata,
                memory: &memory.status,
                controller: "mcptenant"
            )
        else { return nil }
        if let ready = status.conditions?[type: ConditionType.ready], let reason = Reason(rawValue: ready.reason),
            tenant.status?.conditions?[type: ConditionType.ready]?.reason != ready.reason
        {
            context.event(
                ready.status == .true || reason == .terminating ? .normal : .warning,
                reason,
                action: "Reconcile",
                note: ready.message,
                regarding: tenant.metadata,
                of: MCPTenant.resourceType
            )
        }
        return nil
    }
}

extension MCPTenantStatus: QuietStatus {
    var firmPart: MCPTenantStatus {
        var status = self
        status.conditions = nil
        status.servers = nil
        status.quotas = nil
        status.toolCalls = nil
        return status
    }
}
