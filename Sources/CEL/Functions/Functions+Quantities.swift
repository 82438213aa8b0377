internal import struct KubernetesAPI.Quantity

/// Kubernetes' libraries of quantities and of semantic versions.
extension FunctionTable {
    private static let order: [Function.Overload] = [
        .member(.quantity, .quantity, returns: .bool), .member(.semver, .semver, returns: .bool),
    ]

    private static func compare(_ arguments: [CELValue]) throws(EvaluationError) -> Int {
        switch (arguments[0], arguments[1]) {
        case (.quantity(let first), .quantity(let second)): first < second ? -1 : first == second ? 0 : 1
        case (.semver(let first), .semver(let second)): first.order(second)
        default: throw .noSuchOverload
        }
    }

    private static func quantity(_ value: CELValue) throws(EvaluationError) -> Quantity {
        guard case .quantity(let quantity) = value else { throw .noSuchOverload }
        return quantity
    }

    private static func combine(_ arguments: [CELValue], adding: Bool) throws(EvaluationError) -> CELValue {
        let first = try quantity(arguments[0])
        let second: Quantity
        if case .int(let number) = arguments[1] {
            second = Quantity(number)
        } else {
            second = try quantity(arguments[1])
        }
        let (nanos, overflow) =
            adding
            ? first.nanos.addingReportingOverflow(second.nanos) : first.nanos.subtractingReportingOverflow(second.nanos)
        guard !overflow, let result = Quantity(nanos: nanos, like: first) else {
            throw EvaluationError("quantity overflow")
        }
        return .quantity(result)
    }

    private static let integral: @Sendable (Quantity) -> Int64? = { quantity in
        quantity.nanos % 1_000_000_000 == 0 ? Int64(exactly: quantity.nanos / 1_000_000_000) : nil
    }

    static let quantities: [Function] = [
        Function("quantity", [.global(.string, returns: .quantity)]) { arguments, _ throws(EvaluationError) in
            guard let quantity = Quantity(try arguments[...].text(0)) else {
                throw EvaluationError(
                    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
                )
            }
            return .quantity(quantity)
        },
        Function("isQuantity", [.global(.string, returns: .bool)]) { arguments, _ throws(EvaluationError) in
            .bool(Quantity(try arguments[...].text(0)) != nil)
        },
        Function("sign", [.global(.quantity, returns: .int)]) {
            arguments,
            _ throws(EvaluationError) in
            .int(Int64(try quantity(arguments[0]).nanos.signum()))
        },
        Function("isGreaterThan", order) { arguments, _ throws(EvaluationError) in .bool(try compare(arguments) > 0) },
        Function("isLessThan", order) { arguments, _ throws(EvaluationError) in .bool(try compare(arguments) < 0) },
        Function(
            "compareTo",
            [.member(.quantity, .quantity, returns: .int), .member(.semver, .semver, returns: .int)]
        ) { arguments, _ throws(EvaluationError) in .int(Int64(try compare(arguments))) },
        Function("asApproximateFloat", [.member(.quantity, returns: .double)]) { arguments, _ throws(EvaluationError) in
            .double(Double(try quantity(arguments[0]).nanos) / 1_000_000_000)
        },
        Function("asInteger", [.member(.quantity, returns: .int)]) { arguments, _ throws(EvaluationError) in
            guard let value = integral(try quantity(arguments[0])) else {
                throw EvaluationError("cannot convert value to integer")
            }
            return .int(value)
        },
        Function("isInteger", [.member(.quantity, returns: .bool)]) { arguments, _ throws(EvaluationError) in
            .bool(integral(try quantity(arguments[0])) != nil)
        },
        Function(
            "add",
            [.member(.quantity, .quantity, returns: .quantity), .member(.quantity, .int, returns: .quantity)]
        ) {
            arguments,
            _ throws(EvaluationError) in try combine(arguments, adding: true)
        },
        Function(
            "sub",
            [.member(.quantity, .quantity, returns: .quantity), .member(.quantity, .int, returns: .quantity)]
        ) {
            arguments,
            _ throws(EvaluationError) in try combine(arguments, adding: false)
        },
    ]

    static let versions: [Function] = [
        Function("semver", [.global(.string, returns: .semver), .global(.string, .bool, returns: .semver)]) {
            arguments,
            _ throws(EvaluationError) in
            try version(arguments)
        },
        Function("isSemver", [.global(.string, returns: .bool), .global(.string, .bool, returns: .bool)]) {
            arguments,
            _ throws(EvaluationError) in
            _ = try arguments[...].text(0)
            return .bool((try? version(arguments)) != nil)
        },
        component("major") { $0.major }, component("minor") { $0.minor }, component("patch") { $0.patch },
    ]

    private static func version(_ arguments: [CELValue]) throws(EvaluationError) -> CELValue {
        let text = try arguments[...].text(0)
        var normalizes = false
        if arguments.count > 1 {
            guard case .bool(let flag) = arguments[1] else { throw .noSuchOverload }
            normalizes = flag
        }
        do throws(SemanticVersion.Problem) {
            return .semver(normalizes ? try SemanticVersion(normalizing: text) : try SemanticVersion(text))
        } catch {
            throw EvaluationError(error.description)
        }
    }

    private static func component(_ name: String, _ part: @escaping @Sendable (SemanticVersion) -> UInt64) -> Function {
        Function(name, [.member(.semver, returns: .int)]) { arguments, _ throws(EvaluationError) in
            guard case .semver(let version) = arguments[0] else { throw .noSuchOverload }
            return .int(Int64(truncatingIfNeeded: part(version)))
        }
    }
}

extension Quantity {
    /// An amount in billionths, written in the way of another quantity.
    fileprivate init?(nanos: Int128, like other: Quantity) {
        let whole = nanos.quotientAndRemainder(dividingBy: 1_000_000_000)
        if whole.remainder == 0, let value = Int64(exactly: whole.quotient) {
            self.init(value)
        } else {
            self.init("\(nanos)n")
        }
    }
}
