internal import KubernetesAPI
internal import MCPProtocol
internal import Policy

extension ServerConditions {
    /// Whether a remote server is in its desired state, apart from what its check finds.
    func readiness(_ plan: ServerPlan, _ remote: RemotePlan) -> Readiness {
        plan.settings.isSuspended
            ? .settled(Finding(.suspended, "suspended: set spec.suspend to false so that it can be called"))
            : .settled(Finding(.serving, "the gateway calls \(remote.url.origin)"))
    }

    /// Whether a remote server answers.
    func availability(_ plan: ServerPlan, _ remote: RemotePlan) -> Entry {
        guard !plan.settings.isSuspended else {
            return (ConditionType.available, .false, readiness(plan, remote).finding)
        }
        let answers: Bool
        switch observed.protocolState {
        case .settled(.verified), .settled(.credentialsRequired), .pending(.some), .noPod(.some): answers = true
        // Nobody asks it.
        case .disabled, nil: answers = true
        case .settled(.failed), .pending(nil), .noPod(nil): answers = false
        }
        return answers
            ? (ConditionType.available, .true, Finding(.serving, "the gateway calls \(remote.url.origin)"))
            : (ConditionType.available, .false, Finding(.unavailable, "the remote server was not reached"))
    }

    /// What the condition about the protocol says while there is nothing to check.
    func pendingCheck(_ plan: ServerPlan?) -> String {
        guard let plan, plan.remote != nil else { return "checked when a pod is ready" }
        return plan.settings.isSuspended ? "not checked while the server is suspended" : "checked when it may be called"
    }
}
