public import struct FoundationEssentials.Data

/// `core/v1.Secret`. Its description shows no values.
public struct Secret: KubernetesResource, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    public static let resourceType = ResourceType.secret
    /// The API version.
    public var apiVersion: String? = "v1"
    /// The kind.
    public var kind: String? = "Secret"
    /// The metadata.
    public var metadata: ObjectMeta
    /// The type of the Secret, such as `Opaque`.
    public var type: String?
    /// The values, by key.
    public var data: [String: Data]?
    /// Values as text. The API server converts them to `data` and never returns them.
    public var stringData: [String: String]?
    /// Whether the values can no longer change.
    public var immutable: Bool?

    public init(
        metadata: ObjectMeta,
        type: String? = nil,
        data: [String: Data]? = nil,
        stringData: [String: String]? = nil
    ) {
        self.metadata = metadata
        self.type = type
        self.data = data
        self.stringData = stringData
    }

    public var description: String {
        let keys = (data ?? [:]).keys.sorted().joined(separator: ", ")
        return "Secret \(metadata.namespace ?? "")/\(metadata.name ?? "") with the keys [\(keys)]"
    }

    public var debugDescription: String { description }
}

/// `core/v1.ConfigMap`.
public struct ConfigMap: KubernetesResource, Hashable {
    public static let resourceType = ResourceType.configMap
    /// The API version.
    public var apiVersion: String? = "v1"
    /// The kind.
    public var kind: String? = "ConfigMap"
    /// The metadata.
    public var metadata: ObjectMeta
    /// Texts, by key.
    public var data: [String: String]?
    /// Bytes, by key.
    public var binaryData: [String: Data]?

    public init(metadata: ObjectMeta, data: [String: String]? = nil, binaryData: [String: Data]? = nil) {
        self.metadata = metadata
        self.data = data
        self.binaryData = binaryData
    }
}
