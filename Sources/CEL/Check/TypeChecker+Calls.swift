/// Calls and macros.
extension TypeChecker {
    mutating func logical(_ terms: [Node], _ node: inout Node, _ kind: ([Node]) -> Node.Kind) -> CELType {
        var result: [Node] = []
        var isValid = true
        for term in terms {
            let (checked, type) = check(term)
            result.append(checked)
            if !substitution.unify(type, .bool) {
                report("expected type 'bool' but found '\(final(type).shown)'", at: checked.position)
                isValid = false
            }
        }
        node.kind = kind(result)
        return isValid ? .bool : .error
    }

    mutating func call(_ name: String, _ target: Node?, _ arguments: [Node], _ node: inout Node) -> CELType {
        // What is formatted can be of any types.
        let isOuter = isFormatting
        if name == "format", target != nil { isFormatting = true }
        defer { isFormatting = isOuter }
        var checked: [Node] = []
        var types: [CELType] = []
        for argument in arguments {
            let (result, type) = check(argument)
            checked.append(result)
            types.append(type)
        }
        let plain = name.hasPrefix(".") ? String(name.dropFirst()) : name
        guard let target else {
            guard let function = function(plain) else {
                undeclared(name, at: node.position)
                node.kind = .call(name, target: nil, arguments: checked)
                return .error
            }
            node.kind = .invoke(function, checked)
            validate(function, checked, at: node.position)
            return resolve(function, nil, types, at: node.position)
        }
        // A function whose name has a dot, such as `optional.of`.
        if let prefix = target.qualifiedName, let function = function("\(prefix).\(name)") {
            node.kind = .invoke(function, checked)
            return resolve(function, nil, types, at: node.position)
        }
        let (receiver, receiverType) = check(target)
        guard let function = function(plain) else {
            undeclared(name, at: node.position)
            node.kind = .call(name, target: receiver, arguments: checked)
            return .error
        }
        node.kind = .invoke(function, [receiver] + checked)
        validate(function, [receiver] + checked, at: node.position)
        return resolve(function, receiverType, types, at: node.position)
    }

    private func function(_ name: String) -> Function? {
        if name.hasPrefix("jsonpatch."), !environment.hasPatchTypes { return nil }
        return FunctionTable.functions[name]
    }

    /// The type of the result of a call by the signatures that its arguments fit.
    private mutating func resolve(_ function: Function, _ receiver: CELType?, _ arguments: [CELType], at position: Int)
        -> CELType
    {
        let types = (receiver.map { [$0] } ?? []) + arguments
        var result: CELType?
        for overload in function.overloads where (overload.receiver == nil) == (receiver == nil) {
            let first = substitution.fresh()
            let second = substitution.fresh()
            let expected = (overload.receiver.map { [$0] } ?? []) + overload.arguments
            guard substitution.unify(types, expected.map { $0.instantiated(first, second) }) else { continue }
            let found = substitution.applied(overload.result.instantiated(first, second))
            if let known = result {
                if known != .dyn, known != found { result = .dyn }
            } else {
                result = found
            }
        }
        if let result { return result.bounded() }
        let shown = arguments.map { final($0).shown }.joined(separator: ", ")
        let signature = receiver.map { "\(final($0).shown).(\(shown))" } ?? "(\(shown))"
        report("found no matching overload for '\(function.name)' applied to '\(signature)'", at: position)
        return .error
    }

    /// Literals that would always fail are problems.
    private mutating func validate(_ function: Function, _ arguments: [Node], at position: Int) {
        if function.name == "format", let problem = FormatCheck.problem(in: arguments, final: final) {
            report(problem.message, at: problem.position ?? position)
        }
        let index = function.name == "matches" ? 1 : 0
        guard index < arguments.count, case .literal(.string(let text)) = arguments[index].kind else { return }
        let isValid: Bool
        switch function.name {
        case "matches": isValid = (try? Pattern(text)) != nil
        case "duration": isValid = DurationText.parse(text) != nil
        case "timestamp": isValid = Instant(text)?.isInRange == true
        default: return
        }
        if !isValid { report("invalid \(function.name) argument", at: arguments[index].position) }
    }

    // MARK: Macros

