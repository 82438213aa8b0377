/// How tokens of callers are exchanged for tokens that servers can use on their behalf (RFC 8693).
///
/// Only the platform sets this: the caller's token is sent to `tokenURL`.
public struct TokenExchangeSettings: Sendable, Hashable, Codable {
    /// The issuer's token endpoint.
    public var tokenURL: String
    /// The OAuth client of the gateway.
    public var clientID: String
    /// A file with the client's secret. It is read for each exchange.
    public var clientSecretFile: String?
    /// How the client's secret is sent. Defaults to `Basic`.
    public var clientAuthentication: ClientAuthenticationMethod?
    /// What tokens can be requested for, and which tenants' servers can get them.
    public var targets: [TokenExchangeTarget]
    /// How long a token is used at most, in seconds. Defaults to 300.
    public var maximumCacheSeconds: Int?

    public init(
        tokenURL: String,
        clientID: String,
        clientSecretFile: String? = nil,
        clientAuthentication: ClientAuthenticationMethod? = nil,
        targets: [TokenExchangeTarget],
        maximumCacheSeconds: Int? = nil
    ) {
        self.tokenURL = tokenURL
        self.clientID = clientID
        self.clientSecretFile = clientSecretFile
        self.clientAuthentication = clientAuthentication
        self.targets = targets
        self.maximumCacheSeconds = maximumCacheSeconds
    }

    func validate(field: String, allowPlainHTTP: Bool) throws(SettingsError) {
        if let problem = FetchURL.problem(tokenURL, allowPlainHTTP: allowPlainHTTP) {
            throw SettingsError(field: "\(field).tokenURL", problem)
        }
        guard !clientID.isEmpty, clientID.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw SettingsError(
                field: "\(field).clientID",
                "\"\(clientID)\" must be the name of an OAuth client in ASCII"
            )
        }
        try SettingsError.check(path: clientSecretFile, field: "\(field).clientSecretFile")
        try SettingsError.check(maximumCacheSeconds, in: 1...3_600, field: "\(field).maximumCacheSeconds")
        guard !targets.isEmpty else {
            throw SettingsError(
                field: "\(field).targets",
                "must list at least one target, or no token can be requested"
            )
        }
        var names: Set<String> = []
        for (index, target) in targets.enumerated() {
            try target.validate(field: "\(field).targets[\(index)]")
            guard names.insert(target.name).inserted else {
                throw SettingsError(field: "\(field).targets[\(index)].name", "\"\(target.name)\" is used twice")
            }
        }
    }
}

/// How the secret of an OAuth client is sent (RFC 6749, section 2.3.1).
public enum ClientAuthenticationMethod: String, Sendable, Hashable, Codable, CaseIterable {
    /// In the header `Authorization`.
    case basic = "Basic"
    /// In the body.
    case body = "Body"
}

/// A service that servers call on behalf of callers.
public struct TokenExchangeTarget: Sendable, Hashable, Codable {
    /// The name that servers use for it.
    public var name: String
    /// The service's name at the issuer, for the parameter `audience`.
    public var audience: String?
    /// The service's URL, for the parameter `resource`.
    public var resource: String?
    /// The scopes that are requested. Defaults to those that the issuer chooses.
    public var scopes: [String]?
    /// The tenants whose servers can get tokens for this; `*` for all.
    public var tenants: [String]

    public init(
        name: String,
        audience: String? = nil,
        resource: String? = nil,
        scopes: [String]? = nil,
        tenants: [String]
    ) {
        self.name = name
        self.audience = audience
        self.resource = resource
        self.scopes = scopes
        self.tenants = tenants
    }

    func validate(field: String) throws(SettingsError) {
        guard TenantNames.isValid(name) else {
            throw SettingsError(
                field: "\(field).name",
                "\"\(name)\" must have 1 to 63 lower-case letters, digits and dashes"
            )
        }
        guard audience?.isEmpty == false || resource?.isEmpty == false else {
            throw SettingsError(field: field, "must have audience or resource")
        }
        for (index, scope) in (scopes ?? []).enumerated() {
            try SettingRules.checkScope(scope, field: "\(field).scopes[\(index)]")
        }
        try SettingRules.checkTenants(tenants, field: "\(field).tenants")
    }
}
