internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import KubernetesClient
internal import Policy

/// Which version of a server runs, and which one is tried beside it.
struct ServerVersions: Sendable {
    /// The decision about the version that runs.
    var decision: Decision<ServerPlan>
    /// The server with the spec of this version.
    var server: MCPServer
    /// Makes the reviewed part of this spec, which most passes do not need; `nil` if what runs is left as it is.
    var template: (@Sendable () -> RevisionTemplate)?
    /// Whether what runs is left as it is, because it cannot be rendered or is not known.
    var isFrozen = false
    /// The approved revision that serves, while another version is tried.
    @Boxed var base: ReviewedRevision? = nil
    /// The version that does not serve yet.
    @Boxed var candidate: ReviewGate.Candidate? = nil
    /// Its plan, if its pod runs.
    @Boxed var candidatePlan: ServerPlan? = nil
    /// The reviewed part of its spec.
    @Boxed var candidateTemplate: RevisionTemplate? = nil

    /// Without any review.
    init(
        _ decision: Decision<ServerPlan>,
        of server: MCPServer,
        template: (@Sendable () -> RevisionTemplate)? = nil
    ) {
        self.decision = decision
        self.server = server
        self.template = template
    }

    /// The revisions that must not be deleted because of the history limit.
    var keeping: Set<String> {
        Set([base?.name, candidate?.revision?.name, candidate?.status?.revision].compactMap { $0 })
    }
}

/// What became of a candidate in a pass.
struct CandidateResult: Sendable {
    var status: CandidateStatus?
    var problems: [WriteProblem] = []
    /// When to reconcile again.
    var next: Duration?
}

extension ServerReconciler {
    // MARK: Before the render

    /// The server with the spec of the revision that `spec.rollbackTo` names.
    ///
    /// - Throws: `Refusal` if the revision must not serve, and the errors of the API server.
    func rolledBack(_ server: MCPServer, uid: String) async throws -> MCPServer {
        guard let name = server.spec.rollbackTo else { return server }
        let records = context.revisions.store.records(of: server.namespacedName, uid: uid)
        let field = "spec.rollbackTo"
        guard let record = records.first(where: { $0.name == name }),
            let revision = try await context.revisions.store.review(of: record)
        else {
            throw Refusal(
                .rollbackNotPossible,
                field: field,
                "MCPServerRevision \"\(name)\" does not exist, or is not one of this server: use one that "
                    + "`kubectl get mcprevisions` lists for it"
            )
        }
        guard revision.standing.admits else {
            throw Refusal(
                .rollbackNotPossible,
                field: field,
                "revision \"\(name)\" \(revision.standing.explanation): use one that has served or was approved"
            )
        }
        guard let template = revision.template,
            let spec = ReviewedSpec.replacing(in: server.spec, by: template)
        else {
            throw Refusal(
                .rollbackNotPossible,
                field: field,
                "the spec in revision \"\(name)\" cannot be read: use another revision"
            )
        }
        var server = server
        server.spec = spec
        return server
    }

    /// Decides which version runs.
    ///
    /// - Parameters:
    ///   - server: the server with its last known status.
    ///   - input: what was decided from.
    ///   - asked: the decision about what the spec asks for.
    func versions(
        of server: MCPServer,
        uid: String,
        input: ServerInput,
        asked: Decision<ServerPlan>
    ) async throws -> ServerVersions {
        guard let plan = asked.plan else {
            // Nothing is changed, so a candidate stays as it is.
            var versions = ServerVersions(asked, of: input.server)
            versions.candidate = server.status?.candidate.map { ReviewGate.Candidate(status: $0, isRunning: false) }
            return versions
        }
        guard plan.review.isEnforced else {
            return ServerVersions(asked, of: plan.server) {
                ReviewedSpec.template(of: plan.completeSpec, image: plan.image.requested)
            }
        }
        let template = ReviewedSpec.template(of: plan.completeSpec, image: plan.image.requested)
        let gate = ReviewGate(
            review: plan.review,
            asked: template,
            image: plan.image.requested,
            restart: server.metadata.annotations?[MoorageAnnotations.restart],
            isSuspended: plan.settings.isSuspended,
            serving: server.status?.revision,
            known: server.status?.candidate,
            now: context.now
        )
        let records = gate.needsRevisions ? context.revisions.store.records(of: server.namespacedName, uid: uid) : []
        switch gate.decide(try await context.revisions.store.reviews(of: records)) {
        case .serve(let replacing):
            var versions = ServerVersions(asked, of: plan.server) { template }
            versions.candidate = replacing.map { ReviewGate.Candidate(status: $0, isRunning: false) }
            return versions
        case .hold(let base, let candidate):
            var versions = try await held(base, of: server, uid: uid, asked: asked)
            versions.candidate = candidate
            versions.candidateTemplate = template
            if candidate.isRunning {
                var input = input
                input.role = .candidate(template: template.digest)
                input.rollout = nil
                switch Reconcilers.decide(input) {
                case .run(let plan): versions.candidatePlan = plan
                case .refused(let refusal):
                    versions.candidate?.isRunning = false
                    versions.candidate?.status?.state = .refused
                    versions.candidate?.status?.message = refusal.text
                }
            }
            return versions
        }
    }

