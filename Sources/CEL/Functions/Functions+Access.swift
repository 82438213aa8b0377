/// Kubernetes' library of authorization.
extension FunctionTable {
    static let access: [Function] = questions + answers

    /// What one more call adds to a question.
    private static func step(
        _ name: String,
        _ receiver: CELType,
        _ stage: AccessCheck.Stage,
        _ result: CELType,
        _ change: @escaping @Sendable (inout AccessCheck, String) throws(EvaluationError) -> Void
    ) -> Function {
        Function(name, [.member(receiver, .string, returns: result)]) { arguments, _ throws(EvaluationError) in
            guard case .access(var check) = arguments[0], check.stage == stage else { throw .noSuchOverload }
            try change(&check, try arguments[...].text(1))
            return .access(check)
        }
    }

    private static func require(_ text: String, _ what: String) throws(EvaluationError) {
        if text.unicodeScalars.allSatisfy(\.properties.isWhitespace) {
            throw EvaluationError("\(what) must not be empty")
        }
    }

    private static let questions: [Function] = [
        step("path", .authorizer, .authorizer, .pathCheck) { check, path throws(EvaluationError) in
            try require(path, "path")
            check.stage = .path
            check.path = path
        },
        step("group", .authorizer, .authorizer, .groupCheck) { check, group throws(EvaluationError) in
            check.stage = .group
            check.group = group
        },
        step("resource", .groupCheck, .group, .resourceCheck) { check, resource throws(EvaluationError) in
            try require(resource, "resource")
            check.stage = .resource
            check.resource = resource
        },
        step("subresource", .resourceCheck, .resource, .resourceCheck) { check, text throws(EvaluationError) in
            check.subresource = text
        },
        step("namespace", .resourceCheck, .resource, .resourceCheck) { check, text throws(EvaluationError) in
            check.namespace = text
        },
        step("name", .resourceCheck, .resource, .resourceCheck) { check, text throws(EvaluationError) in
            check.name = text
        },
        step("fieldSelector", .resourceCheck, .resource, .resourceCheck) { check, text throws(EvaluationError) in
            check.fieldSelector = text
        },
        step("labelSelector", .resourceCheck, .resource, .resourceCheck) { check, text throws(EvaluationError) in
            check.labelSelector = text
        },
        Function("serviceAccount", [.member(.authorizer, .string, .string, returns: .authorizer)]) {
            arguments,
            _ throws(EvaluationError) in
            guard case .access(var check) = arguments[0], check.stage == .authorizer else { throw .noSuchOverload }
            let namespace = try arguments[...].text(1)
            let name = try arguments[...].text(2)
            guard NamedFormat.dns1123Subdomain.problems(name).isEmpty else {
                throw EvaluationError("Invalid service account name")
            }
            guard NamedFormat.dns1123Label.problems(namespace).isEmpty else {
                throw EvaluationError("Invalid service account namespace")
            }
            check.subject = .serviceAccount(namespace: namespace, name: name)
            return .access(check)
        },
        Function(
            "check",
            [.member(.pathCheck, .string, returns: .decision), .member(.resourceCheck, .string, returns: .decision)]
        ) { arguments, evaluation throws(EvaluationError) in
            guard case .access(let check) = arguments[0], check.stage == .path || check.stage == .resource else {
                throw .noSuchOverload
            }
            // As in Kubernetes, where a check can be a request to another server.
            try evaluation.charge(350_000)
            return .decision(evaluation.activation.authorize(check, try arguments[...].text(1)))
        },
    ]

    private static func answer(
        _ name: String,
        _ type: CELType,
        _ value: @escaping @Sendable (AccessDecision) -> CELValue
    )
        -> Function
    {
        Function(name, [.member(.decision, returns: type)]) { arguments, _ throws(EvaluationError) in
            guard case .decision(let decision) = arguments[0] else { throw .noSuchOverload }
            return value(decision)
        }
    }

    private static let answers: [Function] = [
        answer("allowed", .bool) { .bool($0.isAllowed) }, answer("reason", .string) { .string($0.reason) },
        answer("errored", .bool) { .bool(!$0.error.isEmpty) }, answer("error", .string) { .string($0.error) },
    ]

    /// The function for JSON patches of mutations.
    static let patches: [Function] = [
        Function("jsonpatch.escapeKey", [.global(.string, returns: .string)]) {
            arguments,
            evaluation throws(EvaluationError) in
            let text = try arguments[...].text(0)
            try evaluation.charge(traversing: text)
            return .string(text.replacing("~", with: "~0").replacing("/", with: "~1"))
        }
    ]
}
