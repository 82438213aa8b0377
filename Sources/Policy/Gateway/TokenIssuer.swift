/// An issuer whose tokens are accepted.
public struct TokenIssuer: Sendable, Hashable, Codable {
    /// The issuer, exactly as in the claim `iss` of its tokens.
    public var issuer: String
    /// The audiences, one of which a token must be for. A token for the address of the server that it calls is accepted too.
    public var audiences: [String]
    /// Where the keys are, if not where the issuer's OpenID Connect or OAuth metadata says.
    public var jwksURL: String?
    /// A file with the keys, instead of a URL. It is read again from time to time.
    public var jwksFile: String?
    /// The algorithms of signatures that are accepted. Defaults to all that are supported.
    public var algorithms: [SignatureAlgorithm]?
    /// Which tenants the callers belong to.
    public var tenants: TenantMapping
    /// A file with authorities in PEM that are trusted for the issuer instead of those of the system.
    public var caFile: String?
    /// Whether the keys may be read over plain HTTP. Whoever is in between can then log in as anybody. Defaults to `false`; loopback
    /// addresses are always allowed.
    public var allowPlainHTTP: Bool?
    /// How often the keys are read, in seconds. Defaults to 600.
    public var refreshSeconds: Int?
    /// How long a request to the issuer can take, in seconds. Defaults to 10.
    public var timeoutSeconds: Int?
    /// How tokens of the issuer are exchanged for tokens that servers can use on behalf of callers.
    public var tokenExchange: TokenExchangeSettings?

    public init(
        issuer: String,
        audiences: [String],
        jwksURL: String? = nil,
        jwksFile: String? = nil,
        algorithms: [SignatureAlgorithm]? = nil,
        tenants: TenantMapping,
        caFile: String? = nil,
        allowPlainHTTP: Bool? = nil,
        refreshSeconds: Int? = nil,
        timeoutSeconds: Int? = nil,
        tokenExchange: TokenExchangeSettings? = nil
    ) {
        self.issuer = issuer
        self.audiences = audiences
        self.jwksURL = jwksURL
        self.jwksFile = jwksFile
        self.algorithms = algorithms
        self.tenants = tenants
        self.caFile = caFile
        self.allowPlainHTTP = allowPlainHTTP
        self.refreshSeconds = refreshSeconds
        self.timeoutSeconds = timeoutSeconds
        self.tokenExchange = tokenExchange
    }

    /// How long a request to the issuer can take.
    public var timeout: Duration { .seconds(timeoutSeconds ?? 10) }

    func validate(field: String) throws(SettingsError) {
        guard !issuer.isEmpty, issuer.utf8.count <= 2_048, issuer.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw SettingsError(
                field: "\(field).issuer",
                "\"\(issuer)\" must be the issuer's URL, exactly as in the claim iss of its tokens"
            )
        }
        try SettingRules.checkAudiences(audiences, field: "\(field).audiences")
        if jwksURL != nil, jwksFile != nil {
            throw SettingsError(field: "\(field).jwksFile", "jwksURL and jwksFile are mutually exclusive")
        }
        if let jwksURL { try checkURL(jwksURL, field: "\(field).jwksURL") }
        if jwksURL == nil, jwksFile == nil { try checkURL(issuer, field: "\(field).issuer") }
        if let jwksFile, !jwksFile.hasPrefix("/") {
            throw SettingsError(field: "\(field).jwksFile", "\"\(jwksFile)\" must be an absolute path")
        }
        if let caFile, !caFile.hasPrefix("/") {
            throw SettingsError(field: "\(field).caFile", "\"\(caFile)\" must be an absolute path")
        }
        if let algorithms, algorithms.isEmpty {
            throw SettingsError(
                field: "\(field).algorithms",
                "must list at least one algorithm, such as RS256; remove the field for all"
            )
        }
        try tenants.validate(field: "\(field).tenants")
        try SettingsError.check(refreshSeconds, in: 10...86_400, field: "\(field).refreshSeconds")
        try SettingsError.check(timeoutSeconds, in: 1...60, field: "\(field).timeoutSeconds")
        try tokenExchange?.validate(field: "\(field).tokenExchange", allowPlainHTTP: allowPlainHTTP == true)
    }

    private func checkURL(_ text: String, field: String) throws(SettingsError) {
        guard let problem = FetchURL.problem(text, allowPlainHTTP: allowPlainHTTP == true) else { return }
        throw SettingsError(field: field, problem)
    }
}

/// The algorithms of signatures (RFC 7518, section 3.1; RFC 8037) that can be accepted. All use a pair of keys: with a shared secret
/// (`HS256` and so on), whoever verifies tokens could also make them.
public enum SignatureAlgorithm: String, Sendable, Hashable, Codable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"
}

/// Which URLs the gateway reads keys from.
public enum FetchURL {
    /// What is wrong with a URL, `nil` if the gateway may read from it.
    public static func problem(_ text: String, allowPlainHTTP: Bool) -> String? {
        guard text.utf8.count <= 2_048, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("#"),
            let authority = authority(of: text), !authority.host.isEmpty, !authority.hasUser
        else { return "\"\(text)\" must be a URL such as https://login.example.com/realm, without user and fragment" }
        if authority.scheme == "https" || allowPlainHTTP || isLoopback(authority.host) { return nil }
        return
            "\"\(text)\" must start with https://; set allowPlainHTTP to accept that whoever is in between can log in as anybody"
    }

    private static func authority(of text: String) -> (scheme: String, host: String, hasUser: Bool)? {
        for scheme in ["https", "http"] where text.hasPrefix("\(scheme)://") {
            let rest = text.dropFirst(scheme.count + 3).prefix { !"/?".contains($0) }
            let host = rest.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
            if host.hasPrefix("[") {
                guard let end = host.firstIndex(of: "]") else { return nil }
                return (scheme, String(host[host.index(after: host.startIndex)..<end]), rest.contains("@"))
            }
            return (scheme, String(host.prefix { $0 != ":" }), rest.contains("@"))
        }
        return nil
    }

    /// Whether a host is this machine, by name or address (RFC 6761, RFC 1122). Other spellings of addresses are not accepted.
    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } && UInt8(part) != nil
            }
    }
}
