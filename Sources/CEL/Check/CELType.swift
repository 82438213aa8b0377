/// The type of an expression.
package indirect enum CELType: Sendable, Hashable {
    /// A type that is only known when the expression is evaluated.
    case dyn
    /// The type of an expression with a problem, which fits everything.
    case error
    case null, bool, int, uint, double, string, bytes, timestamp, duration
    case list(CELType)
    case map(CELType, CELType)
    case optional(CELType)
    /// The type of a type.
    case type(CELType)
    /// A type with a name: one of Kubernetes' own, or a message.
    case named(String)
    /// A type that is yet to be found.
    case parameter(Int)
}

extension CELType {
    /// The types of Kubernetes' libraries.
    package static let quantity = CELType.named("kubernetes.Quantity")
    static let ip = CELType.named("net.IP")
    static let cidr = CELType.named("net.CIDR")
    static let url = CELType.named("kubernetes.URL")
    static let semver = CELType.named("kubernetes.Semver")
    static let format = CELType.named("kubernetes.NamedFormat")
    package static let authorizer = CELType.named("kubernetes.authorization.Authorizer")
    static let pathCheck = CELType.named("kubernetes.authorization.PathCheck")
    static let groupCheck = CELType.named("kubernetes.authorization.GroupCheck")
    package static let resourceCheck = CELType.named("kubernetes.authorization.ResourceCheck")
    static let decision = CELType.named("kubernetes.authorization.Decision")

    /// The name of the type at run time, without the types of elements.
    package var name: String {
        switch self {
        case .dyn: "dyn"
        case .error: "!error!"
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .timestamp: "google.protobuf.Timestamp"
        case .duration: "google.protobuf.Duration"
        case .list: "list"
        case .map: "map"
        case .optional: "optional_type"
        case .type: "type"
        case .named(let name): name
        case .parameter(let number): "_var\(number)"
        }
    }

    /// The type with the types of its elements, as the API server writes the result of an expression.
    package var text: String {
        switch self {
        case .list(let element): "list(\(element.text))"
        case .map(let key, let value): "map(\(key.text), \(value.text))"
        case .optional(let wrapped): "optional_type(\(wrapped.text))"
        case .type(let type): "type(\(type.text))"
        default: name
        }
    }

    /// The type as the messages of the checker write it.
    var shown: String {
        switch self {
        case .null: "null"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .list(let element): "list(\(element.shown))"
        case .map(let key, let value): "map(\(key.shown), \(value.shown))"
        case .optional(let wrapped): "optional_type(\(wrapped.shown))"
        case .type(let type): "type(\(type.shown))"
        default: name
        }
    }

    var isDynamic: Bool { self == .dyn || self == .error }

    /// The type with everything below a depth replaced by `dyn`: types that contain each other twice grow exponentially.
    func bounded(depth: Int = Limits.typeDepth) -> CELType {
        guard depth > 0 else { return .dyn }
        switch self {
        case .list(let element): return .list(element.bounded(depth: depth - 1))
        case .map(let key, let value): return .map(key.bounded(depth: depth - 1), value.bounded(depth: depth - 1))
        case .optional(let wrapped): return .optional(wrapped.bounded(depth: depth - 1))
        case .type(let type): return .type(type.bounded(depth: depth - 1))
        default: return self
        }
    }
}
