public import KubernetesAPI

/// Configuration that Moorage stores in Secrets.
public struct ServerConfiguration: Sendable, Hashable, Codable {
    /// Environment variables by name, stored in the Secret NAME-env. They are visible to everyone who can read the
    /// server: use env to read tokens from Secrets.
    public var env: [String: String]?
    /// Files by name, stored in the Secret NAME-files and mounted under /files.
    public var files: [String: String]?
    /// Texts with ${VARIABLE} placeholders, which are replaced with values from Secrets and ConfigMaps. A missing
    /// Secret, key or variable is reported as an error, and never replaced with an empty text.
    public var templates: [ConfigurationTemplate]?

    /// Creates a value from its fields.
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

extension ServerConfiguration {
    /// Whether a text can name a variable of `env`: what names an environment variable, and a key of a Secret, as these
    /// variables are kept in one.
    public static func isValidVariableName(_ name: String) -> Bool {
        (1...253).contains(name.utf8.count) && name != "." && !name.hasPrefix("..")
            && name.utf8.allSatisfy { byte in
                byte.isASCIIDigit || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            }
    }
}

extension ServerConfiguration: SchemaProviding {
    public static let schema = Schema.object(
        ServerConfiguration.self,
        "Configuration that Moorage stores in Secrets. The pods are restarted when it changes.",
        [
            "env": .map(
                """
                Environment variables by name, stored in the Secret NAME-env. They are visible to everyone who can \
                read the server: use env to read tokens from Secrets.
                """,
                of: .string().length(0...32768)
            )
            .properties(0...256),
            "files": .map(
                "Files by name, stored in the Secret NAME-files and mounted under /files.",
                of: .string().length(0...524288)
            )
            .properties(0...64),
            "templates": .array(
                """
                Texts with ${VARIABLE} placeholders, which are replaced with values from Secrets and ConfigMaps. A \
                missing Secret, key or variable is reported as an error, and never replaced with an empty text.
                """,
                of: ConfigurationTemplate.schema
            )
            .items(0...32)
            .listMap("name"),
        ],
        rules: [
            Rule(
                """
                !has(self.env) || self.env.all(name, name.size() <= 253 && name.matches('^[-._a-zA-Z0-9]+$') && \
                name != '.' && !name.startsWith('..'))
                """,
                message: """
                    each name in config.env must be a valid key of a Secret: letters, digits, -, _ and ., at most 253 \
                    characters, not . and not beginning with ..
                    """
            ) { configuration, _ in
                (configuration["env"]?.objectValue ?? [:]).keys.allSatisfy(ServerConfiguration.isValidVariableName)
            },
            Rule(
                """
                !has(self.files) || self.files.all(name, name.size() <= 253 && name.matches('^[-._a-zA-Z0-9]+$') && \
                name != '.' && !name.startsWith('..'))
                """,
                message: """
                    each name in config.files must be a file name of letters, digits, -, _ and ., at most 253 characters, \
                    not . and not beginning with ..
                    """
            ) { configuration, _ in
                (configuration["files"]?.objectValue ?? [:]).keys.allSatisfy(ConfigurationTemplate.isValidFileName)
            },
            Rule(
                """
                !has(self.templates) || self.templates.all(t, \
                (!has(t.env) || !has(self.env) || !(t.env in self.env)) && \
                (!has(t.file) || !has(self.files) || !(t.file in self.files)))
                """,
                message: "the target of a template is also set in config.env or config.files: remove one of the two"
            ) { configuration, _ in
                let env = configuration["env"]?.objectValue ?? [:]
                let files = configuration["files"]?.objectValue ?? [:]
                return configuration.elements("templates").allSatisfy { template in
                    env[template["env"]?.stringValue ?? ""] == nil && files[template["file"]?.stringValue ?? ""] == nil
                }
            },
            Rule(
                """
                !has(self.templates) || self.templates.all(t, self.templates.filter(u, \
                has(t.env) ? has(u.env) && t.env == u.env : has(t.file) && has(u.file) && t.file == u.file).size() <= 1)
                """,
                message: "two templates have the same target: give each a different env or file"
            ) { configuration, _ in
                let templates = configuration.elements("templates")
                return templates.allSatisfy { template in
                    let target = template["env"] == nil ? "file" : "env"
                    guard let name = template[target] else { return true }
                    return templates.count { $0[target] == name } == 1
                }
            },
        ]
    )
}

/// A text with `${VARIABLE}` placeholders, which are replaced before the server gets it.
public struct ConfigurationTemplate: Sendable, Hashable, Codable {
    /// The name of the template.
    public var name: String
    /// The text itself. Mutually exclusive with configMapKeyRef. `$${VARIABLE}` results in the literal text
    /// `${VARIABLE}`.
    public var content: String?
    /// The key of a ConfigMap in the same namespace that contains the text. Mutually exclusive with content.
    public var configMapKeyRef: ConfigMapKeySelector?
    /// The values of the placeholders.
    public var variables: [TemplateVariable]?
    /// The environment variable that is set to the result. Mutually exclusive with file.
    public var env: String?
    /// The file under /files that contains the result. Mutually exclusive with env.
    public var file: String?

