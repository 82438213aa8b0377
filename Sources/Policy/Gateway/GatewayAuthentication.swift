public import KubernetesAPI

/// How callers of the gateway prove who they are, and which tenants they belong to.
///
/// Without a way to authenticate, the gateway refuses every call.
public struct GatewayAuthentication: Sendable, Hashable, Codable {
    /// Whether callers have to authenticate. Defaults to `Required`. `None` lets everybody call everything that access rules and scopes do
    /// not restrict.
    public var mode: AuthenticationMode?
    /// The issuers whose tokens are accepted.
    public var issuers: [TokenIssuer]?
    /// Whether tokens of the cluster's ServiceAccounts are accepted.
    public var serviceAccounts: ServiceAccountAuthentication?
    /// Which client certificates are accepted.
    public var clientCertificates: ClientCertificateAuthentication?
    /// Tokens that are known by their hash.
    public var staticTokens: [StaticToken]?
    /// Scopes that imply others: a caller with the scope `mcp:admin` also has those that are listed here. It can be nested.
    public var impliedScopes: [String: [String]]?
    /// How far the clocks of issuers may differ from the gateway's, in seconds. Defaults to 60.
    public var clockSkewSeconds: Int?
    /// The maximum size of a token in bytes. Defaults to 16384.
    public var maximumTokenBytes: Int?
    /// How many verified tokens are remembered until they expire. Defaults to 10000.
    public var maximumCachedTokens: Int?

    public init(
        mode: AuthenticationMode? = nil,
        issuers: [TokenIssuer]? = nil,
        serviceAccounts: ServiceAccountAuthentication? = nil,
        clientCertificates: ClientCertificateAuthentication? = nil,
        staticTokens: [StaticToken]? = nil,
        impliedScopes: [String: [String]]? = nil,
        clockSkewSeconds: Int? = nil,
        maximumTokenBytes: Int? = nil,
        maximumCachedTokens: Int? = nil
    ) {
        self.mode = mode
        self.issuers = issuers
        self.serviceAccounts = serviceAccounts
        self.clientCertificates = clientCertificates
        self.staticTokens = staticTokens
        self.impliedScopes = impliedScopes
        self.clockSkewSeconds = clockSkewSeconds
        self.maximumTokenBytes = maximumTokenBytes
        self.maximumCachedTokens = maximumCachedTokens
    }

    /// How far the clocks of issuers may differ from the gateway's.
    public var clockSkew: Duration { .seconds(clockSkewSeconds ?? 60) }

    /// Whether there is any way to authenticate.
    public var acceptsCredentials: Bool {
        !(issuers ?? []).isEmpty || serviceAccounts?.isEnabled == true || clientCertificates != nil
            || !(staticTokens ?? []).isEmpty
    }

    /// - Throws: `SettingsError`, which names the field below `field`.
    public func validate(field: String) throws(SettingsError) {
        if mode == AuthenticationMode.none, acceptsCredentials {
            throw SettingsError(
                field: "\(field).mode",
                "None switches authentication off, but credentials are configured: remove mode, or remove issuers, "
                    + "serviceAccounts, clientCertificates and staticTokens"
            )
        }
        var seen: Set<String> = []
        for (index, issuer) in (issuers ?? []).enumerated() {
            try issuer.validate(field: "\(field).issuers[\(index)]")
            guard seen.insert(issuer.issuer).inserted else {
                throw SettingsError(
                    field: "\(field).issuers[\(index)].issuer",
                    "\"\(issuer.issuer)\" is listed twice: merge the two entries"
                )
            }
        }
        try serviceAccounts?.validate(field: "\(field).serviceAccounts")
        try clientCertificates?.validate(field: "\(field).clientCertificates")
        var names: Set<String> = []
        for (index, token) in (staticTokens ?? []).enumerated() {
            try token.validate(field: "\(field).staticTokens[\(index)]")
            guard names.insert(token.name).inserted else {
                throw SettingsError(field: "\(field).staticTokens[\(index)].name", "\"\(token.name)\" is used twice")
            }
        }
        for (scope, implied) in (impliedScopes ?? [:]).sorted(by: { $0.key < $1.key }) {
            for text in [scope] + implied {
                try SettingRules.checkScope(text, field: "\(field).impliedScopes[\(scope)]")
            }
        }
        try SettingsError.check(clockSkewSeconds, in: 0...600, field: "\(field).clockSkewSeconds")
        try SettingsError.check(maximumTokenBytes, in: 1_024...131_072, field: "\(field).maximumTokenBytes")
        try SettingsError.check(maximumCachedTokens, in: 0...1_000_000, field: "\(field).maximumCachedTokens")
    }
}

/// Whether callers have to authenticate.
public enum AuthenticationMode: String, Sendable, Hashable, Codable, CaseIterable {
    /// They have to.
    case required = "Required"
    /// They do not have to, and nothing is known about them.
    case none = "None"
}

/// Tokens of the cluster's ServiceAccounts: an agent in the cluster needs no other identity provider.
public struct ServiceAccountAuthentication: Sendable, Hashable, Codable {
    /// Whether these tokens are accepted. Defaults to `Enabled`.
    public var mode: ServiceAccountMode?
    /// The audiences, one of which a token must be for. A pod requests it with `serviceAccountToken.audience` of a projected volume.
    public var audiences: [String]
    /// The cluster's issuer. Defaults to what the API server publishes.
    public var issuer: String?
    /// How often the keys are read, in seconds. Defaults to 600.
    public var refreshSeconds: Int?

