/// How the gateway limits callers. How many calls a minute are allowed is in the plans and in the tenants' quotas.
public struct GatewayLimits: Sendable, Hashable, Codable {
    /// The store in which all replicas of the gateway count together. Without one, each replica enforces an equal share of each limit.
    public var redis: GatewayRedis?
    /// What happens while the store does not answer. Defaults to `Local`.
    public var storeUnavailable: StoreUnavailablePolicy?
    /// How a call over a limit is answered. Defaults to `Status`.
    public var answer: LimitAnswerForm?
    /// How many requests may be in progress at the same time, in one replica.
    public var concurrentRequests: ConcurrentRequestLimits?
    /// How many bytes may be transferred a minute, over all replicas.
    public var bytesPerMinute: ByteLimits?

    public init(
        redis: GatewayRedis? = nil,
        storeUnavailable: StoreUnavailablePolicy? = nil,
        answer: LimitAnswerForm? = nil,
        concurrentRequests: ConcurrentRequestLimits? = nil,
        bytesPerMinute: ByteLimits? = nil
    ) {
        self.redis = redis
        self.storeUnavailable = storeUnavailable
        self.answer = answer
        self.concurrentRequests = concurrentRequests
        self.bytesPerMinute = bytesPerMinute
    }

    /// Checks what the types do not.
    ///
    /// - Throws: `SettingsError`, which names the field.
    public func validate(field: String) throws(SettingsError) {
        try redis?.validate(field: "\(field).redis")
        for (value, name) in [
            (concurrentRequests?.perServer, "concurrentRequests.perServer"),
            (concurrentRequests?.perPrincipal, "concurrentRequests.perPrincipal"),
        ] {
            try SettingsError.check(value, in: 1...1_000_000, field: "\(field).\(name)")
        }
        for (value, name) in [
            (bytesPerMinute?.perServer, "bytesPerMinute.perServer"),
            (bytesPerMinute?.perPrincipal, "bytesPerMinute.perPrincipal"),
        ] {
            try SettingsError.check(value, in: 1_024...(1 << 50), field: "\(field).\(name)")
        }
    }
}

/// What happens to calls while the store of the limits does not answer.
public enum StoreUnavailablePolicy: String, Sendable, Hashable, Codable, CaseIterable {
    /// Each replica enforces an equal share of each limit.
    case local = "Local"
    /// Calls are refused with status 503.
    case deny = "Deny"
    /// Calls are neither counted nor refused.
    case allow = "Allow"
}

/// How a call over a limit is answered.
public enum LimitAnswerForm: String, Sendable, Hashable, Codable, CaseIterable {
    /// With HTTP status 429 and a JSON-RPC error.
    case status = "Status"
    /// With status 200 and a tool result with `isError`, for clients that end their session when the status is not 200.
    case toolResult = "ToolResult"
}

/// How many requests may be in progress at the same time.
public struct ConcurrentRequestLimits: Sendable, Hashable, Codable {
    /// For one server. Defaults to 256.
    public var perServer: Int?
    /// For one principal. Defaults to 64.
    public var perPrincipal: Int?

    public init(perServer: Int? = nil, perPrincipal: Int? = nil) {
        self.perServer = perServer
        self.perPrincipal = perPrincipal
    }

    /// The default for one server.
    public static let defaultPerServer = 256
    /// The default for one principal.
    public static let defaultPerPrincipal = 64
}

/// How many bytes of requests and responses may be transferred a minute. An absent number sets no limit.
public struct ByteLimits: Sendable, Hashable, Codable {
    /// For one server.
    public var perServer: Int?
    /// For one principal.
    public var perPrincipal: Int?

    public init(perServer: Int? = nil, perPrincipal: Int? = nil) {
        self.perServer = perServer
        self.perPrincipal = perPrincipal
    }
}

