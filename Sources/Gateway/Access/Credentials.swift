/// What a request carries to prove who makes it.
public struct Credentials: Sendable, Hashable {
    /// The values of the header `Authorization`, each of them.
    public var authorization: [String]
    /// The client's certificate, which TLS has verified with the gateway's client authorities; `nil` for none.
    public var certificate: ClientCertificate?
    /// Whether the query contains the parameter `access_token`.
    public var hasTokenInQuery: Bool
    /// The canonical URI of what is called, such as `https://mcp.example.com/acme/search/mcp`; `nil` if it is not known. A token for
    /// exactly this is accepted, beside those for the audiences of its issuer.
    public var resource: String?

    public init(
        authorization: [String] = [],
        certificate: ClientCertificate? = nil,
        hasTokenInQuery: Bool = false,
        resource: String? = nil
    ) {
        self.authorization = authorization
        self.certificate = certificate
        self.hasTokenInQuery = hasTokenInQuery
        self.resource = resource
    }

    /// The bearer token, or `nil` if the request has none.
    ///
    /// - Throws: `AuthenticationFailure` if there is anything else than exactly one header with one well-formed token.
    public func bearerToken(maximumBytes: Int) throws(AuthenticationFailure) -> String? {
        if hasTokenInQuery {
            throw AuthenticationFailure(
                .invalidRequest,
                "a token must not be in the query, where logs record it: send it in the header Authorization"
            )
        }
        guard let value = authorization.first else { return nil }
        guard authorization.count == 1 else {
            throw AuthenticationFailure(.invalidRequest, "the request has several Authorization headers; send one")
        }
        let bytes = value.utf8
        let scheme = bytes.prefix { $0 != UInt8(ascii: " ") }
        guard String(Substring(scheme)).lowercased() == "bearer" else {
            throw AuthenticationFailure(.invalidRequest, "the scheme of Authorization must be Bearer")
        }
        let token = bytes.dropFirst(scheme.count).drop { $0 == UInt8(ascii: " ") }
        guard token.count <= maximumBytes else {
            throw AuthenticationFailure(.invalidToken, "the token has more than \(maximumBytes) bytes")
        }
        guard Self.isToken68(token) else {
            throw AuthenticationFailure(.invalidRequest, "Authorization must be Bearer, a space and one token")
        }
        return String(Substring(token))
    }

    /// RFC 9110, section 11.2.
    private static func isToken68(_ bytes: some Collection<UInt8>) -> Bool {
        let body = bytes.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-._~+/".utf8.contains(byte)
            }
        }
        return !body.isEmpty && bytes.dropFirst(body.count).allSatisfy { $0 == UInt8(ascii: "=") }
    }
}

/// A certificate that a client has proven to own.
public struct ClientCertificate: Sendable, Hashable {
    /// Its names, each with its kind: `CN:…` for the common name of the subject, `DNS:…`, `URI:…` and `email:…` for subject alternative
    /// names.
    public var names: Set<String>
    /// The SHA-256 of its DER form.
    public var sha256: [UInt8]

    public init(names: Set<String>, sha256: [UInt8]) {
        self.names = names
        self.sha256 = sha256
    }
}
