public import KubernetesAPI

/// A server that somebody else runs.
public struct RemoteServer: Sendable, Hashable, Codable {
    /// The URL of the MCP endpoint, such as https://mcp.example.com/mcp.
    public var url: String
    /// Header fields of each request, such as credentials.
    public var headers: [RemoteHeader]?
    /// The authorities that sign the server's certificate, instead of those that the system trusts.
    public var certificateAuthority: CertificateAuthority?
    /// How long connecting can take, TLS included. Defaults to 10.
    public var connectTimeoutSeconds: Int?
    /// How long an answer can take. Defaults to, and is at most, the time that the gateway allows all servers.
    public var requestTimeoutSeconds: Int?

    /// Creates a value from its fields.
    public init(
        url: String,
        headers: [RemoteHeader]? = nil,
        certificateAuthority: CertificateAuthority? = nil,
        connectTimeoutSeconds: Int? = nil,
        requestTimeoutSeconds: Int? = nil
    ) {
        self.url = url
        self.headers = headers
        self.certificateAuthority = certificateAuthority
        self.connectTimeoutSeconds = connectTimeoutSeconds
        self.requestTimeoutSeconds = requestTimeoutSeconds
    }
}

extension RemoteServer: SchemaProviding {
    public static let schema = Schema.object(
        RemoteServer.self,
        "A server that somebody else runs. The gateway calls it at its URL.",
        [
            "url": .string(
                """
                The URL of the MCP endpoint, such as https://mcp.example.com/mcp. It must be https, unless the tenant's network \
                rules name the address.
                """
            )
            .length(1...1024)
            .pattern("^[hH][tT][tT][pP][sS]?://[!-~]+$")
            .required(),
            "headers": .array(
                "Header fields of each request, such as credentials. Those of MCP and HTTP itself cannot be set.",
                of: RemoteHeader.schema
            )
            .items(0...32)
            .listMap("name"),
            "certificateAuthority": CertificateAuthority.schema.described(
                "The authorities that sign the server's certificate, instead of those that the system trusts."
            ),
            "connectTimeoutSeconds": .integer("How long connecting can take, TLS included. Defaults to 10.")
                .range(1...60),
            "requestTimeoutSeconds": .integer(
                "How long an answer can take. Defaults to, and is at most, the time that the gateway allows all servers."
            )
            .range(1...3600),
        ]
    )
}

/// A header field of the requests to a remote server.
public struct RemoteHeader: Sendable, Hashable, Codable {
    /// The name, such as Authorization.
    public var name: String
    /// The value, which everyone can read who can read the server.
    public var value: String?
    /// A key of a Secret in the same namespace whose value is the field's.
    public var secretKeyRef: SecretKeySelector?

    /// Creates a value from its fields.
    public init(name: String, value: String? = nil, secretKeyRef: SecretKeySelector? = nil) {
        self.name = name
        self.value = value
        self.secretKeyRef = secretKeyRef
    }
}

extension RemoteHeader: SchemaProviding {
    public static let schema = Schema.object(
        RemoteHeader.self,
        "A header field: exactly one of value and secretKeyRef.",
        [
            "name": .string("The name, such as Authorization.")
                .length(1...128)
                .pattern("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
                .required(),
            "value": .string(
                """
                The value. Everyone can read it who can read the server, so credentials belong in a Secret.
                """
            )
            .length(0...4096)
            .pattern("^[ -~]*$"),
            "secretKeyRef": SecretKeySelector.schema.described(
                """
                A key of a Secret in the same namespace whose value is the field's, such as Bearer followed by a token. A line \
                break at its end is ignored. If it is optional and missing, the field is not sent.
                """
            ),
        ],
        rules: [.exactlyOneOf("value", "secretKeyRef", message: "set exactly one of value and secretKeyRef")]
    )
}

/// Where the certificates of authorities are.
public struct CertificateAuthority: Sendable, Hashable, Codable {
    /// A key of a ConfigMap in the same namespace.
    public var configMapKeyRef: ConfigMapKeySelector?
    /// A key of a Secret in the same namespace.
    public var secretKeyRef: SecretKeySelector?

    /// Creates a value from its fields.
    public init(configMapKeyRef: ConfigMapKeySelector? = nil, secretKeyRef: SecretKeySelector? = nil) {
        self.configMapKeyRef = configMapKeyRef
        self.secretKeyRef = secretKeyRef
    }
}

extension CertificateAuthority: SchemaProviding {
    public static let schema = Schema.object(
        CertificateAuthority.self,
        "The certificates of authorities in PEM: exactly one of configMapKeyRef and secretKeyRef.",
        [
            "configMapKeyRef": ConfigMapKeySelector.schema.described("A key of a ConfigMap in the same namespace."),
            "secretKeyRef": SecretKeySelector.schema.described("A key of a Secret in the same namespace."),
        ],
        rules: [
            .exactlyOneOf(
                "configMapKeyRef",
                "secretKeyRef",
                message: "set exactly one of configMapKeyRef and secretKeyRef"
            )
        ]
    )
}

/// The remote server that the gateway calls.
public struct AcceptedRemoteServer: Sendable, Hashable, Codable {
    /// The accepted and, if new versions are reviewed, approved spec.remote.
    public var server: RemoteServer
    /// How it speaks MCP.
    public var transport: Transport
    /// Changes when a Secret or a ConfigMap changes that it names.
    public var contentVersion: String?

    /// Creates a value from its fields.
    public init(server: RemoteServer, transport: Transport, contentVersion: String? = nil) {
        self.server = server
        self.transport = transport
        self.contentVersion = contentVersion
    }
}

extension AcceptedRemoteServer: SchemaProviding {
    public static let schema = Schema.object(
        AcceptedRemoteServer.self,
        "The remote server that the gateway calls.",
        [
            "server": RemoteServer.schema.withoutChecks().described(
                "The accepted spec.remote; if new versions are reviewed, that of the approved one."
            )
            .required(),
            "transport": .string("How it speaks MCP.").values(of: Transport.self).required(),
            "contentVersion": .string(
                "Changes when a Secret or a ConfigMap changes that it names, so that the gateway reads them again."
            )
            .length(0...64),
        ]
    )
}