    public init(
        mode: ServiceAccountMode? = nil,
        audiences: [String],
        issuer: String? = nil,
        refreshSeconds: Int? = nil
    ) {
        self.mode = mode
        self.audiences = audiences
        self.issuer = issuer
        self.refreshSeconds = refreshSeconds
    }

    /// Whether these tokens are accepted.
    public var isEnabled: Bool { mode != .disabled }

    func validate(field: String) throws(SettingsError) {
        try SettingRules.checkAudiences(audiences, field: "\(field).audiences")
        try SettingsError.check(refreshSeconds, in: 10...86_400, field: "\(field).refreshSeconds")
    }
}

/// Whether tokens of ServiceAccounts are accepted.
public enum ServiceAccountMode: String, Sendable, Hashable, Codable, CaseIterable {
    case enabled = "Enabled"
    case disabled = "Disabled"
}

/// Client certificates, which TLS has verified with the gateway's client authorities.
public struct ClientCertificateAuthentication: Sendable, Hashable, Codable {
    /// A file with the authorities in PEM that sign client certificates.
    public var authoritiesFile: String
    /// Which certificates are accepted. The first rule that matches applies.
    public var rules: [ClientCertificateRule]
    /// Whether every connection needs a certificate, also those of callers with a token. Defaults to `false`.
    public var required: Bool?

    public init(authoritiesFile: String, rules: [ClientCertificateRule], required: Bool? = nil) {
        self.authoritiesFile = authoritiesFile
        self.rules = rules
        self.required = required
    }

    func validate(field: String) throws(SettingsError) {
        guard authoritiesFile.hasPrefix("/") else {
            throw SettingsError(
                field: "\(field).authoritiesFile",
                "\"\(authoritiesFile)\" must be the absolute path of a file in PEM"
            )
        }
        guard !rules.isEmpty else {
            throw SettingsError(field: "\(field).rules", "must list at least one rule, or no certificate is accepted")
        }
        for (index, rule) in rules.enumerated() { try rule.validate(field: "\(field).rules[\(index)]") }
    }
}

/// Certificates that are accepted, and what their owners may do.
public struct ClientCertificateRule: Sendable, Hashable, Codable {
    /// Names of certificates, one of which must match: `DNS:agent.example.com`, `URI:spiffe://example.com/agent`, `email:…` or `CN:…`. `*`
    /// stands for any number of characters.
    public var names: [String]?
    /// SHA-256 fingerprints of certificates in hexadecimal, one of which must match.
    public var sha256: [String]?
    /// The tenants that the owners belong to; `*` for all.
    public var tenants: [String]
    /// The scopes that the owners have.
    public var scopes: [String]?

    public init(names: [String]? = nil, sha256: [String]? = nil, tenants: [String], scopes: [String]? = nil) {
        self.names = names
        self.sha256 = sha256
        self.tenants = tenants
        self.scopes = scopes
    }

    func validate(field: String) throws(SettingsError) {
        guard names?.isEmpty == false || sha256?.isEmpty == false else {
            throw SettingsError(field: field, "must have names or sha256")
        }
        for (index, name) in (names ?? []).enumerated()
        where !["DNS:", "URI:", "email:", "CN:"].contains(where: { name.hasPrefix($0) && name.count > $0.count }) {
            throw SettingsError(
                field: "\(field).names[\(index)]",
                "\"\(name)\" must start with DNS:, URI:, email: or CN:, such as DNS:agent.example.com"
            )
        }
        for (index, text) in (sha256 ?? []).enumerated() {
            try SettingRules.checkHash(text, field: "\(field).sha256[\(index)]")
        }
        try SettingRules.checkTenants(tenants, field: "\(field).tenants")
        for (index, scope) in (scopes ?? []).enumerated() {
            try SettingRules.checkScope(scope, field: "\(field).scopes[\(index)]")
        }
    }
}

/// A token that does not come from an issuer. Only its hash is written down, so it must be random: `openssl rand -hex 32`.
public struct StaticToken: Sendable, Hashable, Codable {
    /// The name of the caller.
    public var name: String
    /// The SHA-256 of the token in hexadecimal: `printf %s "$TOKEN" | sha256sum`.
    public var sha256: String
    /// The tenants that the caller belongs to; `*` for all.
    public var tenants: [String]
    /// The scopes that the caller has.
    public var scopes: [String]?
    /// When the token stops being valid. Defaults to never.
    public var expires: Timestamp?

    public init(
        name: String,
        sha256: String,
        tenants: [String],
        scopes: [String]? = nil,
        expires: Timestamp? = nil
    ) {
        self.name = name
        self.sha256 = sha256
        self.tenants = tenants
        self.scopes = scopes
        self.expires = expires
    }

    func validate(field: String) throws(SettingsError) {
        guard !name.isEmpty, name.utf8.count <= 253, name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw SettingsError(
                field: "\(field).name",
                "\"\(name)\" must have 1 to 253 characters of ASCII without spaces"
            )
        }
        try SettingRules.checkHash(sha256, field: "\(field).sha256")
        try SettingRules.checkTenants(tenants, field: "\(field).tenants")
        for (index, scope) in (scopes ?? []).enumerated() {
            try SettingRules.checkScope(scope, field: "\(field).scopes[\(index)]")
        }
    }
}
