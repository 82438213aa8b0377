/// `core/v1.ConfigMapKeySelector`: one key of a ConfigMap.
public struct ConfigMapKeySelector: Sendable, Hashable, Codable {
    /// The name of the ConfigMap.
    public var name: String
    /// The key whose value is read.
    public var key: String
    /// Whether the pod can start while the ConfigMap or the key is missing.
    public var optional: Bool?

    /// Creates a value from its fields.
    public init(name: String, key: String, optional: Bool? = nil) {
        self.name = name
        self.key = key
        self.optional = optional
    }
}

extension ConfigMapKeySelector: SchemaProviding {
    public static let schema = Schema.object(
        ConfigMapKeySelector.self,
        "One key of a ConfigMap in the same namespace.",
        [
            "name": .string("The name of the ConfigMap.").length(1...253).required(),
            "key": .string("The key whose value is read.").length(1...253).required(),
            "optional": .boolean("Whether the pod can start while the ConfigMap or the key is missing."),
        ]
    )
}

/// `core/v1.SecretKeySelector`: one key of a Secret.
public struct SecretKeySelector: Sendable, Hashable, Codable {
    /// The name of the Secret.
    public var name: String
    /// The key whose value is read.
    public var key: String
    /// Whether the pod can start while the Secret or the key is missing.
    public var optional: Bool?

    /// Creates a value from its fields.
    public init(name: String, key: String, optional: Bool? = nil) {
        self.name = name
        self.key = key
        self.optional = optional
    }
}

extension SecretKeySelector: SchemaProviding {
    public static let schema = Schema.object(
        SecretKeySelector.self,
        "One key of a Secret in the same namespace.",
        [
            "name": .string("The name of the Secret.").length(1...253).required(),
            "key": .string("The key whose value is read.").length(1...253).required(),
            "optional": .boolean("Whether the pod can start while the Secret or the key is missing."),
        ]
    )
}

/// `core/v1.FileKeySelector`: one key of an environment file on a volume.
public struct FileKeySelector: Sendable, Hashable, Codable {
    /// The name of the volume that contains the file.
    public var volumeName: String
    /// The file's path on the volume, relative and without `..`.
    public var path: String
    /// The variable's name inside the file.
    public var key: String
    /// Whether the pod can start while the file or the key is missing.
    public var optional: Bool?

    /// Creates a value from its fields.
    public init(volumeName: String, path: String, key: String, optional: Bool? = nil) {
        self.volumeName = volumeName
        self.path = path
        self.key = key
        self.optional = optional
    }
}

extension FileKeySelector: SchemaProviding {
    public static let schema = Schema.object(
        FileKeySelector.self,
        "One key of an environment file on an emptyDir volume of the pod.",
        [
            "volumeName": .string("The name of the volume that contains the file.").length(1...63).required(),
            "path": .string("The file's path on the volume, relative and without `..`.").length(1...4096).required(),
            "key": .string("The variable's name inside the file.").length(1...253).required(),
            "optional": .boolean("Whether the pod can start while the file or the key is missing."),
        ]
    )
}

/// `core/v1.ConfigMapEnvSource`: a ConfigMap whose keys all become environment variables.
public struct ConfigMapEnvSource: Sendable, Hashable, Codable {
    /// The name of the ConfigMap.
    public var name: String
    /// Whether the pod can start while the ConfigMap is missing.
    public var optional: Bool?

    /// Creates a value from its fields.
    public init(name: String, optional: Bool? = nil) {
        self.name = name
        self.optional = optional
    }
}

extension ConfigMapEnvSource: SchemaProviding {
    public static let schema = Schema.object(
        ConfigMapEnvSource.self,
        "A ConfigMap in the same namespace.",
        [
            "name": .string("The name of the ConfigMap.").length(1...253).required(),
            "optional": .boolean("Whether the pod can start while the ConfigMap is missing."),
        ]
    )
}

/// `core/v1.SecretEnvSource`: a Secret whose keys all become environment variables.
public struct SecretEnvSource: Sendable, Hashable, Codable {
    /// The name of the Secret.
    public var name: String
    /// Whether the pod can start while the Secret is missing.
    public var optional: Bool?

    /// Creates a value from its fields.
    public init(name: String, optional: Bool? = nil) {
        self.name = name
        self.optional = optional
    }
}

extension SecretEnvSource: SchemaProviding {
    public static let schema = Schema.object(
        SecretEnvSource.self,
        "A Secret in the same namespace.",
        [
            "name": .string("The name of the Secret.").length(1...253).required(),
            "optional": .boolean("Whether the pod can start while the Secret is missing."),
        ]
    )
}

