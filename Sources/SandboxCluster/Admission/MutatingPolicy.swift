import CEL
import KubernetesAPI

/// Changes objects by the mutations of a policy.
enum MutatingPolicy {
    static func apply(
        _ mutation: CompiledPolicy.Mutation,
        to object: JSONValue,
        _ attempt: AdmissionAttempt,
        _ context: PolicyContext
    ) throws(PolicyProblem) -> JSONValue {
        if case .failure(let problem) = mutation.expression { throw problem }
        var evaluation = context.evaluation()
        let value = try PolicyContext.result(of: mutation.expression, in: &evaluation).get()
        var changed =
            mutation.isJSONPatch
            ? try patch(object, value, &evaluation) : try merge(value, into: object, attempt.resource, &evaluation)
        if attempt.resource.isCustom {
            attempt.resource.schema?.applyDefaults(to: &changed)
        } else {
            Defaults.apply(to: &changed, kind: attempt.kind)
        }
        return changed
    }

    private static func json(_ value: CELValue, _ evaluation: inout Evaluation) throws(PolicyProblem) -> JSONValue {
        do throws(EvaluationError) {
            return try evaluation.json(value)
        } catch {
            throw PolicyProblem(description: error.description)
        }
    }

    // MARK: Apply configurations

    private static func merge(
        _ value: CELValue,
        into object: JSONValue,
        _ resource: ResourceDefinition,
        _ evaluation: inout Evaluation
    ) throws(PolicyProblem) -> JSONValue {
        let mismatches = mismatches(value, path: "Object")
        guard mismatches.isEmpty else {
            throw PolicyProblem(description: "type mismatch: \(mismatches.joined(separator: "\n"))")
        }
        var applied = try json(value, &evaluation)
        func problem(_ what: String) -> PolicyProblem { PolicyProblem(description: "error applying patch: \(what)") }
        var problems: [String] = []
        let unknown: [String]
        if let schema = resource.schema {
            unknown = schema.prune(&applied).map { "\($0)" }
        } else {
            unknown = BuiltInDecoding.prune(&applied, as: resource.shape, problems: &problems)
        }
        if let first = problems.first ?? unknown.first.map({ ".\($0): field not declared in schema" }) {
            throw problem("failed to convert patch object to typed object: \(first)")
        }
        let atomics = atomics(applied, resource.shape, path: "")
        guard atomics.isEmpty else {
            let paths = atomics.joined(separator: ", ")
            throw problem("invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: \(paths)")
        }
        return TypedMerge.merge(applied, into: object, as: resource.shape)
    }

    /// The messages whose types are not those of the fields that they are in.
    private static func mismatches(_ value: CELValue, path: String) -> [String] {
        switch value {
        case .message(let message):
            var found: [String] = []
            if message.type != path {
                found.append(
                    "unexpected type name \"\(message.type)\", expected \"\(path)\", which matches field name path from "
                        + "root Object type"
                )
            }
            for (name, field) in message.fields.sorted(by: { $0.key < $1.key }) {
                found += mismatches(field, path: "\(path).\(name)")
            }
            return found
        case .list(let elements): return elements.flatMap { mismatches($0, path: path) }
        case .map(let map): return map.keys.flatMap { mismatches(map[$0] ?? .null, path: path) }
        default: return []
        }
    }

    /// The paths of values that can only be replaced as a whole, by which fields that are not named would be lost.
    private static func atomics(_ value: JSONValue, _ type: FieldType, path: String) -> [String] {
        switch value {
        case .object(let members):
            let objectType = type.objectType
            var found = objectType?.isAtomic == true ? [path] : []
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                guard let field = objectType?.fields[name] else { continue }
                if field.isAtomic, member.objectValue != nil || member.arrayValue != nil {
                    found.append("\(path).\(name)")
                }
                found += atomics(member, field.type, path: "\(path).\(name)")
            }
            return found
        case .array(let elements):
            guard case .list(let element, let merge) = type else { return [] }
            var found = merge.mapKeys == nil && !merge.isSet ? [path] : []
            for (index, child) in elements.enumerated() { found += atomics(child, element, path: "\(path)[\(index)]") }
            return found
        default: return []
        }
    }

    // MARK: JSON patches

    private static func patch(_ object: JSONValue, _ value: CELValue, _ evaluation: inout Evaluation)
        throws(PolicyProblem)
        -> JSONValue
    {
        let operations = try json(value, &evaluation)
        for case .message(let operation) in value.elements {
            guard case .message(let message)? = operation.fields["value"] else { continue }
            let mismatches = mismatches(.message(message), path: message.type)
            guard mismatches.isEmpty else {
                throw PolicyProblem(description: "type mismatch: \(mismatches.joined(separator: "\n"))")
            }
        }
        do throws(APIFailure) {
            return try Patches.json(operations, to: object)
        } catch {
            let message = error.status.message ?? ""
            // A test that fails is a condition: nothing is changed.
            if message.hasSuffix("test failed") { return object }
            let reason = message.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? message
            throw PolicyProblem(description: "JSON Patch: \(reason)")
        }
    }
}

extension CELValue {
    fileprivate var elements: [CELValue] {
        if case .list(let elements) = self { elements } else { [] }
    }
}
