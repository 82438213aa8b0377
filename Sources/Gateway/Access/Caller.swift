public import MCPProtocol

/// Who makes a request, as the gateway has found out from credentials that it has verified.
public struct Caller: Sendable, Hashable {
    /// Who vouches for the caller: the issuer of its token, or the kind of the credentials, such as `certificate`.
    public var issuer: String
    /// Who the caller is, in the issuer's terms.
    public var subject: String
    /// The OAuth client that acts for the caller; `nil` if the credentials name none.
    public var clientID: String?
    /// The OAuth scopes that the caller has.
    public var scopes: Set<String>
    /// The tenants that the caller belongs to, by name, as the platform maps issuers and claims to tenants.
    public var tenants: Set<String>
    /// The claims of the token, an object; empty for other credentials.
    public var claims: RawJSON

    public init(
        issuer: String,
        subject: String,
        clientID: String? = nil,
        scopes: Set<String> = [],
        tenants: Set<String> = [],
        claims: RawJSON = [:]
    ) {
        self.issuer = issuer
        self.subject = subject
        self.clientID = clientID
        self.scopes = scopes
        self.tenants = tenants
        self.claims = claims
    }

    /// A caller that nobody has authenticated: where authentication is switched off.
    public static let anonymous = Caller(issuer: "", subject: "anonymous")

    /// A name that no other caller has. Issuers are URLs or single words, and contain no line break.
    public var id: String { "\(issuer)\n\(subject)" }
}
