/// Lists as sets, and optional values.
extension FunctionTable {
    static let sets: [Function] = [
        set("sets.contains") { first, second, evaluation throws(EvaluationError) in
            try evaluation.containsAll(second, in: first)
        },
        set("sets.equivalent") { first, second, evaluation throws(EvaluationError) in
            guard try evaluation.containsAll(second, in: first) else { return false }
            return try evaluation.containsAll(first, in: second)
        },
        set("sets.intersects") { first, second, evaluation throws(EvaluationError) in
            for element in first where try evaluation.contains(element, in: second) { return true }
            return false
        },
    ]

    private static func set(
        _ name: String,
        _ body: @escaping @Sendable ([CELValue], [CELValue], inout Evaluation) throws(EvaluationError) -> Bool
    ) -> Function {
        Function(name, [.global(.list(.a), .list(.a), returns: .bool)]) {
            arguments,
            evaluation throws(EvaluationError) in
            guard case .list(let first) = arguments[0], case .list(let second) = arguments[1] else {
                throw .noSuchOverload
            }
            return .bool(try body(first, second, &evaluation))
        }
    }

    static let optionals: [Function] = [
        Function("optional.of", [.global(.a, returns: .optional(.a))]) { arguments, _ throws(EvaluationError) in
            .optional(arguments[0])
        },
        Function("optional.ofNonZeroValue", [.global(.a, returns: .optional(.a))]) {
            arguments,
            _ throws(EvaluationError) in
            .optional(arguments[0].isZero ? nil : arguments[0])
        },
        Function("optional.none", [.global(returns: .optional(.a))]) { _, _ throws(EvaluationError) in
            .optional(nil)
        },
        Function("hasValue", [.member(.optional(.a), returns: .bool)]) { arguments, _ throws(EvaluationError) in
            guard case .optional(let value) = arguments[0] else { throw .noSuchOverload }
            return .bool(value != nil)
        },
        Function("value", [.member(.optional(.a), returns: .a)]) { arguments, _ throws(EvaluationError) in
            guard case .optional(let value) = arguments[0] else { throw .noSuchOverload }
            guard let value else { throw EvaluationError("optional.none() dereference") }
            return value
        },
        Function("or", [.member(.optional(.a), .optional(.a), returns: .optional(.a))]) {
            arguments,
            _ throws(EvaluationError) in
            guard case .optional(let value) = arguments[0] else { throw .noSuchOverload }
            return value == nil ? arguments[1] : arguments[0]
        },
        Function("orValue", [.member(.optional(.a), .a, returns: .a)]) { arguments, _ throws(EvaluationError) in
            guard case .optional(let value) = arguments[0] else { throw .noSuchOverload }
            return value ?? arguments[1]
        },
        Function("optional.unwrap", [.global(.list(.optional(.a)), returns: .list(.a))], unwrap),
        Function("unwrapOpt", [.member(.list(.optional(.a)), returns: .list(.a))], unwrap),
    ]

    private static let unwrap: Function.Body = { arguments, evaluation throws(EvaluationError) in
        guard case .list(let elements) = arguments[0] else { throw .noSuchOverload }
        try evaluation.charge(elements.count)
        var result: [CELValue] = []
        for element in elements {
            guard case .optional(let value) = element else {
                throw EvaluationError("value \(element.plainText) is not optional")
            }
            if let value { result.append(value) }
        }
        return .list(result)
    }
}

extension Evaluation {
    fileprivate mutating func containsAll(_ wanted: [CELValue], in elements: [CELValue]) throws(EvaluationError) -> Bool
    {
        for element in wanted where try !contains(element, in: elements) { return false }
        return true
    }
}
