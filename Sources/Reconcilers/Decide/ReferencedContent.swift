internal import SupplyChain

/// A Secret or a ConfigMap that a server reads, by kind and name, in the server's namespace.
public struct ContentReference: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Which kind.
    public enum Kind: String, Sendable, Hashable {
        case configMap = "ConfigMap"
        case secret = "Secret"
    }

    /// Which kind.
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

/// What a server reads of one Secret or ConfigMap.
public struct ContentNeed: Sendable, Hashable {
    /// The fields of the spec that read it, in their order.
    public var fields: [String] = []
    /// The required keys, each with the field that reads it.
    public var requiredKeys: [String: String] = [:]
    /// The optional keys.
    public var optionalKeys: Set<String> = []
    /// Whether all of its keys are read.
    public var readsAllKeys = false
    /// Whether the object must exist.
    public var isRequired = false
    /// Whether values are needed to decide, and not their digests alone: a template is filled in with them.
    public var needsValues = false
    /// Whether it only lets the kubelet pull an image, so that a change of it does not roll pods.
    public var isPullSecret = false

    public init() {}
}

/// What was found of a Secret or a ConfigMap. Its description shows no value.
public enum ReferencedContent: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    /// There is none.
    case absent
    /// It is there; for each key, a digest of its value, as `digest(of:)` gives it.
    case digests([String: String])
    /// It is there; for each key, its value.
    case values([String: [UInt8]])
    /// It is there, and lets the kubelet pull images.
    case pullSecret(PullSecret)

    /// The digest of one value.
    public static func digest(of value: some Sequence<UInt8>) -> String { ContentDigest.of(value) }

    /// The same with digests in place of values.
    public var withoutValues: ReferencedContent {
        guard case .values(let values) = self else { return self }
        return .digests(values.mapValues { ReferencedContent.digest(of: $0) })
    }

    /// The digest for each key, or `nil` where there is no such object.
    var digests: [String: String]? {
        switch withoutValues {
        case .digests(let digests): digests
        case .pullSecret: [:]
        case .absent, .values: nil
        }
    }

    /// A key's value as text, or `nil` where it is not there or not known.
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
