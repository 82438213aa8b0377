/// The operators.
extension FunctionTable {
    static let operators: [Function] =
        arithmetic + comparisons + [equal, unequal, index, optionalIndex, contained, not]

    private static func overloads(_ types: [CELType]) -> [Function.Overload] {
        types.map { .global($0, $0, returns: $0) }
    }

    private static let arithmetic: [Function] = [
        Function(
            "_+_",
            overloads([.bytes, .double, .duration, .int, .list(.a), .string, .uint]) + [
                .global(.duration, .timestamp, returns: .timestamp),
                .global(.timestamp, .duration, returns: .timestamp),
            ]
        ) { arguments, evaluation throws(EvaluationError) in
            try Arithmetic.add(arguments[0], arguments[1], &evaluation)
        },
        Function(
            "_-_",
            overloads([.double, .duration, .int, .uint]) + [
                .global(.timestamp, .duration, returns: .timestamp),
                .global(.timestamp, .timestamp, returns: .duration),
            ]
        ) { arguments, _ throws(EvaluationError) in try Arithmetic.subtract(arguments[0], arguments[1]) },
        Function("_*_", overloads([.double, .int, .uint])) { arguments, _ throws(EvaluationError) in
            switch (arguments[0], arguments[1]) {
            case (.int(let left), .int(let right)):
                return .int(try Arithmetic.value(left.multipliedReportingOverflow(by: right), .integerOverflow))
            case (.uint(let left), .uint(let right)):
                return .uint(try Arithmetic.value(left.multipliedReportingOverflow(by: right), .unsignedOverflow))
            case (.double(let left), .double(let right)): return .double(left * right)
            default: throw .noSuchOverload
            }
        },
        Function("_/_", overloads([.double, .int, .uint])) { arguments, _ throws(EvaluationError) in
            switch (arguments[0], arguments[1]) {
            case (.int, .int(0)), (.uint, .uint(0)): throw EvaluationError("division by zero")
            case (.int(let left), .int(let right)):
                return .int(try Arithmetic.value(left.dividedReportingOverflow(by: right), .integerOverflow))
            case (.uint(let left), .uint(let right)): return .uint(left / right)
            case (.double(let left), .double(let right)): return .double(left / right)
            default: throw .noSuchOverload
            }
        },
        Function("_%_", overloads([.int, .uint])) { arguments, _ throws(EvaluationError) in
            switch (arguments[0], arguments[1]) {
            case (.int, .int(0)), (.uint, .uint(0)): throw EvaluationError("modulus by zero")
            case (.int(let left), .int(let right)):
                return .int(try Arithmetic.value(left.remainderReportingOverflow(dividingBy: right), .integerOverflow))
            case (.uint(let left), .uint(let right)): return .uint(left % right)
            default: throw .noSuchOverload
            }
        },
        Function("-_", [.global(.double, returns: .double), .global(.int, returns: .int)]) {
            arguments,
            _ throws(EvaluationError) in
            switch arguments[0] {
            case .int(let value):
                return .int(try Arithmetic.value(Int64(0).subtractingReportingOverflow(value), .integerOverflow))
            case .double(let value): return .double(-value)
            default: throw .noSuchOverload
            }
        },
    ]

    private static let comparisons: [Function] = {
        let same: [CELType] = [.bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration]
        let mixed: [(CELType, CELType)] = [
            (.int, .double), (.int, .uint), (.uint, .double), (.uint, .int), (.double, .int), (.double, .uint),
        ]
        let overloads: [Function.Overload] = (same.map { ($0, $0) } + mixed).map { .global($0, $1, returns: .bool) }
        let tests: [(String, @Sendable (Int) -> Bool)] = [
            ("_<_", { $0 < 0 }), ("_<=_", { $0 <= 0 }), ("_>_", { $0 > 0 }), ("_>=_", { $0 >= 0 }),
        ]
        return tests.map { name, test in
            Function(name, overloads) { arguments, evaluation throws(EvaluationError) in
                // What is not a number compares to nothing.
                guard let order = try evaluation.order(arguments[0], arguments[1]) else {
                    return .bool(false)
                }
                return .bool(test(order))
            }
        }
    }()

    private static let equal = Function("_==_", [.global(.a, .a, returns: .bool)]) {
        arguments,
        evaluation throws(EvaluationError) in
        .bool(try evaluation.areEqual(arguments[0], arguments[1]))
    }

    private static let unequal = Function("_!=_", [.global(.a, .a, returns: .bool)]) {
        arguments,
        evaluation throws(EvaluationError) in
        .bool(try !evaluation.areEqual(arguments[0], arguments[1]))
    }

