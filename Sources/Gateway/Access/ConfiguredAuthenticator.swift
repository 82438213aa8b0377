public import ControllerRuntime
internal import Crypto
internal import KubernetesAPI
public import KubernetesClient
public import Logging
internal import MCPProtocol
public import MCPTransport
public import Policy
public import ServiceLifecycle
internal import Synchronization

/// Authenticates callers as the platform's settings say. Run it as a service: it reads the keys of issuers.
///
/// A request with a token is judged by its token alone: a bad token never leads to the identity of the client's certificate.
public final class ConfiguredAuthenticator: Authenticator, Service {
    /// What the authenticator needs from outside.
    public struct Dependencies: Sendable {
        /// Makes what sends requests for keys, and trusts these certificates.
        public var exchange: @Sendable (HTTPClientExchange.Trust) throws -> any HTTPExchange
        /// The cluster whose ServiceAccounts are accepted; `nil` without a cluster.
        public var kubernetes: KubernetesClient?
        /// The tenant that owns a namespace.
        public var tenantOfNamespace: @Sendable (String) -> String?
        /// The clock.
        public var clock: RuntimeClock
        /// Where failures are logged.
        public var logger: Logger

        public init(
            exchange: @escaping @Sendable (HTTPClientExchange.Trust) throws -> any HTTPExchange = Self.overHTTP,
            kubernetes: KubernetesClient? = nil,
            tenantOfNamespace: @escaping @Sendable (String) -> String? = { _ in nil },
            clock: RuntimeClock = .system,
            logger: Logger
        ) {
            self.exchange = exchange
            self.kubernetes = kubernetes
            self.tenantOfNamespace = tenantOfNamespace
            self.clock = clock
            self.logger = logger
        }

        /// Sends requests with async-http-client.
        public static let overHTTP: @Sendable (HTTPClientExchange.Trust) throws -> any HTTPExchange = { trust in
            var options = HTTPClientExchange.Options()
            options.trust = trust
            return try HTTPClientExchange(options)
        }
    }

    /// What is known about the keys of an issuer.
    public struct IssuerStatus: Sendable, Hashable {
        /// The issuer, or `ServiceAccounts` for the cluster's.
        public var issuer: String
        /// How many keys can be used.
        public var keys: Int
        /// Why the keys could not be read the last time; `nil` if they were.
        public var failure: String?
    }

    private struct Issuer: Sendable {
        var settings: TokenIssuer
        var keys: IssuerKeys
        var tenants: TenantMapper
    }

    private struct Cluster: Sendable {
        var audiences: [String]
        var keys: IssuerKeys
    }

    /// A token whose signature and times were valid.
    private struct Verified: Sendable {
        var claims: TokenClaims
        var generation: Int
    }

    private let settings: GatewayAuthentication
    private let issuers: [String: Issuer]
    private let cluster: Cluster?
    private let staticTokens: StaticTokens
    private let certificates: CertificateRules?
    private let scopes: ScopeHierarchy
    private let dependencies: Dependencies
    private let cache: Mutex<TokenCache<Verified>>

    /// - Parameter settings: `nil` if the platform sets none: every call is refused.
    /// - Throws: `SettingsError` if the settings are not valid, or cannot be used here.
    public init(_ settings: GatewayAuthentication?, _ dependencies: Dependencies) throws(SettingsError) {
        let settings = settings ?? GatewayAuthentication()
        try settings.validate(field: "gateway.authentication")
        self.settings = settings
        self.dependencies = dependencies
        var issuers: [String: Issuer] = [:]
        for issuer in settings.issuers ?? [] {
            let source = Self.source(issuer, dependencies)
            let keys = Self.keys(issuer.issuer, source, issuer.refreshSeconds, dependencies)
            issuers[issuer.issuer] = Issuer(settings: issuer, keys: keys, tenants: TenantMapper(issuer.tenants))
        }
        self.issuers = issuers
        if let accounts = settings.serviceAccounts, accounts.isEnabled {
            guard let client = dependencies.kubernetes else {
                throw SettingsError(
                    field: "gateway.authentication.serviceAccounts",
                    "needs a cluster: run the gateway in one, or set mode: Disabled"
                )
            }
            let source = ClusterKeySource(settings: accounts, client: client, clock: dependencies.clock)
            let keys = Self.keys(Self.clusterName, source, accounts.refreshSeconds, dependencies)
            cluster = Cluster(audiences: accounts.audiences, keys: keys)
        } else {
            cluster = nil
        }
        staticTokens = StaticTokens(settings.staticTokens ?? [])
        certificates = settings.clientCertificates.map { CertificateRules($0.rules) }
        scopes = ScopeHierarchy(settings.impliedScopes ?? [:])
        cache = Mutex(TokenCache(limit: settings.maximumCachedTokens ?? 10_000))
    }

