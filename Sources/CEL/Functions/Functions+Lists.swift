/// Functions of lists: Kubernetes' own, and version 3 of cel-go's library of lists.
extension FunctionTable {
    static let lists: [Function] =
        kubernetesLists + [
            list("slice", [.member(.list(.a), .int, .int, returns: .list(.a))]) {
                elements,
                arguments,
                _ throws(EvaluationError) in
                let start = try arguments[...].int(1)
                let end = try arguments[...].int(2)
                let range = "cannot slice(\(start), \(end)), "
                guard start >= 0, end >= 0 else { throw EvaluationError(range + "negative indexes not supported") }
                guard start <= end else {
                    throw EvaluationError(range + "start index must be less than or equal to end index")
                }
                guard end <= elements.count else {
                    throw EvaluationError(range + "list is length \(elements.count)")
                }
                return .list(Array(elements[Int(start)..<Int(end)]))
            },
            list(
                "flatten",
                [.member(.list(.list(.a)), returns: .list(.a)), .member(.list(.dyn), .int, returns: .list(.dyn))]
            ) { elements, arguments, evaluation throws(EvaluationError) in
                let depth = arguments.count > 1 ? try arguments[...].int(1) : 1
                guard depth >= 0 else { throw EvaluationError("level must be non-negative") }
                return .list(try evaluation.flattened(elements, depth: depth))
            },
            list("sort", comparable.map { .member(.list($0), returns: .list($0)) }) {
                elements,
                _,
                evaluation throws(EvaluationError) in
                .list(try evaluation.sortedIndices(of: elements).map { elements[$0] })
            },
            list("reverse", [.member(.list(.a), returns: .list(.a))]) { elements, _, _ throws(EvaluationError) in
                .list(elements.reversed())
            },
            list("distinct", [.member(.list(.a), returns: .list(.a))]) {
                elements,
                _,
                evaluation throws(EvaluationError) in
                var result: [CELValue] = []
                for element in elements where try !evaluation.contains(element, in: result) { result.append(element) }
                return .list(result)
            },
            list("first", [.member(.list(.a), returns: .optional(.a))]) { elements, _, _ throws(EvaluationError) in
                .optional(elements.first)
            },
            list("last", [.member(.list(.a), returns: .optional(.a))]) { elements, _, _ throws(EvaluationError) in
                .optional(elements.last)
            },
            Function("lists.range", [.global(.int, returns: .list(.int))]) {
                arguments,
                evaluation throws(EvaluationError) in
                let count = try arguments[...].int(0)
                try evaluation.charge(count)
                return .list((0..<max(0, count)).map { .int($0) })
            },
        ]

    private static let comparable: [CELType] = [
        .int, .uint, .double, .bool, .duration, .timestamp, .string, .bytes,
    ]

    private static let kubernetesLists: [Function] = [
        list("isSorted", comparable.map { .member(.list($0), returns: .bool) }) {
            elements,
            _,
            evaluation throws(EvaluationError) in
            for (first, second) in zip(elements, elements.dropFirst())
            where try evaluation.order(first, second) == 1 {
                return .bool(false)
            }
            return .bool(true)
        },
        list("sum", [CELType.int, .uint, .double, .duration].map { .member(.list($0), returns: $0) }) {
            elements,
            _,
            evaluation throws(EvaluationError) in
            var result = elements.first ?? .int(0)
            for element in elements.dropFirst() { result = try Arithmetic.add(result, element, &evaluation) }
            return result
        },
        list("min", comparable.map { .member(.list($0), returns: $0) }) {
            elements,
            _,
            evaluation throws(EvaluationError) in
            try evaluation.extreme(elements, name: "min", wins: -1)
        },
        list("max", comparable.map { .member(.list($0), returns: $0) }) {
            elements,
            _,
            evaluation throws(EvaluationError) in
            try evaluation.extreme(elements, name: "max", wins: 1)
        },
    ]

    /// A function of a list, whose cost grows with the list.
    private static func list(
        _ name: String,
        _ overloads: [Function.Overload],
        _ body:
            @escaping @Sendable ([CELValue], _ arguments: [CELValue], inout Evaluation) throws(EvaluationError) ->
            CELValue
    ) -> Function {
        Function(name, overloads) { arguments, evaluation throws(EvaluationError) in
            guard case .list(let elements) = arguments[0] else { throw .noSuchOverload }
            try evaluation.charge(elements.count)
            return try body(elements, arguments, &evaluation)
        }
    }
}

extension Evaluation {
    mutating func contains(_ value: CELValue, in elements: [CELValue]) throws(EvaluationError) -> Bool {
        for element in elements where try areEqual(value, element) { return true }
        return false
    }

    fileprivate mutating func extreme(_ elements: [CELValue], name: String, wins: Int) throws(EvaluationError)
        -> CELValue
    {
        guard var result = elements.first else { throw EvaluationError("\(name) called on empty list") }
        for element in elements.dropFirst() where try order(element, result) == wins { result = element }
        return result
    }

    fileprivate mutating func flattened(_ elements: [CELValue], depth: Int64) throws(EvaluationError) -> [CELValue] {
        var result: [CELValue] = []
        for element in elements {
            try charge(1)
            if depth > 0, case .list(let inner) = element {
                result += try flattened(inner, depth: depth - 1)
            } else {
                result.append(element)
            }
        }
        return result
    }
}
