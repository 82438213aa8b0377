import CEL
import KubernetesAPI

/// Applies admission policies to requests.
extension ClusterState {
    /// Changes an object by mutating policies. Policies that ask for it see the changes of the others in a second round.
    mutating func mutateByPolicies(_ attempt: AdmissionAttempt) throws(APIFailure) -> JSONValue? {
        guard var object = attempt.object else { return nil }
        let (found, failures) = policies("mutating", for: attempt)
        var problems: [(message: String, reason: String)] = failures.filter(\.failsOnErrors).map { failure in
            let start =
                failure.binding.map { "policy '\(failure.name)' with binding '\($0)'" } ?? "policy \"\(failure.name)\""
            return ("\(start) denied request: \(failure.message)", "Forbidden")
        }
        let again = apply(found, to: &object, attempt, &problems)
        _ = apply(again, to: &object, attempt, &problems)
        guard let first = problems.first else { return object }
        var failure = APIFailure.forbidden(attempt.resource, attempt.shownName, "")
        failure.status.message = first.message
        failure.status.reason = first.reason
        failure.status.details?.causes = problems.map { .init(message: $0.message) }
        throw failure
    }

    /// Applies mutations one after the other.
    ///
    /// - Returns: the policies that are to see what the others have changed.
    private func apply(
        _ invocations: [PolicyInvocation],
        to object: inout JSONValue,
        _ attempt: AdmissionAttempt,
        _ problems: inout [(message: String, reason: String)]
    ) -> [PolicyInvocation] {
        var isChanged = false
        var again: [PolicyInvocation] = []
        for var invocation in invocations {
            invocation.context.replace(object: object)
            do throws(PolicyProblem) {
                guard try ValidatingPolicy.matches(invocation.policy, invocation.context) else { continue }
                for mutation in invocation.policy.mutations {
                    object = try MutatingPolicy.apply(mutation, to: object, attempt, invocation.context)
                    isChanged = true
                    invocation.context.replace(object: object)
                }
                if invocation.spec["reinvocationPolicy"] == "IfNeeded" { again.append(invocation) }
            } catch {
                guard invocation.policy.failsOnErrors else { continue }
                let binding = invocation.binding.objectName
                let message = "policy '\(invocation.name)' with binding '\(binding)' denied request: \(error)"
                problems.append((message, "Invalid"))
            }
        }
        return isChanged ? again : []
    }

    /// Denies what validating policies deny, and warns as their bindings say.
    mutating func admitByPolicies(_ attempt: AdmissionAttempt) throws(APIFailure) {
        let (found, failures) = policies("validating", for: attempt)
        var denied: [(message: String, reason: String)] = []
        for failure in failures where failure.failsOnErrors {
            let binding = failure.binding.map { " with binding '\($0)'" } ?? ""
            let start = "ValidatingAdmissionPolicy '\(failure.name)'\(binding) denied request: "
            denied.append((start + failure.message, "Invalid"))
        }
        for invocation in found {
            let binding = invocation.binding.objectName
            let actions = invocation.binding["spec"]?.elements("validationActions").compactMap(\.stringValue) ?? []
            for denial in ValidatingPolicy.denials(invocation.policy, invocation.context) {
                let policy = "ValidatingAdmissionPolicy '\(invocation.name)' with binding '\(binding)'"
                if actions.contains("Warn") {
                    warnings.append("Validation failed for \(policy): \(denial.message)")
                }
                if actions.contains("Deny") {
                    denied.append(("\(policy) denied request: \(denial.message)", denial.reason ?? "Invalid"))
                }
            }
        }
        guard let first = denied.first else { return }
        var failure = APIFailure.forbidden(attempt.resource, attempt.shownName, first.message)
        failure.status.reason = first.reason
        failure.status.code = ClusterState.code(of: first.reason)
        failure.status.details?.causes = [.init(message: first.message)]
        throw failure
    }

    private static func code(of reason: String) -> Int {
        switch reason {
        case "Forbidden": 403
        case "Unauthorized": 401
        case "RequestEntityTooLarge": 413
        default: 422
        }
    }
}

extension AdmissionAttempt {
    /// The name in messages.
    fileprivate var shownName: String {
        if !name.isEmpty { return name }
        let prefix = object?.metadata["generateName"]?.stringValue ?? ""
        return prefix.isEmpty ? "Unknown" : prefix
    }
}
