public import CRDModels
public import KubernetesAPI
internal import MCPProtocol
public import Policy

/// The status of a server, from the decision and the observed state. Pure.
///
/// - Parameters:
///   - server: the server that the decision is about.
///   - decision: the decision.
///   - observed: its children.
///   - claims: whose rules apply in which namespace, to name the tenant of a refused server.
///   - isExposureWithdrawn: whether the Ingress or HTTPRoute of a refused server was removed.
///   - now: the transition time of conditions that change their status.
public func serverStatus(
    of server: MCPServer,
    decision: Decision<ServerPlan>,
    observed: ObservedServer,
    claims: NamespaceClaims = NamespaceClaims(),
    isExposureWithdrawn: Bool = false,
    now: Timestamp
) -> MCPServerStatus {
    let namespace = server.metadata.namespace ?? ""
    let reported = observed.deployment?.status
    // A remote server has no pods; those of the image before may be left while it is refused.
    let hasPods = observed.deployment != nil || decision.plan.map { $0.remote == nil } ?? (server.spec.remote == nil)
    var status = MCPServerStatus(
        observedGeneration: server.metadata.generation,
        conditions: ServerConditions(server: server, decision: decision, observed: observed, now: now).conditions(),
        tenant: claims[namespace]?.name,
        replicas: hasPods ? reported?.replicas ?? 0 : nil,
        readyReplicas: hasPods ? reported?.readyReplicas ?? 0 : nil,
        selector: hasPods ? "\(MoorageLabels.server)=\(server.metadata.name ?? "")" : nil
    )
    switch decision {
    case .run(let plan) where plan.remote != nil:
        // What is not approved is not called.
        if let remote = plan.remote, !observed.isFrozen {
            status.url = remote.url.description
            status.remote = remote.accepted
        }
        status.tenant = plan.tenant.isClaimed ? plan.tenant.name : nil
        status.className = plan.className
    case .run(let plan):
        // If another object has the name of the Service, the address leads to that object.
        if !observed.problems.contains(where: \.isNameTaken) {
            status.address = plan.address
            if observed.isServing || server.status?.url != nil { status.url = plan.url }
        }
        status.tenant = plan.tenant.isClaimed ? plan.tenant.name : nil
        status.className = plan.className
        status.image = plan.image.resolved
        status.entryPoint = observed.entryPoint ?? plan.entryPoint
        status.imageVerifications = observed.verifications
    case .refused(let refusal):
        status.queuePosition = refusal.queuePosition
        // It is still that of the last accepted spec, and is used again if the image changes back.
        status.entryPoint = server.status?.entryPoint
        status.imageVerifications = server.status?.imageVerifications
        // The objects of the last accepted spec still serve.
        if observed.deployment != nil {
            status.address = server.status?.address
            status.url = isExposureWithdrawn ? server.status?.address : server.status?.url
            status.className = server.status?.className
            status.image = server.status?.image
        }
    }
    if observed.isFrozen {
        status.className = server.status?.className
        status.image = server.status?.image
    }
    switch observed.protocolState {
    case nil, .disabled: break
    case .some(let state): status.mcp = state.status ?? server.status?.mcp
    }
    switch observed.revision {
    case .notRead?: break
    case .stored(let revision)?: status.revision = revision
    default: status.revision = server.status?.revision
    }
    status.candidate = observed.candidate
    return status
}

extension ServerProtocolStatus {
    /// What the server offers, in one line.
    var summary: String {
        let counts = [
            (tools, "tool"), (prompts, "prompt"), (resources, "resource"), (resourceTemplates, "resource template"),
        ].compactMap { count, name in
            count.flatMap { $0 == 0 ? nil : "\($0) \(name)\($0 == 1 ? "" : "s")" }
        }
        let name = [serverName, serverVersion].compactMap { $0 }.joined(separator: " ")
        return (name.isEmpty ? "it" : name) + " speaks MCP \(protocolVersion ?? "")"
            + (counts.isEmpty ? "" : " and offers " + counts.joined(separator: ", "))
    }
}

/// The conditions of a server.
struct ServerConditions {
    let server: MCPServer
    let decision: Decision<ServerPlan>
    let observed: ObservedServer
    let now: Timestamp

