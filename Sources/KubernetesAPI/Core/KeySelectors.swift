/// `core/v1.ConfigMapKeySelector`: one key of a ConfigMap.
public struct ConfigMapKeySelector: Sendable, Hashable, Codable {
    /// The name of the ConfigMap.
    public var name: String
    /// The key whose value is taken.
    public var key: String
    /// Whether the pod may start while the ConfigMap or the key is missing.
    public var optional: Bool?

    /// Makes one from its fields.
    public init(name: String, key: String, optional: Bool? = nil) {
        self.name = name
        self.key = key
        self.optional = optional
    }
}

/// `core/v1.SecretKeySelector`: one key of a Secret.
public struct SecretKeySelector: Sendable, Hashable, Codable {
    /// The name of the Secret.
    public var name: String
    /// The key whose value is taken.
    public var key: String
    /// Whether the pod may start while the Secret or the key is missing.
    public var optional: Bool?

    /// Makes one from its fields.
    public init(name: String, key: String, optional: Bool? = nil) {
        self.name = name
        self.key = key
        self.optional = optional
    }
}

/// `core/v1.FileKeySelector`: one key of an environment file on a volume.
public struct FileKeySelector: Sendable, Hashable, Codable {
    /// The name of the volume that holds the file.
    public var volumeName: String
    /// The file's path on the volume, relative and without `..`.
    public var path: String
    /// The variable's name inside the file.
    public var key: String
    /// Whether the pod may start while the file or the key is missing.
    public var optional: Bool?

    /// Makes one from its fields.
    public init(volumeName: String, path: String, key: String, optional: Bool? = nil) {
        self.volumeName = volumeName
        self.path = path
        self.key = key
        self.optional = optional
    }
}

/// `core/v1.ConfigMapEnvSource`: a ConfigMap that is read whole into the environment.
public struct ConfigMapEnvSource: Sendable, Hashable, Codable {
    /// The name of the ConfigMap.
    public var name: String
    /// Whether the pod may start while the ConfigMap is missing.
    public var optional: Bool?

    /// Makes one from its fields.
    public init(name: String, optional: Bool? = nil) {
        self.name = name
        self.optional = optional
    }
}

/// `core/v1.SecretEnvSource`: a Secret that is read whole into the environment.
public struct SecretEnvSource: Sendable, Hashable, Codable {
    /// The name of the Secret.
    public var name: String
    /// Whether the pod may start while the Secret is missing.
    public var optional: Bool?

    /// Makes one from its fields.
    public init(name: String, optional: Bool? = nil) {
        self.name = name
        self.optional = optional
    }
}

/// `core/v1.ObjectFieldSelector`: a field of the pod.
public struct ObjectFieldSelector: Sendable, Hashable, Codable {
    /// The version of the schema that fieldPath is written in; v1 when left out.
    public var apiVersion: String?
    /// The path of the field, such as metadata.name.
    public var fieldPath: String

    /// Makes one from its fields.
    public init(apiVersion: String? = nil, fieldPath: String) {
        self.apiVersion = apiVersion
        self.fieldPath = fieldPath
    }
}

/// `core/v1.ResourceFieldSelector`: an amount that a container asks for or is limited to.
public struct ResourceFieldSelector: Sendable, Hashable, Codable {
    /// The container; required for volumes, and the container itself for environment variables.
    public var containerName: String?
    /// Which amount: limits.cpu, limits.memory, limits.ephemeral-storage, or the same under requests.
    public var resource: String
    /// The unit in which the amount is written; 1 when left out.
    public var divisor: Quantity?

    /// Makes one from its fields.
    public init(containerName: String? = nil, resource: String, divisor: Quantity? = nil) {
        self.containerName = containerName
        self.resource = resource
        self.divisor = divisor
    }
}

/// `core/v1.LocalObjectReference`: an object in the same namespace, by name.
public struct LocalObjectReference: Sendable, Hashable, Codable {
    /// The name of the object.
    public var name: String

    /// Makes one from its fields.
    public init(name: String) {
        self.name = name
    }
}

/// `core/v1.TypedLocalObjectReference`: an object of any kind in the same namespace.
public struct TypedLocalObjectReference: Sendable, Hashable, Codable {
    /// The API group of the object; empty for the core group.
    public var apiGroup: String?
    /// The kind of the object.
    public var kind: String
    /// The name of the object.
    public var name: String

    /// Makes one from its fields.
    public init(apiGroup: String? = nil, kind: String, name: String) {
        self.apiGroup = apiGroup
        self.kind = kind
        self.name = name
    }
}

/// `core/v1.KeyToPath`: a key, and the file that it becomes.
public struct KeyToPath: Sendable, Hashable, Codable {
    /// The key to put into the file.
    public var key: String
    /// The file's path on the volume, relative and without `..`.
    public var path: String
    /// The file's permission bits, such as 0440 in YAML or 288 in JSON; the volume's defaultMode when left out.
    public var mode: Int?

    /// Makes one from its fields.
    public init(key: String, path: String, mode: Int? = nil) {
        self.key = key
        self.path = path
        self.mode = mode
    }
}
