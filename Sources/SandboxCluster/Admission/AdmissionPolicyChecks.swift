import CEL
import KubernetesAPI

/// The API server's checks of admission policies and of their bindings.
extension FieldChecks {
    /// A policy: its expressions must compile, and have results of the right types.
    mutating func admissionPolicy(_ object: JSONValue) {
        let spec = object["spec"] ?? [:]
        let path = FieldPath("spec")
        let isMutating = object["kind"] == "MutatingAdmissionPolicy"
        let hasParams = spec["paramKind"]?.objectValue != nil
        var compiler = PolicyCompiler(hasParams: hasParams)
        oneOf(path.key("failurePolicy"), spec["failurePolicy"], ["Fail", "Ignore"])
        if hasParams {
            for name in ["apiVersion", "kind"] where spec["paramKind"]?.text(name).isEmpty == true {
                required(path.key("paramKind").key(name))
            }
        }
        let constraints = path.key("matchConstraints")
        if let resources = spec["matchConstraints"], !resources.isNull {
            matchResources(constraints, resources)
            if resources.elements("resourceRules").isEmpty { required(constraints.key("resourceRules")) }
        } else {
            required(constraints)
        }
        matchConditions(path.key("matchConditions"), spec.elements("matchConditions"), compiler)
        for (index, variable) in spec.elements("variables").enumerated() {
            self.variable(path.key("variables").index(index), variable, &compiler)
        }
        if isMutating {
            mutations(spec, path, compiler)
        } else {
            validations(object, spec, path, compiler)
        }
    }

    /// A binding.
    mutating func admissionPolicyBinding(_ object: JSONValue) {
        let spec = object["spec"] ?? [:]
        let path = FieldPath("spec")
        let policy = spec.text("policyName")
        if policy.isEmpty {
            required(path.key("policyName"))
        } else {
            texts(path.key("policyName"), policy, NameForms.subdomain(policy))
        }
        if let reference = spec["paramRef"], !reference.isNull { paramReference(path.key("paramRef"), reference) }
        // The server misspells the field.
        if let resources = spec["matchResources"], !resources.isNull {
            matchResources(path.key("matchResouces"), resources)
        }
        if object["kind"] == "ValidatingAdmissionPolicyBinding" {
            validationActions(path.key("validationActions"), spec.elements("validationActions"))
        }
    }

    // MARK: Expressions

    private mutating func expression(_ path: FieldPath, _ text: String, _ result: CompiledPolicy.Expression) {
        guard case .failure(let problem) = result else { return }
        if problem.compilation?.isOfConstant == true {
            errors.append(FieldError(.internalError, path, detail: problem.description))
        } else {
            invalid(path, .string(text), problem.description)
        }
    }

    private mutating func matchConditions(_ path: FieldPath, _ conditions: [JSONValue], _ compiler: PolicyCompiler) {
        if conditions.count > 64 {
            let detail = "must have at most 64 items"
            errors.append(FieldError(.tooMany, path, value: .integer(Int64(conditions.count)), detail: detail))
        }
        var names: Set<String> = []
        for (index, condition) in conditions.enumerated() {
            let base = path.index(index)
            let text = condition.text("expression").trimmed
            if text.isEmpty {
                required(base.key("expression"))
            } else {
                let result = compiler.compile(text, returning: [.bool], allowsVariables: false)
                expression(base.key("expression"), text, result)
            }
            let name = condition.text("name")
            if name.isEmpty {
                required(base.key("name"))
                continue
            }
            texts(base.key("name"), name, NameForms.qualifiedName(name))
            if !names.insert(name).inserted { duplicate(base.key("name"), name) }
        }
    }

    private mutating func variable(_ path: FieldPath, _ variable: JSONValue, _ compiler: inout PolicyCompiler) {
        let name = variable.text("name")
        let text = variable.text("expression")
        if name.trimmed.isEmpty {
            required(path.key("name"), "name is not specified")
        } else if !PolicyCompiler.isIdentifier(name) {
            invalid(path.key("name"), .string(name), "must be a valid CEL identifier")
        }
        if text.trimmed.isEmpty {
            required(path.key("expression"), "expression is not specified")
        } else {
            expression(path.key("expression"), text, compiler.declare(name, text))
        }
    }

