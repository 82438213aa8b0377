import CEL
import KubernetesAPI

/// The values that the expressions of a policy are evaluated with, for one request.
struct PolicyContext {
    private let attempt: AdmissionAttempt
    private let policy: CompiledPolicy
    private var values: [String: CELValue]
    private let authorize: (AccessCheck, String) -> AccessDecision

    /// - Parameters:
    ///   - resource: the resource as the policy's rules name it, which can be in another version.
    ///   - namespace: the object of the request's namespace.
    init(
        _ attempt: AdmissionAttempt,
        _ policy: CompiledPolicy,
        resource: ResourceDefinition,
        params: JSONValue?,
        namespace: JSONValue?,
        authorize: @escaping (AccessCheck, String) -> AccessDecision
    ) {
        self.attempt = attempt
        self.policy = policy
        self.authorize = authorize
        func value(_ json: JSONValue?) -> CELValue { json.map { CELValue($0) } ?? .null }
        func converted(_ json: JSONValue?) -> JSONValue? {
            guard var json, resource.type.version != attempt.resource.type.version else { return json }
            json["apiVersion"] = .string(resource.type.apiVersion)
            return json
        }
        values = [
            "object": value(converted(attempt.object)), "oldObject": value(converted(attempt.oldObject)),
            "params": value(params), "request": CELValue(PolicyContext.request(attempt, as: resource)),
            "namespaceObject": value(namespace.map(PolicyContext.visible)), "variables": .variables,
            "authorizer": .access(AccessCheck()),
            "authorizer.requestResource": .access(
                AccessCheck(
                    group: attempt.resource.type.group,
                    resource: attempt.resource.plural,
                    subresource: attempt.subresource,
                    namespace: attempt.namespace,
                    name: attempt.name
                )
            ),
        ]
    }

    /// The new object, after a mutation.
    mutating func replace(object: JSONValue) { values["object"] = CELValue(object) }

    /// Evaluates some of the policy's expressions, which share the values of variables and what they may cost.
    func evaluation(budget: Int64 = Limits.costPerPolicy) -> Evaluation {
        var activation = Activation(values: values)
        activation.variables = policy.variables
        activation.authorize = authorize
        return Evaluation(activation, budget: budget)
    }

    /// What an expression results in, or why it has no result, in the words of the API server.
    ///
    /// - Throws: if the policy has used up what it may cost, which ends its evaluation.
    static func result(of expression: CompiledPolicy.Expression, in evaluation: inout Evaluation)
        throws(PolicyProblem)
        -> Result<CELValue, PolicyProblem>
    {
        let program: Program
        switch expression {
        case .success(let compiled): program = compiled
        case .failure(let problem):
            return .failure(PolicyProblem(description: "compilation error: \(problem)"))
        }
        let result: Result<CELValue, PolicyProblem>
        do throws(EvaluationError) {
            result = .success(try evaluation.evaluate(program))
        } catch {
            result = .failure(PolicyProblem(description: "expression '\(program.text)' resulted in error: \(error)"))
        }
        if evaluation.isOutOfBudget {
            throw PolicyProblem(
                description:
                    "validation failed due to running out of cost budget, no further validation rules will be run"
            )
        }
        return result
    }

    // MARK: Values

    private static func request(_ attempt: AdmissionAttempt, as resource: ResourceDefinition) -> JSONValue {
        func kind(_ apiVersion: String) -> JSONValue {
            let (group, version) = AdmissionAttempt.split(apiVersion)
            return ["group": .string(group), "version": .string(version), "kind": .string(attempt.kind)]
        }
        func resourceValue(_ resource: ResourceDefinition) -> JSONValue {
            [
                "group": .string(resource.type.group), "version": .string(resource.type.version),
                "resource": .string(resource.plural),
            ]
        }
        let isOtherVersion = resource.type.version != attempt.resource.type.version
        var request: [String: JSONValue] = [
            "kind": kind(isOtherVersion ? resource.type.apiVersion : attempt.apiVersion),
            "resource": resourceValue(resource), "requestKind": kind(attempt.apiVersion),
            "requestResource": resourceValue(attempt.resource), "operation": .string(attempt.operation.rawValue),
            "userInfo": attempt.user.json, "dryRun": .bool(attempt.isDryRun),
        ]
        let optional = [
            "subResource": attempt.subresource, "requestSubResource": attempt.subresource, "name": attempt.name,
            "namespace": attempt.namespace,
        ]
        for (name, text) in optional where !text.isEmpty { request[name] = .string(text) }
        if !attempt.operation.options.isEmpty {
            var options: JSONValue = [
                "kind": .string(attempt.operation.options), "apiVersion": "meta.k8s.io/v1",
            ]
            for name in ["fieldManager", "fieldValidation", "propagationPolicy"] {
                if let text = attempt.query[name], !text.isEmpty { options[name] = .string(text) }
            }
            if attempt.isDryRun { options["dryRun"] = ["All"] }
            request["options"] = options
        }
        return .object(request)
    }

    /// What expressions see of a namespace.
    private static func visible(_ namespace: JSONValue) -> JSONValue {
        var metadata = namespace.metadata
        for name in ["managedFields", "ownerReferences", "selfLink"] { metadata[name] = nil }
        var result: JSONValue = ["metadata": metadata]
        for name in ["spec", "status"] { result[name] = namespace[name] }
        return result
    }
}
