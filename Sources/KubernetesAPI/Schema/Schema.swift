/// A structural OpenAPI v3 schema as a CustomResourceDefinition holds it: what a value looks like, what stands in for what
/// is left out, and which rules hold, in one place. From it come the CRD, the documentation, defaulting, pruning and
/// validation.
///
/// Written with the functions of `Schema+DSL.swift`; read back from a CRD with `init(openAPI:twins:)`.
public struct Schema: Sendable {
    /// OpenAPI's types of values.
    public enum ValueType: String, Sendable, Hashable {
        case object, array, string, integer, number, boolean
    }

    /// How server-side apply merges an array (`x-kubernetes-list-type`).
    public enum ListType: String, Sendable, Hashable {
        /// The array is one value.
        case atomic
        /// Elements are scalars that stand once each.
        case set
        /// Elements are objects that are identified by `listMapKeys`.
        case map
    }

    /// What the value means, for `kubectl explain` and the documentation.
    public var description: String = ""
    /// The name of the Swift type that models the object, for the documentation; `nil` for what was read from a CRD.
    public var typeName: String?
    /// The type; `nil` where any type or an integer or a string may stand.
    public var type: ValueType?
    /// A named format, such as `int32`, `int64`, `date-time`, `byte`.
    public var format: String?
    /// Whether `null` is a value of its own here.
    public var isNullable = false
    /// The default of a missing value.
    public var defaultValue: JSONValue?
    /// The only values allowed, where any are listed.
    public var allowedValues: [JSONValue] = []
    /// An RE2 expression that must be found in a string.
    public var pattern: String?
    /// The shortest string, in characters.
    public var minLength: Int?
    /// The longest string, in characters.
    public var maxLength: Int?
    /// The lowest number.
    public var minimum: Double?
    /// The highest number.
    public var maximum: Double?
    /// Whether `minimum` itself is excluded.
    public var isMinimumExclusive = false
    /// Whether `maximum` itself is excluded.
    public var isMaximumExclusive = false
    /// What a number must be a multiple of.
    public var multipleOf: Double?
    /// The fewest elements.
    public var minItems: Int?
    /// The most elements.
    public var maxItems: Int?
    /// The fewest members.
    public var minProperties: Int?
    /// The most members.
    public var maxProperties: Int?
    /// The named members, in the order in which they were declared.
    public var properties: OrderedProperties = OrderedProperties()
    /// The names of members that must be there.
    public var requiredNames: [String] = []
    /// What each element is.
    public var items: Box?
    /// What each member is that `properties` does not name.
    public var additionalProperties: Box?
    /// Whether members that nothing names are kept (`x-kubernetes-preserve-unknown-fields`).
    public var preservesUnknownFields = false
    /// Whether the value is an integer or a string (`x-kubernetes-int-or-string`).
    public var isIntOrString = false
    /// Whether the value is a complete object with `apiVersion`, `kind` and `metadata` (`x-kubernetes-embedded-resource`).
    public var isEmbeddedResource = false
    /// How an array is merged.
    public var listType: ListType?
    /// The members that identify the elements of a `map` list.
    public var listMapKeys: [String] = []
    /// Whether an object is merged as one value (`x-kubernetes-map-type: atomic`).
    public var isAtomicMap = false
    /// The rules of this value (`x-kubernetes-validations`).
    public var rules: [Rule] = []
    /// Schemas that must all validate, as value checks alone.
    public var allOf: [Schema] = []
    /// Schemas of which at least one must validate.
    public var anyOf: [Schema] = []
    /// Schemas of which exactly one must validate.
    public var oneOf: [Schema] = []
    /// A schema that must not validate.
    public var not: Box?
    /// Whether the object that has this as a member must have it. Read by `object(_:_:rules:)`, which moves it to
    /// `requiredNames`.
    var isRequired = false

    init() {}

    /// A schema on the heap, because a struct cannot contain itself.
    public final class Box: Sendable {
        /// The schema.
        public let schema: Schema

        init(_ schema: Schema) { self.schema = schema }
    }

    /// Named schemas, in the order in which they were declared.
    public struct OrderedProperties: Sendable {
        /// The names, in order.
        public private(set) var names: [String] = []
        private var schemas: [String: Box] = [:]

        /// The schema of a member, or `nil`.
        public subscript(name: String) -> Schema? {
            get { schemas[name]?.schema }
            set {
                if schemas[name] == nil, newValue != nil { names.append(name) }
                if newValue == nil { names.removeAll { $0 == name } }
                schemas[name] = newValue.map { Box($0) }
            }
        }

        /// Whether no member is named.
        public var isEmpty: Bool { names.isEmpty }
    }
}

/// A type that knows its schema. The schema stands beside the type, member by member.
public protocol SchemaProviding {
    /// What a value of this type looks like in JSON.
    static var schema: Schema { get }
}
