internal import KubernetesAPI
internal import MCPProtocol
internal import Policy

/// The registered claims of a token whose signature is valid (RFC 7519, RFC 9068). Pure.
struct TokenClaims: Sendable {
    let issuer: String
    let subject: String
    /// When the token stops being valid, in seconds since 1970.
    let expires: Double
    let audiences: [String]
    let scopes: Set<String>
    let clientID: String?
    /// The SHA-256 of the client certificate that the token is bound to (RFC 8705), in base64url.
    let certificateThumbprint: String?
    /// All claims.
    let all: RawJSON

    /// Checks everything but the audience, which depends on the request.
    ///
    /// - Parameters:
    ///   - issuer: the issuer whose key has verified the signature.
    ///   - skew: how far clocks may differ.
    /// - Throws: `AuthenticationFailure` if a claim is missing, malformed or out of time.
    init(_ claims: RawJSON, issuer: String, now: Timestamp, skew: Duration) throws(AuthenticationFailure) {
        all = claims
        self.issuer = issuer
        guard let claimed = claims["iss"]?.stringValue, claimed.utf8.elementsEqual(issuer.utf8) else {
            throw Self.invalid("the token comes from another issuer")
        }
        guard let subject = claims["sub"]?.stringValue, (1...1_024).contains(subject.utf8.count),
            subject.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { throw Self.invalid("the token has no valid claim sub") }
        self.subject = subject

        let time = Double(now.secondsSinceEpoch)
        let tolerance = Double(skew.components.seconds)
        guard let expires = try Self.time(claims, "exp") else { throw Self.invalid("the token has no claim exp") }
        guard time < expires + tolerance else { throw Self.invalid("the token has expired") }
        self.expires = expires
        if let start = try Self.time(claims, "nbf"), time < start - tolerance {
            throw Self.invalid("the token is not valid yet")
        }
        if let issued = try Self.time(claims, "iat") {
            guard issued - tolerance <= time else { throw Self.invalid("the token was issued in the future") }
            guard issued <= expires else { throw Self.invalid("the token expires before it was issued") }
        }

        audiences = try Self.strings(claims, "aud")
        scopes = try Self.scopes(claims)
        let client = try Self.text(claims, "client_id")
        let authorizedParty = try Self.text(claims, "azp")
        clientID = client ?? authorizedParty
        certificateThumbprint = try Self.thumbprint(claims)
    }

    /// Whether the token is for one of these audiences.
    func isFor(_ accepted: [String]) -> Bool {
        audiences.contains { audience in accepted.contains { $0.utf8.elementsEqual(audience.utf8) } }
    }

    private static func invalid(_ message: String) -> AuthenticationFailure {
        AuthenticationFailure(.invalidToken, message)
    }

    private static func time(_ claims: RawJSON, _ name: String) throws(AuthenticationFailure) -> Double? {
        guard let value = claims[name] else { return nil }
        guard let time = value.doubleValue, abs(time) < 1e12 else { throw invalid("the claim \(name) is not a time") }
        return time
    }

    private static func text(_ claims: RawJSON, _ name: String) throws(AuthenticationFailure) -> String? {
        guard let value = claims[name], !value.isNull else { return nil }
        guard let text = value.stringValue, text.utf8.count <= 1_024 else {
            throw invalid("the claim \(name) is not a string of at most 1024 bytes")
        }
        return text.isEmpty ? nil : text
    }

    /// A text, or an array of texts.
    private static func strings(_ claims: RawJSON, _ name: String) throws(AuthenticationFailure) -> [String] {
        guard let value = claims[name] else { return [] }
        var strings: [String] = []
        for element in value.elements ?? [value] {
            guard let text = element.stringValue else {
                throw invalid("the claim \(name) is not a string or an array of strings")
            }
            strings.append(text)
        }
        return strings
    }

    /// `scope` (RFC 8693), with spaces between scopes, or `scp`, as some issuers call it, with spaces or as an array.
    private static func scopes(_ claims: RawJSON) throws(AuthenticationFailure) -> Set<String> {
        let name = claims["scope"] == nil ? "scp" : "scope"
        var scopes: Set<String> = []
        for text in try strings(claims, name) {
            for scope in text.split(separator: " ") {
                guard Scopes.isValid(String(scope)) else {
                    throw invalid("the claim \(name) contains an invalid scope")
                }
                scopes.insert(String(scope))
            }
        }
        return scopes
    }

    /// A token that is bound to a key is only valid with a proof that the caller has the key. Certificates are the only proof that is
    /// supported.
    private static func thumbprint(_ claims: RawJSON) throws(AuthenticationFailure) -> String? {
        guard let confirmation = claims["cnf"] else { return nil }
        guard let thumbprint = confirmation["x5t#S256"]?.stringValue, confirmation.members?.count == 1 else {
            throw invalid(
                "the token is bound to a key in a way that is not supported; only certificates are (RFC 8705)"
            )
        }
        return thumbprint
    }
}
