/// Where an API server is and how to be known to it: what a kubeconfig's context, or a pod's service account, comes to.
public struct KubernetesClientConfiguration: Sendable, Hashable {
    /// Bytes that are there, or a file that is read again when it changes.
    public enum Material: Sendable, Hashable, CustomStringConvertible {
        /// PEM bytes.
        case data([UInt8])
        /// The path of a PEM file.
        case file(String)

        public var description: String {
            switch self {
            case .data: "inline data"
            case .file(let path): path
            }
        }
    }

    /// How the client is known.
    public enum Credentials: Sendable, Hashable {
        /// Not at all, or by a client certificate alone.
        case none
        /// By a bearer token.
        case token(SensitiveString)
        /// By a bearer token in a file, read again each minute. The second token holds until the file could be read.
        case tokenFile(path: String, initial: SensitiveString?)
        /// By name and password.
        case basic(username: String, password: SensitiveString)
        /// By what a plug-in prints.
        case exec(ExecConfiguration)
    }

    /// As whom requests are made, where that is not who the credentials say.
    public struct Impersonation: Sendable, Hashable {
        /// The user's name.
        public var user: String
        /// The user's identity.
        public var uid: String?
        /// The user's groups.
        public var groups: [String]
        /// Whatever else is known of the user.
        public var extra: [String: [String]]

        public init(user: String, uid: String? = nil, groups: [String] = [], extra: [String: [String]] = [:]) {
            self.user = user
            self.uid = uid
            self.groups = groups
            self.extra = extra
        }
    }

    /// The server's URL, with a base path where it has one: `https://rancher.example/k8s/clusters/c-1`.
    public var server: String
    /// The namespace of requests that name none; `default` where nothing says otherwise.
    public var namespace: String
    /// Whom to trust; `nil` for the system's authorities.
    public var certificateAuthority: Material?
    /// Whether the server's certificate is taken as it is. Never the default.
    public var insecureSkipTLSVerify: Bool
    /// The name that the server's certificate must hold, where it is not the URL's host.
    public var tlsServerName: String?
    /// The client's certificate.
    public var clientCertificate: Material?
    /// The key of the client's certificate.
    public var clientKey: Material?
    /// How the client is known, besides its certificate.
    public var credentials: Credentials
    /// As whom requests are made.
    public var impersonation: Impersonation?
    /// The proxy, as `http://` or `socks5://`; `nil` for what the environment says.
    public var proxyURL: String?
    /// Whether answers are to come as they are, and not compressed.
    public var disableCompression: Bool
    /// The context that this comes from, `nil` in a cluster.
    public var context: String?

    public init(
        server: String,
        namespace: String = "default",
        certificateAuthority: Material? = nil,
        insecureSkipTLSVerify: Bool = false,
        tlsServerName: String? = nil,
        clientCertificate: Material? = nil,
        clientKey: Material? = nil,
        credentials: Credentials = .none,
        impersonation: Impersonation? = nil,
        proxyURL: String? = nil,
        disableCompression: Bool = false,
        context: String? = nil
    ) {
        self.server = server
        self.namespace = namespace
        self.certificateAuthority = certificateAuthority
        self.insecureSkipTLSVerify = insecureSkipTLSVerify
        self.tlsServerName = tlsServerName
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.credentials = credentials
        self.impersonation = impersonation
        self.proxyURL = proxyURL
        self.disableCompression = disableCompression
        self.context = context
    }
}

/// A credential plug-in: a command that prints an `ExecCredential` (`client.authentication.k8s.io`).
public struct ExecConfiguration: Sendable, Hashable {
    /// Whether the plug-in may talk to a person.
    public enum InteractiveMode: String, Sendable, Hashable {
        /// It gets no standard input.
        case never = "Never"
        /// It gets standard input where that is a terminal.
        case ifAvailable = "IfAvailable"
        /// It is not run where standard input is no terminal.
        case always = "Always"
    }

    /// `client.authentication.k8s.io/v1` or `…/v1beta1`; what the plug-in prints must have the same.
    public var apiVersion: String
    /// The command: a path, or a name that is looked up in `PATH`.
    public var command: String
    /// Its arguments.
    public var arguments: [String]
    /// Variables besides those of this process.
    public var environment: [String: SensitiveString]
    /// What to tell a person who has not got the command.
    public var installHint: String?
    /// Whether the plug-in is told of the cluster.
    public var provideClusterInfo: Bool
    /// Whether it may talk to a person.
    public var interactiveMode: InteractiveMode
    /// What the plug-in is told of the cluster: `spec.cluster` of `KUBERNETES_EXEC_INFO`, as JSON.
    public var clusterInfo: String?

    public init(
        apiVersion: String = "client.authentication.k8s.io/v1",
        command: String,
        arguments: [String] = [],
        environment: [String: SensitiveString] = [:],
        installHint: String? = nil,
        provideClusterInfo: Bool = false,
        interactiveMode: InteractiveMode = .never,
        clusterInfo: String? = nil
    ) {
        self.apiVersion = apiVersion
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.installHint = installHint
        self.provideClusterInfo = provideClusterInfo
        self.interactiveMode = interactiveMode
        self.clusterInfo = clusterInfo
    }
}