    /// The conditions in their display order, merged into the existing ones: a transition time changes only when a
    /// status changes. Conditions that others set are kept.
    func conditions() -> [Condition] {
        let generation = server.metadata.generation
        let findings = findings()
        let removable = Self.revisionTypes.union([
            ConditionType.reviewRequired, ConditionType.imagePolicySatisfied, ConditionType.imageVerified,
        ])
        let stale = removable.subtracting(findings.map(\.type))
        var conditions = (server.status?.conditions ?? []).filter { !stale.contains($0.type) }
        conditions.merge(
            findings.map { type, status, finding in
                Condition(
                    type: type,
                    status: status,
                    reason: finding.reason.rawValue,
                    message: finding.message,
                    observedGeneration: generation,
                    lastTransitionTime: now
                )
            }
        )
        conditions.putInOrder()
        return conditions
    }

    typealias Entry = (type: String, status: Condition.Status, finding: Finding)

    private func findings() -> [Entry] {
        switch decision {
        case .run(let plan): accepted(plan)
        case .refused(let refusal): refused(refusal)
        }
    }

    // MARK: A plan

    private func accepted(_ plan: ServerPlan) -> [Entry] {
        var entries: [Entry] = [(ConditionType.accepted, .true, acceptance(plan))]
        if plan.remote == nil { entries.append((ConditionType.imagePolicySatisfied, .true, pinning(plan))) }
        if let entry = verification(plan.signatures) { entries.append(entry) }
        let (programmed, isProgrammed) = programming(plan)
        entries += reviewEntries()
        entries.append((ConditionType.programmed, isProgrammed ? .true : .false, programmed))
        if let entry = protocolEntry() { entries.append(entry) }
        entries += revisionEntries(Curation(plan.server.spec))
        let readiness = isProgrammed ? reviewed(verified(readiness(plan), plan), plan) : .waiting(.false, programmed)
        entries.append((ConditionType.ready, readiness.status, readiness.finding))
        entries.append(
            plan.remote.map { availability(plan, $0) } ?? availability(otherwise: readiness.finding)
        )
        entries.append(
            plan.isBehindClass
                ? (
                    ConditionType.classCurrent, .false,
                    Finding(
                        .classBehind,
                        """
                        \(plan.className.map { "the class \($0)" } ?? "the default class") has changed since this server was \
                        rendered: the change takes effect with the next change of the server, or when its annotation \
                        \(MoorageAnnotations.restart) gets a new value
                        """
                    )
                )
                : (
                    ConditionType.classCurrent, .true,
                    Finding(
                        .classCurrent,
                        plan.className.map {
                            """
                            class \($0) is up to date
                            """
                        } ?? "built-in defaults apply"
                    )
                )
        )
        return entries + progress(readiness)
    }

    private func acceptance(_ plan: ServerPlan) -> Finding {
        let warnings = plan.warnings.isEmpty ? "" : "; " + plan.warnings.joined(separator: "; ")
        guard plan.tenant.isClaimed else {
            return Finding(
                .acceptedWithoutTenant,
                """
                no MCPTenant claims namespace "\(plan.tenant.namespace)": the plan "\(plan.tenant.plan)" applies, \
                and the namespace gets no labels and no policies\(warnings)
                """
            )
        }
        return Finding(.accepted, "tenant \"\(plan.tenant.name)\" allows it\(warnings)")
    }

    private func pinning(_ plan: ServerPlan) -> Finding {
        let through =
            plan.image.requested == plan.image.resolved ? "" : ", pulled as \(plan.image.resolved) through a mirror"
        if !plan.image.isPinned, plan.entryPoint != nil {
            return Finding(
                .imagePinned,
                """
                \(plan.image.requested) has no digest; it is pinned as \(plan.image.resolved), from which its entry point was \
                read
                """
            )
        }
        if plan.image.isOwn, !plan.image.isPinned {
            return Finding(
                .imageNotPinned,
                "\(plan.image.requested) is Moorage's own image, which the platform's configuration names without a digest"
            )
        }
        return plan.image.isPinned
            ? Finding(.imagePinned, "\(plan.image.requested) is pinned by its digest\(through)")
            : Finding(
                .imageNotPinned,
                """
                \(plan.image.requested) has no digest, which the policy does not require: the image can \
                change\(through)
                """
            )
    }

    private func programming(_ plan: ServerPlan) -> (Finding, Bool) {
        if let problem = observed.problems.first { return (problem.finding, false) }
        guard plan.remote != nil || observed.deployment != nil || observed.candidate != nil else {
            return (Finding(.programming, "its objects are being written"), false)
        }
        return (Finding(.programmed, "all of its objects are in the cluster"), true)
    }

