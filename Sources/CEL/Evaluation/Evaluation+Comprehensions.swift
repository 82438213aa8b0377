/// Macros that evaluate an expression for each element.
extension Evaluation {
    mutating func comprehension(_ comprehension: Comprehension) throws(EvaluationError) -> CELValue {
        let range = try value(of: comprehension.range)
        switch comprehension.form {
        case .optionalMap, .optionalFlatMap: return try optional(range, comprehension)
        case .all: return try decide(range, comprehension, until: false)
        case .exists: return try decide(range, comprehension, until: true)
        case .existsOne:
            var count = 0
            for variables in try steps(range, comprehension) where try holds(variables, comprehension.body) {
                count += 1
            }
            return .bool(count == 1)
        case .filter:
            var result: [CELValue] = []
            for variables in try steps(range, comprehension) where try holds(variables, comprehension.body) {
                result.append(variables[0].value)
            }
            return .list(result)
        case .map, .transformList:
            var result: [CELValue] = []
            for variables in try filtered(range, comprehension) {
                result.append(try step(variables, comprehension.body))
            }
            return .list(result)
        case .transformMap, .transformMapEntry: return try transformMap(range, comprehension)
        case .sortBy: return try sort(range, comprehension)
        }
    }

    private typealias Variables = [(name: String, value: CELValue)]

    /// The values of the variables for each element.
    private mutating func steps(_ range: CELValue, _ comprehension: Comprehension) throws(EvaluationError)
        -> [Variables]
    {
        func variables(_ key: CELValue, _ element: CELValue, single: CELValue) -> Variables {
            guard let second = comprehension.secondVariable else { return [(comprehension.variable, single)] }
            return [(comprehension.variable, key), (second, element)]
        }
        switch range {
        case .list(let elements):
            return elements.enumerated().map { variables(.int(Int64($0)), $1, single: $1) }
        case .map(let map):
            return map.keys.map { variables($0.value, map[$0] ?? .null, single: $0.value) }
        default: throw EvaluationError("got 'types.\(range.goName)', expected iterable type")
        }
    }

    private mutating func filtered(_ range: CELValue, _ comprehension: Comprehension) throws(EvaluationError)
        -> [Variables]
    {
        let all = try steps(range, comprehension)
        guard let filter = comprehension.filter else { return all }
        var result: [Variables] = []
        for variables in all where try holds(variables, filter) { result.append(variables) }
        return result
    }

    private mutating func step(_ variables: Variables, _ body: Node) throws(EvaluationError) -> CELValue {
        try charge(1)
        return try with(variables, body)
    }

    private mutating func holds(_ variables: Variables, _ body: Node) throws(EvaluationError) -> Bool {
        guard case .bool(let value) = try step(variables, body) else { throw .noSuchOverload }
        return value
    }

    /// `all` until an element is not, or `exists` until one is. An error only counts if no element decides.
    private mutating func decide(_ range: CELValue, _ comprehension: Comprehension, until end: Bool)
        throws(EvaluationError)
        -> CELValue
    {
        var failure: EvaluationError?
        for variables in try steps(range, comprehension) {
            do throws(EvaluationError) {
                if try holds(variables, comprehension.body) == end { return .bool(end) }
            } catch {
                if error.isLimit { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return .bool(!end)
    }

    private mutating func transformMap(_ range: CELValue, _ comprehension: Comprehension) throws(EvaluationError)
        -> CELValue
    {
        var result = CELMap()
        for variables in try filtered(range, comprehension) {
            let value = try step(variables, comprehension.body)
            guard comprehension.form == .transformMapEntry else {
                if let key = CELMap.Key(variables[0].value) { result[key] = value }
                continue
            }
            guard case .map(let entries) = value else { throw .noSuchOverload }
            for key in entries.keys {
                guard result[key] == nil else {
                    throw EvaluationError("insert failed: key \(key.value.plainText) already exists")
                }
                result[key] = entries[key]
            }
        }
        return .map(result)
    }

    private mutating func sort(_ range: CELValue, _ comprehension: Comprehension) throws(EvaluationError) -> CELValue {
        guard case .list(let elements) = range else { throw .noSuchOverload }
        var keys: [CELValue] = []
        for variables in try steps(range, comprehension) { keys.append(try step(variables, comprehension.body)) }
        return .list(try sortedIndices(of: keys).map { elements[$0] })
    }

    private mutating func optional(_ range: CELValue, _ comprehension: Comprehension) throws(EvaluationError)
        -> CELValue
    {
        guard case .optional(let wrapped) = range else { throw .noSuchOverload }
        guard let wrapped else { return range }
        let result = try step([(comprehension.variable, wrapped)], comprehension.body)
        return comprehension.form == .optionalMap ? .optional(result) : result
    }
}
