extension JSONSchema {
    /// Checks a value.
    ///
    /// - Parameter maximumSteps: how much work the check may be: about one step for each value and each subschema that it is compared with.
    /// - Returns: the first violation that is found, which may be that the check is too much work; `nil` if the value matches.
    public func violation(in value: RawJSON, maximumSteps: Int = 200_000) -> Violation? {
        var check = SchemaCheck(nodes: nodes, remaining: maximumSteps)
        do throws(Violation) {
            try check.check(value, 0, Place(), depth: 0)
            return nil
        } catch {
            return error
        }
    }

    /// Where a value is.
    struct Place {
        /// The names and indices from the root, which are made into a pointer only for an error.
        var parts: [Part] = []

        enum Part {
            case name(String)
            case index(Int)
        }

        func appending(_ part: Part) -> Place { Place(parts: parts + [part]) }

        var pointer: String {
            parts.map { part in
                switch part {
                case .name(let name): "/" + JSONPointer.escaped(name)
                case .index(let index): "/\(index)"
                }
            }.joined()
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

    init(nodes: [JSONSchema.Node], remaining: Int) {
        self.nodes = nodes
        self.remaining = remaining
    }

    private func violation(_ place: JSONSchema.Place, _ problem: String) -> JSONSchema.Violation {
        JSONSchema.Violation(path: place.pointer, problem: problem)
    }

    private mutating func spend(_ steps: Int, _ place: JSONSchema.Place) throws(JSONSchema.Violation) {
        remaining -= steps
        guard remaining > 0 else { throw giveUp(place) }
    }

    private mutating func giveUp(_ place: JSONSchema.Place) -> JSONSchema.Violation {
        isGivenUp = true
        return violation(place, "is too complex to be checked against the schema")
    }

    /// Whether a value matches a subschema.
    ///
    /// - Throws: a violation if the check is given up.
    private mutating func matches(
        _ value: RawJSON,
        _ index: Int,
        _ place: JSONSchema.Place,
        depth: Int
    ) throws(JSONSchema.Violation) -> Bool {
        do throws(JSONSchema.Violation) {
            try check(value, index, place, depth: depth)
            return true
        } catch {
            if isGivenUp { throw error }
            return false
        }
    }

    mutating func check(
        _ value: RawJSON,
        _ index: Int,
        _ place: JSONSchema.Place,
        depth: Int
    ) throws(JSONSchema.Violation) {
        guard depth <= Self.maximumDepth else { throw giveUp(place) }
        try spend(1, place)
        let node = nodes[index]
        if let verdict = node.verdict {
            guard verdict else { throw violation(place, "is not allowed") }
            return
        }
        if let types = node.types, !types.contains(where: { value.has($0) }) {
            let names = types.map(\.article).sorted().joined(separator: " or ")
            throw violation(place, "must be \(names), and is \(value.kind.article)")
        }
        try checkAllowed(value, node, place)
        switch value.kind {
        case .number: try check(number: value, node.number, place)
        case .string: try check(string: value, node.string, place)
        case .array: try check(array: value, node.array, place, depth: depth)
        case .object: try check(object: value, node.object, place, depth: depth)
        case .boolean, .null: break
        }
        try checkCombinations(value, node, place, depth: depth)
    }

    private mutating func checkAllowed(
        _ value: RawJSON,
        _ node: JSONSchema.Node,
        _ place: JSONSchema.Place
    ) throws(JSONSchema.Violation) {
        guard !node.allowed.isEmpty else { return }
        try spend(value.bytes.count / 64, place)
        let canonical = (try? value.canonical()).map { Array($0.bytes) }
        for allowed in node.allowed where canonical.map({ !allowed.contains($0) }) ?? true {
            let values = allowed.map { String(decoding: $0, as: UTF8.self) }.sorted()
            let list = values.prefix(8).joined(separator: ", ")
            throw violation(place, "must be one of \(list)\(values.count > 8 ? ", …" : "")")
        }
    }

    private func check(
        number value: RawJSON,
        _ rules: JSONSchema.NumberRules,
        _ place: JSONSchema.Place
    ) throws(JSONSchema.Violation) {
        guard rules != JSONSchema.NumberRules(), let number = Double(value.text) else { return }
        if let least = rules.minimum, number < least {
            throw violation(place, "must be at least \(least.plain)")
        }
        if let most = rules.maximum, number > most { throw violation(place, "must be at most \(most.plain)") }
        if let least = rules.exclusiveMinimum, number <= least {
            throw violation(place, "must be greater than \(least.plain)")
        }
        if let most = rules.exclusiveMaximum, number >= most {
            throw violation(place, "must be less than \(most.plain)")
        }
        if let factor = rules.multipleOf, !number.isMultiple(of: factor) {
            throw violation(place, "must be a multiple of \(factor.plain)")
        }
    }

    private mutating func check(
        string value: RawJSON,
        _ rules: JSONSchema.StringRules,
        _ place: JSONSchema.Place
    ) throws(JSONSchema.Violation) {
        guard rules != JSONSchema.StringRules() else { return }
        guard let text = value.stringValue else { throw violation(place, "contains half of a surrogate pair") }
        let length = text.unicodeScalars.count
        if let least = rules.minimumLength, length < least {
            throw violation(place, "must have at least \(least) characters")
        }
        if let most = rules.maximumLength, length > most {
            throw violation(place, "must have at most \(most) characters")
        }
        guard let pattern = rules.pattern else { return }
        try check(text, pattern, place)
    }

    private mutating func check(
        _ text: String,
        _ pattern: LinearPattern,
        _ place: JSONSchema.Place
    ) throws(JSONSchema.Violation) {
        guard try matches(text, pattern, place) else {
            throw violation(place, "must match the pattern \(pattern.text.debugDescription)")
        }
    }

    private mutating func matches(
        _ text: String,
        _ pattern: LinearPattern,
        _ place: JSONSchema.Place
    ) throws(JSONSchema.Violation) -> Bool {
        try spend((text.utf8.count + 1) * pattern.instructions.count / 32, place)
        return pattern.matches(text)
    }

    private mutating func check(
        array value: RawJSON,
        _ rules: JSONSchema.ArrayRules,
        _ place: JSONSchema.Place,
        depth: Int
    ) throws(JSONSchema.Violation) {
        guard rules != JSONSchema.ArrayRules(), let elements = value.elements else { return }
        try spend(elements.count / 8, place)
        if let least = rules.minimumCount, elements.count < least {
            throw violation(place, "must have at least \(least) elements")
        }
        if let most = rules.maximumCount, elements.count > most {
            throw violation(place, "must have at most \(most) elements")
        }
        for (index, element) in elements.enumerated() {
            let schema = index < rules.first.count ? rules.first[index] : rules.items
            guard let schema else { break }
            try check(element, schema, place.appending(.index(index)), depth: depth + 1)
        }
        if rules.isUnique { try checkUnique(elements, value, place) }
        try checkContained(elements, rules, place, depth: depth)
    }

    private mutating func checkUnique(
        _ elements: [RawJSON],
        _ value: RawJSON,
        _ place: JSONSchema.Place
    ) throws(JSONSchema.Violation) {
        try spend(value.bytes.count / 16, place)
        var seen: Set<[UInt8]> = []
        for element in elements {
            guard let canonical = try? element.canonical(), seen.insert(Array(canonical.bytes)).inserted else {
                throw violation(place, "must not have the same element twice")
            }
        }
    }

    private mutating func checkContained(
        _ elements: [RawJSON],
        _ rules: JSONSchema.ArrayRules,
        _ place: JSONSchema.Place,
        depth: Int
    ) throws(JSONSchema.Violation) {
        guard let schema = rules.contains else { return }
        var count = 0
        for (index, element) in elements.enumerated()
        where try matches(element, schema, place.appending(.index(index)), depth: depth + 1) {
            count += 1
        }
        guard count >= rules.minimumContained ?? 1, count <= rules.maximumContained ?? .max else {
            throw violation(place, "has \(count) elements of the form that \"contains\" describes")
        }
    }

    private mutating func check(
        object value: RawJSON,
        _ rules: JSONSchema.ObjectRules,
        _ place: JSONSchema.Place,
        depth: Int
    ) throws(JSONSchema.Violation) {
        guard rules != JSONSchema.ObjectRules(), let members = value.members else { return }
        try spend(members.count / 8, place)
        if let least = rules.minimumCount, members.count < least {
            throw violation(place, "must have at least \(least) properties")
        }
        if let most = rules.maximumCount, members.count > most {
            throw violation(place, "must have at most \(most) properties")
        }
        var names: Set<[UInt8]> = []
        for member in members {
            let bytes = member.nameBytes
            names.insert(bytes)
            let name = String(decoding: bytes, as: UTF8.self)
            let inner = place.appending(.name(name))
            var isKnown = false
            if let schema = rules.properties[bytes] {
                isKnown = true
                try check(member.value, schema, inner, depth: depth + 1)
            }
            for rule in rules.patterns where try matches(name, rule.pattern, inner) {
                isKnown = true
                try check(member.value, rule.schema, inner, depth: depth + 1)
            }
            if let schema = rules.names { try check(.string(name), schema, inner, depth: depth + 1) }
            guard !isKnown, let additional = rules.additional else { continue }
            if nodes[additional].verdict == false { throw violation(inner, "is not a known property") }
            try check(member.value, additional, inner, depth: depth + 1)
        }
        for name in rules.required where !names.contains(Array(name.utf8)) {
            throw violation(place, "lacks the property \(name.debugDescription)")
        }
        for rule in rules.dependencies where names.contains(Array(rule.property.utf8)) {
            for name in rule.required where !names.contains(Array(name.utf8)) {
                throw violation(
                    place,
                    "lacks the property \(name.debugDescription), which \(rule.property.debugDescription) needs"
                )
            }
            if let schema = rule.schema { try check(value, schema, place, depth: depth + 1) }
        }
    }

    private mutating func checkCombinations(
        _ value: RawJSON,
        _ node: JSONSchema.Node,
        _ place: JSONSchema.Place,
        depth: Int
    ) throws(JSONSchema.Violation) {
        if let reference = node.reference { try check(value, reference, place, depth: depth + 1) }
        for index in node.all { try check(value, index, place, depth: depth + 1) }
        if let any = node.any { try checkAny(value, any, place, depth: depth) }
        if let one = node.one {
            var count = 0
            for index in one where try matches(value, index, place, depth: depth + 1) { count += 1 }
            // The first violation says more where nothing matches.
            if count == 0 { try checkAny(value, one, place, depth: depth) }
            guard count == 1 else { throw violation(place, "has \(count) of the allowed forms, and must have one") }
        }
        if let not = node.not, try matches(value, not, place, depth: depth + 1) {
            throw violation(place, "has a form that is not allowed")
        }
        guard let condition = node.condition else { return }
        let holds = try matches(value, condition.test, place, depth: depth + 1)
        guard let index = holds ? condition.then : condition.otherwise else { return }
        try check(value, index, place, depth: depth + 1)
    }

    private mutating func checkAny(
        _ value: RawJSON,
        _ indices: [Int],
        _ place: JSONSchema.Place,
        depth: Int
    ) throws(JSONSchema.Violation) {
        var deepest: JSONSchema.Violation?
        for index in indices {
            do throws(JSONSchema.Violation) {
                return try check(value, index, place, depth: depth + 1)
            } catch {
                if isGivenUp { throw error }
                if error.path.utf8.count > deepest?.path.utf8.count ?? -1 { deepest = error }
            }
        }
        guard let deepest else { throw violation(place, "has none of the allowed forms") }
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
