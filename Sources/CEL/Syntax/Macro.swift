/// The macros of CEL as Kubernetes offers it.
enum Macro {
    /// The forms of comprehensions by name, and how many arguments they have.
    private static let comprehensions: [String: (form: Comprehension.Form, counts: Set<Int>)] = [
        "all": (.all, [2, 3]), "exists": (.exists, [2, 3]), "exists_one": (.existsOne, [2, 3]),
        "existsOne": (.existsOne, [3]), "map": (.map, [2, 3]), "filter": (.filter, [2]),
        "transformList": (.transformList, [3, 4]), "transformMap": (.transformMap, [3, 4]),
        "transformMapEntry": (.transformMapEntry, [3, 4]), "sortBy": (.sortBy, [2]),
        "optMap": (.optionalMap, [2]), "optFlatMap": (.optionalFlatMap, [2]),
    ]

    /// The expansion of a call, or `nil` if the call is not a macro.
    static func expand(_ name: String, target: Node?, _ arguments: [Node], at position: Int) throws(SyntaxProblem)
        -> Node?
    {
        guard let target else {
            guard name == "has", arguments.count == 1 else { return nil }
            guard case .select(let operand, let field) = arguments[0].kind else {
                throw SyntaxProblem(plain: "invalid argument to has() macro", at: arguments[0].position)
            }
            return Node(.hasField(operand, field: field), at: position, over: [operand])
        }
        guard let macro = comprehensions[name], macro.counts.contains(arguments.count) else { return nil }
        let form = macro.form
        let variable = try self.variable(arguments[0], of: form)
        var comprehension = Comprehension(form: form, range: target, variable: variable, body: arguments[1])
        switch (form, arguments.count) {
        case (.map, 3):
            comprehension.filter = arguments[1]
            comprehension.body = arguments[2]
        case (_, 3...):
            let second = try self.variable(arguments[1], of: form)
            guard second != variable else {
                throw SyntaxProblem(plain: "duplicate variable name: \(variable)", at: arguments[1].position)
            }
            comprehension.secondVariable = second
            if arguments.count == 4 { comprehension.filter = arguments[2] }
            comprehension.body = arguments[arguments.count - 1]
        default: break
        }
        return Node(.comprehension(comprehension), at: position, over: [target] + arguments)
    }

    private static func variable(_ node: Node, of form: Comprehension.Form) throws(SyntaxProblem) -> String {
        if case .identifier(let name) = node.kind, !name.hasPrefix(".") { return name }
        let message =
            switch form {
            case .optionalMap: "optMap() variable name must be a simple identifier"
            case .optionalFlatMap: "optFlatMap() variable name must be a simple identifier"
            case .map, .filter: "argument is not an identifier"
            default: "argument must be a simple name"
            }
        throw SyntaxProblem(plain: message, at: node.position)
    }
}
