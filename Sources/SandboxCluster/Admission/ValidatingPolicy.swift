import CEL
import KubernetesAPI

/// Decides a request by the validations of a policy.
enum ValidatingPolicy {
    /// A reason to deny a request.
    struct Denial: Sendable {
        var message: String
        /// The reason in the status; `nil` for errors.
        var reason: String?
    }

    /// The longest message that an expression can give (`MaxEvaluatedMessageExpressionSizeBytes` of
    /// `k8s.io/apiserver/pkg/apis/cel`).
    private static let messageLength = 5 * 1024

    /// What a policy denies a request for, which nothing is if its conditions do not match.
    static func denials(_ policy: CompiledPolicy, _ context: PolicyContext) -> [Denial] {
        func failure(_ problem: PolicyProblem) -> [Denial] {
            policy.failsOnErrors ? [Denial(message: problem.description)] : []
        }
        do throws(PolicyProblem) {
            guard try matches(policy, context) else { return [] }
            var evaluation = context.evaluation()
            var results: [Result<CELValue, PolicyProblem>] = []
            for validation in policy.validations {
                results.append(try PolicyContext.result(of: validation.expression, in: &evaluation))
            }
            var messages = context.evaluation(budget: evaluation.budget)
            var denials: [Denial] = []
            for (validation, result) in zip(policy.validations, results) {
                switch result {
                case .failure(let problem): denials += failure(problem)
                case .success(.bool(true)): continue
                case .success:
                    let message = message(of: validation, &messages)
                    denials.append(Denial(message: message, reason: validation.reason ?? "Invalid"))
                }
            }
            return denials + (try annotations(policy, context).flatMap(failure))
        } catch {
            return failure(error)
        }
    }

    /// Whether the match conditions hold. An error only counts if no condition is false.
    static func matches(_ policy: CompiledPolicy, _ context: PolicyContext) throws(PolicyProblem) -> Bool {
        var evaluation = context.evaluation(budget: Limits.costOfMatchConditions)
        var problems: [PolicyProblem] = []
        for condition in policy.matchConditions {
            switch try PolicyContext.result(of: condition, in: &evaluation) {
            case .success(.bool(false)): return false
            case .success: continue
            case .failure(let problem): problems.append(problem)
            }
        }
        if problems.isEmpty { return true }
        guard policy.failsOnErrors else { return false }
        throw PolicyProblem(description: ClusterState.aggregate(problems.map(\.description)))
    }

    private static func message(of validation: CompiledPolicy.Validation, _ evaluation: inout Evaluation) -> String {
        if let expression = validation.messageExpression,
            case .success(.string(let text))? = try? PolicyContext.result(of: expression, in: &evaluation)
        {
            let message = text.trimmed
            if !message.isEmpty, message.utf8.count <= messageLength, !message.contains("\n") { return message }
        }
        return validation.message.isEmpty ? "failed expression: \(validation.text)" : validation.message
    }

    /// What is wrong with the annotations of the audit log, which the sandbox does not write.
    private static func annotations(_ policy: CompiledPolicy, _ context: PolicyContext) throws(PolicyProblem)
        -> [PolicyProblem]
    {
        var evaluation = context.evaluation()
        var problems: [PolicyProblem] = []
        for annotation in policy.annotations {
            switch try PolicyContext.result(of: annotation.value, in: &evaluation) {
            case .success(.string), .success(.null): continue
            case .success(let value):
                problems.append(
                    PolicyProblem(
                        description: "valueExpression '\(annotation.text)' resulted in unsupported return type: "
                            + "\(value.typeName). Return type must be either string or null."
                    )
                )
            case .failure(let problem): problems.append(problem)
            }
        }
        return problems
    }
}
