/// `core/v1.EnvVar`: one environment variable of a container.
public struct EnvVar: Sendable, Hashable, Codable {
    /// The variable's name: any printable ASCII characters except `=`.
    public var name: String
    /// The value. `$(NAME)` is replaced by the value of an earlier variable; `$$(NAME)` results in the literal text
    /// `$(NAME)`.
    public var value: String?
    /// Where the value comes from. Mutually exclusive with a non-empty value.
    public var valueFrom: EnvVarSource?

    /// Creates a value from its fields.
    public init(name: String, value: String? = nil, valueFrom: EnvVarSource? = nil) {
        self.name = name
        self.value = value
        self.valueFrom = valueFrom
    }
}

extension EnvVar: SchemaProviding {
    public static let schema = Schema.object(
        EnvVar.self,
        "An environment variable of the container.",
        [
            "name": .string("The variable's name: any printable ASCII characters except `=`.")
                .length(1...253)
                .pattern("^[ -<>-~]+$")
                .required(),
            "value": .string(
                """
                The value. `$(NAME)` is replaced by the value of an earlier variable; `$$(NAME)` results in the \
                literal text `$(NAME)`.
                """
            )
            .length(0...32768),
            "valueFrom": EnvVarSource.schema.described(
                "Where the value comes from. Mutually exclusive with a non-empty value."
            ),
        ],
        rules: [
            Rule(
                "!has(self.valueFrom) || !has(self.value) || self.value == ''",
                message: "value and valueFrom are mutually exclusive: remove one of the two"
            ) { variable, _ in variable["valueFrom"] == nil || variable["value"]?.stringValue ?? "" == "" }
        ]
    )
}

/// `core/v1.EnvVarSource`: where a variable's value comes from. Exactly one member is set.
public struct EnvVarSource: Sendable, Hashable, Codable {
    /// A field of the pod, such as metadata.name, metadata.labels['KEY'], spec.nodeName, status.podIP.
    public var fieldRef: ObjectFieldSelector?
    /// A limit or request of a container, such as limits.memory.
    public var resourceFieldRef: ResourceFieldSelector?
    /// A key of a ConfigMap in the same namespace.
    public var configMapKeyRef: ConfigMapKeySelector?
    /// A key of a Secret in the same namespace.
    public var secretKeyRef: SecretKeySelector?
    /// A key of an environment file on an emptyDir volume of the pod.
    public var fileKeyRef: FileKeySelector?

    /// Creates a value from its fields.
    public init(
        fieldRef: ObjectFieldSelector? = nil,
        resourceFieldRef: ResourceFieldSelector? = nil,
        configMapKeyRef: ConfigMapKeySelector? = nil,
        secretKeyRef: SecretKeySelector? = nil,
        fileKeyRef: FileKeySelector? = nil
    ) {
        self.fieldRef = fieldRef
        self.resourceFieldRef = resourceFieldRef
        self.configMapKeyRef = configMapKeyRef
        self.secretKeyRef = secretKeyRef
        self.fileKeyRef = fileKeyRef
    }
}

extension EnvVarSource: SchemaProviding {
    public static let schema = Schema.object(
        EnvVarSource.self,
        """
        Where the value of a variable comes from: exactly one of fieldRef, resourceFieldRef, configMapKeyRef, \
        secretKeyRef and fileKeyRef.
        """,
        [
            "fieldRef": ObjectFieldSelector.schema.described(
                "A field of the pod, such as metadata.name, metadata.labels['KEY'], spec.nodeName, status.podIP."
            ),
            "resourceFieldRef": ResourceFieldSelector.schema.described(
                "A limit or request of a container, such as limits.memory."
            ),
            "configMapKeyRef": ConfigMapKeySelector.schema.described("A key of a ConfigMap in the same namespace."),
            "secretKeyRef": SecretKeySelector.schema.described("A key of a Secret in the same namespace."),
            "fileKeyRef": FileKeySelector.schema.described(
                "A key of an environment file on an emptyDir volume of the pod."
            ),
        ],
        rules: [
            .exactlyOneOf(
                "fieldRef",
                "resourceFieldRef",
                "configMapKeyRef",
                "secretKeyRef",
                "fileKeyRef",
                message: "set exactly one of fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef and fileKeyRef"
            )
        ]
    )
}

/// `core/v1.EnvFromSource`: a ConfigMap or Secret whose keys become environment variables.
public struct EnvFromSource: Sendable, Hashable, Codable {
    /// A prefix for each key.
    public var prefix: String?
    /// The ConfigMap to read.
    public var configMapRef: ConfigMapEnvSource?
    /// The Secret to read.
    public var secretRef: SecretEnvSource?

    /// Creates a value from its fields.
    public init(prefix: String? = nil, configMapRef: ConfigMapEnvSource? = nil, secretRef: SecretEnvSource? = nil) {
        self.prefix = prefix
        self.configMapRef = configMapRef
        self.secretRef = secretRef
    }
}

extension EnvFromSource: SchemaProviding {
    public static let schema = Schema.object(
        EnvFromSource.self,
        "A ConfigMap or Secret. Each of its keys becomes an environment variable.",
        [
            "prefix": .string("A prefix for each key.").length(0...253),
            "configMapRef": ConfigMapEnvSource.schema.described("The ConfigMap to read."),
            "secretRef": SecretEnvSource.schema.described("The Secret to read."),
        ],
        rules: [
            .exactlyOneOf("configMapRef", "secretRef", message: "set exactly one of configMapRef and secretRef")
        ]
    )
}
