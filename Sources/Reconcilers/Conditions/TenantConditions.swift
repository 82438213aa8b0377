public import CRDModels
public import KubernetesAPI
internal import Policy

/// The status of a tenant, from the decision and the observed state. Pure.
///
/// - Parameters:
///   - tenant: the tenant that the decision is about.
///   - decision: the decision.
///   - namespaceUID: the UID of the tenant's namespace, or `nil` if there is none.
///   - problems: the problems that prevented writes of its objects, most important first.
///   - waitsFor: while the tenant is being deleted, what the deletion waits for.
///   - now: the transition time of conditions that change their status.
public func tenantStatus(
    of tenant: MCPTenant,
    decision: Decision<TenantPlan>,
    namespaceUID: String? = nil,
    problems: [WriteProblem] = [],
    waitsFor: String? = nil,
    now: Timestamp
) -> MCPTenantStatus {
    var status = MCPTenantStatus(
        observedGeneration: tenant.metadata.generation,
        namespace: EffectiveTenant.namespace(of: tenant)
    )
    // Without a check of the network, what an earlier one has shown is not known any more.
    let isNetworkChecked = if case .run(let plan) = decision { plan.network != .unchecked } else { false }
    var conditions = (tenant.status?.conditions ?? []).filter {
        isNetworkChecked || $0.type != ConditionType.networkPolicyEnforced
    }
    conditions.merge(
        TenantConditions(decision: decision, problems: problems, waitsFor: waitsFor).findings()
            .map { type, status, finding in
                Condition(
                    type: type,
                    status: status,
                    reason: finding.reason.rawValue,
                    message: finding.message,
                    observedGeneration: tenant.metadata.generation,
                    lastTransitionTime: now
                )
            }
    )
    conditions.putInOrder()
    status.conditions = conditions
    if let plan = decision.plan {
        status.namespaceUID = namespaceUID
        status.plan = plan.effective.plan
        status.servers = TenantServers(
            admitted: plan.ledger.admitted.count,
            waiting: plan.ledger.waiting.count,
            limit: plan.ledger.limit
        )
        status.quotas = plan.usage
        status.toolCalls = plan.toolCalls.map { TenantToolCalls(calls: $0.calls, overLimit: $0.overLimit) }
    }
    return status
}

/// The status of a class: how many servers use it, and how many were rendered with an older revision.
public func classStatus(of serverClass: MCPServerClass, using: Int, behind: Int) -> MCPServerClassStatus {
    MCPServerClassStatus(
        observedGeneration: serverClass.metadata.generation,
        servers: ClassServers(using: using, behind: behind)
    )
}

/// The conditions of a tenant.
struct TenantConditions {
    let decision: Decision<TenantPlan>
    let problems: [WriteProblem]
    let waitsFor: String?

    func findings() -> [(type: String, status: Condition.Status, finding: Finding)] {
        let settled = Finding(.settled, "all work is done")
        if let waitsFor {
            let finding = Finding(.terminating, "being deleted: waiting for \(waitsFor)")
            return [
                (ConditionType.ready, .false, finding), (ConditionType.reconciling, .true, finding),
                (ConditionType.stalled, .false, Finding(.progressing, "work is in progress")),
            ]
        }
        let accepted: (Condition.Status, Finding)
        let programmed: (Condition.Status, Finding)
        switch decision {
        case .run(let plan):
            let finding =
                plan.warnings.isEmpty
                ? Finding(.accepted, "namespace \"\(plan.effective.namespace)\" belongs to this tenant")
                : Finding(plan.ledger.excess > 0 ? .quotaLowered : .accepted, plan.warnings.joined(separator: "; "))
            accepted = (.true, finding)
            programmed =
                problems.first.map { (.false, $0.finding) }
                ?? (.true, Finding(.programmed, "all of its objects are in the cluster"))
        case .refused(let refusal):
            let finding = Finding(refusal.reason, refusal.text, isStalled: !refusal.reason.curesItself)
            accepted = (.false, finding)
            programmed = (.false, Finding(.notProgrammed, "nothing is written", isStalled: finding.isStalled))
        }
        let ready: (Condition.Status, Finding)
        switch (accepted.0, programmed.0) {
        case (.false, _): ready = accepted
        case (_, .false): ready = programmed
        default: ready = (.true, Finding(.tenantReady, "servers can run"))
        }
        let isStalled = ready.0 != .true && ready.1.isStalled
        let isReconciling = ready.0 != .true && !isStalled
        return [
            (ConditionType.accepted, accepted.0, accepted.1),
            (ConditionType.programmed, programmed.0, programmed.1),
        ] + network + [
            (ConditionType.ready, ready.0, ready.1),
            (
                ConditionType.reconciling, isReconciling ? .true : .false,
                isReconciling ? ready.1 : isStalled ? Finding(.waiting, "someone has to act") : settled
            ),
            (
                ConditionType.stalled, isStalled ? .true : .false,
                isStalled ? ready.1 : isReconciling ? Finding(.progressing, "work is in progress") : settled
            ),
        ]
    }

    /// What the last check of the network has shown. Before the first one, what the status says stays.
    private var network: [(type: String, status: Condition.Status, finding: Finding)] {
        guard case .run(let plan) = decision else { return [] }
        let type = ConditionType.networkPolicyEnforced
        return switch plan.network {
        case .unchecked, .pending: []
        case .enforced: [(type, .true, Finding(.policiesEnforced, "the network does what NetworkPolicies say"))]
        case .notEnforced(let problems): [(type, .false, Finding(.policiesNotEnforced, problems))]
        case .unknown(let problem): [(type, .unknown, Finding(.networkCheckFailed, problem))]
        }
    }
}
