/// A function of the language or of a library: its signatures and what it does.
package struct Function: Sendable {
    /// One of a function's signatures.
    struct Overload: Sendable {
        /// The type before the dot; `nil` for a function without a receiver.
        var receiver: CELType?
        var arguments: [CELType]
        var result: CELType

        static func global(_ arguments: CELType..., returns result: CELType) -> Overload {
            Overload(receiver: nil, arguments: arguments, result: result)
        }

        static func member(_ receiver: CELType, _ arguments: CELType..., returns result: CELType) -> Overload {
            Overload(receiver: receiver, arguments: arguments, result: result)
        }
    }

    /// Computes the result. A receiver is the first argument. The values need not fit a signature, because the types of some
    /// are only known now.
    typealias Body =
        @Sendable (_ arguments: [CELValue], _ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue

    let name: String
    let overloads: [Overload]
    let body: Body
    /// How many arguments there can be, with the receiver.
    private let counts: Set<Int>

    init(_ name: String, _ overloads: [Overload], _ body: @escaping Body) {
        self.name = name
        self.overloads = overloads
        self.body = body
        counts = Set(overloads.map { $0.arguments.count + ($0.receiver == nil ? 0 : 1) })
    }

    /// Computes the result for as many arguments as a signature has.
    func call(_ arguments: [CELValue], _ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        guard counts.contains(arguments.count) else { throw .noSuchOverload }
        return try body(arguments, &evaluation)
    }
}

extension CELType {
    /// Type parameters of signatures.
    static let a = CELType.parameter(-1)
    static let b = CELType.parameter(-2)

    /// The type with the parameters of a signature replaced.
    func instantiated(_ first: CELType, _ second: CELType) -> CELType {
        switch self {
        case .a: first
        case .b: second
        case .list(let element): .list(element.instantiated(first, second))
        case .map(let key, let value):
            .map(key.instantiated(first, second), value.instantiated(first, second))
        case .optional(let wrapped): .optional(wrapped.instantiated(first, second))
        case .type(let type): .type(type.instantiated(first, second))
        default: self
        }
    }
}

/// All functions by name.
enum FunctionTable {
    static let functions: [String: Function] = Dictionary(
        uniqueKeysWithValues: (operators + conversions + texts + formatting + dates + lists + sets + optionals
            + patterns
            + networks + quantities + versions + urls + formats + access + patches).map { ($0.name, $0) }
    )
}
