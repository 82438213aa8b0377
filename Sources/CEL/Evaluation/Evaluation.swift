/// Evaluates expressions with the same values. What they cost is counted and limited.
package struct Evaluation {
    let activation: Activation
    private let limit: Int64
    /// What the current expression has cost.
    private var cost: Int64 = 0
    /// What all expressions can still cost, including those of variables.
    package private(set) var budget: Int64
    /// The variables of comprehensions, the innermost last.
    private var locals: [(name: String, value: CELValue)] = []
    private var depth = 0
    /// The greatest depth so far. A value is nested as deep as its evaluation at most.
    private var deepest = 0
    /// The values of `variables` that were used, and how deep their evaluation went.
    private var variables: [String: (result: Result<CELValue, EvaluationError>, depth: Int)] = [:]
    private var patterns: [String: Pattern] = [:]

    package init(_ activation: Activation, limit: Int64 = Limits.costPerCall, budget: Int64 = Limits.costPerPolicy) {
        self.activation = activation
        self.limit = limit
        self.budget = budget
    }

    /// The budget that all expressions share is used up.
    package var isOutOfBudget: Bool { budget < 0 }

    /// Evaluates an expression.
    package mutating func evaluate(_ program: Program) throws(EvaluationError) -> CELValue {
        cost = 0
        defer {
            budget -= min(cost, limit + 1)
            locals = []
            depth = 0
        }
        return try value(of: program.node)
    }

    // MARK: Cost

    /// Counts a cost.
    ///
    /// - Throws: if it exceeds the limit.
    mutating func charge(_ amount: Int64) throws(EvaluationError) {
        let (sum, overflow) = cost.addingReportingOverflow(max(0, amount))
        cost = overflow ? Int64.max : sum
        if cost > limit { throw .costLimit }
    }

    mutating func charge(_ amount: Int) throws(EvaluationError) { try charge(Int64(amount)) }

    /// Counts the cost of reading or writing a text: a tenth of its length, as in cel-go (`StringTraversalCostFactor`).
    mutating func charge(traversing text: String) throws(EvaluationError) { try charge(text.utf8.count / 10 + 1) }

    mutating func charge(traversing bytes: [UInt8]) throws(EvaluationError) { try charge(bytes.count / 10 + 1) }

    /// A compiled regular expression.
    mutating func pattern(_ text: String) throws(EvaluationError) -> Pattern {
        if let known = patterns[text] { return known }
        try charge(traversing: text)
        let pattern: Pattern
        do throws(Pattern.Problem) {
            pattern = try Pattern(text)
        } catch {
            throw EvaluationError(error.description)
        }
        try charge(pattern.instructionCount / 10)
        patterns[text] = pattern
        return pattern
    }

    // MARK: Variables

    mutating func with(_ variables: [(name: String, value: CELValue)], _ body: Node) throws(EvaluationError) -> CELValue
    {
        locals += variables
        defer { locals.removeLast(variables.count) }
        return try value(of: body)
    }

    private func variable(_ name: String) throws(EvaluationError) -> CELValue {
        if let local = locals.last(where: { $0.name == name }) { return local.value }
        let plain = name.hasPrefix(".") ? String(name.dropFirst()) : name
        if let value = activation.values[plain] { return value }
        throw EvaluationError("no such attribute(s): \(plain)")
    }

    /// The value of one of the policy's variables.
    mutating func policyVariable(_ name: String) throws(EvaluationError) -> CELValue {
        if let known = variables[name] {
            deepest = max(deepest, depth + known.depth)
            guard deepest <= Limits.evaluationDepth else { throw .tooDeep }
            return try known.result.get()
        }
        guard let compiled = activation.variables[name] else { throw .noSuchKey(name) }
        let outer = (cost, locals)
        let outerDeepest = deepest
        cost = 0
        locals = []
        deepest = depth
        let result: Result<CELValue, EvaluationError>
        do throws(EvaluationError) {
            let program = try compiled.mapError {
                EvaluationError("composited variable \"\(name)\" fails to compile: \($0)")
            }.get()
            result = .success(try value(of: program.node))
        } catch  where error.isLimit && error != .costLimit {
            (cost, locals) = outer
            throw error
        } catch {
            let isKnown = error.description.hasPrefix("composited variable \"\(name)\" fails to compile")
            result = .failure(
                isKnown ? error : EvaluationError("composited variable \"\(name)\" fails to evaluate: \(error)")
            )
        }
        budget -= min(cost, limit + 1)
        (cost, locals) = outer
        variables[name] = (result, deepest - depth)
        deepest = max(deepest, outerDeepest)
        return try result.get()
    }

    // MARK: Nodes

    /// The value of a part of an expression. The cases are in functions of their own, so that a level of an expression needs
    /// little of the stack.
    mutating func value(of node: Node) throws(EvaluationError) -> CELValue {
        depth += 1
        defer { depth -= 1 }
        deepest = max(deepest, depth)
        guard depth <= Limits.evaluationDepth else { throw .tooDeep }
        switch node.kind {
        case .literal(let value): return value
        case .identifier(let name): return try identifier(name)
        case .select, .hasField, .optionalSelect: return try field(node)
        case .and(let terms): return try logical(terms, until: false)
        case .or(let terms): return try logical(terms, until: true)
        case .conditional(let condition, let yes, let no): return try value(of: choose(condition, yes, no))
        case .list(let elements): return try list(elements)
        case .map(let entries): return try map(entries)
        case .message(let type, let fields): return try message(type, fields)
        case .comprehension(let comprehension): return try self.comprehension(comprehension)
        case .invoke(let function, let arguments): return try call(function, arguments)
        case .call(let name, _, _): throw EvaluationError("no such overload: \(name)")
        }
    }

    private mutating func identifier(_ name: String) throws(EvaluationError) -> CELValue {
        try charge(1)
        return try variable(name)
    }

    private mutating func choose(_ condition: Node, _ yes: Node, _ no: Node) throws(EvaluationError) -> Node {
        guard case .bool(let isTrue) = try value(of: condition) else { throw .noSuchOverload }
        return isTrue ? yes : no
    }

    private mutating func call(_ function: Function, _ arguments: [Node]) throws(EvaluationError) -> CELValue {
        var values: [CELValue] = []
        values.reserveCapacity(arguments.count)
        for argument in arguments { values.append(try value(of: argument)) }
        try charge(1)
        return try function.call(values, &self)
    }

    private mutating func field(_ node: Node) throws(EvaluationError) -> CELValue {
        switch node.kind {
        case .select(let operand, let field): return try select(field, of: try value(of: operand))
        case .hasField(let operand, let field): return .bool(try has(field, in: try value(of: operand)))
        case .optionalSelect(let operand, let field): return try optionalSelect(field, of: try value(of: operand))
        default: throw .noSuchOverload
        }
    }

    /// `&&` until a term is false, or `||` until one is true. An error only counts if no term decides.
    private mutating func logical(_ terms: [Node], until end: Bool) throws(EvaluationError) -> CELValue {
        var failure: EvaluationError?
        for term in terms {
            do throws(EvaluationError) {
                guard case .bool(let value) = try value(of: term) else { throw .noSuchOverload }
                if value == end { return .bool(end) }
            } catch {
                if error.isLimit { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return .bool(!end)
    }
}
