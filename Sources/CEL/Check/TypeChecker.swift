/// Finds what the names in an expression refer to, and whether types fit. The result is the expression with its functions and
/// types in place.
struct TypeChecker {
    let environment: Environment
    private(set) var problems: [CompileError.Problem] = []
    var substitution = Substitution()
    /// Whether the expression is within a call of `format()`.
    var isFormatting = false
    /// The variables of comprehensions, the innermost last.
    private var locals: [(name: String, type: CELType)] = []

    init(_ environment: Environment) { self.environment = environment }

    /// A type with everything that was found; what stays open is dynamic.
    func final(_ type: CELType) -> CELType { substitution.applied(type, freeAsDynamic: true) }

    mutating func report(_ message: String, at position: Int) {
        problems.append(CompileError.Problem(position: position, message: message))
    }

    mutating func undeclared(_ name: String, at position: Int) {
        report("undeclared reference to '\(name)' (in container '')", at: position)
    }

    /// Checks an expression.
    ///
    /// - Returns: the expression with what its names refer to, and its type.
    mutating func check(_ node: Node) -> (Node, CELType) {
        var (checked, type) = resolve(node)
        checked.type = type
        return (checked, type)
    }

    private mutating func resolve(_ node: Node) -> (Node, CELType) {
        var node = node
        let type: CELType
        switch node.kind {
        case .literal(let value): type = value.literalType
        case .identifier(let name): type = identifier(name, &node)
        case .select(let operand, let field):
            if let name = node.qualifiedName, !isLocal(name), let found = resolve(name, &node) { return (node, found) }
            let (checked, operandType) = check(operand)
            node.kind = .select(checked, field: field)
            type = self.field(field, of: operandType, at: node.position)
        case .hasField(let operand, let field):
            let (checked, operandType) = check(operand)
            node.kind = .hasField(checked, field: field)
            _ = self.field(field, of: operandType, at: node.position)
            type = .bool
        case .optionalSelect(let operand, let field):
            let (checked, operandType) = check(operand)
            node.kind = .optionalSelect(checked, field: field)
            let found = self.field(field, of: operandType, at: node.position)
            if case .optional = found { type = found } else { type = .optional(found) }
        case .and(let terms): type = logical(terms, &node) { .and($0) }
        case .or(let terms): type = logical(terms, &node) { .or($0) }
        case .conditional(let condition, let yes, let no):
            let (first, firstType) = check(condition)
            let (second, secondType) = check(yes)
            let (third, thirdType) = check(no)
            node.kind = .conditional(first, second, third)
            let result = substitution.fresh()
            if substitution.unify([firstType, secondType, thirdType], [.bool, result, result]) {
                type = substitution.applied(result)
            } else {
                let shown = [firstType, secondType, thirdType].map { final($0).shown }.joined(separator: ", ")
                report("found no matching overload for '_?_:_' applied to '(\(shown))'", at: node.position)
                type = .error
            }
        case .list(let elements): type = list(elements, &node)
        case .map(let entries): type = map(entries, &node)
        case .message(let name, let fields): type = message(name, fields, &node)
        case .call(let name, let target, let arguments): type = call(name, target, arguments, &node)
        case .comprehension(let comprehension): type = self.comprehension(comprehension, &node)
        case .invoke: type = .dyn
        }
        return (node, type)
    }

    // MARK: Names

    private func isLocal(_ qualified: String) -> Bool {
        let first = qualified.prefix { $0 != "." }
        return locals.contains { $0.name == first }
    }

    mutating func with<Result>(
        _ variables: [(name: String, type: CELType)],
        _ body: (inout TypeChecker) -> Result
    ) -> Result {
        locals += variables
        defer { locals.removeLast(variables.count) }
        return body(&self)
    }

    private mutating func identifier(_ name: String, _ node: inout Node) -> CELType {
        if let local = locals.last(where: { $0.name == name }) { return local.type }
        if let found = resolve(name, &node) { return found }
        undeclared(name, at: node.position)
        return .error
    }

    /// The type of a declared variable or of a type, if the name is one.
    private func resolve(_ name: String, _ node: inout Node) -> CELType? {
        let plain = name.hasPrefix(".") ? String(name.dropFirst()) : name
        if let type = environment.variables[plain] {
            node.kind = .identifier(".\(plain)")
            return type
        }
        guard let type = CELType.named[plain] else { return nil }
        node.kind = .literal(.type(type.name))
        return .type(type)
    }