    mutating func comprehension(_ comprehension: Comprehension, _ node: inout Node) -> CELType {
        var result = comprehension
        let (range, rangeType) = check(comprehension.range)
        result.range = range
        let isOptional = comprehension.form == .optionalMap || comprehension.form == .optionalFlatMap
        let types =
            isOptional
            ? [wrapped(rangeType, at: node.position)]
            : elements(of: rangeType, isTwofold: comprehension.secondVariable != nil, at: range.position)
        let names = [comprehension.variable] + (comprehension.secondVariable.map { [$0] } ?? [])
        let variables = zip(names, types).map { (name: $0, type: $1) }
        var filterType: CELType?
        let bodyType = with(variables) { checker in
            if let filter = result.filter {
                let (checked, type) = checker.check(filter)
                result.filter = checked
                filterType = type
            }
            let (body, type) = checker.check(result.body)
            result.body = body
            return type
        }
        node.kind = .comprehension(result)
        switch comprehension.form {
        case .all, .exists:
            requireBool(bodyType, at: result.body.position)
            return .bool
        case .existsOne:
            requireCondition(bodyType, of: .int, at: node.position)
            return .bool
        case .filter:
            requireCondition(bodyType, of: .list(types[0]), at: node.position)
            return .list(types[0])
        case .map, .transformList:
            let type = CELType.list(substitution.applied(bodyType)).bounded()
            if let filterType { requireCondition(filterType, of: type, at: node.position) }
            return type
        case .transformMap:
            let type = CELType.map(substitution.applied(types[0]), substitution.applied(bodyType)).bounded()
            if let filterType { requireCondition(filterType, of: type, at: node.position) }
            return type
        case .transformMapEntry:
            let type = substitution.applied(bodyType)
            if let filterType { requireCondition(filterType, of: type, at: node.position) }
            return type
        case .sortBy: return substitution.applied(rangeType)
        case .optionalMap where types[0] == .error, .optionalFlatMap where types[0] == .error: return .error
        case .optionalMap: return CELType.optional(substitution.applied(bodyType)).bounded()
        case .optionalFlatMap: return optional(bodyType, at: node.position)
        }
    }

    private mutating func requireBool(_ type: CELType, at position: Int) {
        if !substitution.unify(.bool, type) {
            report("expected type 'bool' but found '\(final(type).shown)'", at: position)
        }
    }

    /// A condition that decides what is added to a result. The API server expands it to a conditional.
    private mutating func requireCondition(_ type: CELType, of result: CELType, at position: Int) {
        if substitution.unify(.bool, type) { return }
        let shown = [type, result, result].map { final($0).shown }.joined(separator: ", ")
        report("found no matching overload for '_?_:_' applied to '(\(shown))'", at: position)
    }

    /// The types of the variables of a comprehension.
    private mutating func elements(of range: CELType, isTwofold: Bool, at position: Int) -> [CELType] {
        let range = substitution.applied(range)
        switch range {
        case .list(let element): return isTwofold ? [.int, element] : [element]
        case .map(let key, let value): return isTwofold ? [key, value] : [key]
        case .dyn, .error, .parameter:
            _ = substitution.unify(.dyn, range)
            return [.dyn, .dyn]
        default:
            let message = "expression of type '\(range.shown)' cannot be range of a comprehension "
            report(message + "(must be list, map, or dynamic)", at: position)
            return [.error, .error]
        }
    }

    private mutating func wrapped(_ type: CELType, at position: Int) -> CELType {
        let value = substitution.fresh()
        guard substitution.unify(type, .optional(value)) else {
            for name in ["hasValue", "value"] {
                report("found no matching overload for '\(name)' applied to '\(final(type).shown).()'", at: position)
            }
            return .error
        }
        return substitution.applied(value)
    }

    private mutating func optional(_ type: CELType, at position: Int) -> CELType {
        let result = CELType.optional(substitution.fresh())
        guard substitution.unify(type, result) else {
            let shown = "(bool, \(final(type).shown), optional_type(dyn))"
            report("found no matching overload for '_?_:_' applied to '\(shown)'", at: position)
            return .error
        }
        return substitution.applied(result)
    }
}
