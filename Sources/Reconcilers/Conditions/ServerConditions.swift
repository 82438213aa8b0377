public import CRDModels
public import KubernetesAPI

/// The status of a server, from what was decided and what is there. Pure.
///
/// - Parameters:
///   - server: the server as it was decided on.
///   - decision: the decision.
///   - observed: its children.
///   - claims: whose rules hold in which namespace, to name the tenant of a refused server.
///   - isExposureWithdrawn: whether what exposed a refused server before is gone.
///   - now: the moment at which conditions that flip do so.
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
    var status = MCPServerStatus(
        observedGeneration: server.metadata.generation,
        conditions: ServerConditions(server: server, decision: decision, observed: observed, now: now).conditions(),
        tenant: claims[namespace]?.name,
        replicas: reported?.replicas ?? 0,
        readyReplicas: reported?.readyReplicas ?? 0,
        selector: "\(MoorageLabels.server)=\(server.metadata.name ?? "")"
    )
    switch decision {
    case .run(let plan):
        // Under a name that somebody else has, somebody else answers.
        if !observed.problems.contains(where: \.isNameTaken) {
            status.address = plan.address
            if observed.isServing || server.status?.url != nil { status.url = plan.url }
        }
        status.tenant = plan.tenant.isClaimed ? plan.tenant.name : nil
        status.className = plan.className
        status.image = plan.image.resolved
    case .refused(let refusal):
        status.queuePosition = refusal.queuePosition
        // What serves is what was there before.
        if observed.deployment != nil {
            status.address = server.status?.address
            status.url = isExposureWithdrawn ? server.status?.address : server.status?.url
            status.className = server.status?.className
            status.image = server.status?.image
        }
    }
    return status
}

/// The conditions of a server.
struct ServerConditions {
    let server: MCPServer
    let decision: Decision<ServerPlan>
    let observed: ObservedServer
    let now: Timestamp