    /// The version that serves while another one is tried: the approved revision with all fields of the spec that are not
    /// reviewed. If it cannot be rendered any more, what runs is left as it is.
    private func held(
        _ base: ReviewedRevision?,
        of server: MCPServer,
        uid: String,
        asked: Decision<ServerPlan>
    ) async throws -> ServerVersions {
        if let template = base?.template, let spec = ReviewedSpec.replacing(in: server.spec, by: template) {
            var held = server
            held.spec = spec
            let (_, decision) = try await decideAsWritten(held, uid: uid)
            if decision.plan != nil {
                var versions = ServerVersions(decision, of: held) { template }
                versions.base = base
                return versions
            }
        }
        var versions = ServerVersions(asked, of: server)
        versions.base = base
        versions.isFrozen = true
        return versions
    }

    // MARK: After the render

    /// Checks the pod of a candidate, and stores what it offers.
    func tryCandidate(_ versions: ServerVersions, of server: MCPServer, uid: String) async throws -> CandidateResult {
        let key = HandshakeKey.candidate(of: server.namespacedName)
        var result = CandidateResult(status: versions.candidate?.status)
        result.next = versions.candidate?.remaining.map { .seconds($0) }
        try await closeReplaced(result.status, of: server, problems: &result.problems)
        guard let plan = versions.candidatePlan, let template = versions.candidateTemplate,
            var status = result.status
        else {
            context.handshakes.forget(key)
            if result.status?.state == .rejected, let name = result.status?.revision {
                let problem = try await context.revisions.close(name, as: .rejected, of: server)
                result.problems += [problem].compactMap { $0 }
            }
            return result
        }
        let pods = context.caches.pods.store
            .list(index: PodRecord.candidateIndex, value: server.namespacedName.description)
            .filter { $0.candidateTemplate == ObjectLabels.templateValue(template.digest) }
        let state = context.handshakes.observe(
            key,
            uid: uid,
            target: plan.remote.map { HandshakeTarget($0, key: key) }
                ?? HandshakeTarget(pods: pods, key: key, endpoint: HandshakeEndpoint(plan.settings)),
            status: nil
        )
        switch state {
        case .settled(.verified(let checked)), .settled(.credentialsRequired(let checked, _)):
            if let breach = plan.toolQuotaBreach(checked.tools) {
                context.audit?.record(breach)
                context.metrics.countBreach(breach)
                status.end(.refused, plan.toolQuotaMessage(breach), now: context.now)
            } else if !isStored(checked, versions.candidate?.revision, of: server, uid: uid) || status.message == nil {
                var asked = plan.server
                asked.status = server.status
                let outcome = try await context.revisions.keepCandidate(
                    of: asked,
                    plan: plan,
                    template: template,
                    checked: checked,
                    base: versions.base
                )
                take(outcome, into: &status, result: &result, key: key)
            }
        case .settled(.failed(let failure)):
            if status.state == .starting { status.message = failure.message }
        case .noPod, .pending:
            if status.state == .starting {
                let deployment = ObjectReference(
                    type: .deployment,
                    namespace: server.metadata.namespace,
                    name: plan.role.name(of: server.metadata.name ?? "")
                )
                let finding =
                    PodDiagnosis.find(context.children[deployment]?.status(as: DeploymentStatus.self))
                    ?? PodDiagnosis.find(pods.map(\.pod), image: plan.image.resolved, now: context.now)
                status.message =
                    finding?.message ?? (plan.remote == nil ? "its pod is starting" : "it is being read")
            }
        case .disabled: break
        }
        result.status = status
        return result
    }

