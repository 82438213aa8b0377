public import KubernetesAPI

/// Configuration that Moorage keeps in Secrets of its own.
public struct ServerConfiguration: Sendable, Hashable, Codable {
    /// Environment variables by name, kept in the Secret NAME-env.
    public var env: [String: String]?
    /// Files by name, kept in the Secret NAME-files and mounted under /files.
    public var files: [String: String]?
    /// Texts with ${VARIABLE} placeholders, filled in from Secrets and ConfigMaps. A missing Secret, key or variable is
    /// refused by name and never becomes an empty text.
    public var templates: [ConfigurationTemplate]?

    /// Makes one from its fields.
    public init(
        env: [String: String]? = nil,
        files: [String: String]? = nil,
        templates: [ConfigurationTemplate]? = nil
    ) {
        self.env = env
        self.files = files
        self.templates = templates
    }
}

/// A text with `${VARIABLE}` placeholders, filled in and given to a server.
public struct ConfigurationTemplate: Sendable, Hashable, Codable {
    /// The template's name.
    public var name: String
    /// The text itself. Cannot be given together with configMapKeyRef. `$${VARIABLE}` stands for the placeholder
    /// itself.
    public var content: String?
    /// The key of a ConfigMap in the same namespace that holds the text. Cannot be given together with content.
    public var configMapKeyRef: ConfigMapKeySelector?
    /// What the placeholders stand for.
    public var variables: [TemplateVariable]?
    /// The environment variable that gets the result. Cannot be given together with file.
    public var env: String?
    /// The file under /files that gets the result. Cannot be given together with env.
    public var file: String?

    /// Makes one from its fields.
    public init(
        name: String,
        content: String? = nil,
        configMapKeyRef: ConfigMapKeySelector? = nil,
        variables: [TemplateVariable]? = nil,
        env: String? = nil,
        file: String? = nil
    ) {
        self.name = name
        self.content = content
        self.configMapKeyRef = configMapKeyRef
        self.variables = variables
        self.env = env
        self.file = file
    }
}

/// What one placeholder of a template stands for.
public struct TemplateVariable: Sendable, Hashable, Codable {
    /// The placeholder's name.
    public var name: String
    /// The text itself.
    public var value: String?
    /// A key of a Secret in the same namespace.
    public var secretKeyRef: SecretKeySelector?
    /// A key of a ConfigMap in the same namespace.
    public var configMapKeyRef: ConfigMapKeySelector?

    /// Makes one from its fields.
    public init(
        name: String,
        value: String? = nil,
        secretKeyRef: SecretKeySelector? = nil,
        configMapKeyRef: ConfigMapKeySelector? = nil
    ) {
        self.name = name
        self.value = value
        self.secretKeyRef = secretKeyRef
        self.configMapKeyRef = configMapKeyRef
    }
}
