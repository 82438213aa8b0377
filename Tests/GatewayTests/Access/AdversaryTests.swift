import Crypto
import Foundation
import KubernetesAPI
import MCPProtocol
import Policy
import TestSupport
import Testing

@testable import Gateway

@Suite("Tokens of adversaries") struct AdversaryTests {
    private let mint = TokenMint()

    private var settings: GatewayAuthentication { GatewayAuthentication(issuers: [Access.issuerSettings()]) }

    private func withGate(_ body: @escaping @Sendable (ConfiguredAuthenticator, KeyServer) async throws -> Void)
        async throws
    {
        let server = KeyServer(jwks: mint.jwks)
        try await withAuthenticator(settings, server: server) { try await body($0, server) }
    }

    private func expectRefused(
        _ token: String,
        _ gate: ConfiguredAuthenticator,
        _ reason: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        do {
            let caller = try await gate.authenticate(token: token)
            Issue.record("accepted as \(caller.id): \(token.prefix(200))", sourceLocation: sourceLocation)
        } catch {
            guard let error = error as? AuthenticationFailure else {
                Issue.record(error, sourceLocation: sourceLocation)
                return
            }
            #expect(error.code == .invalidToken || error.code == .invalidRequest, sourceLocation: sourceLocation)
            if let reason { #expect(error.message.contains(reason), sourceLocation: sourceLocation) }
        }
    }

    private func part(_ json: RawJSON) -> String { Base64URL.encode(json.bytes) }

    @Test("other algorithms than those of the allow-list, in every spelling")
    func algorithms() async throws {
        let mint = mint
        try await withGate { gate, _ in
            let signature = Base64URL.encode([UInt8](repeating: 1, count: 64))
            for name in [
                "none", "None", "NONE", "nOnE", "HS256", "HS384", "HS512", "es256", "ES256K", "RSA1_5", "", "ES256 ",
            ] {
                let header = part(["alg": .string(name), "kid": "key-1"])
                await expectRefused("\(header).\(part(Access.claims())).\(signature)", gate, "algorithm")
                await expectRefused("\(header).\(part(Access.claims())).", gate)
                await expectRefused("\(header).\(part(Access.claims()))", gate)
            }
            // An algorithm of another family, with the key's id.
            for name in ["RS256", "PS256", "ES384", "EdDSA"] {
                let token = try mint.token(Access.claims(), header: ["alg": .string(name), "kid": "key-1"])
                await expectRefused(token, gate, "does not publish")
            }
            for header: RawJSON in [
                ["kid": "key-1"], ["alg": .null, "kid": "key-1"], ["alg": ["ES256"], "kid": "key-1"],
            ] {
                await expectRefused(try mint.token(Access.claims(), header: header), gate, "no alg")
            }
        }
    }

    @Test("the public key as a shared secret")
    func confusion() async throws {
        let mint = mint
        try await withGate { gate, _ in
            let secrets = [
                Array(mint.key.publicKey.pemRepresentation.utf8), Array(mint.key.publicKey.derRepresentation),
                Array(mint.key.publicKey.x963Representation), Array(mint.jwk.bytes),
            ]
            for secret in secrets {
                let input = part(["alg": "HS256", "kid": "key-1"]) + "." + part(Access.claims())
                let code = HMAC<SHA256>.authenticationCode(for: Array(input.utf8), using: SymmetricKey(data: secret))
                await expectRefused("\(input).\(Base64URL.encode(Array(code)))", gate, "HS256")
            }
        }
    }

    @Test("an algorithm that the issuer may not use, although its key could")
    func allowList() async throws {
        let mint = mint
        let settings = GatewayAuthentication(issuers: [Access.issuerSettings(algorithms: [.rs256])])
        let other = TokenMint.jwks([
            mint.jwk,
            [
                "kty": "RSA", "kid": "r", "e": "AQAB",
                "n": .string(Base64URL.encode(Array(repeating: 0xA5, count: 256))),
            ],
        ])
        try await withAuthenticator(settings, server: KeyServer(jwks: other)) { gate in
            await expectRefused(try mint.token(Access.claims()), gate, "not accepted from")
        }
    }

    @Test("keys that the token brings along, or says where to find")
    func foreignKeys() async throws {
        let evil = TokenMint()
        try await withGate { gate, server in
            let requests = server.requests
            let headers: [RawJSON] = [
                ["alg": "ES256", "kid": "key-1", "jwk": evil.jwk],
                ["alg": "ES256", "kid": "key-1", "jku": "https://evil.example/jwks"],
                ["alg": "ES256", "kid": "key-1", "x5u": "https://evil.example/cert"],
                ["alg": "ES256", "jwk": evil.jwk], ["alg": "ES256"],
            ]
            for header in headers {
                await expectRefused(try evil.token(Access.claims(), header: header), gate, "signature")
            }
            #expect(server.requests == requests)
        }
    }

    @Test("unknown ids lead to no other key, and to few requests")
    func unknownIDs() async throws {
        let mint = mint
        try await withGate { gate, server in
            let requests = server.requests.count
            for id in ["key-2", "", "KEY-1", "key-1 ", "../key-1", "key-1\u{0}"] + (0..<200).map({ "x\($0)" }) {
                let token = try mint.token(Access.claims(), header: ["alg": "ES256", "kid": .string(id)])
                await expectRefused(token, gate, "does not publish")
            }
            for id: RawJSON in [5, [], .null, .string(String(repeating: "k", count: 1_025))] {
                await expectRefused(try mint.token(Access.claims(), header: ["alg": "ES256", "kid": id]), gate, "kid")
            }
            // Metadata and keys, at most once more.
            #expect(server.requests.count <= requests + 2)
            #expect(try await gate.authenticate(token: mint.token(Access.claims())).subject == "alice")
        }
    }

    @Test("a first token that is forged does not break the logins after it")
    func firstToken() async throws {
        // The key has no alg: an implementation that takes the algorithm of the first token would be stuck with it.
        let mint = mint
        let server = KeyServer(jwks: TokenMint.jwks([mint.jwk.setting("alg", to: nil)]))
        try await withAuthenticator(settings, server: server) { gate in
            for name in ["RS256", "HS256", "ES384"] {
                await expectRefused(
                    try mint.token(Access.claims(), header: ["alg": .string(name), "kid": "key-1"]),
                    gate
                )
            }
            #expect(try await gate.authenticate(token: mint.token(Access.claims())).subject == "alice")
        }
    }

    @Test("headers with other purposes, and extensions that must be understood")
    func headers() async throws {
        let mint = mint
        try await withGate { gate, _ in
            let base: RawJSON = ["alg": "ES256", "kid": "key-1"]
            for type in ["logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE", "", "at+jwt "] {
                await expectRefused(
                    try mint.token(Access.claims(), header: base.setting("typ", to: .string(type))),
                    gate,
                    "typ"
                )
            }
            for extension_: RawJSON in [["b64"], [], ["exp"]] {
                await expectRefused(
                    try mint.token(Access.claims(), header: base.setting("crit", to: extension_)),
                    gate,
                    "crit"
                )
            }
            for type in ["JWT", "jwt", "at+JWT", "application/at+jwt"] {
                let token = try mint.token(Access.claims(), header: base.setting("typ", to: .string(type)))
                #expect(try await gate.authenticate(token: token).subject == "alice")
            }
        }
    }

    @Test("claims and headers that are there twice")
    func duplicates() async throws {
        let mint = mint
        try await withGate { gate, _ in
            let claims = Access.claims().text.dropLast()
            for extra in [#""sub":"bob""#, #""tenant":"globex""#, #""s\u0075b":"bob""#, #""exp":9999999999"#] {
                await expectRefused(try mint.token(payload: Array("\(claims),\(extra)}".utf8)), gate, "duplicate")
            }
            let header = Array(#"{"alg":"none","alg":"ES256","kid":"key-1"}"#.utf8)
            let input = Base64URL.encode(header) + "." + part(Access.claims())
            let signature = try mint.key.signature(for: SHA256.hash(data: Array(input.utf8))).rawRepresentation
            await expectRefused("\(input).\(Base64URL.encode(Array(signature)))", gate, "duplicate")
        }
    }

    @Test("malformed tokens, huge tokens and JSON bombs")
    func malformed() async throws {
        let mint = mint
        try await withGate { gate, _ in
            let token = try mint.token(Access.claims())
            let parts = token.split(separator: ".").map(String.init)
            let signature = Array(Base64URL.decode(parts[2].utf8) ?? [])
            // The same bytes in other spellings.
            for other in [token + "=", token + "==", "\(parts[0])=.\(parts[1]).\(parts[2])", token + ".", "." + token] {
                await expectRefused(other, gate)
            }
            let standard = parts.joined(separator: ".").replacing("-", with: "+").replacing("_", with: "/")
            if standard != token { await expectRefused(standard, gate) }
            for count in [0, 1, 32, 63, 65, 96, 132] {
                let bytes = Array((signature + signature + signature).prefix(count))
                await expectRefused("\(parts[0]).\(parts[1]).\(Base64URL.encode(bytes))", gate)
            }
            // Zeros are a valid signature for implementations that do not check the range (CVE-2022-21449).
            await expectRefused(
                "\(parts[0]).\(parts[1]).\(Base64URL.encode(Array(repeating: 0, count: 64)))",
                gate,
                "signature"
            )
            for text in [
                "a", "a.b", "a.b.c", "..", "a..b", "....", "A.A.A", "e30.e30.e30", "\(parts[0]).e30.\(parts[2])",
            ] {
                await expectRefused(text, gate)
            }
            for payload in ["[]", "null", "\"x\"", "", "{", "{}", "{}{}", String(repeating: "[", count: 5_000)] {
                await expectRefused(try mint.token(payload: Array(payload.utf8)), gate)
            }
            let nested = String(repeating: #"{"a":"#, count: 1_000) + "1" + String(repeating: "}", count: 1_000)
            await expectRefused(try mint.token(payload: Array(nested.utf8)), gate, "JSON")
            let huge = Access.claims(["x": .string(String(repeating: "a", count: 20_000))])
            await expectRefused(try mint.token(huge), gate, "more than 16384 bytes")
            await expectRefused(try mint.token(payload: [0xFF, 0xFE]), gate, "JSON")
        }
    }

    @Test("no changed token is accepted", arguments: [0x5EED_0001 as UInt64])
    func mutations(seed: UInt64) async throws {
        let mint = mint
        let seed = ProcessInfo.processInfo.environment["MOORAGE_FUZZ_SEED"].flatMap { UInt64($0) } ?? seed
        try await withGate { gate, _ in
            var random = SeededGenerator(seed: seed)
            let token = Array(try mint.token(Access.claims()).utf8)
            let alphabet = Array("ABCxyz019-_.=+/ \"".utf8)
            for _ in 0..<5_000 {
                var changed = token
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let index = Int.random(in: 0..<changed.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: changed[index] = alphabet.randomElement(using: &random) ?? 0
                    case 1: changed.insert(alphabet.randomElement(using: &random) ?? 0, at: index)
                    default: changed.remove(at: index)
                    }
                }
                guard changed != token else { continue }
                do {
                    _ = try await gate.authenticate(token: String(decoding: changed, as: UTF8.self))
                    Issue.record("accepted with seed \(seed): \(String(decoding: changed, as: UTF8.self))")
                } catch {}
            }
        }
    }
}