    private mutating func validations(
        _ object: JSONValue,
        _ spec: JSONValue,
        _ path: FieldPath,
        _ compiler: PolicyCompiler
    ) {
        let validations = spec.elements("validations")
        let annotations = spec.elements("auditAnnotations")
        if validations.isEmpty, annotations.isEmpty {
            let detail = "validations or auditAnnotations must contain at least one item"
            required(path.key("validations"), detail)
            required(path.key("auditAnnotations"), detail)
        }
        for (index, validation) in validations.enumerated() {
            self.validation(path.key("validations").index(index), validation, compiler)
        }
        var keys: Set<String> = []
        for (index, annotation) in annotations.enumerated() {
            let base = path.key("auditAnnotations").index(index)
            let key = annotation.text("key")
            let name = "\(object.objectName)/\(key)"
            texts(base.key("key"), name, NameForms.qualifiedName(name))
            let text = annotation.text("valueExpression")
            if text.trimmed.isEmpty {
                required(base.key("valueExpression"), "valueExpression is not specified")
            } else {
                let result = compiler.compile(text.trimmed, returning: [.string, .null])
                expression(base.key("valueExpression"), text, result)
            }
            if !keys.insert(key).inserted { duplicate(base.key("key"), key) }
        }
    }

    private mutating func validation(_ path: FieldPath, _ validation: JSONValue, _ compiler: PolicyCompiler) {
        let text = validation.text("expression")
        if text.trimmed.isEmpty {
            required(path.key("expression"), "expression is not specified")
        } else {
            expression(path.key("expression"), text, compiler.compile(text, returning: [.bool]))
        }
        let messageExpression = validation.text("messageExpression")
        if !messageExpression.isEmpty {
            let place = path.key("messageExpression")
            if messageExpression.trimmed.isEmpty {
                invalid(place, .string(messageExpression), "must be non-empty if specified")
            } else {
                let result = compiler.compile(messageExpression, returning: [.string], hasAuthorizer: false)
                expression(place, messageExpression, result)
            }
        }
        let message = validation.text("message")
        if !message.isEmpty, message.trimmed.isEmpty {
            invalid(path.key("message"), .string(message), "must be non-empty if specified")
        } else if message.trimmed.contains(where: \.isNewline) {
            invalid(path.key("message"), .string(message), "must not contain line breaks")
        }
        oneOf(path.key("reason"), validation["reason"], ["Forbidden", "Invalid", "RequestEntityTooLarge"])
    }

    private mutating func mutations(_ spec: JSONValue, _ path: FieldPath, _ compiler: PolicyCompiler) {
        let mutations = spec.elements("mutations")
        if mutations.isEmpty { required(path.key("mutations"), "mutations must contain at least one item") }
        for (index, mutation) in mutations.enumerated() {
            let base = path.key("mutations").index(index)
            let kind = mutation.text("patchType")
            let field: String
            let type: CELType
            switch kind {
            case "ApplyConfiguration": (field, type) = ("applyConfiguration", .named("Object"))
            case "JSONPatch": (field, type) = ("jsonPatch", .list(.named("JSONPatch")))
            case "":
                required(base.key("patchType"))
                continue
            default:
                unsupported(base.key("patchType"), .string(kind), ["ApplyConfiguration", "JSONPatch"])
                continue
            }
            guard let patch = mutation[field], !patch.isNull else {
                required(base.key(field), "must be specified when patchType is \(kind)")
                continue
            }
            let place = base.key(field).key("expression")
            let text = patch.text("expression")
            if text.trimmed.isEmpty {
                required(place)
            } else {
                expression(place, text, compiler.compile(text, returning: [type], isPatch: true))
            }
        }
        if spec.text("reinvocationPolicy").isEmpty {
            required(path.key("reinvocationPolicy"))
        } else {
            oneOf(path.key("reinvocationPolicy"), spec["reinvocationPolicy"], ["IfNeeded", "Never"])
        }
    }
}

extension PolicyCompiler {
    /// Whether expressions can use a name for a variable.
    static func isIdentifier(_ name: String) -> Bool {
        let reserved: Set = [
            "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if",
            "import",
            "let", "loop", "package", "namespace", "return", "var", "void", "while",
        ]
        let isWord = name.utf8.allSatisfy { byte in
            (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte)
        }
        return !name.isEmpty && isWord && name.first?.isNumber == false && !reserved.contains(name)
    }
}
