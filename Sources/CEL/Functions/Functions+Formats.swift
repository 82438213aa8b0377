/// Kubernetes' library of named formats.
extension FunctionTable {
    static let formats: [Function] =
        NamedFormat.allCases.map { format in
            Function("format.\(format.rawValue)", [.global(returns: .format)]) { _, _ throws(EvaluationError) in
                .format(format)
            }
        } + [
            Function("format.named", [.global(.string, returns: .optional(.format))]) {
                arguments,
                _ throws(EvaluationError) in
                .optional(NamedFormat(rawValue: try arguments[...].text(0)).map { .format($0) })
            },
            Function("validate", [.member(.format, .string, returns: .optional(.list(.string)))]) {
                arguments,
                evaluation throws(EvaluationError) in
                guard case .format(let format) = arguments[0] else { throw .noSuchOverload }
                let text = try arguments[...].text(1)
                // The texts are matched with expressions of fewer than a hundred instructions.
                try evaluation.charge(text.utf8.count * 3 + 1)
                let problems = format.problems(text)
                return .optional(problems.isEmpty ? nil : .list(problems.map { .string($0) }))
            },
        ]
}
