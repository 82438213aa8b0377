extension JSONSchema {
    /// Checks a value.
    ///
    /// - Parameter maximumSteps: how much work the check may be: about one step for each value and each subschema that it is compared with.
    /// - Returns: the first violation that is found, which may be that the check is too much work; `nil` if the value matches.
    public func violation(in value: RawJSON, maximumSteps: Int = 200_000) -> Violation? {
        var check = SchemaCheck(nodes: nodes, remaining: maximumSteps)
        do throws(Violation) {
            try check.check(value, 0, depth: 0)
            return nil
        } catch {
            return error
        }
    }
}

/// One check of a value against a schema.
private struct SchemaCheck {
    private static let maximumDepth = 200

    let nodes: [JSONSchema.Node]
    var remaining: Int
    /// Whether the check was given up, so that no alternative may make it succeed.
    private var isGivenUp = false
    /// Where the value is that is checked; made into a pointer only for a violation.
    private var path: [PathPart] = []

    private enum PathPart {
        case name(String)
        case index(Int)
    }

    init(nodes: [JSONSchema.Node], remaining: Int) {
        self.nodes = nodes
        self.remaining = remaining
    }

    private func violation(_ problem: String) -> JSONSchema.Violation {
        let pointer = path.map { part in
            switch part {
            case .name(let name): "/" + JSONPointer.escaped(name)
            case .index(let index): "/\(index)"
            }
        }.joined()
        return JSONSchema.Violation(path: pointer, problem: problem)
    }

    /// Does something at a place in the value that is checked.
    private mutating func at<Value>(
        _ part: PathPart,
        _ body: (inout SchemaCheck) throws(JSONSchema.Violation) -> Value
    ) throws(JSONSchema.Violation) -> Value {
        path.append(part)
        defer { path.removeLast() }
        return try body(&self)
    }

    private func check(
        _ count: Int,
        _ bounds: JSONSchema.CountBounds,
        of unit: String
    ) throws(JSONSchema.Violation) {
        if let least = bounds.minimum, count < least { throw violation("must have at least \(least) \(unit)") }
        if let most = bounds.maximum, count > most { throw violation("must have at most \(most) \(unit)") }
    }

    private mutating func spend(_ steps: Int) throws(JSONSchema.Violation) {
        remaining -= steps
        guard remaining > 0 else { throw giveUp() }
    }

    private mutating func giveUp() -> JSONSchema.Violation {
        isGivenUp = true
        return violation("is too complex to be checked against the schema")
    }

    /// Whether a value matches a subschema.
    ///
    /// - Throws: a violation if the check is given up.
    private mutating func matches(
        _ value: RawJSON,
        _ index: Int,
        depth: Int
    ) throws(JSONSchema.Violation) -> Bool {
        do throws(JSONSchema.Violation) {
            try check(value, index, depth: depth)
            return true
        } catch {
            if isGivenUp { throw error }
            return false
        }
    }

    mutating func check(
        _ value: RawJSON,
        _ index: Int,
        depth: Int
    ) throws(JSONSchema.Violation) {
        guard depth <= Self.maximumDepth else { throw giveUp() }
        try spend(1)
        let node = nodes[index]
        if let verdict = node.verdict {
            guard verdict else { throw violation("is not allowed") }
            return
        }
        if let types = node.types, !types.contains(where: { value.has($0) }) {
            let names = types.map(\.article).sorted().joined(separator: " or ")
            throw violation("must be \(names), and is \(value.kind.article)")
        }
        try checkAllowed(value, node)
        switch value.kind {
        case .number: try check(number: value, node.number)
        case .string: try check(string: value, node.string)
        case .array: try check(array: value, node.array, depth: depth)
        case .object: try check(object: value, node.object, depth: depth)
        case .boolean, .null: break
        }
        try checkCombinations(value, node, depth: depth)
    }

    private mutating func checkAllowed(
        _ value: RawJSON,
        _ node: JSONSchema.Node
    ) throws(JSONSchema.Violation) {
        guard !node.allowed.isEmpty else { return }
        try spend(value.bytes.count / 64)
        let canonical = (try? value.canonical()).map { Array($0.bytes) }
        for allowed in node.allowed where canonical.map({ !allowed.contains($0) }) ?? true {
            let values = allowed.map { String(decoding: $0, as: UTF8.self) }.sorted()
            let list = values.prefix(8).joined(separator: ", ")
            throw violation("must be one of \(list)\(values.count > 8 ? ", …" : "")")
        }
    }