    private func take(
        _ outcome: RevisionKeeper.CandidateOutcome,
        into status: inout CandidateStatus,
        result: inout CandidateResult,
        key: NamespacedName
    ) {
        switch outcome {
        case .stored(let name, let isAccepted, let difference):
            let state: CandidateState = isAccepted ? .takingOver : .held
            if status.state != state || status.revision != name { status.since = context.now }
            status.state = state
            status.revision = name
            status.message =
                isAccepted
                ? "it offers the same as the version that serves"
                : difference.isEmpty
                    ? "the policy requires an approval of every version" : RevisionDifference.summary(difference)
            // The next pass renders it in place of what serves.
            if isAccepted { result.next = .zero }
        case .pending: context.handshakes.checkAgain(key)
        case .tooLarge(let text): status.end(.refused, text, now: context.now)
        case .failed(let problem): result.problems.append(problem)
        }
    }

    /// Whether what a candidate offers is stored in its revision.
    private func isStored(
        _ checked: ServerProtocolStatus,
        _ revision: ReviewedRevision?,
        of server: MCPServer,
        uid: String
    ) -> Bool {
        guard let revision, checked.contractDigest == nil || revision.contractDigest == checked.contractDigest else {
            return false
        }
        return context.revisions.store.records(of: server.namespacedName, uid: uid)
            .contains { $0.name == revision.name && context.revisions.store.isComplete($0) }
    }

    /// Marks the revision of an earlier candidate as replaced.
    private func closeReplaced(
        _ status: CandidateStatus?,
        of server: MCPServer,
        problems: inout [WriteProblem]
    ) async throws {
        guard let known = server.status?.candidate, known.state == .held, let name = known.revision,
            name != status?.revision, name != server.status?.revision?.name
        else { return }
        let problem = try await context.revisions.close(name, as: .superseded, of: server)
        problems += [problem].compactMap { $0 }
    }

    /// The candidate that is reported: none once it serves.
    func reported(
        _ candidate: CandidateStatus?,
        after report: RevisionReport,
        isRolledOut: Bool,
        observed: ObservedServer
    ) -> CandidateStatus? {
        guard let candidate, candidate.state == .takingOver else { return candidate }
        if case .stored(let serving) = report, serving.template == candidate.template { return nil }
        // What it offers cannot be read, so no revision says that it serves.
        if isRolledOut, case .settled(.credentialsRequired)? = observed.protocolState { return nil }
        return candidate
    }

    // MARK: Events

    /// Records an Event if a candidate has reached another state.
    func tellCandidate(_ status: MCPServerStatus, before: CandidateStatus?, of server: MCPServer) {
        // A version that may serve often does before anything else is reported.
        if let before, status.candidate == nil, before.state != .takingOver,
            let serving = status.revision, serving.template == before.template
        {
            return tell(.revisionAccepted, "revision \(serving.name) was accepted and serves", of: server)
        }
        guard let candidate = status.candidate,
            candidate.state != before?.state || candidate.template != before?.template,
            let condition = status.conditions?[type: ConditionType.reviewRequired],
            let reason = Reason(rawValue: condition.reason), candidate.state != .starting
        else { return }
        tell(candidate.state == .takingOver ? .revisionAccepted : reason, condition.message, of: server)
    }

    private func tell(_ reason: Reason, _ note: String, of server: MCPServer) {
        context.event(
            reason == .revisionAccepted ? .normal : .warning,
            reason,
            action: "Review",
            note: note,
            regarding: server.metadata,
            of: MCPServer.resourceType
        )
    }
}

extension CandidateStatus {
    /// Ends the candidate.
    fileprivate mutating func end(_ state: CandidateState, _ message: String, now: Timestamp) {
        self.state = state
        self.message = message
        since = now
    }
}

extension ReviewedRevision.Standing {
    /// Why a revision may not serve, in words.
    var explanation: String {
        switch self {
        case .accepted, .approved: "may serve"
        case .rejected(let by, let reason):
            "was rejected" + (by.map { " by \($0)" } ?? "") + (reason.map { " (\(Words.bounded($0)))" } ?? "")
        case .waiting: "is not approved"
        case .invalid(let cause): "is not approved, because \(cause)"
        }
    }
}
