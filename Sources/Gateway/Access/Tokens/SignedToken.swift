internal import MCPProtocol
internal import Policy

/// A JWT whose signature has not been verified: what it says, in order to find the key. Pure.
struct SignedToken: Sendable {
    /// The algorithm that the header names.
    let algorithm: SignatureAlgorithm
    /// The id of the key that the header names.
    let keyID: String?
    /// The claims, an object without duplicate names.
    let claims: RawJSON
    /// The issuer that the token claims to come from.
    let issuer: String
    private let text: String
    private let signedByteCount: Int
    private let signature: [UInt8]

    /// Values of the header `typ` that access tokens have (RFC 7519, section 5.1; RFC 9068, section 2.1). Others, such as `logout+jwt`, are
    /// for other purposes.
    private static let types: Set<String> = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"]

    /// - Throws: `AuthenticationFailure` if the text is not a signed JWT that can be accepted.
    init(_ text: String) throws(AuthenticationFailure) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw Self.malformed("it does not have three parts") }
        let header = try Self.object(parts[0], "header")
        claims = try Self.object(parts[1], "payload")
        guard let signature = Base64URL.decode(parts[2]), !signature.isEmpty else {
            throw Self.malformed("its signature is empty or not base64url")
        }
        self.text = text
        self.signature = signature
        signedByteCount = parts[0].count + 1 + parts[1].count

        guard let name = header["alg"]?.stringValue else { throw Self.malformed("its header has no alg") }
        guard let algorithm = SignatureAlgorithm(rawValue: name == "Ed25519" ? "EdDSA" : name) else {
            throw AuthenticationFailure(
                .invalidToken,
                "tokens with the algorithm \(name.quotedForMessage) are not accepted"
            )
        }
        self.algorithm = algorithm
        // Whoever does not know an extension that a token requires must refuse it (RFC 7515, section 4.1.11). We know none.
        guard header["crit"] == nil else { throw Self.malformed("its header has crit, which is not supported") }
        if let type = header["typ"] {
            guard let text = type.stringValue, Self.types.contains(text.lowercased()) else {
                throw AuthenticationFailure(
                    .invalidToken,
                    "the token is not an access token: its header has another typ"
                )
            }
        }
        if let id = header["kid"] {
            guard let text = id.stringValue, text.utf8.count <= 1_024 else {
                throw Self.malformed("its kid is not a string of at most 1024 bytes")
            }
            keyID = text
        } else {
            keyID = nil
        }
        guard let issuer = claims["iss"]?.stringValue else {
            throw AuthenticationFailure(.invalidToken, "the token has no claim iss")
        }
        self.issuer = issuer
    }

    /// Whether the signature was made with the key. The key's algorithm must be the one that the header names.
    func isSigned(with key: VerificationKey) -> Bool {
        key.algorithm == algorithm && key.isValid(signature, of: text.utf8.prefix(signedByteCount))
    }

    private static func object(_ part: Substring.UTF8View, _ name: String) throws(AuthenticationFailure) -> RawJSON {
        guard let bytes = Base64URL.decode(part) else { throw malformed("its \(name) is not base64url") }
        let json: RawJSON
        do {
            json = try RawJSON(parsing: bytes, limits: MessageLimits(maximumDepth: 32, maximumValues: 10_000))
        } catch {
            throw malformed("its \(name) is not valid JSON without duplicate names")
        }
        guard json.kind == .object else { throw malformed("its \(name) is not a JSON object") }
        return json
    }

    private static func malformed(_ problem: String) -> AuthenticationFailure {
        AuthenticationFailure(.invalidToken, "the token is not a JWT that can be accepted: \(problem)")
    }
}