/// A Redis or Valkey server. Redis Cluster and Sentinel are not supported.
public struct GatewayRedis: Sendable, Hashable, Codable {
    /// Host and port, such as `redis.moorage-system.svc:6379`; an IPv6 address is in brackets. The port defaults to 6379.
    public var address: String
    /// Whether and how TLS is used. Defaults to no TLS.
    public var tls: GatewayRedisTLS?
    /// The user; defaults to Redis' `default` user.
    public var username: String?
    /// A file with the password, such as a mounted Secret. It is read for each connection.
    public var passwordFile: String?
    /// The number of the database. Defaults to 0.
    public var database: Int?
    /// The beginning of all keys. Defaults to `moorage`.
    public var keyPrefix: String?
    /// How long one answer may take, in milliseconds. Defaults to 250.
    public var timeoutMilliseconds: Int?

    public init(
        address: String,
        tls: GatewayRedisTLS? = nil,
        username: String? = nil,
        passwordFile: String? = nil,
        database: Int? = nil,
        keyPrefix: String? = nil,
        timeoutMilliseconds: Int? = nil
    ) {
        self.address = address
        self.tls = tls
        self.username = username
        self.passwordFile = passwordFile
        self.database = database
        self.keyPrefix = keyPrefix
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    /// The host and the port of the address, or `nil` if it is not valid.
    public var hostAndPort: (host: String, port: Int)? { Self.parse(address) }

    private static func parse(_ address: String) -> (host: String, port: Int)? {
        let host: Substring
        let rest: Substring
        if address.hasPrefix("[") {
            guard let end = address.firstIndex(of: "]") else { return nil }
            host = address[address.index(after: address.startIndex)..<end]
            rest = address[address.index(after: end)...]
            guard host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
        } else {
            let end = address.firstIndex(of: ":") ?? address.endIndex
            host = address[..<end]
            rest = address[end...]
            guard host.utf8.allSatisfy(Self.isHostByte) else { return nil }
        }
        guard !host.isEmpty else { return nil }
        if rest.isEmpty { return (String(host), 6_379) }
        let digits = rest.dropFirst()
        guard rest.hasPrefix(":"), !digits.isEmpty, digits.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
            let port = Int(digits), (1...65_535).contains(port)
        else { return nil }
        return (String(host), port)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    func validate(field: String) throws(SettingsError) {
        guard hostAndPort != nil else {
            throw SettingsError(
                field: "\(field).address",
                "\"\(address)\" must be a host and a port without a scheme, such as redis.moorage-system.svc:6379"
            )
        }
        try SettingsError.check(path: passwordFile, field: "\(field).passwordFile")
        try SettingsError.check(path: tls?.caFile, field: "\(field).tls.caFile")
        if username != nil, passwordFile == nil {
            throw SettingsError(field: "\(field).username", "a user needs a password: set passwordFile")
        }
        if tls?.mode == .disabled, tls?.caFile != nil || tls?.serverName != nil {
            throw SettingsError(field: "\(field).tls.mode", "Disabled cannot be combined with caFile or serverName")
        }
        try SettingsError.check(database, in: 0...1_023, field: "\(field).database")
        try SettingsError.check(timeoutMilliseconds, in: 10...10_000, field: "\(field).timeoutMilliseconds")
        if let keyPrefix, !(1...64).contains(keyPrefix.utf8.count) || !keyPrefix.utf8.allSatisfy(Self.isPrefixByte) {
            throw SettingsError(
                field: "\(field).keyPrefix",
                "\"\(keyPrefix)\" must have 1 to 64 letters, digits, \"-\", \".\", \"_\" or \":\""
            )
        }
    }

    private static func isPrefixByte(_ byte: UInt8) -> Bool {
        isHostByte(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":")
    }
}

/// TLS to a Redis server. Its certificate is always verified.
public struct GatewayRedisTLS: Sendable, Hashable, Codable {
    /// Whether TLS is used. Defaults to `Enabled`.
    public var mode: GatewayTLSMode?
    /// A file with certificates of authorities in PEM, which replaces those of the system. It is read for each connection.
    public var caFile: String?
    /// The name that the certificate must have. Defaults to the host of the address.
    public var serverName: String?

    public init(mode: GatewayTLSMode? = nil, caFile: String? = nil, serverName: String? = nil) {
        self.mode = mode
        self.caFile = caFile
        self.serverName = serverName
    }
}

/// Whether TLS is used.
public enum GatewayTLSMode: String, Sendable, Hashable, Codable, CaseIterable {
    case enabled = "Enabled"
    case disabled = "Disabled"
}
