/// One validation rule in two forms: a CEL expression for the API server (`x-kubernetes-validations`), and a Swift closure
/// for the sandbox and `moorage validate`, which cannot evaluate CEL. Both are declared together, so that a reader can
/// compare them; a table of examples compares them on a real API server.
public struct Rule: Sendable {
    /// Decides whether a value is valid. `self` is the value that the rule applies to, and `oldSelf` the value it replaces,
    /// `nil` if there was none. A rule whose text names `oldSelf` is only evaluated if there was one.
    public typealias NativeCheck = @Sendable (_ self: JSONValue, _ oldSelf: JSONValue?) -> Bool

    /// The kind of error that a broken rule causes.
    public enum Reason: String, Sendable, Hashable {
        case invalid = "FieldValueInvalid"
        case forbidden = "FieldValueForbidden"
        case required = "FieldValueRequired"
        case duplicate = "FieldValueDuplicate"
    }

    /// The CEL expression.
    public var text: String
    /// What is wrong and how to fix it, for people.
    public var message: String?
    /// The kind of error; `invalid` by default.
    public var reason: Reason?
    /// The field that the error names, such as `.size`; the value itself by default.
    public var fieldPath: String?
    /// The same rule in Swift; `nil` for a rule that was read from a CRD and has no check in Swift.
    public var nativeCheck: NativeCheck?

    /// Declares a rule and its check in Swift.
    public init(
        _ text: String,
        message: String,
        reason: Reason? = nil,
        fieldPath: String? = nil,
        nativeCheck: @escaping NativeCheck
    ) {
        self.text = text
        self.message = message
        self.reason = reason
        self.fieldPath = fieldPath
        self.nativeCheck = nativeCheck
    }

    /// A rule that was read from a CRD.
    init(text: String, message: String?, reason: Reason?, fieldPath: String?, nativeCheck: NativeCheck?) {
        self.text = text
        self.message = message
        self.reason = reason
        self.fieldPath = fieldPath
        self.nativeCheck = nativeCheck
    }

    /// Whether the rule compares with the previous value, and therefore only applies to updates.
    public var isTransition: Bool { text.contains("oldSelf") }
}

extension Rule {
    /// Exactly one of these fields is set.
    public static func exactlyOneOf(_ names: String..., message: String, fieldPath: String? = nil) -> Rule {
        Rule(
            "[\(names.map { "has(\(celSelector($0)))" }.joined(separator: ", "))].exists_one(x, x)",
            message: message,
            fieldPath: fieldPath
        ) { object, _ in names.count { object[$0] != nil } == 1 }
    }

    /// At most one of these fields is set.
    public static func atMostOneOf(_ names: String..., message: String, fieldPath: String? = nil) -> Rule {
        Rule(
            "[\(names.map { "has(\(celSelector($0)))" }.joined(separator: ", "))].filter(x, x).size() <= 1",
            message: message,
            fieldPath: fieldPath
        ) { object, _ in names.count { object[$0] != nil } <= 1 }
    }

    /// How CEL names a field of `self`: reserved words are surrounded by double underscores (Kubernetes' escaping).
    static func celSelector(_ name: String) -> String {
        let reserved: Set = [
            "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if",
            "import",
            "let", "loop", "package", "namespace", "return",
        ]
        return reserved.contains(name) ? "self.__\(name)__" : "self.\(name)"
    }
}

/// Finds the Swift check of a rule by its CEL text, so that a CRD that was applied as YAML is validated by the checks that
/// are declared in Swift.
public struct NativeRuleChecks: Sendable {
    private var nativeChecks: [String: Rule.NativeCheck] = [:]

    /// No checks.
    public init() {}

    /// The checks of every rule in these schemas.
    public init(_ schemas: [Schema]) {
        for schema in schemas { add(schema) }
    }

    /// The check of a rule, or `nil` if there is none.
    public subscript(text: String) -> Rule.NativeCheck? { nativeChecks[text] }

    private mutating func add(_ schema: Schema) {
        for rule in schema.rules { nativeChecks[rule.text] = rule.nativeCheck }
        for name in schema.properties.names {
            if let property = schema.properties[name] { add(property) }
        }
        if let items = schema.items?.schema { add(items) }
        if let values = schema.additionalProperties?.schema { add(values) }
    }
}

extension JSONValue {
    /// The elements of an array field; none if it is missing or not an array. For the checks of rules.
    public func elements(_ key: String) -> [JSONValue] { self[key]?.arrayValue ?? [] }

    /// The quantity that a string or an integer represents, or `nil`. For the checks of rules.
    public var quantityValue: Quantity? {
        switch self {
        case .string(let text): Quantity(text)
        case .integer(let value): Quantity(value)
        default: nil
        }
    }
}