    private func check(
        number value: RawJSON,
        _ rules: JSONSchema.NumberRules
    ) throws(JSONSchema.Violation) {
        guard rules != JSONSchema.NumberRules(), let number = Double(value.text) else { return }
        if let least = rules.minimum, number < least {
            throw violation("must be at least \(least.plain)")
        }
        if let most = rules.maximum, number > most { throw violation("must be at most \(most.plain)") }
        if let least = rules.exclusiveMinimum, number <= least {
            throw violation("must be greater than \(least.plain)")
        }
        if let most = rules.exclusiveMaximum, number >= most {
            throw violation("must be less than \(most.plain)")
        }
        if let factor = rules.multipleOf, !number.isMultiple(of: factor) {
            throw violation("must be a multiple of \(factor.plain)")
        }
    }

    private mutating func check(
        string value: RawJSON,
        _ rules: JSONSchema.StringRules
    ) throws(JSONSchema.Violation) {
        guard rules != JSONSchema.StringRules() else { return }
        guard let text = value.stringValue else { throw violation("contains half of a surrogate pair") }
        try check(text.unicodeScalars.count, rules.length, of: "characters")
        guard let pattern = rules.pattern else { return }
        try check(text, pattern)
    }

    private mutating func check(
        _ text: String,
        _ pattern: LinearPattern
    ) throws(JSONSchema.Violation) {
        guard try matches(text, pattern) else {
            throw violation("must match the pattern \(pattern.text.debugDescription)")
        }
    }

    private mutating func matches(
        _ text: String,
        _ pattern: LinearPattern
    ) throws(JSONSchema.Violation) -> Bool {
        try spend((text.utf8.count + 1) * pattern.instructions.count / 32)
        return pattern.matches(text)
    }

    private mutating func check(
        array value: RawJSON,
        _ rules: JSONSchema.ArrayRules,
        depth: Int
    ) throws(JSONSchema.Violation) {
        guard rules != JSONSchema.ArrayRules(), let elements = value.elements else { return }
        try spend(elements.count / 8)
        try check(elements.count, rules.count, of: "elements")
        for (index, element) in elements.enumerated() {
            let schema = index < rules.first.count ? rules.first[index] : rules.items
            guard let schema else { break }
            try at(.index(index)) { check throws(JSONSchema.Violation) in
                try check.check(element, schema, depth: depth + 1)
            }
        }
        if rules.isUnique { try checkUnique(elements, value) }
        try checkContained(elements, rules, depth: depth)
    }

    private mutating func checkUnique(
        _ elements: [RawJSON],
        _ value: RawJSON
    ) throws(JSONSchema.Violation) {
        try spend(value.bytes.count / 16)
        var seen: Set<[UInt8]> = []
        for element in elements {
            guard let canonical = try? element.canonical(), seen.insert(Array(canonical.bytes)).inserted else {
                throw violation("must not have the same element twice")
            }
        }
    }

    private mutating func checkContained(
        _ elements: [RawJSON],
        _ rules: JSONSchema.ArrayRules,
        depth: Int
    ) throws(JSONSchema.Violation) {
        guard let schema = rules.contains else { return }
        var count = 0
        for (index, element) in elements.enumerated() {
            let isContained = try at(.index(index)) { check throws(JSONSchema.Violation) in
                try check.matches(element, schema, depth: depth + 1)
            }
            if isContained { count += 1 }
        }
        guard count >= rules.minimumContained ?? 1, count <= rules.maximumContained ?? .max else {
            throw violation("has \(count) elements of the form that \"contains\" describes")
        }
    }

    private mutating func check(
        object value: RawJSON,
        _ rules: JSONSchema.ObjectRules,
        depth: Int
    ) throws(JSONSchema.Violation) {
        guard rules != JSONSchema.ObjectRules(), let members = value.members else { return }
        try spend(members.count / 8)
        try check(members.count, rules.count, of: "properties")
        var names: Set<[UInt8]> = []
        for member in members {
            let bytes = member.nameBytes
            names.insert(bytes)
            let name = String(decoding: bytes, as: UTF8.self)
            try at(.name(name)) { check throws(JSONSchema.Violation) in
                try check.check(member.value, named: name, bytes, rules, depth: depth + 1)
            }
        }
        for name in rules.required where !names.contains(Array(name.utf8)) {
            throw violation("lacks the property \(name.debugDescription)")
        }
        for rule in rules.dependencies where names.contains(Array(rule.property.utf8)) {
            for name in rule.required where !names.contains(Array(name.utf8)) {
                throw violation(
                    "lacks the property \(name.debugDescription), which \(rule.property.debugDescription) needs"
                )
            }
            if let schema = rule.schema { try check(value, schema, depth: depth + 1) }
        }
    }