    private static let clusterName = "ServiceAccounts"

    private static func source(_ issuer: TokenIssuer, _ dependencies: Dependencies) -> any KeySource {
        if let path = issuer.jwksFile { return FileKeySource(issuer: issuer, path: path) }
        return HTTPKeySource(issuer: issuer, http: IssuerHTTP(issuer, dependencies.exchange, dependencies.clock))
    }

    private static func keys(
        _ name: String,
        _ source: any KeySource,
        _ seconds: Int?,
        _ dependencies: Dependencies
    ) -> IssuerKeys {
        IssuerKeys(
            name: name,
            source: source,
            interval: .seconds(seconds ?? 600),
            clock: dependencies.clock,
            logger: dependencies.logger
        )
    }

    // MARK: - For the platform

    /// Whether authentication is switched off.
    public var isSwitchedOff: Bool { settings.mode == AuthenticationMode.none }

    /// What the platform should know about the settings, such as for a condition.
    public var warnings: [String] {
        if isSwitchedOff {
            return [
                "authentication is switched off (gateway.authentication.mode: None): everybody who reaches the gateway can call its servers"
            ]
        }
        return settings.acceptsCredentials ? [] : [Self.notConfigured]
    }

    static let notConfigured =
        "no authentication is configured, so every call is refused: set gateway.authentication.issuers or serviceAccounts, or mode: None "
        + "to let everybody in"

    /// The issuers that clients can get tokens from, for the metadata of resources.
    public var authorizationServers: [String] {
        (settings.issuers ?? []).map(\.issuer).filter { $0.hasPrefix("https://") || $0.hasPrefix("http://") }
    }

    /// The state of the keys of each issuer.
    public var issuerStatuses: [IssuerStatus] {
        allKeys.map { name, keys in
            let status = keys.status
            return IssuerStatus(issuer: name, keys: status.keys, failure: status.failure)
        }
    }

    private var allKeys: [(name: String, keys: IssuerKeys)] {
        (settings.issuers ?? []).compactMap { issuer in issuers[issuer.issuer].map { (issuer.issuer, $0.keys) } }
            + (cluster.map { [(Self.clusterName, $0.keys)] } ?? [])
    }