    /// Whether the server is in its desired state, by kstatus's rules for a Deployment.
    ///
    /// A rollout that keeps the desired number of pods available does not change Ready: clients are not affected.
    /// Reconciling and Stalled, which kstatus reads first, say whether the rollout makes progress.
    private func readiness(_ plan: ServerPlan) -> Readiness {
        if let remote = plan.remote { return readiness(plan, remote) }
        let status = observed.deployment?.status
        let desired = plan.settings.isSuspended ? 0 : observed.deployment?.replicas ?? 1
        let available = status?.availableReplicas ?? 0
        let total = status?.replicas ?? 0
        let isObserved = (status?.observedGeneration ?? 0) >= observed.deployment?.generation ?? 0
        if desired == 0 {
            // A Deployment that was created with 0 replicas never had pods, so there is nothing to wait for.
            let hasNeverRun = observed.deployment?.generation == 1 && observed.deployment?.replicas == 0
            return resting(
                isSuspended: plan.settings.isSuspended,
                left: total,
                isObserved: isObserved || hasNeverRun
            )
        }
        let kept: Condition.Status = available >= desired ? .true : available > 0 ? .unknown : .false
        guard isObserved else { return .waiting(kept, Finding(.rollingOut, "the Deployment has just been changed")) }
        let updated = status?.updatedReplicas ?? 0
        if updated >= desired, total <= updated, available >= desired {
            return .settled(Finding(.serving, "\(available) of \(desired) pods are available"))
        }
        let counts = "\(updated) of \(desired) pods are up to date, \(available) are available"
        let isStuck = status?.conditions?.contains {
            $0.type == "Progressing" && $0.reason == "ProgressDeadlineExceeded"
        }
        var found =
            PodDiagnosis.find(status) ?? PodDiagnosis.find(observed.pods, image: plan.image.resolved, now: now)
            ?? (isStuck == true
                ? Finding(.rolloutStuck, "the rollout makes no progress: check kubectl describe of its pods")
                : Finding(.rollingOut, "pods are starting"))
        found.message = "\(counts): \(found.message)"
        found.isStalled = isStuck == true
        return .waiting(kept, found)
    }

    /// A server whose pods are all available is ready once it speaks MCP. A server that is ready stays so while another pod
    /// of it is checked.
    private func verified(_ readiness: Readiness, _ plan: ServerPlan) -> Readiness {
        guard readiness.isSettled, readiness.finding.reason == .serving, let state = observed.protocolState else {
            return readiness
        }
        switch state {
        case .disabled, .settled(.credentialsRequired): return readiness
        case .settled(.verified(let status)):
            guard let breach = plan.toolQuotaBreach(status.tools) else { return readiness }
            return .waiting(
                .false,
                Finding(.toolQuotaExceeded, plan.toolQuotaMessage(breach), isStalled: true)
            )
        case .settled(.failed(let failure)):
            return .waiting(.false, Finding(failure.reason, failure.message, isStalled: !failure.isTransient))
        case .noPod, .pending:
            let isReady = server.status?.conditions?[type: ConditionType.ready]?.status == .true
            return .waiting(isReady ? .true : .false, Finding(.handshakePending, Self.isChecking(plan)))
        }
    }

    private func protocolEntry() -> Entry? {
        guard let state = observed.protocolState else { return nil }
        switch state {
        case .disabled(let field):
            return (
                ConditionType.protocolVerified, .unknown,
                Finding(.handshakeDisabled, "not checked because \(field) is \(HandshakeMode.disabled.rawValue)")
            )
        case .noPod:
            return (
                ConditionType.protocolVerified, .unknown,
                Finding(.handshakePending, pendingCheck(decision.plan))
            )
        case .pending(let last): return entry(of: last) ?? pendingEntry
        case .settled(let verdict): return entry(of: verdict) ?? pendingEntry
        }
    }

    private var pendingEntry: Entry {
        (ConditionType.protocolVerified, .unknown, Finding(.handshakePending, Self.isChecking(decision.plan)))
    }

    private static func isChecking(_ plan: ServerPlan?) -> String {
        plan?.remote == nil ? "the controller is checking a pod" : "the controller is checking the remote server"
    }

    private func entry(of verdict: ProtocolVerdict?) -> Entry? {
        switch verdict {
        case nil: nil
        case .verified(let status):
            (ConditionType.protocolVerified, .true, Finding(.protocolVerified, status.summary))
        case .credentialsRequired(_, let message):
            (ConditionType.protocolVerified, .true, Finding(.credentialsRequired, message))
        case .failed(let failure):
            (ConditionType.protocolVerified, .false, Finding(failure.reason, failure.message))
        }
    }

