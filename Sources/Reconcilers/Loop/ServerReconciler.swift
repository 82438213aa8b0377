internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import KubernetesClient
internal import Policy
import Synchronization

/// Makes the objects of one MCPServer match its spec, and reports the result in its status.
///
/// The steps are in order: get, gather, decide, apply, report. After a refusal only the status is written: running
/// servers are not changed.
final class ServerReconciler: Sendable {
    /// What is remembered of a server between two passes. All of it can be lost; the next pass then compares more.
    private struct Memory {
        var uid: String
        /// The claims that the last pass wrote or found unchanged.
        var usedClaims: [ObjectReference] = []
        /// The claims that are deleted with the server. They may be deleted before the report, so the report uses this
        /// list.
        var ownedClaims: Set<ObjectReference> = []
        var status: StatusMemory<MCPServerStatus>?
        var retry = ProblemRetry()
        /// Since when the result of a check is waited for.
        var checkingSince: RuntimeClock.Instant?
        /// The last audited breach of each dimension, so that each is reported once.
        var breaches: [QuotaDimension: QuotaBreach] = [:]
    }

    /// The minimum time between status writes for numbers and messages, so that a rollout does not write the status for
    /// every pod.
    private static let quietPeriod = Duration.seconds(10)

    /// How long the result of a handshake, or of reading an entry point, is waited for, before the status says that there is
    /// none yet. Both usually take milliseconds, and the result is then written together with what made it due.
    private static let handshakePeriod = Duration.seconds(1)

    let context: OperatorContext
    private let memories = Mutex<[NamespacedName: Memory]>([:])

    init(context: OperatorContext) {
        self.context = context
    }

    /// Reconciles one server.
    ///
    /// - Throws: errors that a retry can fix; the status also reports them.
    func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let server = context.caches.servers.store.get(key), let uid = server.metadata.uid else {
            context.handshakes.forget(key)
            context.handshakes.forget(HandshakeKey.candidate(of: key))
            context.entryPoints.forget(key)
            context.signatures.forgetImages(of: key)
            forget(key)
            return .done
        }
        // Its objects are deleted through their owner references, and its place under the quota is already free.
        guard server.metadata.deletionTimestamp == nil else {
            context.admissions.release(key, uid: uid)
            return .done
        }
        // All objects in the namespace are deleted with it, and no new ones can be created.
        let namespace = ObjectReference(type: .namespace, namespace: nil, name: key.namespace)
        guard context.children[namespace]?.isDeleting != true else { return .done }
        var memory = recall(key, uid: uid)
        defer { memories.withLock { [memory] in $0[key] = memory } }

        var current = server
        if let known = memory.status?.status(forVersion: server.metadata.resourceVersion) { current.status = known }
        let (input, asked) = try await decide(current, uid: uid)
        // Before a Deployment names it, so that a tag that moves in between is not read twice.
        if let plan = asked.plan {
            guard try await record(plan, of: &current, memory: &memory) else { return .done }
        }
        let versions = try await versions(of: current, uid: uid, input: input, asked: asked)
        let decision = versions.decision
        audit(decision.refusal?.breach, of: .serversPerTenant, memory: &memory)

