internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import KubernetesClient
import Synchronization

/// Brings one MCPServer's objects in line with what it asks for, and says in its status how that went.
///
/// It reads from top to bottom: get, gather, decide, apply, report. After a refusal nothing is written but the status: what
/// serves goes on serving, as it was.
final class ServerReconciler: Sendable {
    /// What is remembered of a server between two passes. All of it can be lost: the next pass then compares more.
    private struct Memory {
        var uid: String
        var verified: [ObjectReference: Verification] = [:]
        var status: StatusMemory?
        /// The breach that was audited last, so that each is told once.
        var breach: QuotaBreach?
    }

    /// After how long a taken name is looked at again: foreign objects are not watched, so their going is not seen.
    private static let problemRetry = Duration.seconds(5)

    private let context: OperatorContext
    private let memories = Mutex<[NamespacedName: Memory]>([:])

    init(context: OperatorContext) {
        self.context = context
    }

    /// One pass over one server.
    ///
    /// - Throws: what a repetition may cure; the status tells it too.
    func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let server = context.caches.servers.store.get(key), let uid = server.metadata.uid else {
            forget(key)
            return .done
        }
        // What it owns is deleted with it, by its owner references; its place under the quota is free already.
        guard server.metadata.deletionTimestamp == nil else {
            context.admissions.release(uid: uid, namespace: key.namespace)
            return .done
        }
        // The namespace takes all that is in it along, and lets nothing new in.
        let namespace = ObjectReference(type: .namespace, namespace: nil, name: key.namespace)
        guard context.children[namespace]?.isDeleting != true else { return .done }
        var memory = recall(key, uid: uid)
        defer { memories.withLock { [memory] in $0[key] = memory } }

        let input = try await gather(server, uid: uid)
        let decision = decide(input)
        audit(decision.refusal?.breach, memory: &memory)

