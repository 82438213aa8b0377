import CEL
import KubernetesAPI

/// The expressions of an admission policy, compiled. They are refused when the policy is written if they do not compile.
struct CompiledPolicy: Sendable {
    /// An expression, or why it does not compile.
    typealias Expression = Result<Program, PolicyProblem>

    /// One of the validations.
    struct Validation: Sendable {
        var expression: Expression
        var messageExpression: Expression?
        var message: String
        var text: String
        var reason: String?
    }

    /// An annotation of the audit log, whose value can be wrong.
    struct Annotation: Sendable {
        var key: String
        var value: Expression
        var text: String
    }

    /// One of the mutations.
    struct Mutation: Sendable {
        var isJSONPatch: Bool
        var expression: Expression
    }

    var variables: [String: Result<Program, CompileError>] = [:]
    var matchConditions: [Expression] = []
    var validations: [Validation] = []
    var annotations: [Annotation] = []
    var mutations: [Mutation] = []
    /// Whether errors deny a request.
    var failsOnErrors: Bool

    init(_ spec: JSONValue) {
        failsOnErrors = spec["failurePolicy"] != "Ignore"
        var compiler = PolicyCompiler(hasParams: spec["paramKind"]?.objectValue != nil)
        for variable in spec.elements("variables") {
            let name = variable.text("name")
            switch compiler.declare(name, variable.text("expression")) {
            case .success(let program): variables[name] = .success(program)
            case .failure(let problem): if let error = problem.compilation { variables[name] = .failure(error) }
            }
        }
        matchConditions = spec.elements("matchConditions").map {
            compiler.compile($0.text("expression"), returning: [.bool])
        }
        validations = spec.elements("validations").map { validation in
            let message = validation.text("messageExpression")
            return Validation(
                expression: compiler.compile(validation.text("expression"), returning: [.bool]),
                messageExpression: message.isEmpty
                    ? nil : compiler.compile(message, returning: [.string], hasAuthorizer: false),
                message: validation.text("message").trimmed,
                text: validation.text("expression").trimmed,
                reason: validation["reason"]?.stringValue
            )
        }
        annotations = spec.elements("auditAnnotations").map { annotation in
            let text = annotation.text("valueExpression")
            return Annotation(
                key: annotation.text("key"),
                value: compiler.compile(text.trimmed, returning: [.string, .null]),
                text: text
            )
        }
        mutations = spec.elements("mutations").map { mutation in
            let isJSONPatch = mutation["patchType"] == "JSONPatch"
            let text = mutation[path: [isJSONPatch ? "jsonPatch" : "applyConfiguration", "expression"]]?.stringValue
            let expression = compiler.compile(
                text ?? "",
                returning: [isJSONPatch ? .list(.named("JSONPatch")) : .named("Object")],
                isPatch: true
            )
            return Mutation(isJSONPatch: isJSONPatch, expression: expression)
        }
    }
}

/// Why an expression of a policy cannot be used.
struct PolicyProblem: Error, Sendable, CustomStringConvertible {
    let description: String
    /// The problem of the expression itself; `nil` if only its type is wrong.
    var compilation: CompileError?
}

/// Compiles the expressions of one policy. Each variable can refer to those before it.
struct PolicyCompiler {
    var hasParams: Bool
    private(set) var variables: [String: CELType] = [:]

    init(hasParams: Bool) { self.hasParams = hasParams }

    /// Compiles an expression, whose result must have one of these types; any if it is empty.
    func compile(
        _ text: String,
        returning types: [CELType],
        hasAuthorizer: Bool = true,
        allowsVariables: Bool = true,
        isPatch: Bool = false
    ) -> CompiledPolicy.Expression {
        let environment = AdmissionEnvironment.environment(
            hasParams: hasParams,
            hasAuthorizer: hasAuthorizer,
            variables: allowsVariables ? variables : nil,
            isPatch: isPatch
        )
        let program: Program
        do throws(CompileError) {
            program = try environment.compile(text)
        } catch {
            let what = error.isOfConstant ? "program instantiation failed" : "compilation failed"
            return .failure(PolicyProblem(description: "\(what): \(error)", compilation: error))
        }
        if types.isEmpty || types.contains(program.type) { return .success(program) }
        let expected = types.map(\.text).joined(separator: " ")
        let what = types.count == 1 ? expected : "one of [\(expected)]"
        return .failure(PolicyProblem(description: "must evaluate to \(what) but got \(program.type.text)"))
    }

    /// Compiles a variable, which the expressions after it can refer to.
    mutating func declare(_ name: String, _ text: String) -> CompiledPolicy.Expression {
        let result = compile(text, returning: [])
        variables[name] = (try? result.get())?.type ?? .dyn
        return result
    }
}

extension JSONValue {
    /// The text of a field; empty if there is none.
    func text(_ key: String) -> String { self[key]?.stringValue ?? "" }
}

extension String {
    /// The text without the white space around it.
    var trimmed: String {
        let rest = drop(while: \.isWhitespace)
        guard let last = rest.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(rest[...last])
    }
}
