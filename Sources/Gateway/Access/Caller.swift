public import MCPProtocol

/// Who makes a request, as the gateway has found out from credentials that it has verified.
public struct Caller: Sendable, Hashable {
    /// Who vouches for the caller: the issuer of its token, or the kind of the credentials, such as `certificate`.
    public var issuer: String
    /// Who the caller is, in the issuer's terms.
    public var subject: String
    /// The OAuth client that acts for the caller; `nil` if the credentials name none.
    public var clientID: String?
    /// The ServiceAccount that the caller is; `nil` for others, whatever their subject looks like.
    public var serviceAccount: ServiceAccountName?
    /// The OAuth scopes that the caller has, with those that they imply.
    public var scopes: Set<String>
    /// The tenants that the caller belongs to, by name, as the platform maps issuers and claims to tenants. `*` stands for all.
    public var tenants: Set<String>
    /// The claims of the token, an object; empty for other credentials.
    public var claims: RawJSON

    public init(
        issuer: String,
        subject: String,
        clientID: String? = nil,
        serviceAccount: ServiceAccountName? = nil,
        scopes: Set<String> = [],
        tenants: Set<String> = [],
        claims: RawJSON = [:]
    ) {
        self.issuer = issuer
        self.subject = subject
        self.clientID = clientID
        self.serviceAccount = serviceAccount
        self.scopes = scopes
        self.tenants = tenants
        self.claims = claims
    }

    /// The kinds of credentials that have no issuer with a URL.
    enum Kind {
        static let certificate = "certificate"
        static let staticToken = "static-token"
    }

    /// In `tenants`: all of them.
    public static let everyTenant = "*"

    /// A caller that nobody has authenticated: where authentication is switched off. It belongs to every tenant, and has no scopes.
    public static let anonymous = Caller(issuer: "", subject: "anonymous", tenants: [everyTenant])

    /// A name that no other caller has. Issuers are URLs or single words, and contain no line break.
    public var id: String { "\(issuer)\n\(subject)" }

    /// Whether the caller belongs to a tenant.
    ///
    /// - Parameter tenant: `nil` for namespaces that no tenant has claimed.
    public func belongs(to tenant: String?) -> Bool {
        tenants.contains(Self.everyTenant) || tenant.map { tenants.contains($0) } ?? false
    }
}

/// The name of a ServiceAccount.
public struct ServiceAccountName: Sendable, Hashable {
    /// Its namespace.
    public var namespace: String
    /// Its name.
    public var name: String

    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }
}