    /// Reads the keys of all issuers, until the service is stopped.
    public func run() async throws {
        for warning in warnings { dependencies.logger.warning("\(warning)") }
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for (_, keys) in self.allKeys { group.addTask { await keys.run() } }
                // A service that ends stops all others.
                group.addTask { for await _ in AsyncStream<Never>.makeStream().stream {} }
            }
        }
    }

    // MARK: - Requests

    public func authenticate(_ credentials: Credentials) async throws(AuthenticationFailure) -> Caller {
        if isSwitchedOff { return .anonymous }
        guard settings.acceptsCredentials else { throw AuthenticationFailure(.notConfigured, Self.notConfigured) }
        if let token = try credentials.bearerToken(maximumBytes: settings.maximumTokenBytes ?? 16_384) {
            return try await caller(token, credentials)
        }
        guard let certificates, let certificate = credentials.certificate else {
            throw AuthenticationFailure(
                .missingCredentials,
                "the request has no credentials; send a token in the header Authorization"
            )
        }
        guard let caller = certificates.caller(certificate, scopes) else {
            throw AuthenticationFailure(.invalidToken, "no rule of the gateway accepts the client's certificate")
        }
        return caller
    }

    private func caller(_ token: String, _ credentials: Credentials) async throws(AuthenticationFailure) -> Caller {
        let hash = Array(SHA256.hash(data: Array(token.utf8)))
        let time = dependencies.clock.wallTime
        let now = Timestamp(secondsSinceEpoch: time.microsecondsSinceEpoch / 1_000_000)
        if let known = staticTokens.find(hash) {
            if let expires = known.expires, now >= expires {
                throw AuthenticationFailure(.invalidToken, "the token has expired")
            }
            return Caller(
                issuer: Caller.Kind.staticToken,
                subject: known.name,
                scopes: scopes.expand(Set(known.scopes ?? [])),
                tenants: Set(known.tenants)
            )
        }
        let claims = try await verifiedClaims(token, hash, now)
        try checkBinding(claims, credentials.certificate)
        return try caller(claims, credentials.resource)
    }

    private func verifiedClaims(
        _ token: String,
        _ hash: [UInt8],
        _ now: Timestamp
    ) async throws(AuthenticationFailure) -> TokenClaims {
        let seconds = Double(now.secondsSinceEpoch)
        if let verified = cache.withLock({ $0.value(for: hash, now: seconds) }) {
            if let keys = keys(of: verified.claims.issuer), keys.generation == verified.generation {
                return verified.claims
            }
            cache.withLock { $0.remove(hash) }
        }
        let signed = try SignedToken(token)
        let (keys, issuer, allowed) = try await source(of: signed)
        guard allowed.contains(signed.algorithm) else {
            throw AuthenticationFailure(
                .invalidToken,
                "the algorithm \(signed.algorithm.rawValue) is not accepted from the token's issuer"
            )
        }
        let (key, generation) = try await keys.key(id: signed.keyID, signed.algorithm)
        guard signed.isSigned(with: key) else {
            throw AuthenticationFailure(.invalidToken, "the signature of the token is not valid")
        }
        let claims = try TokenClaims(signed.claims, issuer: issuer, now: now, skew: settings.clockSkew)
        let until = claims.expires + Double(settings.clockSkew.components.seconds)
        cache.withLock { $0.insert(Verified(claims: claims, generation: generation), for: hash, until: until) }
        return claims
    }

    /// The keys that a token must be signed with, by the issuer that it names.
    private func source(
        of token: SignedToken
    ) async throws(AuthenticationFailure) -> (IssuerKeys, issuer: String, allowed: Set<SignatureAlgorithm>) {
        if let issuer = issuers[token.issuer], issuer.settings.issuer.utf8.elementsEqual(token.issuer.utf8) {
            let allowed = Set(issuer.settings.algorithms ?? SignatureAlgorithm.allCases)
            return (issuer.keys, issuer.settings.issuer, allowed)
        }
        if let cluster {
            guard let issuer = await cluster.keys.issuer() else {
                throw AuthenticationFailure(
                    .unavailable,
                    "the cluster's keys cannot be read at the moment; try again later"
                )
            }
            if issuer.utf8.elementsEqual(token.issuer.utf8) {
                return (cluster.keys, issuer, Set(SignatureAlgorithm.allCases))
            }
        }
        throw AuthenticationFailure(
            .invalidToken,
            "tokens of the issuer \(token.issuer.quotedForMessage) are not accepted"
        )
    }

    private func keys(of issuer: String) -> IssuerKeys? { issuers[issuer]?.keys ?? cluster?.keys }

    /// A token that is bound to a certificate is only valid with it (RFC 8705, section 3).
    private func checkBinding(
        _ claims: TokenClaims,
        _ certificate: ClientCertificate?
    ) throws(AuthenticationFailure) {
        guard let thumbprint = claims.certificateThumbprint else { return }
        guard let certificate, let expected = Base64URL.decode(thumbprint.utf8),
            ConstantTime.areEqual(expected, certificate.sha256)
        else { throw AuthenticationFailure(.invalidToken, "the token is bound to another client certificate") }
    }

    private func caller(_ claims: TokenClaims, _ resource: String?) throws(AuthenticationFailure) -> Caller {
        let issuer = issuers[claims.issuer]
        let audiences = (issuer?.settings.audiences ?? cluster?.audiences ?? []) + (resource.map { [$0] } ?? [])
        guard claims.isFor(audiences) else {
            throw AuthenticationFailure(.invalidToken, "the token is for another audience")
        }
        var caller = Caller(
            issuer: claims.issuer,
            subject: claims.subject,
            clientID: claims.clientID,
            scopes: scopes.expand(claims.scopes),
            claims: claims.all
        )
        if let issuer {
            caller.tenants = issuer.tenants.tenants(claims.all)
        } else {
            let account = try ServiceAccountName(claims)
            caller.serviceAccount = account
            caller.tenants = dependencies.tenantOfNamespace(account.namespace).map { [$0] } ?? []
        }
        return caller
    }
}

extension ServiceAccountName {
    /// The ServiceAccount that a token of the cluster is for: its subject is `system:serviceaccount:NAMESPACE:NAME`, and the cluster's own
    /// claims must not say anything else.
    init(_ claims: TokenClaims) throws(AuthenticationFailure) {
        let parts = claims.subject.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount", TenantNames.isValid(parts[2]),
            !parts[3].isEmpty
        else { throw AuthenticationFailure(.invalidToken, "the token of the cluster is not of a ServiceAccount") }
        self.init(namespace: parts[2], name: parts[3])
        guard let details = claims.all["kubernetes.io"] else { return }
        let namespace = details["namespace"]?.stringValue
        let name = details[path: ["serviceaccount", "name"]]?.stringValue
        guard namespace == nil || namespace == self.namespace, name == nil || name == self.name else {
            throw AuthenticationFailure(.invalidToken, "the claims of the cluster's token contradict each other")
        }
    }
}
