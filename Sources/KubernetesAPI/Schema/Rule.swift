/// One validation rule, in the two forms that hold it: CEL text, for the API server (`x-kubernetes-validations`), and a
/// Swift closure, for the sandbox and for `moorage validate`, which have no CEL engine. Both are declared together, so that
/// a reader sees at once whether they say the same; a table of examples checks it against a real API server.
public struct Rule: Sendable {
    /// Decides whether a value is right. `self` is the value at the rule's place, and `oldSelf` the one it replaces, `nil`
    /// where there was none. A rule whose text names `oldSelf` is asked only when there was one.
    public typealias Twin = @Sendable (_ self: JSONValue, _ oldSelf: JSONValue?) -> Bool

    /// Which kind of error a broken rule is.
    public enum Reason: String, Sendable, Hashable {
        case invalid = "FieldValueInvalid"
        case forbidden = "FieldValueForbidden"
        case required = "FieldValueRequired"
        case duplicate = "FieldValueDuplicate"
    }

    /// The CEL expression.
    public var text: String
    /// What is wrong and what to do, for people.
    public var message: String?
    /// Which kind of error this is; `invalid` when left out.
    public var reason: Reason?
    /// The member that the error is about, such as `.size`; the value itself when left out.
    public var fieldPath: String?
    /// The same rule in Swift; `nil` for a rule that was read from a CRD and has no twin here.
    public var twin: Twin?

    /// Declares a rule and its twin.
    public init(
        _ text: String,
        message: String,
        reason: Reason? = nil,
        fieldPath: String? = nil,
        twin: @escaping Twin
    ) {
        self.text = text
        self.message = message
        self.reason = reason
        self.fieldPath = fieldPath
        self.twin = twin
    }

    /// A rule as it was read from a CRD.
    init(text: String, message: String?, reason: Reason?, fieldPath: String?, twin: Twin?) {
        self.text = text
        self.message = message
        self.reason = reason
        self.fieldPath = fieldPath
        self.twin = twin
    }

    /// Whether the rule compares with the value before, and so holds for updates alone.
    public var isTransition: Bool { text.contains("oldSelf") }
}

extension Rule {
    /// Exactly one of these members is set.
    public static func exactlyOneOf(_ names: String..., message: String, fieldPath: String? = nil) -> Rule {
        Rule(
            "[\(names.map { "has(\(celSelector($0)))" }.joined(separator: ", "))].exists_one(x, x)",
            message: message,
            fieldPath: fieldPath
        ) { object, _ in names.count { object[$0] != nil } == 1 }
    }

    /// At most one of these members is set.
    public static func atMostOneOf(_ names: String..., message: String, fieldPath: String? = nil) -> Rule {
        Rule(
            "[\(names.map { "has(\(celSelector($0)))" }.joined(separator: ", "))].filter(x, x).size() <= 1",
            message: message,
            fieldPath: fieldPath
        ) { object, _ in names.count { object[$0] != nil } <= 1 }
    }

    /// How CEL names a member of `self`: reserved words stand between double underscores (Kubernetes' escaping).
    static func celSelector(_ name: String) -> String {
        let reserved: Set = [
            "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if",
            "import",
            "let", "loop", "package", "namespace", "return",
        ]
        return reserved.contains(name) ? "self.__\(name)__" : "self.\(name)"
    }
}

/// Finds the twin of a rule by its CEL text, so that a CRD that was applied as YAML is validated as if its schema had been
/// written here.
public struct RuleTwins: Sendable {
    private var twins: [String: Rule.Twin] = [:]

    /// Knows no rule.
    public init() {}

    /// Knows every rule that stands anywhere in these schemas.
    public init(_ schemas: [Schema]) {
        for schema in schemas { add(schema) }
    }

    /// The twin of a rule, or `nil` where none is known.
    public subscript(text: String) -> Rule.Twin? { twins[text] }

    private mutating func add(_ schema: Schema) {
        for rule in schema.rules { twins[rule.text] = rule.twin }
        for name in schema.properties.names {
            if let property = schema.properties[name] { add(property) }
        }
        if let items = schema.items?.schema { add(items) }
        if let values = schema.additionalProperties?.schema { add(values) }
    }
}

extension JSONValue {
    /// The elements of a member that is an array; none where it is missing or something else. For the twins of rules.
    public func elements(_ key: String) -> [JSONValue] { self[key]?.arrayValue ?? [] }

    /// The amount that a string or a whole number stands for, or `nil`. For the twins of rules.
    public var quantityValue: Quantity? {
        switch self {
        case .string(let text): Quantity(text)
        case .integer(let value): Quantity(value)
        default: nil
        }
    }
}