        var problems: [WriteProblem] = []
        var failure: APIError?
        if let plan = decision.plan {
            do {
                problems = try await apply(plan, owner: owner(key, uid: uid), memory: &memory)
            } catch let error as WriteFailure {
                problems = error.problems
                failure = error.underlying
            }
        } else {
            try await stopIfSuspended(server, uid: uid)
        }
        let statusDelay = try await report(input, decision: decision, problems: problems, memory: &memory)
        if let failure { throw failure }
        if problems.contains(where: \.needsRetry) { return .requeueAfter(Self.problemRetry) }
        return statusDelay.map { .requeueAfter($0) } ?? .done
    }

    // MARK: Gather

    private func gather(_ server: MCPServer, uid: String) async throws -> ServerInput {
        let key = server.namespacedName
        let live = deployment(of: key, uid: uid)
        var input = ServerInput(
            server: server,
            classes: context.classes,
            tenants: context.tenants,
            rollout: live.flatMap { RolloutState(annotations: $0.annotations) },
            platform: context.platform
        )
        input.admission = admit(server, uid: uid, tenants: input.tenants)
        if case .admitted = input.admission {
            let needs = ServerReferences.needs(of: input)
            input.contents = try await context.references.read(needs, namespace: key.namespace)
        }
        return input
    }

    /// Decides under one lock whether the server has a place, so that no place is given away twice.
    private func admit(_ server: MCPServer, uid: String, tenants: [MCPTenant]) -> QuotaLedger.Admission {
        let key = server.namespacedName
        let tenant = try? EffectiveTenant(namespace: key.namespace, tenants: tenants, platform: context.platform)
        return context.admissions.decide(uid: uid, namespace: key.namespace) { holders in
            let servers = context.caches.servers.store
            let namespace = OperatorCaches.Index.namespace
            guard let limit = tenant?.serverLimit, !context.quotaServer(server, holders: holders).isRunning,
                servers.keys(index: namespace, value: key.namespace).count > limit
            else { return (true, .admitted) }
            let all = servers.list(index: namespace, value: key.namespace)
                .map { context.quotaServer($0, holders: holders) }
            let admission = QuotaLedger.admission(of: key, among: all, limit: limit)
            return (admission == .admitted, admission)
        }
    }

    private func audit(_ breach: QuotaBreach?, memory: inout Memory) {
        // The place in the queue moves whenever another server goes; that is no new breach.
        if let breach, memory.breach?.limit != breach.limit {
            context.audit?.record(breach)
            context.metrics.countBreach(breach)
        }
        memory.breach = breach
    }

    // MARK: Apply

    /// What kept a plan from being carried out, with all that stood in the way.
    private struct WriteFailure: Error {
        var underlying: APIError
        var problems: [WriteProblem]
    }

    private func owner(_ key: NamespacedName, uid: String) -> ChildRecord.Owner {
        ChildRecord.Owner(groupKind: MCPServer.resourceType.groupKind, name: key.name, uid: uid)
    }

    private func apply(
        _ plan: ServerPlan,
        owner: ChildRecord.Owner,
        memory: inout Memory
    ) async throws -> [WriteProblem] {
        let desired = render(plan).map { DesiredObject($0) }
        let ownerKey = ChildCaches.ownerKey(
            groupKind: owner.groupKind,
            namespace: plan.server.metadata.namespace,
            name: owner.name
        )
        let steps = ApplyPlan(
            desired: desired,
            live: context.children.live(ownerKey: ownerKey, rendered: desired.map(\.reference)),
            owner: owner,
            verified: memory.verified
        )
        var outcome = Applier.Outcome()
        var failure: APIError?
        do {
            try await context.applier.apply(steps, owner: owner, outcome: &outcome)
        } catch let error as APIError {
            failure = error
        }
        let names = Set(desired.map(\.reference))
        memory.verified = memory.verified.filter { names.contains($0.key) }
            .merging(outcome.verified) { _, new in new }
        context.metrics.countWrites(outcome.writes, controller: "mcpserver", target: "children")
        if let failure { throw WriteFailure(underlying: failure, problems: outcome.problems) }
        return outcome.problems
    }

    /// A refused server is left as it is, but for one thing: whoever suspends it wants it to stop, whatever else is wrong.
    private func stopIfSuspended(_ server: MCPServer, uid: String) async throws {
        guard server.spec.suspend == true, let live = deployment(of: server.namespacedName, uid: uid), !live.isDeleting,
            live.replicas != 0
        else { return }
        try await context.cluster.patch(
            [
                ["op": "test", "path": "/metadata/uid", "value": .string(live.uid)],
                ["op": "add", "path": "/spec/replicas", "value": 0],
            ],
            of: live.reference
        )
    }

    // MARK: Report

    private func deployment(of key: NamespacedName, uid: String) -> ChildRecord? {
        let reference = ObjectReference(type: .deployment, namespace: key.namespace, name: key.name)
        guard let record = context.children[reference], record.owner?.uid == uid else { return nil }
        return record
    }

    private func observe(_ key: NamespacedName, uid: String, problems: [WriteProblem]) -> ObservedServer {
        let deployment = deployment(of: key, uid: uid).map { record in
            ObservedDeployment(
                generation: record.generation,
                replicas: record.replicas,
                status: record.status(as: DeploymentStatus.self)
            )
        }
        let pods = context.caches.pods.store.list(index: PodRecord.serverIndex, value: key.description)
        return ObservedServer(deployment: deployment, pods: pods.map(\.pod), problems: problems)
    }

    /// Writes the status where it differs from what is known of it.
    ///
    /// - Returns: after how long to come back, where writing was put off.
    private func report(
        _ input: ServerInput,
        decision: Decision<ServerPlan>,
        problems: [WriteProblem],
        memory: inout Memory
    ) async throws -> Duration? {
        let now = context.clock.now
        var server = input.server
        let known = memory.status?.status(forVersion: server.metadata.resourceVersion)
        if let known { server.status = try known.decode(MCPServerStatus.self) }
        let status = serverStatus(
            of: server,
            decision: decision,
            observed: observe(server.namespacedName, uid: memory.uid, problems: problems),
            tenants: input.tenants,
            now: context.now
        )
        let isStarting = status.conditions?[type: ConditionType.ready]?.reason == Reason.rollingOut.rawValue
        // Nothing that is watched tells that a container has had time enough to become ready.
        let next: Duration? = isStarting ? .seconds(PodDiagnosis.startingPeriod) : nil
        guard status != server.status else { return next }
        if let last = memory.status, let delay = last.delay(now: now),
            status.says(theSameAs: server.status)
        {
            return delay
        }
        let written = try JSONValue(encoding: status)
        let reference = ObjectReference(
            type: MCPServer.resourceType,
            namespace: server.metadata.namespace,
            name: server.metadata.name ?? ""
        )
        let version: String?
        do {
            version = try await context.cluster.applyStatus(
                reference.statusBody(written, uid: memory.uid),
                to: reference
            )
        } catch let error as APIError where error.isNotFound || error.isConflict {
            // The server is gone, or another has taken its name: its own event brings the next pass.
            return nil
        }
        context.metrics.countWrites(1, controller: "mcpserver", target: "status")
        tell(status, before: server.status, of: server)
        memory.status = StatusMemory(
            status: written,
            basis: server.metadata.resourceVersion,
            result: version,
            writtenAt: now
        )
        return next
    }

    /// Records an Event where the reason of what people look at first has changed.
    private func tell(_ status: MCPServerStatus, before: MCPServerStatus?, of server: MCPServer) {
        for type in [ConditionType.accepted, ConditionType.ready] {
            guard let condition = status.conditions?[type: type], let reason = Reason(rawValue: condition.reason),
                before?.conditions?[type: type]?.reason != condition.reason
            else { continue }
            // A refusal is said once, of Accepted; Ready repeats it.
            if type == ConditionType.ready, status.conditions?[type: ConditionType.accepted]?.reason == condition.reason
            {
                continue
            }
            let isBad = condition.status != .true && !reason.isProgress
            context.event(
                isBad ? .warning : .normal,
                reason,
                action: type == ConditionType.accepted ? "Decide" : "Reconcile",
                note: condition.message,
                regarding: server.metadata,
                of: MCPServer.resourceType
            )
        }
    }

    // MARK: Memory

    private func recall(_ key: NamespacedName, uid: String) -> Memory {
        memories.withLock { memories in
            if let memory = memories[key], memory.uid == uid { return memory }
            return Memory(uid: uid)
        }
    }

    private func forget(_ key: NamespacedName) {
        let memory = memories.withLock { $0.removeValue(forKey: key) }
        if let memory { context.admissions.release(uid: memory.uid, namespace: key.namespace) }
    }
}

extension Reason {
    /// Whether this is a step on the way to something, and no cause for alarm.
    var isProgress: Bool {
        switch self {
        case .programming, .rollingOut, .suspended, .scaledToZero, .waitingForDeletion, .progressing: true
        default: false
        }
    }
}

extension MCPServerStatus {
    /// Whether two statuses differ in numbers and messages alone: each condition has the same status and reason.
    func says(theSameAs other: MCPServerStatus?) -> Bool {
        guard let other, observedGeneration == other.observedGeneration, image == other.image, url == other.url else {
            return false
        }
        let gist = { (conditions: [Condition]?) in
            (conditions ?? []).map { "\($0.type)=\($0.status.rawValue):\($0.reason)" }
        }
        return gist(conditions) == gist(other.conditions)
    }
}
