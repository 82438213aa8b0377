internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import KubernetesClient
import Synchronization

/// Keeps one MCPTenant's namespace and what stands in it beside servers, and counts its quota.
///
/// A tenant holds a finalizer from before its first object is written, so that its end follows the deletion policy and is
/// told: with `Delete` the namespace goes first, with `Retain` it stays, and so do the servers in it.
final class TenantReconciler: Sendable {
    private struct Memory {
        var uid: String
        var verified: [ObjectReference: Verification] = [:]
        var status: StatusMemory?
    }

    /// Moorage's finalizer on tenants.
    static let finalizer = "moorage.dev/tenant"
    private static let problemRetry = Duration.seconds(5)

    private let context: OperatorContext
    private let memories = Mutex<[NamespacedName: Memory]>([:])

    init(context: OperatorContext) {
        self.context = context
    }

    /// One pass over one tenant.
    ///
    /// - Throws: what a repetition may cure.
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
            try await report(input, decision: decision, memory: &memory)
            return .done
        }
        if tenant.metadata.finalizers?.contains(Self.finalizer) != true {
            try await addFinalizer(tenant)
        }
        let problems = try await apply(plan, memory: &memory)
        context.metrics.report(
            tenant: key.name,
            admitted: plan.ledger.admitted.count,
            waiting: plan.ledger.waiting.count,
            usage: plan.usage
        )
        try await report(input, decision: decision, problems: problems, memory: &memory)
        return problems.contains(where: \.needsRetry) ? .requeueAfter(Self.problemRetry) : .done
    }

    // MARK: Gather

    private func input(_ tenant: MCPTenant) -> TenantInput {
        let namespace = EffectiveTenant.namespace(of: tenant)
        return TenantInput(
            tenant: tenant,
            tenants: context.tenants,
            existingNamespace: existing(namespace),
            servers: context.quotaServers(namespace: namespace),
            platform: context.platform
        )
    }

    private func existing(_ name: String) -> Namespace? {
        guard let record = context.children[ObjectReference(type: .namespace, namespace: nil, name: name)] else {
            return nil
        }
        var namespace = try? KubernetesJSON.decode(Namespace.self, from: record.content)
        namespace?.status = record.status(as: Namespace.Status.self)
        return namespace
    }

    // MARK: Apply

    private func apply(_ plan: TenantPlan, memory: inout Memory) async throws -> [WriteProblem] {
        let owner = ChildRecord.Owner(
            groupKind: MCPTenant.resourceType.groupKind,
            name: plan.tenant.metadata.name ?? "",
            uid: memory.uid
        )
        let desired = render(plan).map { DesiredObject($0) }
        let key = ChildCaches.ownerKey(groupKind: owner.groupKind, namespace: nil, name: owner.name)
        var live = context.children.live(ownerKey: key, rendered: desired.map(\.reference))
        // A namespace that stays when its tenant goes has no owner reference. That it may be written was decided already, by
        // its labels or by `adopt`; that it is never pruned follows from its always being rendered.
        for (reference, record) in live where reference.type == .namespace && record.owner == nil {
            live[reference]?.owner = owner
        }
        let steps = ApplyPlan(desired: desired, live: live, owner: owner, verified: memory.verified)
        var outcome = Applier.Outcome()
        var failure: (any Error)?
        do {
            try await context.applier.apply(steps, owner: owner, outcome: &outcome)
        } catch {
            failure = error
        }
        let names = Set(desired.map(\.reference))
        memory.verified = memory.verified.filter { names.contains($0.key) }
            .merging(outcome.verified) { _, new in new }
        context.metrics.countWrites(outcome.writes, controller: "mcptenant", target: "children")
        if let failure { throw failure }
        return outcome.problems
    }

    // MARK: The end

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
            record.owner?.uid == memory.uid
        {
            if !record.isDeleting { try await context.cluster.delete(reference, uid: record.uid) }
            let count = context.caches.servers.store.keys(index: OperatorCaches.Index.namespace, value: name).count
            let servers = count > 0 ? ", in which there are \(count) MCPServers" : ""
            try await report(
                input,
                decision: decision,
                waitsFor: "namespace \"\(name)\" to be gone\(servers)",
                memory: &memory
            )
            return .done
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

    /// Takes our finalizer out by its place, and only if it still stands there: nobody else's is touched.
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
            // Another pass was faster.
        }
    }

    // MARK: Report

    private func report(
        _ input: TenantInput,
        decision: Decision<TenantPlan>,
        problems: [WriteProblem] = [],
        waitsFor: String? = nil,
        memory: inout Memory
    ) async throws {
        let now = context.clock.now
        var tenant = input.tenant
        if let known = memory.status?.status(forVersion: tenant.metadata.resourceVersion) {
            tenant.status = try known.decode(MCPTenantStatus.self)
        }
        let status = tenantStatus(
            of: tenant,
            decision: decision,
            problems: problems,
            waitsFor: waitsFor,
            now: context.now
        )
        guard status != tenant.status else { return }
        let written = try JSONValue(encoding: status)
        let reference = reference(tenant)
        let version: String?
        do {
            version = try await context.cluster.applyStatus(
                reference.statusBody(written, uid: memory.uid),
                to: reference
            )
        } catch let error as APIError where error.isNotFound || error.isConflict {
            return
        }
        context.metrics.countWrites(1, controller: "mcptenant", target: "status")
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
        memory.status = StatusMemory(
            status: written,
            basis: tenant.metadata.resourceVersion,
            result: version,
            writtenAt: now
        )
    }
}
