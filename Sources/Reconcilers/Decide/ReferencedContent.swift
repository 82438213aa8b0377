internal import SupplyChain

/// A Secret or a ConfigMap that a server reads, by kind and name, in the server's namespace.
public struct ContentReference: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The kind of the object.
    public enum Kind: String, Sendable, Hashable {
        case configMap = "ConfigMap"
        case secret = "Secret"
    }

    /// The kind of the object.
    public var kind: Kind
    /// The name.
    public var name: String

    public init(kind: Kind, name: String) {
        self.kind = kind
        self.name = name
    }

    public static func < (left: ContentReference, right: ContentReference) -> Bool {
        (left.kind.rawValue, left.name) < (right.kind.rawValue, right.name)
    }

    public var description: String { "\(kind.rawValue) \"\(name)\"" }
}

/// What a server reads from a Secret or a ConfigMap.
public struct ContentNeed: Sendable, Hashable {
    /// The fields of the spec that read it, in order.
    public var fields: [String] = []
    /// The required keys, each with the field that reads it.
    public var requiredKeys: [String: String] = [:]
    /// The optional keys.
    public var optionalKeys: Set<String> = []
    /// Whether all of its keys are read.
    public var readsAllKeys = false
    /// Whether the object must exist.
    public var isRequired = false
    /// Whether the decision needs values and not only their digests, to fill in a template.
    public var needsValues = false
    /// Whether it is only used to pull images, so that its change does not restart pods.
    public var isPullSecret = false

    public init() {}
}

/// What was read from a Secret or a ConfigMap. Its description shows no values.
public enum ReferencedContent: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The object does not exist.
    case absent
    /// The object exists; the digest of each key's value, computed by `digest(of:)`.
    case digests([String: String])
    /// The object exists; the value of each key.
    case values([String: [UInt8]])
    /// The object exists and is used to pull images.
    case pullSecret(PullSecret)

    /// The digest of a value.
    public static func digest(of value: some Sequence<UInt8>) -> String { ContentDigest.of(value) }

    /// The same content with digests instead of values.
    public var withoutValues: ReferencedContent {
        guard case .values(let values) = self else { return self }
        return .digests(values.mapValues { ReferencedContent.digest(of: $0) })
    }

    /// The digest of each key, or `nil` if the object does not exist.
    var digests: [String: String]? {
        switch withoutValues {
        case .digests(let digests): digests
        case .pullSecret: [:]
        case .absent, .values: nil
        }
    }

    /// A key's value as text, or `nil` if it does not exist or is not known.
    func text(_ key: String) -> String? {
        guard case .values(let values) = self, let value = values[key] else { return nil }
        return String(decoding: value, as: UTF8.self)
    }

    public var description: String {
        switch self {
        case .absent: "absent"
        case .digests(let digests): "digests of [\(digests.keys.sorted().joined(separator: ", "))]"
        case .pullSecret(let secret): "\(secret)"
        case .values(let values): "values of [\(values.keys.sorted().joined(separator: ", "))]"
        }
    }

    public var debugDescription: String { description }
}
