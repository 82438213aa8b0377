internal import CRDModels
internal import KubernetesAPI
internal import Policy

extension ServerConditions {
    /// The condition about a version that does not serve yet. There is none if the spec is what serves.
    func reviewEntries() -> [Entry] {
        guard let candidate = observed.candidate, let finding = reviewFinding else { return [] }
        let status: Condition.Status =
            switch candidate.state {
            case .held: .true
            case .starting: .unknown
            case .takingOver, .rejected, .refused, .timedOut: .false
            }
        return [(ConditionType.reviewRequired, status, finding)]
    }

    /// How far the version is that does not serve yet.
    var reviewFinding: Finding? {
        guard let candidate = observed.candidate else { return nil }
        let revision = candidate.revision.map { "revision \($0)" } ?? candidate.image
        let detail = candidate.message.map { ": \($0)" } ?? ""
        let finding =
            switch candidate.state {
            case .starting:
                Finding(.candidateStarting, "\(candidate.image) is started and read before it serves\(detail)")
            case .held:
                Finding(
                    .reviewRequired,
                    "\(revision) waits for an approval in spec.approval of the MCPServerRevision\(detail)"
                )
            case .takingOver: Finding(.candidateTakingOver, "\(revision) may serve, and its pods are starting")
            case .rejected:
                Finding(
                    .candidateRejected,
                    "\(revision) was rejected\(detail): change the spec, or approve the revision",
                    isStalled: true
                )
            case .refused:
                Finding(.candidateRefused, "\(candidate.image) does not serve\(detail)", isStalled: true)
            case .timedOut:
                Finding(
                    .candidateTimedOut,
                    """
                    \(candidate.image) was not ready in time\(detail); change the spec, or give the annotation \
                    \(MoorageAnnotations.restart) a new value to try it again
                    """,
                    isStalled: true
                )
            }
        return Finding(
            finding.reason,
            finding.message.truncated(toCodePoints: Condition.maximumMessageLength),
            isStalled: finding.isStalled
        )
    }

    /// A server that is out of service is not ready, and neither is one whose first version does not serve yet.
    func reviewed(_ readiness: Readiness, _ plan: ServerPlan) -> Readiness {
        // What runs is left as it is, if it is not what the plan says; an unapproved remote server is not called.
        let serves = observed.deployment != nil || plan.remote != nil && !observed.isFrozen
        if !serves, let finding = reviewFinding { return .waiting(.false, finding) }
        guard plan.isQuarantined, readiness.finding.reason != .suspended else { return readiness }
        let name = server.status?.revision?.name ?? ""
        return .waiting(
            .false,
            Finding(
                .quarantined,
                """
                out of service, because revision \(name) of what the server offers is not approved: approve the \
                revision, set spec.rollbackTo, or change the spec
                """,
                isStalled: true
            )
        )
    }
}
