package import struct KubernetesAPI.Quantity

/// A value of the Common Expression Language.
package enum CELValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case list([CELValue])
    case map(CELMap)
    case timestamp(Instant)
    /// Nanoseconds.
    case duration(Int64)
    /// A type by its name.
    case type(String)
    indirect case optional(CELValue?)
    case message(CELMessage)
    case quantity(Quantity)
    case ip(IPAddress)
    case cidr(IPPrefix)
    case url(URLParts)
    case semver(SemanticVersion)
    case format(NamedFormat)
    case access(AccessCheck)
    case decision(AccessDecision)
    /// The variables of a policy, which are evaluated when they are used.
    case variables
}

/// A message that a literal such as `Object.spec{replicas: 1}` describes.
package struct CELMessage: Sendable {
    /// The name of the type.
    package var type: String
    /// The fields that are set, by name.
    package var fields: [String: CELValue]
}

extension CELValue {
    /// The name of the type, as `type()` returns it.
    package var typeName: String {
        switch self {
        case .null: CELType.null.name
        case .bool: CELType.bool.name
        case .int: CELType.int.name
        case .uint: CELType.uint.name
        case .double: CELType.double.name
        case .string: CELType.string.name
        case .bytes: CELType.bytes.name
        case .list: CELType.list(.dyn).name
        case .map: CELType.map(.dyn, .dyn).name
        case .timestamp: CELType.timestamp.name
        case .duration: CELType.duration.name
        case .type: CELType.type(.dyn).name
        case .optional: CELType.optional(.dyn).name
        case .message(let message): message.type
        case .quantity: CELType.quantity.name
        case .ip: CELType.ip.name
        case .cidr: CELType.cidr.name
        case .url: CELType.url.name
        case .semver: CELType.semver.name
        case .format: CELType.format.name
        case .access(let check): check.type.name
        case .decision: CELType.decision.name
        case .variables: "kubernetes.variables"
        }
    }

    /// The value without its optional around it.
    var unwrapped: CELValue? {
        if case .optional(let value) = self { value } else { self }
    }

    var isDouble: Bool {
        if case .double = self { true } else { false }
    }

    /// The length of texts and the number of elements; 1 for everything else.
    var size: Int {
        switch self {
        case .string(let text): text.unicodeScalars.count
        case .bytes(let bytes): bytes.count
        case .list(let elements): elements.count
        case .map(let map): map.count
        case .optional(let value): value?.size ?? 1
        default: 1
        }
    }

    /// Whether the value is what its type has without being set.
    var isZero: Bool {
        switch self {
        case .null: true
        case .bool(let value): !value
        case .int(let value): value == 0
        case .uint(let value): value == 0
        case .double(let value): value == 0
        case .string, .bytes, .list, .map: size == 0
        case .timestamp(let instant): instant == Instant(seconds: 0, nanoseconds: 0)
        case .duration(let nanoseconds): nanoseconds == 0
        case .optional(let value): value == nil
        case .message(let message): message.fields.isEmpty
        default: false
        }
    }
}