    /// A server whose desired number of pods is 0 and that has no pods is in its desired state.
    private func resting(isSuspended: Bool, left: Int, isObserved: Bool) -> Readiness {
        let reason: Reason = isSuspended ? .suspended : .scaledToZero
        guard isObserved, left == 0 else {
            return .waiting(.false, Finding(reason, left > 0 ? "\(left) pods are terminating" : "pods are terminating"))
        }
        return .settled(
            Finding(
                reason,
                isSuspended
                    ? "suspended: set spec.suspend to false to run it"
                    : "scaled to 0 pods: scale it up to run it"
            )
        )
    }

    /// Whether the server has ready pods, regardless of its desired state.
    private func availability(otherwise finding: Finding) -> Entry {
        let available = observed.deployment?.status?.availableReplicas ?? 0
        guard available == 0 else {
            return (ConditionType.available, .true, Finding(.serving, "\(available) pods are available"))
        }
        switch finding.reason {
        case .suspended, .scaledToZero: return (ConditionType.available, .false, finding)
        default:
            let isRemote = server.spec.remote != nil && observed.deployment == nil
            let text = isRemote ? "the gateway does not call the remote server" : "no pod is ready"
            return (ConditionType.available, .false, Finding(.unavailable, text))
        }
    }

    // MARK: A refusal

    private func refused(_ refusal: Refusal) -> [Entry] {
        let finding = Finding(refusal.reason, refusal.text, isStalled: !refusal.reason.curesItself)
        let image: Entry? =
            server.spec.remote != nil
            ? nil
            : refusal.reason.isAboutImage
                ? (ConditionType.imagePolicySatisfied, .false, finding)
                : (
                    ConditionType.imagePolicySatisfied, .unknown,
                    Finding(.imageNotChecked, "not checked until everything else is accepted")
                )
        var entries: [Entry] = [(ConditionType.accepted, .false, finding)]
        entries += [image, refusedVerification(refusal, finding)].compactMap { $0 }
        entries += [
            (
                ConditionType.programmed, .false,
                Finding(
                    .notProgrammed,
                    observed.deployment == nil ? "nothing is written" : "existing objects are not changed"
                )
            )
        ]
        if let entry = protocolEntry() { entries.append(entry) }
        entries += revisionEntries(nil)
        let readiness: Readiness =
            observed.isServing
            ? .settled(
                Finding(
                    .updateRefused,
                    "the last accepted spec continues to serve; this change was refused (\(refusal.reason.rawValue))"
                )
            ) : .waiting(.false, finding)
        entries.append((ConditionType.ready, readiness.status, readiness.finding))
        entries.append(availability(otherwise: finding))
        return entries + progress(readiness)
    }

    // MARK: Progress

    /// The Ready condition, and whether more work follows.
    struct Readiness {
        var status: Condition.Status
        var finding: Finding
        /// Whether all work is done.
        var isSettled: Bool

        static func settled(_ finding: Finding) -> Readiness {
            Readiness(status: .true, finding: finding, isSettled: true)
        }

        static func waiting(_ status: Condition.Status, _ finding: Finding) -> Readiness {
            Readiness(status: status, finding: finding, isSettled: false)
        }
    }

    /// The two conditions of kstatus: both are False if all work is done, and otherwise exactly one of them is True.
    private func progress(_ readiness: Readiness) -> [Entry] {
        let finding = readiness.isSettled ? reviewFinding ?? readiness.finding : readiness.finding
        if readiness.isSettled, reviewFinding == nil {
            let settled = Finding(.settled, "all work is done")
            return [(ConditionType.reconciling, .false, settled), (ConditionType.stalled, .false, settled)]
        }
        if finding.isStalled {
            return [
                (ConditionType.reconciling, .false, Finding(.waiting, "someone has to act")),
                (ConditionType.stalled, .true, finding),
            ]
        }
        return [
            (ConditionType.reconciling, .true, finding),
            (ConditionType.stalled, .false, Finding(.progressing, "work is in progress")),
        ]
    }
}

extension Reason {
    /// Whether a refusal for this reason can be resolved without a change of the refused object, because what it waits
    /// for is often about to be created.
    var curesItself: Bool {
        switch self {
        case .referenceNotFound, .referenceKeyNotFound, .serviceAccountNotFound, .namespaceTerminating,
            .waitingForDeletion, .applyFailed, .tenantNotProgrammed, .entryPointPending, .signaturePending,
            .signatureRefused, .signatureUnreadable, .registryUnavailable,
            .registryDenied, .imageNotFound:
            true
        default: false
        }
    }
}

extension WriteProblem {
    /// Whether another object already has the name of a child.
    var isNameTaken: Bool {
        if case .nameTaken = kind { true } else { false }
    }
}