    /// Creates a value from its fields.
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

extension ConfigurationTemplate: SchemaProviding {
    public static let schema = Schema.object(
        ConfigurationTemplate.self,
        """
        A text with ${VARIABLE} placeholders, which are replaced. The server gets the result as an environment \
        variable or as a file.
        """,
        [
            "name": .string("The name of the template.").dnsLabel().required(),
            "content": .string(
                """
                The text itself. Mutually exclusive with configMapKeyRef. `$${VARIABLE}` results in the literal text \
                `${VARIABLE}`.
                """
            )
            .length(0...262144),
            "configMapKeyRef": ConfigMapKeySelector.schema.described(
                """
                The key of a ConfigMap in the same namespace that contains the text. Mutually exclusive with content.
                """
            ),
            "variables": .array("The values of the placeholders.", of: TemplateVariable.schema)
                .items(0...64)
                .listMap("name"),
            "env": .string("The environment variable that is set to the result. Mutually exclusive with file.")
                .length(1...253)
                .pattern("^[ -<>-~]+$"),
            "file": .string("The file under /files that contains the result. Mutually exclusive with env.")
                .length(1...253)
                .pattern("^(\\.?[-_a-zA-Z0-9][-._a-zA-Z0-9]*)$"),
        ],
        rules: [
            .exactlyOneOf("content", "configMapKeyRef", message: "set exactly one of content and configMapKeyRef"),
            .exactlyOneOf("env", "file", message: "set exactly one of env and file: where the result goes"),
        ]
    )
}

/// The value of a placeholder of a template.
public struct TemplateVariable: Sendable, Hashable, Codable {
    /// The name of the placeholder.
    public var name: String
    /// The text itself.
    public var value: String?
    /// A key of a Secret in the same namespace.
    public var secretKeyRef: SecretKeySelector?
    /// A key of a ConfigMap in the same namespace.
    public var configMapKeyRef: ConfigMapKeySelector?

    /// Creates a value from its fields.
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

extension TemplateVariable: SchemaProviding {
    public static let schema = Schema.object(
        TemplateVariable.self,
        "The value of a placeholder: exactly one of value, secretKeyRef and configMapKeyRef.",
        [
            "name": .string("The name of the placeholder.").length(1...253).pattern("^[A-Za-z_][A-Za-z0-9_]*$")
                .required(),
            "value": .string("The text itself.").length(0...32768),
            "secretKeyRef": SecretKeySelector.schema.described("A key of a Secret in the same namespace."),
            "configMapKeyRef": ConfigMapKeySelector.schema.described("A key of a ConfigMap in the same namespace."),
        ],
        rules: [
            .exactlyOneOf(
                "value",
                "secretKeyRef",
                "configMapKeyRef",
                message: "set exactly one of value, secretKeyRef and configMapKeyRef"
            )
        ]
    )
}
