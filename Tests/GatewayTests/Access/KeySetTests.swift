import MCPProtocol
import Policy
import Testing

@testable import Gateway

@Suite("Keys of an issuer") struct KeySetTests {
    private let all = Set(SignatureAlgorithm.allCases)

    private func set(_ keys: RawJSON..., allowed: Set<SignatureAlgorithm>? = nil) throws(JWKProblem) -> KeySet {
        try KeySet(parsing: TokenMint.jwks(keys), allowed: allowed ?? all)
    }

    private func isFound(_ set: KeySet, _ id: String?, _ algorithm: SignatureAlgorithm = .es256) -> Bool {
        if case .key = set.find(id: id, algorithm) { true } else { false }
    }

    /// An RSA key with this modulus, which no one knows the primes of.
    private func rsa(bits: Int, exponent: String = "AQAB") -> RawJSON {
        var modulus = [UInt8](repeating: 0xA5, count: (bits + 7) / 8)
        modulus[0] = UInt8(1 << ((bits - 1) % 8))
        return ["kty": "RSA", "kid": "r", "n": .string(Base64URL.encode(modulus)), "e": .string(exponent)]
    }

    @Test("a key is found by its id and algorithm, and by nothing else")
    func lookup() throws {
        let set = try set(TokenMint(id: "a").jwk, TokenMint(id: "b").jwk)
        #expect(isFound(set, "a"))
        #expect(isFound(set, "b"))
        #expect(!isFound(set, "c"))
        #expect(!isFound(set, ""))
        #expect(!isFound(set, "A"))
        #expect(!isFound(set, "a", .rs256))
        guard case .ambiguous(2) = set.find(id: nil, .es256) else {
            Issue.record("a token without an id must not choose one of two keys")
            return
        }
    }

    @Test(
        "a token without an id gets the only key of its algorithm; a key without an id is not the default for other ids"
    )
    func withoutID() throws {
        let one = try set(TokenMint(id: "a").jwk)
        #expect(isFound(one, nil))
        let nameless = try set(TokenMint().jwk.setting("kid", to: nil), rsa(bits: 2_048))
        #expect(isFound(nameless, nil))
        #expect(!isFound(nameless, "key-1"))
        #expect(isFound(nameless, "r", .ps384))
    }

    @Test("different keys with one id and algorithm are not used; the same key twice is")
    func duplicates() throws {
        let (first, second, other) = (TokenMint(id: "a"), TokenMint(id: "a"), TokenMint(id: "b"))
        let conflict = try set(first.jwk, second.jwk, other.jwk)
        #expect(!isFound(conflict, "a"))
        #expect(isFound(conflict, "b"))
        #expect(conflict.problems.contains { $0.contains("different keys have \"a\" and ES256") })
        #expect(isFound(try set(first.jwk, first.jwk), "a"))
        // The same id for keys of different types is allowed (RFC 7517, section 4.5).
        let types = try set(first.jwk, rsa(bits: 2_048).setting("kid", to: "a"))
        #expect(isFound(types, "a") && isFound(types, "a", .rs256))
    }

    @Test("three keys with one id are not used either")
    func triplicates() throws {
        let mint = TokenMint(id: "a")
        let conflict = try set(mint.jwk, TokenMint(id: "a").jwk, mint.jwk, TokenMint(id: "b").jwk)
        #expect(!isFound(conflict, "a"))
    }

    @Test("a key that cannot be used is left out with a reason, and the others stay")
    func unusable() throws {
        let mint = TokenMint(id: "good")
        let bad = TokenMint(id: "bad").jwk
        let cases: [(RawJSON, String)] = [
            (rsa(bits: 1_024), "1024 bits"), (rsa(bits: 2_047), "2047 bits"), (rsa(bits: 16_384), "16384 bits"),
            (rsa(bits: 2_048, exponent: "AQ"), "exponent"), (rsa(bits: 2_048, exponent: "Ag"), "exponent"),
            (rsa(bits: 2_048, exponent: "AQAAAAE"), "exponent"),
            (["kty": "oct", "kid": "s", "k": "c2VjcmV0"], "shared secret"),
            (["kty": "oct", "kid": "s", "k": "c2VjcmV0", "alg": "HS256"], "shared secret"),
            (bad.setting("alg", to: "none"), "alg is not supported"),
            (bad.setting("alg", to: "HS256"), "alg is not supported"),
            (bad.setting("alg", to: "RS256"), "alg does not fit"),
            (bad.setting("alg", to: "ES384"), "alg does not fit"),
            (bad.setting("use", to: "enc"), "use is not sig"),
            (bad.setting("key_ops", to: ["sign"]), "key_ops"),
            (bad.setting("d", to: "AAAA"), "private key"),
            (bad.setting("x", to: bad["y"]), "not on the curve"),
            (bad.setting("x", to: "AAAA"), "size of the curve"),
            (bad.setting("x", to: 5), "its x is missing"),
            (bad.setting("kid", to: 5), "kid is not a string"),
            (bad.setting("crv", to: "secp256k1"), "type is not supported"),
            (["kty": "OKP", "crv": "Ed25519", "x": "AAAA"], "Ed25519 key is not valid"),
            ("text", "no kty"),
        ]
        for (key, reason) in cases {
            let set = try set(key, mint.jwk)
            #expect(isFound(set, "good"))
            #expect(set.count == 1)
            #expect(set.problems.count == 1 && set.problems[0].contains(reason), "\(key): \(set.problems)")
        }
    }

    @Test("a key without alg can be used with what fits its type and is allowed")
    func allowed() throws {
        let set = try set(rsa(bits: 2_048), TokenMint(id: "e").jwk, allowed: [.rs256, .ps256])
        #expect(isFound(set, "r", .rs256) && isFound(set, "r", .ps256))
        #expect(!isFound(set, "r", .rs512) && !isFound(set, "e"))
    }

    @Test(
        "what is not a JWKS with keys is refused as a whole",
        arguments: [
            "", "<html>", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"AAAA"}]}"#,
            #"{"keys":[],"keys":[]}"#, #"{"keys":[{"kty":"EC","kty":"oct"}]}"#,
        ]
    )
    func refused(text: String) {
        #expect(throws: JWKProblem.self) { try KeySet(parsing: Array(text.utf8), allowed: all) }
    }

    @Test("a JWKS with too many keys, or nested too deeply, is refused")
    func bombs() {
        let keys = (0...KeySet.maximumKeys).map { RawJSON.object([("kty", "EC"), ("kid", .string("\($0)"))]) }
        #expect(throws: JWKProblem.self) { try KeySet(parsing: TokenMint.jwks(keys), allowed: all) }
        let deep = #"{"keys":"# + String(repeating: "[", count: 10_000)
        #expect(throws: JWKProblem.self) { try KeySet(parsing: Array(deep.utf8), allowed: all) }
    }
}