/// `core/v1.ObjectFieldSelector`: a field of the pod.
public struct ObjectFieldSelector: Sendable, Hashable, Codable {
    /// The version of the schema that fieldPath is written in. Defaults to v1.
    public var apiVersion: String?
    /// The path of the field, such as metadata.name.
    public var fieldPath: String

    /// Creates a value from its fields.
    public init(apiVersion: String? = nil, fieldPath: String) {
        self.apiVersion = apiVersion
        self.fieldPath = fieldPath
    }
}

extension ObjectFieldSelector: SchemaProviding {
    public static let schema = Schema.object(
        ObjectFieldSelector.self,
        "A field of the pod.",
        [
            "apiVersion": .string("The version of the schema that fieldPath is written in. Defaults to v1.")
                .length(0...63),
            "fieldPath": .string("The path of the field, such as metadata.name.").length(1...512).required(),
        ]
    )
}

/// `core/v1.ResourceFieldSelector`: a request or limit of a container.
public struct ResourceFieldSelector: Sendable, Hashable, Codable {
    /// The container; required for volumes, and the container itself for environment variables.
    public var containerName: String?
    /// The resource, such as limits.cpu, limits.memory or requests.ephemeral-storage.
    public var resource: String
    /// The unit of the value. Defaults to 1.
    public var divisor: Quantity?

    /// Creates a value from its fields.
    public init(containerName: String? = nil, resource: String, divisor: Quantity? = nil) {
        self.containerName = containerName
        self.resource = resource
        self.divisor = divisor
    }
}

extension ResourceFieldSelector: SchemaProviding {
    public static let schema = Schema.object(
        ResourceFieldSelector.self,
        "A limit or request of a container.",
        [
            "containerName": .string(
                "The container; required for volumes, and the container itself for environment variables."
            )
            .length(0...63),
            "resource": .string(
                "The resource, such as limits.cpu, limits.memory or requests.ephemeral-storage."
            )
            .length(1...253)
            .required(),
            "divisor": .quantity("The unit of the value. Defaults to 1."),
        ]
    )
}

/// `core/v1.LocalObjectReference`: an object in the same namespace, by name.
public struct LocalObjectReference: Sendable, Hashable, Codable {
    /// The name of the object.
    public var name: String

    /// Creates a value from its fields.
    public init(name: String) {
        self.name = name
    }
}

extension LocalObjectReference: SchemaProviding {
    public static let schema = Schema.object(
        LocalObjectReference.self,
        "An object in the same namespace.",
        [
            "name": .string("The name of the object.").length(1...253).required()
        ]
    )
}

/// `core/v1.TypedLocalObjectReference`: an object of any kind in the same namespace.
public struct TypedLocalObjectReference: Sendable, Hashable, Codable {
    /// The API group of the object; empty for the core group.
    public var apiGroup: String?
    /// The kind of the object.
    public var kind: String
    /// The name of the object.
    public var name: String

    /// Creates a value from its fields.
    public init(apiGroup: String? = nil, kind: String, name: String) {
        self.apiGroup = apiGroup
        self.kind = kind
        self.name = name
    }
}

extension TypedLocalObjectReference: SchemaProviding {
    public static let schema = Schema.object(
        TypedLocalObjectReference.self,
        "An object of any kind in the same namespace.",
        [
            "apiGroup": .string("The API group of the object; empty for the core group.").length(0...253),
            "kind": .string("The kind of the object.").length(1...63).required(),
            "name": .string("The name of the object.").length(1...253).required(),
        ]
    )
}

/// `core/v1.KeyToPath`: a key, and the file that contains its value.
public struct KeyToPath: Sendable, Hashable, Codable {
    /// The key whose value the file contains.
    public var key: String
    /// The file's path on the volume, relative and without `..`.
    public var path: String
    /// The file's permission bits, such as 0440 in YAML or 288 in JSON. Defaults to the volume's defaultMode.
    public var mode: Int?

    /// Creates a value from its fields.
    public init(key: String, path: String, mode: Int? = nil) {
        self.key = key
        self.path = path
        self.mode = mode
    }
}

extension KeyToPath: SchemaProviding {
    public static let schema = Schema.object(
        KeyToPath.self,
        "A key, and the file that contains its value.",
        [
            "key": .string("The key whose value the file contains.").length(1...253).required(),
            "path": .string("The file's path on the volume, relative and without `..`.").length(1...4096).required(),
            "mode": .integer(
                """
                The file's permission bits, such as 0440 in YAML or 288 in JSON. Defaults to the volume's \
                defaultMode.
                """
            )
            .range(0...511),
        ]
    )
}