    private mutating func check(
        _ value: RawJSON,
        named name: String,
        _ bytes: [UInt8],
        _ rules: JSONSchema.ObjectRules,
        depth: Int
    ) throws(JSONSchema.Violation) {
        var isKnown = false
        if let schema = rules.properties[bytes] {
            isKnown = true
            try check(value, schema, depth: depth)
        }
        for rule in rules.patterns where try matches(name, rule.pattern) {
            isKnown = true
            try check(value, rule.schema, depth: depth)
        }
        if let schema = rules.names { try check(.string(name), schema, depth: depth) }
        guard !isKnown, let additional = rules.additional else { return }
        if nodes[additional].verdict == false { throw violation("is not a known property") }
        try check(value, additional, depth: depth)
    }

    private mutating func checkCombinations(
        _ value: RawJSON,
        _ node: JSONSchema.Node,
        depth: Int
    ) throws(JSONSchema.Violation) {
        if let reference = node.reference { try check(value, reference, depth: depth + 1) }
        for index in node.all { try check(value, index, depth: depth + 1) }
        if let any = node.any { try checkAny(value, any, depth: depth) }
        if let one = node.one {
            var count = 0
            for index in one where try matches(value, index, depth: depth + 1) { count += 1 }
            // The first violation says more where nothing matches.
            if count == 0 { try checkAny(value, one, depth: depth) }
            guard count == 1 else { throw violation("has \(count) of the allowed forms, and must have one") }
        }
        if let not = node.not, try matches(value, not, depth: depth + 1) {
            throw violation("has a form that is not allowed")
        }
        guard let condition = node.condition else { return }
        let holds = try matches(value, condition.test, depth: depth + 1)
        guard let index = holds ? condition.then : condition.otherwise else { return }
        try check(value, index, depth: depth + 1)
    }

    private mutating func checkAny(
        _ value: RawJSON,
        _ indices: [Int],
        depth: Int
    ) throws(JSONSchema.Violation) {
        var deepest: JSONSchema.Violation?
        for index in indices {
            do throws(JSONSchema.Violation) {
                return try check(value, index, depth: depth + 1)
            } catch {
                if isGivenUp { throw error }
                if error.path.utf8.count > deepest?.path.utf8.count ?? -1 { deepest = error }
            }
        }
        guard let deepest else { throw violation("has none of the allowed forms") }
        throw JSONSchema.Violation(path: deepest.path, problem: deepest.problem + ", or has another allowed form")
    }
}

extension RawJSON {
    fileprivate func has(_ type: JSONSchema.ValueType) -> Bool {
        switch (type, kind) {
        case (.object, .object), (.array, .array), (.string, .string), (.number, .number), (.boolean, .boolean),
            (.null, .null):
            true
        case (.integer, .number): Double(text).map { $0 == $0.rounded() } ?? false
        default: false
        }
    }
}

extension RawJSON.Kind {
    /// The name with its article, for errors.
    var article: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .null: "null"
        case .string, .number, .boolean: "a \(rawValue)"
        }
    }
}

extension JSONSchema.ValueType {
    fileprivate var article: String {
        switch self {
        case .object, .array, .integer: "an \(rawValue)"
        case .null: "null"
        case .string, .number, .boolean: "a \(rawValue)"
        }
    }
}

extension Double {
    /// Whole numbers without a fraction.
    fileprivate var plain: String { self == rounded() && magnitude < 1e15 ? String(Int(self)) : String(self) }

    fileprivate func isMultiple(of factor: Double) -> Bool {
        let quotient = self / factor
        guard quotient.isFinite else { return remainder(dividingBy: factor) == 0 }
        // Neither 0.3 nor 0.1 is exact.
        return (quotient - quotient.rounded()).magnitude <= 4 * quotient.ulp
    }
}
