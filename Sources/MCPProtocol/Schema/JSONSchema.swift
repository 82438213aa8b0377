/// A JSON Schema of a tool, to check arguments against (JSON Schema 2020-12, and what tools still use of draft-07).
///
/// Nothing is fetched: references lead to places in the schema itself. Annotations such as `format` are ignored, as the specification has it.
/// Numbers are compared as IEEE 754 doubles. `unevaluatedProperties`, `unevaluatedItems`, and patterns with lookaround or backreferences are
/// not supported: a schema that has them cannot be used, so that nothing counts as checked that is not.
public struct JSONSchema: Sendable, Hashable {
    /// Why a value does not match.
    public struct Violation: Error, Sendable, Hashable, CustomStringConvertible {
        /// Where, as a JSON Pointer (RFC 6901); empty for the whole value.
        public let path: String
        /// What is wrong there, such as "must be a string, and is a number".
        public let problem: String

        public var description: String { path.isEmpty ? "the value \(problem)" : "\(path) \(problem)" }
    }

    /// A schema or subschema.
    struct Node: Sendable, Hashable {
        /// `true` and `false` as schemas.
        var verdict: Bool?
        var reference: Int?
        var types: Set<ValueType>?
        /// `enum` and `const`, in canonical form.
        var allowed: [Set<[UInt8]>] = []
        var number = NumberRules()
        var string = StringRules()
        var array = ArrayRules()
        var object = ObjectRules()
        var all: [Int] = []
        var any: [Int]?
        var one: [Int]?
        var not: Int?
        var condition: Condition?
    }

    enum ValueType: String, Sendable, Hashable {
        case object, array, string, number, integer, boolean, null
    }

    struct NumberRules: Sendable, Hashable {
        var minimum: Double?
        var maximum: Double?
        var exclusiveMinimum: Double?
        var exclusiveMaximum: Double?
        var multipleOf: Double?
    }

    /// How many there may be of something.
    struct CountBounds: Sendable, Hashable {
        var minimum: Int?
        var maximum: Int?
    }

    struct StringRules: Sendable, Hashable {
        var length = CountBounds()
        var pattern: LinearPattern?
    }

    struct ArrayRules: Sendable, Hashable {
        var count = CountBounds()
        var isUnique = false
        var first: [Int] = []
        var items: Int?
        var contains: Int?
        var minimumContained: Int?
        var maximumContained: Int?
    }

    struct ObjectRules: Sendable, Hashable {
        var count = CountBounds()
        var required: [String] = []
        var properties: [[UInt8]: Int] = [:]
        var patterns: [PatternRule] = []
        var additional: Int?
        var names: Int?
        /// What must be there, or hold, if a property is there.
        var dependencies: [Dependency] = []

        struct PatternRule: Sendable, Hashable {
            var pattern: LinearPattern
            var schema: Int
        }

        struct Dependency: Sendable, Hashable {
            var property: String
            var required: [String] = []
            var schema: Int?
        }
    }

    struct Condition: Sendable, Hashable {
        var test: Int
        var then: Int?
        var otherwise: Int?
    }

    /// The subschemas; the first is the whole.
    let nodes: [Node]

    /// - Parameter field: what the schema is, for errors.
    /// - Throws: `MessageFieldError` if the schema is not valid, exceeds a bound, or uses what is not supported.
    public init(
        _ schema: RawJSON,
        field: String = "inputSchema",
        bounds: SchemaBounds = SchemaBounds()
    ) throws(MessageFieldError) {
        try bounds.check(schema, field: field)
        var compiler = SchemaCompiler(schema, field: field, maximumNodes: bounds.maximumObjects)
        nodes = try compiler.compile()
    }
}