        var outcome = CarriedOut()
        let retainable = ServerRenderer.retainable(server: key)
        let usedClaims = memory.usedClaims
        if let plan = decision.plan {
            let objects = objects(of: versions, plan: plan)
            let claims = objects.filter { $0.reference.type == .persistentVolumeClaim }
            if !versions.isFrozen { memory.ownedClaims = Set(claims.filter { !$0.isRetained }.map(\.reference)) }
            // Before the Deployment names it, so that a change of the class in between is not missed.
            var unstored: [WriteProblem] = []
            for serverClass in [plan.classToStore, versions.candidatePlan?.classToStore].compactMap({ $0 }) {
                unstored += [try await context.classRevisions.store(serverClass)].compactMap { $0 }
            }
            outcome = try await context.carryOut(
                objects,
                owner: owner(key, uid: uid),
                retainable: retainable,
                keepsOthers: versions.isFrozen,
                controller: "mcpserver"
            )
            if !versions.isFrozen {
                memory.usedClaims = claims.map(\.reference).filter { context.children[$0]?.verifiedHash != nil }
            }
            outcome.problems += unstored
        } else {
            try await stopIfSuspended(server, uid: uid)
            if input.withdrawsExposure { try await withdrawExposure(of: key, uid: uid) }
        }
        context.reportStorage(outcome, previouslyUsed: usedClaims, server: server.metadata)
        var observed = observe(current, uid: uid, versions: versions, problems: outcome.problems)
        observed.entryPoint = asked.plan?.entryPoint
        // The version that serves while another one is tried was verified too.
        observed.verifications =
            decision.plan?.signatures.recorded(in: current.status?.imageVerifications)
            ?? current.status?.imageVerifications
        auditTools(observed.protocolState, plan: decision.plan, memory: &memory)
        // A remote server has no pods that could be of the version before.
        let isRolledOut = decision.plan?.remote != nil || observed.deployment?.isRolledOut ?? false
        // Before the report, which names the revision.
        var served = versions.server
        served.status = current.status
        let revision = try await context.revisions.keep(
            RevisionKeeper.Pass(
                server: served,
                plan: decision.plan,
                template: versions.template,
                isRolledOut: isRolledOut,
                state: observed.protocolState,
                keeping: versions.keeping.union([server.spec.rollbackTo].compactMap { $0 })
            )
        )
        observed.revision = revision.report
        let candidate = try await tryCandidate(versions, of: current, uid: uid)
        observed.isFrozen = versions.isFrozen
        observed.candidate = reported(
            candidate.status,
            after: revision.report,
            isRolledOut: isRolledOut,
            observed: observed
        )
        if revision.needsCheck { context.handshakes.checkAgain(key) }
        let statusDelay = try await report(
            current,
            claims: input.claims,
            withdrawsExposure: input.withdrawsExposure,
            decision: decision,
            observed: observed,
            memory: &memory
        )
        if let failure = outcome.failure { throw failure }
        let problems = outcome.problems + revision.problems + candidate.problems
        let retryDelay = memory.retry.delay(after: problems, now: context.clock.now)
        // What is withdrawn from service, or returns to it, is rendered from the new status.
        let changesService = revision.report.isDrifted.map { $0 != (current.status?.revision?.drift != nil) } ?? false
        return [retryDelay, statusDelay, candidate.next, changesService || revision.needsPass ? .zero : nil].compactMap
        { $0 }.min().map { .requeueAfter($0) } ?? .done
    }

    // MARK: Gather

    /// Gathers what the decision needs, and decides: first whether the server can run at all, then whether it has a
    /// place.
    private func decide(_ server: MCPServer, uid: String) async throws -> (ServerInput, Decision<ServerPlan>) {
        do {
            return try await decideAsWritten(try await rolledBack(server, uid: uid), uid: uid)
        } catch let refusal as Refusal {
            context.admissions.release(server.namespacedName, uid: uid)
            return (try await gather(server, uid: uid), .refused(refusal))
        }
    }

    /// The same, without regard to `spec.rollbackTo`.
    func decideAsWritten(_ server: MCPServer, uid: String) async throws -> (ServerInput, Decision<ServerPlan>) {
        var input = try await gather(server, uid: uid)
        let decision = Reconcilers.decide(input)
        guard let plan = decision.plan else {
            context.admissions.release(server.namespacedName, uid: uid)
            return (input, decision)
        }
        input.admission = admit(server, uid: uid, limit: plan.tenant.serverLimit)
        return (input, input.admission == .admitted ? decision : Reconcilers.decide(input))
    }

    private func gather(_ server: MCPServer, uid: String) async throws -> ServerInput {
        let key = server.namespacedName
        let live = deployment(of: key, uid: uid)
        var input = ServerInput(
            server: server,
            classes: context.classes,
            claims: context.claims.current,
            rollout: live.flatMap { RolloutState(annotations: $0.annotations) },
            hostClaims: context.caches.hostClaims(against: server),
            platform: context.platform,
            controllerNamespace: context.controllerNamespace
        )
        (input.isDrifted, input.isRejected) = try await standing(of: server, uid: uid)
        input.volumeClaims = context.volumeClaims(of: server)
        input.kubernetesAPI = context.caches.kubernetesAPIEndpoints
        input.isTenantProgrammed = TenantReadiness.isProgrammed(
            input.claims[key.namespace]?.tenant,
            namespace: key.namespace
        )
        input.lastClass = input.rollout.flatMap { context.classRevisions.resolve(hash: $0.classHash) }
        input.contents = try await context.references.read(
            ServerReferences.needs(of: input),
            namespace: key.namespace
        )
        if server.spec.remote != nil {
            input.contentVersions = context.references.versions(of: Set(input.contents.keys), namespace: key.namespace)
        }
        input.signatures = signatures(for: input, uid: uid)
        input.entryPoint = entryPoint(for: input, uid: uid)
        input.missingServiceAccounts = ServerReferences.serviceAccounts(of: input).filter { name in
            context.children[ObjectReference(type: .serviceAccount, namespace: key.namespace, name: name)] == nil
        }
        return input
    }

    /// Whether what serves is not what was approved, and whether a person has rejected it. Revisions that nobody has decided
    /// about are not read.
    private func standing(of server: MCPServer, uid: String) async throws -> (isDrifted: Bool, isRejected: Bool) {
        guard let serving = server.status?.revision else { return (false, false) }
        let record = context.revisions.store.records(of: server.namespacedName, uid: uid)
            .first { $0.name == serving.name }
        guard let record, record.generation > 1, let review = try await context.revisions.store.review(of: record)
        else { return (serving.drift != nil, false) }
        return (serving.drift != nil && !review.standing.admits, review.standing.isRejected)
    }

    /// What is rendered. If what runs is left as it is, this is only what the candidate needs.
    private func objects(of versions: ServerVersions, plan: ServerPlan) -> [RenderedObject] {
        let candidate = versions.candidatePlan.map { render($0) } ?? []
        guard versions.isFrozen else { return render(plan) + candidate }
        return [ServerRenderer(plan: plan).renderServiceAccount()].compactMap { $0 } + candidate
    }

    /// What is known about the signatures of the server's images. What its status has is used without asking a registry.
    private func signatures(for input: ServerInput, uid: String) -> SignatureStates {
        let requests = SignatureRequest.all(input, roots: context.trustedRoots)
        let states = requests.map { ($0.key, state(of: $0, for: input.server, uid: uid)) }
        return SignatureStates(Dictionary(states) { first, _ in first })
    }

    private func state(of request: SignatureRequest, for server: MCPServer, uid: String) -> SignatureState {
        let imageKey = SignatureTable.key(request.key, of: server.namespacedName)
        if let recorded = request.recorded(in: server.status) {
            context.signatures.forget(imageKey)
            return .verified(recorded)
        }
        guard context.platform.registries?.mode != .disabled else {
            let failure = ImageFailure(
                .signatureUnreadable,
                "signatures of \(request.image) are required, and the platform does not read registries (registries.mode)"
            )
            return request.rules.areEnforced ? .failed(failure) : .tolerated(failure)
        }
        return context.signatures.observe(
            imageKey,
            uid: uid,
            target: SignatureTable.Target(
                request: request,
                secretVersions: secretVersions(of: request, namespace: server.namespacedName.namespace)
            )
        )
    }

    /// The versions of the pull Secrets that an image is read with, `nil` for one that does not exist.
    private func secretVersions(of request: some ImageReadRequest, namespace: String) -> [String?] {
        request.pullSecrets.map { context.caches.secrets.get(namespace: namespace, name: $0)?.resourceVersion }
    }

    /// What is known about the entry point of the server's image. What its status has is used without asking a registry.
    private func entryPoint(for input: ServerInput, uid: String) -> EntryPointState {
        let key = input.server.namespacedName
        guard let request = EntryPointRequest(input) else {
            context.entryPoints.forget(key)
            return .notRead
        }
        if let recorded = request.recorded(in: input.server.status) {
            context.entryPoints.forget(key)
            return .read(recorded)
        }
        guard context.platform.registries?.mode != .disabled else { return .disabled }
        return context.entryPoints.observe(
            key,
            uid: uid,
            target: EntryPointTable.Target(
                request: request,
                secretVersions: secretVersions(of: request, namespace: key.namespace)
            )
        )
    }

    /// Decides under one lock whether the server has a place, so that no place is given away twice.
    private func admit(_ server: MCPServer, uid: String, limit: Int?) -> QuotaLedger.Admission {
        let key = server.namespacedName
        return context.admissions.decide(key, uid: uid) { holders in
            let servers = context.caches.servers.store
            let namespace = OperatorCaches.Index.namespace
            guard let limit, !context.quotaServer(server, holders: holders).isRunning,
                servers.keys(index: namespace, value: key.namespace).count > limit
            else { return .admitted }
            let all = servers.list(index: namespace, value: key.namespace).map { other in
                var candidate = context.quotaServer(other, holders: holders)
                // The status of this server is older than the current decision.
                if other.metadata.uid == uid { candidate.isRefused = false }
                return candidate
            }
            return QuotaLedger.admission(of: key, among: all, limit: limit)
        }
    }

    private func audit(_ breach: QuotaBreach?, of dimension: QuotaDimension, memory: inout Memory) {
        // The position in the queue changes whenever another server is deleted; that is not a new breach.
        let last = memory.breaches[dimension]
        let isNew = last?.limit != breach?.limit || dimension == .toolsPerServer && last != breach
        if let breach, isNew {
            context.audit?.record(breach)
            context.metrics.countBreach(breach)
        }
        memory.breaches[dimension] = breach
    }

    /// The tools that a server offers are known only while it runs, so this breach is not a refusal.
    private func auditTools(_ state: ProtocolState?, plan: ServerPlan?, memory: inout Memory) {
        guard let plan, case .settled(.verified(let status))? = state else { return }
        audit(plan.toolQuotaBreach(status.tools), of: .toolsPerServer, memory: &memory)
    }

    // MARK: Apply

    private func owner(_ key: NamespacedName, uid: String) -> ChildRecord.Owner {
        ChildRecord.Owner(groupKind: MCPServer.resourceType.groupKind, name: key.name, uid: uid)
    }

    /// Writes what was read about the image into the status, unless it is there: its entry point, and that it was verified.
    ///
    /// - Parameter server: the server with its last known status, which is updated.
    /// - Returns: `false` if the server has changed, and its own event triggers the next pass.
    private func record(
        _ plan: ServerPlan,
        of server: inout MCPServer,
        memory: inout Memory
    ) async throws -> Bool {
        var status = server.status ?? MCPServerStatus()
        if let entryPoint = plan.entryPoint { status.entryPoint = entryPoint }
        status.imageVerifications =
            plan.tenant.signatures.areChecked ? plan.signatures.recorded(in: status.imageVerifications) : nil
        guard status != (server.status ?? MCPServerStatus()) else { return true }
        let isWritten = try await context.write(
            status,
            to: reference(to: server),
            server.metadata,
            memory: &memory.status,
            controller: "mcpserver"
        )
        if isWritten { server.status = status }
        return isWritten
    }

    /// A refused server is not changed, with one exception: a suspended server is stopped, regardless of other errors.
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

    /// Hosts that are no longer allowed must not stay reachable; see `ServerInput.withdrawsExposure`.
    private func withdrawExposure(of key: NamespacedName, uid: String) async throws {
        for type in [ResourceType.ingress, .httpRoute] {
            let reference = ObjectReference(type: type, namespace: key.namespace, name: key.name)
            guard let live = context.children[reference], live.owner?.uid == uid, !live.isDeleting else { continue }
            try await context.cluster.delete(reference, uid: live.uid)
        }
    }

    // MARK: Report

    private func deployment(of key: NamespacedName, uid: String) -> ChildRecord? {
        let reference = ObjectReference(type: .deployment, namespace: key.namespace, name: key.name)
        guard let record = context.children[reference], record.owner?.uid == uid else { return nil }
        return record
    }

    private func reference(to server: MCPServer) -> ObjectReference {
        ObjectReference(
            type: MCPServer.resourceType,
            namespace: server.metadata.namespace,
            name: server.metadata.name ?? ""
        )
    }

    private func observe(
        _ server: MCPServer,
        uid: String,
        versions: ServerVersions,
        problems: [WriteProblem]
    ) -> ObservedServer {
        let key = server.namespacedName
        let deployment = deployment(of: key, uid: uid).map { record in
            ObservedDeployment(
                generation: record.generation,
                replicas: record.replicas,
                status: record.status(as: DeploymentStatus.self)
            )
        }
        let pods = context.caches.pods.store.list(index: PodRecord.serverIndex, value: key.description)
        return ObservedServer(
            deployment: deployment,
            pods: pods.map(\.pod),
            problems: problems,
            protocolState: protocolState(
                of: server,
                uid: uid,
                versions: versions,
                pods: pods,
                hasDeployment: deployment != nil
            )
        )
    }

    /// What is known about the server's protocol. A refused server is checked as before, because it may still serve; a remote one that is
    /// refused is not called any more.
    private func protocolState(
        of server: MCPServer,
        uid: String,
        versions: ServerVersions,
        pods: [PodRecord],
        hasDeployment: Bool
    ) -> ProtocolState? {
        let key = server.namespacedName
        guard let plan = versions.decision.plan else {
            if !hasDeployment, server.spec.remote != nil || server.status?.remote != nil {
                context.handshakes.stop(key)
                return nil
            }
            return context.handshakes.state(of: key, uid: uid)
        }
        if case .disabled(let field) = plan.handshake {
            context.handshakes.forget(key)
            return .disabled(by: field)
        }
        if plan.remote != nil, versions.isFrozen || plan.settings.isSuspended {
            context.handshakes.stop(key)
            return .noPod(last: ProtocolVerdict(server.status))
        }
        return context.handshakes.observe(
            key,
            uid: uid,
            target: plan.remote.map { HandshakeTarget($0, key: key) }
                ?? HandshakeTarget(pods: pods, endpoint: HandshakeEndpoint(plan.settings)),
            status: server.status
        )
    }

    /// Writes the status if it differs from the last known one.
    ///
    /// - Returns: when to reconcile again, if the write was delayed.
    private func report(
        _ server: MCPServer,
        claims: NamespaceClaims,
        withdrawsExposure: Bool,
        decision: Decision<ServerPlan>,
        observed: ObservedServer,
        memory: inout Memory
    ) async throws -> Duration? {
        let now = context.clock.now
        let status = serverStatus(
            of: server,
            decision: decision,
            observed: observed,
            claims: claims,
            isExposureWithdrawn: decision.refusal != nil && withdrawsExposure,
            now: context.now
        )
        context.metrics.report(server.namespacedName, status)
        let isStarting = status.conditions?[type: ConditionType.ready]?.reason == Reason.rollingOut.rawValue
        // No watch event reports that a container has had enough time to become ready.
        let next: Duration? = isStarting ? .seconds(PodDiagnosis.startingPeriod) : nil
        guard status != server.status else { return next }
        if let rest = waitForResult(status, memory: &memory, now: now) { return rest }
        if let rest = memory.status?.rest(of: Self.quietPeriod, now: now), status.says(theSameAs: server.status) {
            return rest
        }
        guard
            try await context.write(
                status,
                to: reference(to: server),
                server.metadata,
                memory: &memory.status,
                controller: "mcpserver"
            )
        else { return nil }
        tell(status, before: server.status, of: server)
        tellContract(status.revision, before: server.status?.revision, of: server)
        tellCandidate(status, before: server.status?.candidate, of: server)
        return next
    }

    /// The reasons of refusals that usually end after a moment.
    private static let pendingReasons: Set<String> = [
        Reason.entryPointPending.rawValue, Reason.signaturePending.rawValue,
    ]

    /// The rest of the time in which the result of a handshake or of reading an entry point is waited for, `nil` if none is, or the
    /// time is over.
    private func waitForResult(
        _ status: MCPServerStatus,
        memory: inout Memory,
        now: RuntimeClock.Instant
    ) -> Duration? {
        let isPending =
            status.conditions?[type: ConditionType.ready]?.reason == Reason.handshakePending.rawValue
            || Self.pendingReasons.contains(status.conditions?[type: ConditionType.accepted]?.reason ?? "")
        guard isPending else {
            memory.checkingSince = nil
            return nil
        }
        let since = memory.checkingSince ?? now
        memory.checkingSince = since
        let rest = Self.handshakePeriod - since.duration(to: now)
        return rest > .zero ? rest : nil
    }

    /// Records an Event if something failed, or has recovered. Intermediate steps are only in the conditions.
    private func tell(_ status: MCPServerStatus, before: MCPServerStatus?, of server: MCPServer) {
        for type in [ConditionType.accepted, ConditionType.ready] {
            guard let condition = status.conditions?[type: type], let reason = Reason(rawValue: condition.reason),
                before?.conditions?[type: type]?.reason != condition.reason
            else { continue }
            // A refusal is reported once, for Accepted; Ready repeats it.
            if type == ConditionType.ready, status.conditions?[type: ConditionType.accepted]?.reason == condition.reason
            {
                continue
            }
            let isBad = condition.status != .true || reason.isAboutPods
            // The acceptance of a new server is not reported; the acceptance of a server that was refused before is.
            if type == ConditionType.accepted, !isBad, before?.conditions == nil { continue }
            // Neither is the creation of a server that is suspended.
            if reason.isProgress, isBad || before?.conditions == nil { continue }
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

    /// Records an Event if a server offers something else than before.
    private func tellContract(_ revision: ServingRevision?, before: ServingRevision?, of server: MCPServer) {
        guard let revision, let before, revision.contractDigest != before.contractDigest else { return }
        let note =
            revision.drift.map { drift in
                "with the same image and spec: \(RevisionDifference.summary(drift.difference))"
            } ?? "see the differences in the status of the MCPServerRevision"
        context.event(
            revision.drift == nil ? .normal : .warning,
            revision.drift == nil ? .contractChanged : .contractDrifted,
            action: "Check",
            note: "the server offers something else, revision \(revision.name) after \(before.name): \(note)",
            regarding: server.metadata,
            of: MCPServer.resourceType
        )
    }

    // MARK: Memory

    private func recall(_ key: NamespacedName, uid: String) -> Memory {
        memories.withLock { memories in
            if let memory = memories[key], memory.uid == uid { return memory }
            return Memory(uid: uid)
        }
    }

    private func forget(_ key: NamespacedName) {
        context.metrics.forget(server: key)
        let memory = memories.withLock { $0.removeValue(forKey: key) }
        guard let memory else { return }
        context.admissions.release(key, uid: memory.uid)
        context.reportStorage(ofDeleted: key, uid: memory.uid, ownedClaims: memory.ownedClaims)
    }
}

extension Reason {
    /// Whether this condition is about problems of pods. During a rollout that loses no capacity, Ready is True with
    /// this reason.
    var isAboutPods: Bool {
        switch self {
        case .imagePullFailed, .pluginRefused, .containerCrashing, .containerOutOfMemory,
            .containerConfigurationInvalid,
            .containerNotReady,
            .podUnschedulable, .podForbidden, .resourceQuotaExceeded, .rolloutStuck:
            true
        default: false
        }
    }

    /// Whether this is an intermediate step and not a problem.
    var isProgress: Bool {
        switch self {
        case .programming, .rollingOut, .suspended, .scaledToZero, .waitingForDeletion, .progressing,
            .tenantNotProgrammed, .handshakePending, .candidateStarting, .candidateTakingOver,
            .entryPointPending, .signaturePending:
            true
        default: false
        }
    }
}

extension MCPServerStatus: QuietStatus {
    var firmPart: MCPServerStatus {
        var status = self
        status.conditions = nil
        status.replicas = nil
        status.readyReplicas = nil
        status.queuePosition = nil
        return status
    }
}
