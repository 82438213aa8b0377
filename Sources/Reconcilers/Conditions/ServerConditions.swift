public import CRDModels
public import KubernetesAPI

/// The status of a server, from what was decided and what is there. Pure.
///
/// - Parameters:
///   - server: the server as it was decided on.
///   - decision: the decision.
///   - observed: its children.
///   - tenants: all tenants, to tell whose a refused server is.
///   - now: the moment at which conditions that flip do so.
public func serverStatus(
    of server: MCPServer,
    decision: Decision<ServerPlan>,
    observed: ObservedServer,
    tenants: [MCPTenant] = [],
    now: Timestamp
) -> MCPServerStatus {
    let namespace = server.metadata.namespace ?? ""
    let reported = observed.deployment?.status
    var status = MCPServerStatus(
        observedGeneration: server.metadata.generation,
        conditions: ServerConditions(server: server, decision: decision, observed: observed, now: now).conditions(),
        tenant: EffectiveTenant.claimant(of: namespace, among: tenants)?.metadata.name,
        replicas: reported?.replicas ?? 0,
        readyReplicas: reported?.readyReplicas ?? 0,
        selector: "\(MoorageLabels.server)=\(server.metadata.name ?? "")"
    )
    switch decision {
    case .run(let plan):
        status.url = plan.url
        status.tenant = plan.tenant.isClaimed ? plan.tenant.name : nil
        status.className = plan.className
        status.image = plan.image.resolved
    case .refused(let refusal):
        status.queuePosition = refusal.queuePosition
        // What serves is what was there before.
        if observed.deployment != nil {
            status.url = server.status?.url
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
        var conditions = server.status?.conditions ?? []
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
            (ConditionType.imageVerified, .true, verification(plan)),
        ]
        let (programmed, isProgrammed) = programming()
        entries.append((ConditionType.programmed, isProgrammed ? .true : .false, programmed))
        let (status, ready) = isProgrammed ? readiness(plan) : (.false, programmed)
        entries.append((ConditionType.ready, status, ready))
        entries.append(
            plan.isBehindClass
                ? (
                    ConditionType.classCurrent, .false,
                    Finding(
                        .classBehind,
                        "the class \(plan.className ?? "") has changed since this server was rendered: it takes the change up "
                            + "with its next change, or when the annotation \(MoorageAnnotations.restart) is given a new value"
                    )
                )
                : (
                    ConditionType.classCurrent, .true,
                    Finding(.classCurrent, plan.className.map { "as class \($0) has it" } ?? "built-in defaults hold")
                )
        )
        return entries + progress(ready: status, finding: ready)
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

    /// Whether it serves, by the rules that kstatus has for a Deployment.
    private func readiness(_ plan: ServerPlan) -> (Condition.Status, Finding) {
        let status = observed.deployment?.status
        if plan.settings.isSuspended {
            let left = status?.replicas ?? 0
            return (
                .false,
                Finding(
                    .suspended,
                    left > 0
                        ? "suspended: \(left) pods are ending" : "suspended: set spec.suspend to false to have it run"
                )
            )
        }
        let desired = observed.deployment?.replicas ?? 1
        let available = status?.availableReplicas ?? 0
        if let generation = observed.deployment?.generation, (status?.observedGeneration ?? 0) < generation {
            return (available > 0 ? .unknown : .false, Finding(.rollingOut, "the Deployment is being taken up"))
        }
        if desired == 0 {
            return (.false, Finding(.scaledToZero, "scaled to no pods: scale it up to have it run"))
        }
        let updated = status?.updatedReplicas ?? 0
        let total = status?.replicas ?? 0
        if updated >= desired, total <= updated, available >= desired {
            return (.true, Finding(.serving, "\(available) of \(desired) pods serve"))
        }
        let counts = "\(updated) of \(desired) pods are up to date, \(available) serve"
        let isStuck = status?.conditions?.contains {
            $0.type == "Progressing" && $0.reason == "ProgressDeadlineExceeded"
        }
        var found =
            PodDiagnosis.find(status) ?? PodDiagnosis.find(observed.pods, image: plan.image.resolved, now: now)
            ?? (isStuck == true
                ? Finding(.rolloutStuck, "the roll-out makes no progress: look at kubectl describe of its pods")
                : Finding(.rollingOut, "pods are starting"))
        found.message = "\(counts): \(found.message)"
        found.isStalled = isStuck == true
        return (available > 0 ? .unknown : .false, found)
    }

    // MARK: A refusal

    private func refused(_ refusal: Refusal) -> [Entry] {
        let finding = Finding(refusal.reason, refusal.text, isStalled: !refusal.reason.curesItself)
        let image: Entry =
            refusal.reason.isAboutImage
            ? (ConditionType.imageVerified, .false, finding)
            : (
                ConditionType.imageVerified, .unknown,
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
        if observed.isServing {
            let serving = Finding(
                .updateRefused,
                "what was accepted before serves on; this change was refused (\(refusal.reason.rawValue))"
            )
            entries.append((ConditionType.ready, .true, serving))
            return entries + progress(ready: .true, finding: serving)
        }
        entries.append((ConditionType.ready, .false, finding))
        return entries + progress(ready: .false, finding: finding)
    }

    /// kstatus's two: one that is ready is neither, anything else is exactly one of them, but what is suspended on purpose.
    private func progress(ready: Condition.Status, finding: Finding) -> [Entry] {
        let settled = Finding(.settled, "nothing is left to be done")
        let rests = ready == .true || finding.reason == .suspended || finding.reason == .scaledToZero
        if rests {
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
        case .referenceNotFound, .referenceKeyNotFound, .namespaceTerminating, .waitingForDeletion, .applyFailed,
            .tenantNotProgrammed:
            true
        default: false
        }
    }
}
