internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// What a virtual server is decided by.
struct VirtualServerInput: Sendable {
    var virtualServer: MCPVirtualServer
    /// Whether its namespace contains no servers.
    var isProtected = false
    /// The servers of its namespace.
    var servers: [VirtualServerPlan.Server]
}

/// The status of a virtual server. Pure.
///
/// - Parameter now: the transition time of conditions that change their status.
func virtualServerStatus(of input: VirtualServerInput, now: Timestamp) -> MCPVirtualServerStatus {
    let virtualServer = input.virtualServer
    let metadata = virtualServer.metadata
    let path = GatewayPath.server(metadata.name ?? "", in: metadata.namespace ?? "")
    let plan = VirtualServerPlan(virtualServer.spec, servers: input.servers)
    let obstacle = obstacle(to: input)
    var status = MCPVirtualServerStatus(observedGeneration: metadata.generation)
    if obstacle == nil {
        status.path = path
        status.members = plan.members.map { member in
            VirtualServerMemberStatus(
                name: member.name,
                tools: member.isRecorded ? member.tools.count : nil,
                message: summary(of: member.problems)
            )
        }
        status.tools = plan.members.reduce(0) { $0 + ($1.isRecorded ? $1.tools.count : 0) }
    }
    var conditions = virtualServer.status?.conditions ?? []
    conditions.merge(
        VirtualServerFindings(obstacle: obstacle, plan: plan, path: path).all.map { type, status, finding in
            Condition(
                type: type,
                status: status,
                reason: finding.reason.rawValue,
                message: finding.message,
                observedGeneration: metadata.generation,
                lastTransitionTime: now
            )
        }
    )
    conditions.putInOrder()
    status.conditions = conditions
    return status
}

/// Why a virtual server is not served at all.
private func obstacle(to input: VirtualServerInput) -> Finding? {
    let metadata = input.virtualServer.metadata
    if input.isProtected {
        return Finding(
            .namespaceProtected,
            "the namespace belongs to Kubernetes or to the controller, and contains no servers: use another namespace",
            isStalled: true
        )
    }
    guard input.servers.contains(where: { $0.name == metadata.name }) else { return nil }
    return Finding(
        .serverNameTaken,
        """
        an MCPServer of this name is in the namespace, and is served at the same path: give the virtual server another name
        """,
        isStalled: true
    )
}

/// Several problems in one text of bounded length; `nil` for none.
private func summary(of problems: [VirtualServerPlan.Problem]) -> String? {
    guard !problems.isEmpty else { return nil }
    let shown = problems.prefix(3).map(\.description).joined(separator: "; ")
    let rest = problems.count > 3 ? "; and \(problems.count - 3) more" : ""
    return String((shown + rest).unicodeScalars.prefix(1_000).map(Character.init))
}

/// The conditions of a virtual server.
private struct VirtualServerFindings {
    let obstacle: Finding?
    let plan: VirtualServerPlan
    let path: String

    var all: [(type: String, status: Condition.Status, finding: Finding)] {
        guard let obstacle else {
            return [(ConditionType.accepted, .true, Finding(.accepted, "it is served at \(path)"))] + served
        }
        return [
            (ConditionType.accepted, .false, obstacle), (ConditionType.ready, .false, obstacle),
            (ConditionType.resolvedRefs, .unknown, Finding(.waiting, "it is not accepted")),
            (ConditionType.reconciling, .false, Finding(.waiting, "someone has to act")),
            (ConditionType.stalled, .true, obstacle),
        ]
    }

    private var served: [(type: String, status: Condition.Status, finding: Finding)] {
        let problems = plan.problems
        let resolved: (Condition.Status, Finding) =
            problems.first.map { (.false, Finding($0.reason, summary(of: problems) ?? "")) }
            ?? (.true, Finding(.resolvedRefs, "everything that the spec names is published"))
        let members = plan.members
        let publishes = members.contains { !$0.tools.isEmpty || !$0.prompts.isEmpty || $0.publishesOthers }
        guard publishes else {
            let finding = Finding(
                .nothingPublished,
                members.isEmpty
                    ? "no server belongs to it: check spec.servers and spec.serverSelector"
                    : "none of its \(members.count) servers publishes anything\(problems.isEmpty ? "" : ": \(resolved.1.message)")"
            )
            return [
                (ConditionType.resolvedRefs, resolved.0, resolved.1), (ConditionType.ready, .false, finding),
                (ConditionType.reconciling, .true, finding),
                (ConditionType.stalled, .false, Finding(.progressing, "it waits for its servers")),
            ]
        }
        let tools = members.reduce(0) { $0 + $1.tools.count }
        let settled = Finding(.settled, "all work is done")
        return [
            (ConditionType.resolvedRefs, resolved.0, resolved.1),
            (
                ConditionType.ready, .true,
                Finding(.published, "\(tools) tools of \(members.count) servers are published at \(path)")
            ),
            (ConditionType.reconciling, .false, settled), (ConditionType.stalled, .false, settled),
        ]
    }
}

extension VirtualServerPlan.Problem {
    fileprivate var reason: Reason {
        switch self {
        case .serverNotFound: .serverNotFound
        case .offerUnknown: .offerUnknown
        case .toolNotFound: .toolNotFound
        case .nameConflict: .nameConflict
        }
    }
}