    /// The type of a field.
    private mutating func field(_ name: String, of type: CELType, at position: Int) -> CELType {
        var target = substitution.applied(type)
        var isOptional = false
        if case .optional(let wrapped) = target {
            isOptional = true
            target = wrapped
        }
        let result: CELType
        switch target {
        case .map(_, let value): result = value
        case .named(let message):
            if let found = environment.fields(of: message)?.type(of: name) {
                result = found
            } else {
                if environment.fields(of: message) == nil {
                    report("unexpected failed resolution of '\(message)'", at: position)
                } else {
                    report("undefined field '\(name)'", at: position)
                }
                result = .error
            }
        case .parameter:
            _ = substitution.unify(.dyn, target)
            result = .dyn
        case .dyn, .error: result = .dyn
        default:
            report("type '\(target.shown)' does not support field selection", at: position)
            result = .dyn
        }
        return isOptional ? .optional(result) : result
    }

    // MARK: Literals

    /// The more general of two types of elements. Types that do not fit are a problem.
    private mutating func join(_ previous: CELType?, _ current: CELType, at position: Int) -> CELType {
        guard let previous else { return current }
        if substitution.unify(previous, current) { return Substitution.mostGeneral(previous, current) }
        if environment.allowsMixedLiterals || isFormatting { return .dyn }
        report("expected type '\(final(previous).shown)' but found '\(final(current).shown)'", at: position)
        return .error
    }

    /// The type within an optional element.
    private mutating func unwrap(_ type: CELType, _ isOptional: Bool, at position: Int) -> CELType {
        guard isOptional else { return type }
        let type = substitution.applied(type)
        if case .optional(let wrapped) = type { return wrapped }
        if !type.isDynamic {
            report("expected type 'optional_type(\(type.shown))' but found '\(type.shown)'", at: position)
        }
        return type
    }

    private mutating func list(_ elements: [Node.Element], _ node: inout Node) -> CELType {
        var type: CELType?
        var result: [Node.Element] = []
        for element in elements {
            let (checked, elementType) = check(element.value)
            result.append(Node.Element(value: checked, isOptional: element.isOptional))
            let plain = unwrap(elementType, element.isOptional, at: checked.position)
            type = join(type, plain, at: checked.position)
        }
        node.kind = .list(result)
        return .list(substitution.applied(type ?? substitution.fresh()).bounded())
    }

    private mutating func map(_ entries: [Node.Entry], _ node: inout Node) -> CELType {
        var keyType: CELType?
        var valueType: CELType?
        var result: [Node.Entry] = []
        for entry in entries {
            let (key, foundKey) = check(entry.key)
            keyType = join(keyType, foundKey, at: key.position)
            let (value, foundValue) = check(entry.value)
            let plain = unwrap(foundValue, entry.isOptional, at: value.position)
            valueType = join(valueType, plain, at: value.position)
            result.append(Node.Entry(key: key, value: value, isOptional: entry.isOptional))
        }
        node.kind = .map(result)
        let key = substitution.applied(keyType ?? substitution.fresh()).bounded()
        return .map(key, substitution.applied(valueType ?? substitution.fresh()).bounded())
    }

    private mutating func message(_ name: String, _ fields: [Node.Field], _ node: inout Node) -> CELType {
        guard let known = environment.fields(of: name) else {
            undeclared(name, at: node.position)
            return .error
        }
        var result: [Node.Field] = []
        for field in fields {
            var field = field
            let (checked, type) = check(field.value)
            field.value = checked
            result.append(field)
            let plain = unwrap(type, field.isOptional, at: checked.position)
            guard let expected = known.type(of: field.name) else {
                report("undefined field '\(field.name)'", at: field.position)
                continue
            }
            if !substitution.unify(expected, plain) {
                let found = final(plain).shown
                report(
                    "expected type of field '\(field.name)' is '\(expected.shown)' but provided type is '\(found)'",
                    at: field.position
                )
            }
        }
        node.kind = .message(type: name, fields: result)
        return .named(name)
    }
}

extension [String: CELType] {
    /// The type of a field of a message, whose fields can be of any name.
    fileprivate func type(of field: String) -> CELType? { self[field] ?? self["*"] }
}

extension CELType {
    /// The types that expressions can name.
    fileprivate static let named: [String: CELType] = {
        let types: [CELType] = [
            .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .list(.dyn), .map(.dyn, .dyn), .null,
            .type(.dyn), .optional(.dyn), .ip, .cidr,
        ]
        return Dictionary(uniqueKeysWithValues: types.map { ($0.name, $0) })
    }()
}

extension CELValue {
    /// The type of a literal.
    fileprivate var literalType: CELType {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        default: .dyn
        }
    }
}

extension Node {
    /// The name with dots that fields of an identifier can also be.
    var qualifiedName: String? {
        var parts: [String] = []
        var current = self
        while true {
            switch current.kind {
            case .identifier(let name): return ([name] + parts.reversed()).joined(separator: ".")
            case .select(let operand, let field):
                parts.append(field)
                current = operand
            default: return nil
            }
        }
    }
}
