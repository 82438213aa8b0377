public import KubernetesAPI
public import Policy

/// How a Redis or Valkey server is reached.
public struct RedisConfiguration: Sendable {
    /// A user name and a password. Its description does not show them.
    public struct Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
        /// `nil` for Redis' default user.
        public var username: String?
        public var password: String

        public init(username: String? = nil, password: String) {
            self.username = username
            self.password = password
        }

        public var description: String { "[redacted]" }
        public var debugDescription: String { description }
    }

    /// TLS, with a verified certificate.
    public struct TLS: Sendable, Hashable {
        /// A file with certificates of authorities in PEM; `nil` for those of the system.
        public var caFile: String?
        /// The name that the certificate must have; `nil` for the host.
        public var serverName: String?

        public init(caFile: String? = nil, serverName: String? = nil) {
            self.caFile = caFile
            self.serverName = serverName
        }
    }

    public var host: String
    public var port: Int
    public var tls: TLS?
    /// The number of the database.
    public var database = 0
    /// Reads the credentials, for each connection; `nil` if none are needed.
    public var credentials: (@Sendable () throws -> Credentials)?
    /// How long one answer may take.
    public var timeout = Duration.milliseconds(250)
    /// How long a connection may take until it can be used, TLS and authentication included.
    public var connectTimeout = Duration.seconds(3)
    /// How many commands may wait for answers.
    public var maximumPending = 10_000
    /// The delays between attempts to connect.
    public var backoff = ExponentialBackoff(initial: .milliseconds(100), maximum: .seconds(5))

    public init(host: String, port: Int = 6_379) {
        self.host = host
        self.port = port
    }

    /// - Parameter readFile: reads a file as text, without the line break at its end.
    /// - Throws: `SettingsError` if the address is not valid.
    public init(
        _ settings: GatewayRedis,
        readFile: @escaping @Sendable (String) throws -> String
    ) throws(SettingsError) {
        guard let (host, port) = settings.hostAndPort else {
            throw SettingsError(field: "limits.redis.address", "\"\(settings.address)\" must be a host and a port")
        }
        self.init(host: host, port: port)
        if let tls = settings.tls, tls.mode != .disabled {
            self.tls = TLS(caFile: tls.caFile, serverName: tls.serverName)
        }
        database = settings.database ?? 0
        if let milliseconds = settings.timeoutMilliseconds { timeout = .milliseconds(milliseconds) }
        if let file = settings.passwordFile {
            credentials = { Credentials(username: settings.username, password: try readFile(file)) }
        }
    }
}
