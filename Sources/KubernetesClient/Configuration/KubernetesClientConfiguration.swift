/// The address of an API server and the credentials for it, from a context of a kubeconfig or the service account of a pod.
public struct KubernetesClientConfiguration: Sendable, Hashable {
    /// Bytes in memory, or a file that is read again when it changes.
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

    /// How the client authenticates.
    public enum Credentials: Sendable, Hashable {
        /// Not at all, or only with a client certificate.
        case none
        /// With a bearer token.
        case token(SensitiveString)
        /// With a bearer token in a file, read again every minute. `initial` is used until the file can be read.
        case tokenFile(path: String, initial: SensitiveString?)
        /// With a user name and password.
        case basic(username: String, password: SensitiveString)
        /// With the output of a plug-in.
        case exec(ExecConfiguration)
    }

    /// The user that requests impersonate.
    public struct Impersonation: Sendable, Hashable {
        /// The user's name.
        public var user: String
        /// The user's uid.
        public var uid: String?
        /// The user's groups.
        public var groups: [String]
        /// Additional attributes of the user.
        public var extra: [String: [String]]

        public init(user: String, uid: String? = nil, groups: [String] = [], extra: [String: [String]] = [:]) {
            self.user = user
            self.uid = uid
            self.groups = groups
            self.extra = extra
        }
    }

    /// The server's URL, which can have a base path: `https://rancher.example/k8s/clusters/c-1`. A bare `host:port`
    /// means `https` if there are any TLS settings, as in kubectl.
    public var server: String
    /// The default namespace of requests. Defaults to `default`.
    public var namespace: String
    /// The trusted certificate authorities; `nil` for those of the system.
    public var certificateAuthority: Material?
    /// Whether the server's certificate is not verified. Never the default.
    public var insecureSkipTLSVerify: Bool
    /// The name that the server's certificate must contain, if it is not the URL's host.
    public var tlsServerName: String?
    /// The client's certificate.
    public var clientCertificate: Material?
    /// The key of the client's certificate.
    public var clientKey: Material?
    /// How the client authenticates, in addition to its certificate.
    public var credentials: Credentials
    /// The user that requests impersonate.
    public var impersonation: Impersonation?
    /// The proxy, as `http://` or `socks5://`; `nil` for that of the environment.
    public var proxyURL: String?
    /// Whether to request answers without compression.
    public var disableCompression: Bool
    /// The context of the kubeconfig, `nil` inside a cluster.
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

extension KubernetesClientConfiguration {
    /// Whether a server without a scheme means `https`, by kubectl's rule (client-go, `rest/url_utils.go`).
    var usesTLSByDefault: Bool {
        certificateAuthority != nil || clientCertificate != nil || insecureSkipTLSVerify
    }
}

/// A credential plug-in: a command that prints an `ExecCredential` (`client.authentication.k8s.io`).
public struct ExecConfiguration: Sendable, Hashable {
    /// Whether the plug-in can be interactive.
    public enum InteractiveMode: String, Sendable, Hashable {
        /// It gets no standard input.
        case never = "Never"
        /// It gets standard input if that is a terminal.
        case ifAvailable = "IfAvailable"
        /// It is not run if standard input is not a terminal.
        case always = "Always"
    }

    /// `client.authentication.k8s.io/v1` or `…/v1beta1`; the plug-in's output must have the same version.
    public var apiVersion: String
    /// The command: a path, or a name that is looked up in `PATH`.
    public var command: String
    /// Its arguments.
    public var arguments: [String]
    /// Environment variables in addition to those of this process.
    public var environment: [String: SensitiveString]
    /// How to install the command, for messages.
    public var installHint: String?
    /// Whether the plug-in receives information about the cluster.
    public var provideClusterInfo: Bool
    /// Whether it can be interactive.
    public var interactiveMode: InteractiveMode
    /// The information about the cluster: `spec.cluster` of `KUBERNETES_EXEC_INFO`, as JSON.
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
