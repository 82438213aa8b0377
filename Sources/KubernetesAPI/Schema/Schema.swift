/// A structural OpenAPI v3 schema, as a CustomResourceDefinition contains it: types, defaults and rules in one place. It is
/// the source of the CRD, the documentation, defaulting, pruning and validation.
///
/// Schemas are written with the functions of `Schema+DSL.swift`, or read from a CRD with `init(openAPI:nativeChecks:)`.
public struct Schema: Sendable {
    /// The OpenAPI types.
    public enum ValueType: String, Sendable, Hashable {
        case object, array, string, integer, number, boolean
    }

    /// How server-side apply merges an array (`x-kubernetes-list-type`).
    public enum ListType: String, Sendable, Hashable {
        /// The array is a single value.
        case atomic
        /// The elements are unique scalars.
        case set
        /// The elements are objects that are identified by `listMapKeys`.
        case map
    }

    /// The description that `kubectl explain` and the documentation show.
    public var description: String = ""
    /// The name of the Swift type that models the object, for the documentation; `nil` if the schema was read from a CRD.
    public var typeName: String?
    /// The type; `nil` if any type is allowed, or an integer or a string.
    public var type: ValueType?
    /// A named format, such as `int32`, `int64`, `date-time`, `byte`.
    public var format: String?
    /// Whether `null` is an allowed value.
    public var isNullable = false
    /// The default.
    public var defaultValue: JSONValue?
    /// The allowed values; empty allows all.
    public var allowedValues: [JSONValue] = []
    /// An RE2 expression that a string must contain a match of.
    public var pattern: String?
    /// The minimum length of a string in characters.
    public var minLength: Int?
    /// The maximum length of a string in characters.
    public var maxLength: Int?
    /// The minimum of a number.
    public var minimum: Double?
    /// The maximum of a number.
    public var maximum: Double?
    /// Whether `minimum` itself is excluded.
    public var isMinimumExclusive = false
    /// Whether `maximum` itself is excluded.
    public var isMaximumExclusive = false
    /// What a number must be a multiple of.
    public var multipleOf: Double?
    /// The minimum number of elements.
    public var minItems: Int?
    /// The maximum number of elements.
    public var maxItems: Int?
    /// The minimum number of fields.
    public var minProperties: Int?
    /// The maximum number of fields.
    public var maxProperties: Int?
    /// The named fields, in the order of their declaration.
    public var properties: OrderedProperties = OrderedProperties()
    /// The names of the required fields.
    public var requiredNames: [String] = []
    /// The schema of the elements.
    public var items: Box?
    /// The schema of the fields that `properties` does not name.
    public var additionalProperties: Box?
    /// Whether unknown fields are kept (`x-kubernetes-preserve-unknown-fields`).
    public var preservesUnknownFields = false
    /// Whether the value is an integer or a string (`x-kubernetes-int-or-string`).
    public var isIntOrString = false
    /// Whether the value is a complete object with `apiVersion`, `kind` and `metadata` (`x-kubernetes-embedded-resource`).
    public var isEmbeddedResource = false
    /// How an array is merged.
    public var listType: ListType?
    /// The fields that identify an element of a `map` list.
    public var listMapKeys: [String] = []
    /// Whether an object is merged as a single value (`x-kubernetes-map-type: atomic`).
    public var isAtomicMap = false
    /// The validation rules (`x-kubernetes-validations`).
    public var rules: [Rule] = []
    /// Schemas that must all match; only their value checks apply.
    public var allOf: [Schema] = []
    /// Schemas of which at least one must match.
    public var anyOf: [Schema] = []
    /// Schemas of which exactly one must match.
    public var oneOf: [Schema] = []
    /// A schema that must not match.
    public var not: Box?
    /// Whether the field is required in the object that contains it. `object(_:_:rules:)` moves it to `requiredNames`.
    var isRequired = false

    init() {}

    /// A schema on the heap, because a struct cannot contain itself.
    public final class Box: Sendable {
        /// The schema.
        public let schema: Schema

        init(_ schema: Schema) { self.schema = schema }
    }

    /// Named schemas, in the order of their declaration.
    public struct OrderedProperties: Sendable {
        /// The names, in order.
        public private(set) var names: [String] = []
        private var schemas: [String: Box] = [:]

        /// The schema of a field, or `nil`.
        public subscript(name: String) -> Schema? {
            get { schemas[name]?.schema }
            set {
                if schemas[name] == nil, newValue != nil { names.append(name) }
                if newValue == nil { names.removeAll { $0 == name } }
                schemas[name] = newValue.map { Box($0) }
            }
        }

        /// Whether there are no fields.
        public var isEmpty: Bool { names.isEmpty }
    }
}

/// A type that has a schema. The schema is declared next to the type, field by field.
public protocol SchemaProviding {
    /// The schema of this type in JSON.
    static var schema: Schema { get }
}
