/// Regular expressions.
extension FunctionTable {
    static let patterns: [Function] = [
        Function("matches", [.global(.string, .string, returns: .bool), .member(.string, .string, returns: .bool)]) {
            arguments,
            evaluation throws(EvaluationError) in
            let (pattern, scalars) = try prepare(arguments, &evaluation)
            return .bool(pattern.match(in: scalars, from: 0) != nil)
        },
        Function("find", [.member(.string, .string, returns: .string)]) {
            arguments,
            evaluation throws(EvaluationError) in
            let (pattern, scalars) = try prepare(arguments, &evaluation)
            return .string(pattern.match(in: scalars, from: 0).map { String(scalars: scalars[$0.range]) } ?? "")
        },
        Function(
            "findAll",
            [
                .member(.string, .string, returns: .list(.string)),
                .member(.string, .string, .int, returns: .list(.string)),
            ]
        ) { arguments, evaluation throws(EvaluationError) in
            let limit = arguments.count > 2 ? try arguments[...].int(2) : -1
            let (pattern, scalars) = try prepare(arguments, &evaluation)
            var result: [CELValue] = []
            var position = 0
            var previousEnd = -1
            while position <= scalars.count, limit < 0 || result.count < limit {
                // Each search reads on from where the last one ended; the cost of all together is bounded here.
                guard let match = pattern.match(in: scalars, from: position) else { break }
                let range = match.range
                try evaluation.charge((match.end - position + 1) * pattern.instructionCount / instructionsPerCost + 1)
                // An empty match directly after another match does not count.
                let isEmptyAfterMatch = range.isEmpty && range.lowerBound == previousEnd
                if !isEmptyAfterMatch { result.append(.string(String(scalars: scalars[range]))) }
                previousEnd = range.upperBound
                position = range.isEmpty ? range.upperBound + 1 : range.upperBound
            }
            return .list(result)
        },
    ]

    /// How many steps of a matcher cost as much as one operation.
    private static let instructionsPerCost = 40

    private static func prepare(_ arguments: [CELValue], _ evaluation: inout Evaluation) throws(EvaluationError)
        -> (Pattern, [Unicode.Scalar])
    {
        let text = try arguments[...].text(0)
        let pattern = try evaluation.pattern(try arguments[...].text(1))
        let scalars = Array(text.unicodeScalars)
        try evaluation.charge((scalars.count + 1) * pattern.instructionCount / instructionsPerCost + 1)
        return (pattern, scalars)
    }
}