    /// The conditions in the order in which they are read, merged into those that were there: a transition time moves only
    /// when a status flips. Conditions that others set stay.
    func conditions() -> [Condition] {
        let generation = server.metadata.generation
        var conditions = (server.status?.conditions ?? []).filter { !ConditionType.retired.contains($0.type) }
        conditions.merge(
            findings().map { type, status, finding in
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

    private typealias Entry = (type: String, status: Condition.Status, finding: Finding)

    private func findings() -> [Entry] {
        switch decision {
        case .run(let plan): accepted(plan)
        case .refused(let refusal): refused(refusal)
        }
    }

    // MARK: A plan

    private func accepted(_ plan: ServerPlan) -> [Entry] {
        var entries: [Entry] = [
            (ConditionType.accepted, .true, acceptance(plan)),
            (ConditionType.imagePolicySatisfied, .true, verification(plan)),
        ]
        let (programmed, isProgrammed) = programming()
        entries.append((ConditionType.programmed, isProgrammed ? .true : .false, programmed))
        let readiness = isProgrammed ? readiness(plan) : .waiting(.false, programmed)
        entries.append((ConditionType.ready, readiness.status, readiness.finding))
        entries.append(availability(otherwise: readiness.finding))
        entries.append(
            plan.isBehindClass
                ? (
                    ConditionType.classCurrent, .false,
                    Finding(
                        .classBehind,
                        "\(plan.className.map { "the class \($0)" } ?? "the default class") has changed since this server was rendered: it takes the change up "
                            + "with its next change, or when the annotation \(MoorageAnnotations.restart) is given a new value"
                    )
                )
                : (
                    ConditionType.classCurrent, .true,
                    Finding(.classCurrent, plan.className.map { "as class \($0) has it" } ?? "built-in defaults hold")
                )
        )
        return entries + progress(readiness)
    }

    private func acceptance(_ plan: ServerPlan) -> Finding {
        let warnings = plan.warnings.isEmpty ? "" : "; " + plan.warnings.joined(separator: "; ")
        guard plan.tenant.isClaimed else {
            return Finding(
                .acceptedWithoutTenant,
                "no MCPTenant claims namespace \"\(plan.tenant.namespace)\": the plan \"\(plan.tenant.plan)\" holds, and "
                    + "the namespace is given no labels and no policies\(warnings)"
            )
        }
        return Finding(.accepted, "tenant \"\(plan.tenant.name)\" lets it run\(warnings)")
    }

    private func verification(_ plan: ServerPlan) -> Finding {
        let through =
            plan.image.requested == plan.image.resolved ? "" : ", pulled as \(plan.image.resolved) through a mirror"
        return plan.image.isPinned
            ? Finding(.imagePinned, "\(plan.image.requested) is pinned by its digest\(through)")
            : Finding(
                .imageNotPinned,
                "\(plan.image.requested) has no digest, which the policy does not ask for: what runs may change\(through)"
            )
    }

    private func programming() -> (Finding, Bool) {
        if let problem = observed.problems.first { return (problem.finding, false) }
        guard observed.deployment != nil else {
            return (Finding(.programming, "its objects are being written"), false)
        }
        return (Finding(.programmed, "the cluster holds all of its objects"), true)
    }

    /// Whether the server is as it is asked to be, by the rules that kstatus has for a Deployment.
    ///
    /// A rollout that keeps as many pods available as are asked for leaves Ready as it is: clients notice nothing. That it goes
    /// on, or cannot, is said by Reconciling and Stalled, which kstatus reads first.
    private func readiness(_ plan: ServerPlan) -> Readiness {
        let status = observed.deployment?.status
        let desired = plan.settings.isSuspended ? 0 : observed.deployment?.replicas ?? 1
        let available = status?.availableReplicas ?? 0
        let total = status?.replicas ?? 0
        let isObserved = (status?.observedGeneration ?? 0) >= observed.deployment?.generation ?? 0
        if desired == 0 {
            return resting(isSuspended: plan.settings.isSuspended, left: total, isObserved: isObserved)
        }
        let kept: Condition.Status = available >= desired ? .true : available > 0 ? .unknown : .false
        guard isObserved else { return .waiting(kept, Finding(.rollingOut, "the Deployment has just been changed")) }
        let updated = status?.updatedReplicas ?? 0
        if updated >= desired, total <= updated, available >= desired {
            return .settled(Finding(.serving, "\(available) of \(desired) pods serve"))
        }
        let counts = "\(updated) of \(desired) pods are up to date, \(available) serve"
        let isStuck = status?.conditions?.contains {
            $0.type == "Progressing" && $0.reason == "ProgressDeadlineExceeded"
        }
        var found =
            PodDiagnosis.find(status) ?? PodDiagnosis.find(observed.pods, image: plan.image.resolved, now: now)
            ?? (isStuck == true
                ? Finding(.rolloutStuck, "the rollout makes no progress: look at kubectl describe of its pods")
                : Finding(.rollingOut, "pods are starting"))
        found.message = "\(counts): \(found.message)"
        found.isStalled = isStuck == true
        return .waiting(kept, found)
    }

    /// A server that is asked to have no pods and has none is as it is asked to be.
    private func resting(isSuspended: Bool, left: Int, isObserved: Bool) -> Readiness {
        let reason: Reason = isSuspended ? .suspended : .scaledToZero
        guard isObserved, left == 0 else {
            return .waiting(.false, Finding(reason, left > 0 ? "\(left) pods are ending" : "pods are ending"))
        }
        return .settled(
            Finding(
                reason,
                isSuspended
                    ? "suspended: set spec.suspend to false to have it run"
                    : "scaled to no pods: scale it up to have it run"
            )
        )
    }

    /// Whether the server answers now, whatever else is asked of it.
    private func availability(otherwise finding: Finding) -> Entry {
        let available = observed.deployment?.status?.availableReplicas ?? 0
        guard available == 0 else {
            return (ConditionType.available, .true, Finding(.serving, "\(available) pods serve"))
        }
        switch finding.reason {
        case .suspended, .scaledToZero: return (ConditionType.available, .false, finding)
        default: return (ConditionType.available, .false, Finding(.unavailable, "no pod is ready to answer"))
        }
    }

    // MARK: A refusal

    private func refused(_ refusal: Refusal) -> [Entry] {
        let finding = Finding(refusal.reason, refusal.text, isStalled: !refusal.reason.curesItself)
        let image: Entry =
            refusal.reason.isAboutImage
            ? (ConditionType.imagePolicySatisfied, .false, finding)
            : (
                ConditionType.imagePolicySatisfied, .unknown,
                Finding(.imageNotChecked, "not looked at before the rest is accepted")
            )
        var entries: [Entry] = [
            (ConditionType.accepted, .false, finding), image,
            (
                ConditionType.programmed, .false,
                Finding(
                    .notProgrammed,
                    observed.deployment == nil ? "nothing is written" : "what was there before is left as it is"
                )
            ),
        ]
        let readiness: Readiness =
            observed.isServing
            ? .settled(
                Finding(
                    .updateRefused,
                    "what was accepted before serves on; this change was refused (\(refusal.reason.rawValue))"
                )
            ) : .waiting(.false, finding)
        entries.append((ConditionType.ready, readiness.status, readiness.finding))
        entries.append(availability(otherwise: finding))
        return entries + progress(readiness)
    }

    // MARK: Progress

    /// What Ready says, and whether that is the end of it.
    private struct Readiness {
        var status: Condition.Status
        var finding: Finding
        /// Whether nothing is left to be done.
        var isSettled: Bool

        static func settled(_ finding: Finding) -> Readiness {
            Readiness(status: .true, finding: finding, isSettled: true)
        }

        static func waiting(_ status: Condition.Status, _ finding: Finding) -> Readiness {
            Readiness(status: status, finding: finding, isSettled: false)
        }
    }

    /// kstatus's two conditions: where nothing is left to be done both are False, else exactly one of them is True.
    private func progress(_ readiness: Readiness) -> [Entry] {
        let finding = readiness.finding
        if readiness.isSettled {
            let settled = Finding(.settled, "nothing is left to be done")
            return [(ConditionType.reconciling, .false, settled), (ConditionType.stalled, .false, settled)]
        }
        if finding.isStalled {
            return [
                (ConditionType.reconciling, .false, Finding(.waiting, "somebody has to act")),
                (ConditionType.stalled, .true, finding),
            ]
        }
        return [
            (ConditionType.reconciling, .true, finding),
            (ConditionType.stalled, .false, Finding(.progressing, "it may get there by itself")),
        ]
    }
}

extension Reason {
    /// Whether a refusal for this reason may end without anybody changing the refused object: what it waits for is often
    /// on its way.
    var curesItself: Bool {
        switch self {
        case .referenceNotFound, .referenceKeyNotFound, .serviceAccountNotFound, .namespaceTerminating,
            .waitingForDeletion, .applyFailed, .tenantNotProgrammed:
            true
        default: false
        }
    }
}

extension WriteProblem {
    /// Whether a child's name is taken by somebody else's object.
    var isNameTaken: Bool {
        if case .nameTaken = kind { true } else { false }
    }
}
