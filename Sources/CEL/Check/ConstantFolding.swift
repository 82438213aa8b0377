/// Evaluates conversions of literals, and compiles regular expressions that are literals, before the expression is used. The
/// API server does the same when a policy is written, and refuses one in which that fails.
enum ConstantFolding {
    private static let conversions: Set<String> = [
        "bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint",
    ]

    static func fold(_ node: Node) throws(EvaluationError) -> Node {
        var node = node
        switch node.kind {
        case .literal, .identifier: break
        case .select(let operand, let field): node.kind = .select(try fold(operand), field: field)
        case .hasField(let operand, let field): node.kind = .hasField(try fold(operand), field: field)
        case .optionalSelect(let operand, let field): node.kind = .optionalSelect(try fold(operand), field: field)
        case .call(let name, let target, let arguments):
            var folded: Node?
            if let target { folded = try fold(target) }
            node.kind = .call(name, target: folded, arguments: try fold(arguments))
        case .invoke(let function, let arguments):
            let folded = try fold(arguments)
            node.kind = .invoke(function, folded)
            try constant(&node, function, folded)
        case .and(let terms): node.kind = .and(try fold(terms))
        case .or(let terms): node.kind = .or(try fold(terms))
        case .conditional(let condition, let yes, let no):
            node.kind = .conditional(try fold(condition), try fold(yes), try fold(no))
        case .list(var elements):
            for index in elements.indices { elements[index].value = try fold(elements[index].value) }
            node.kind = .list(elements)
        case .map(var entries):
            for index in entries.indices {
                entries[index].key = try fold(entries[index].key)
                entries[index].value = try fold(entries[index].value)
            }
            node.kind = .map(entries)
        case .message(let type, var fields):
            for index in fields.indices { fields[index].value = try fold(fields[index].value) }
            node.kind = .message(type: type, fields: fields)
        case .comprehension(var comprehension):
            comprehension.range = try fold(comprehension.range)
            if let filter = comprehension.filter { comprehension.filter = try fold(filter) }
            comprehension.body = try fold(comprehension.body)
            node.kind = .comprehension(comprehension)
        }
        return node
    }

    private static func fold(_ nodes: [Node]) throws(EvaluationError) -> [Node] {
        var result: [Node] = []
        for node in nodes { result.append(try fold(node)) }
        return result
    }

    private static func constant(_ node: inout Node, _ function: Function, _ arguments: [Node]) throws(EvaluationError)
    {
        if conversions.contains(function.name), arguments.count == 1, case .literal(let value) = arguments[0].kind {
            var evaluation = Evaluation(Activation())
            node.kind = .literal(try function.call([value], &evaluation))
        }
        if ["matches", "find", "findAll"].contains(function.name), arguments.count > 1,
            case .literal(.string(let text)) = arguments[1].kind
        {
            do throws(Pattern.Problem) {
                _ = try Pattern(text)
            } catch {
                throw EvaluationError(error.description)
            }
        }
    }
}