    private static let not = Function("!_", [.global(.bool, returns: .bool)]) {
        arguments,
        _ throws(EvaluationError) in
        guard case .bool(let value) = arguments[0] else { throw .noSuchOverload }
        return .bool(!value)
    }

    private static let index = Function(
        "_[_]",
        [
            .global(.list(.a), .int, returns: .a), .global(.map(.a, .b), .a, returns: .b),
            .global(.optional(.list(.a)), .int, returns: .optional(.a)),
            .global(.optional(.map(.a, .b)), .a, returns: .optional(.b)),
        ]
    ) { arguments, evaluation throws(EvaluationError) in
        if case .optional(let wrapped) = arguments[0] {
            guard let wrapped else { return .optional(nil) }
            return .optional(try evaluation.element(arguments[1], of: wrapped))
        }
        if let element = try evaluation.element(arguments[1], of: arguments[0]) { return element }
        if case .list = arguments[0] { throw EvaluationError("index out of bounds: \(arguments[1].plainText)") }
        throw .noSuchKey(arguments[1])
    }

    private static let optionalIndex = Function(
        "_[?_]",
        [
            .global(.list(.a), .int, returns: .optional(.a)),
            .global(.optional(.list(.a)), .int, returns: .optional(.a)),
            .global(.map(.a, .b), .a, returns: .optional(.b)),
            .global(.optional(.map(.a, .b)), .a, returns: .optional(.b)),
        ]
    ) { arguments, evaluation throws(EvaluationError) in
        guard let operand = arguments[0].unwrapped else { return .optional(nil) }
        return .optional(try evaluation.element(arguments[1], of: operand))
    }

    private static let contained = Function(
        "@in",
        [.global(.a, .list(.a), returns: .bool), .global(.a, .map(.a, .b), returns: .bool)]
    ) { arguments, evaluation throws(EvaluationError) in
        switch arguments[1] {
        case .list(let elements):
            for element in elements where try evaluation.areEqual(arguments[0], element) { return .bool(true) }
            return .bool(false)
        case .map(let map): return .bool(CELMap.Key(arguments[0]).flatMap { map[$0] } != nil)
        default: throw .noSuchOverload
        }
    }
}

/// Sums and differences.
enum Arithmetic {
    static func value<Number>(_ result: (partialValue: Number, overflow: Bool), _ problem: EvaluationError)
        throws(EvaluationError)
        -> Number
    {
        if result.overflow { throw problem }
        return result.partialValue
    }

    static func add(_ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        switch (left, right) {
        case (.int(let first), .int(let second)):
            return .int(try value(first.addingReportingOverflow(second), .integerOverflow))
        case (.uint(let first), .uint(let second)):
            return .uint(try value(first.addingReportingOverflow(second), .unsignedOverflow))
        case (.double(let first), .double(let second)): return .double(first + second)
        case (.string(let first), .string(let second)):
            try evaluation.charge((first.utf8.count + second.utf8.count) / 10)
            return .string(first + second)
        case (.bytes(let first), .bytes(let second)):
            try evaluation.charge((first.count + second.count) / 10)
            return .bytes(first + second)
        case (.list(let first), .list(let second)):
            try evaluation.charge((first.count + second.count) / 10)
            return .list(first + second)
        case (.duration(let first), .duration(let second)):
            return .duration(try value(first.addingReportingOverflow(second), .durationOverflow))
        case (.timestamp(let instant), .duration(let duration)), (.duration(let duration), .timestamp(let instant)):
            guard let result = instant.adding(duration) else { throw .timestampOverflow }
            return .timestamp(result)
        default: throw .noSuchOverload
        }
    }

    static func subtract(_ left: CELValue, _ right: CELValue) throws(EvaluationError) -> CELValue {
        switch (left, right) {
        case (.int(let first), .int(let second)):
            return .int(try value(first.subtractingReportingOverflow(second), .integerOverflow))
        case (.uint(let first), .uint(let second)):
            return .uint(try value(first.subtractingReportingOverflow(second), .unsignedOverflow))
        case (.double(let first), .double(let second)): return .double(first - second)
        case (.duration(let first), .duration(let second)):
            return .duration(try value(first.subtractingReportingOverflow(second), .durationOverflow))
        case (.timestamp(let instant), .duration(let duration)):
            guard duration != Int64.min, let result = instant.adding(-duration) else { throw .timestampOverflow }
            return .timestamp(result)
        case (.timestamp(let first), .timestamp(let second)):
            guard let result = first.since(second) else { throw .durationOverflow }
            return .duration(result)
        default: throw .noSuchOverload
        }
    }
}
