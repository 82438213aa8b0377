import ControllerRuntime
import Crypto
import Foundation
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import Logging
import MCPProtocol
import MCPTransport
import Policy
import Synchronization
import TestSupport

@testable import Gateway

/// Makes tokens with ES256, for tests that are not about cryptography.
struct TokenMint {
    let key = P256.Signing.PrivateKey()
    let id: String

    init(id: String = "key-1") { self.id = id }

    /// The public key, as in a JWKS.
    var jwk: RawJSON {
        let point = Array(key.publicKey.x963Representation)
        return [
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": .string(id),
            "x": .string(Base64URL.encode(point[1...32])), "y": .string(Base64URL.encode(point[33...])),
        ]
    }

    var jwks: [UInt8] { Self.jwks([jwk]) }

    static func jwks(_ keys: [RawJSON]) -> [UInt8] { Array(RawJSON.object([("keys", .array(keys))]).bytes) }

    func token(_ claims: RawJSON, header: RawJSON? = nil) throws -> String {
        try token(payload: Array(claims.bytes), header: header)
    }

    func token(payload: [UInt8], header: RawJSON? = nil) throws -> String {
        let header = header ?? ["alg": "ES256", "typ": "at+jwt", "kid": .string(id)]
        let input = Base64URL.encode(header.bytes) + "." + Base64URL.encode(payload)
        let signature = try key.signature(for: SHA256.hash(data: Array(input.utf8)))
        return input + "." + Base64URL.encode(Array(signature.rawRepresentation))
    }
}

/// What most tests use.
enum Access {
    static let issuer = "https://login.example.com/realm"
    static let audience = "https://mcp.example.com"
    /// 2026-07-28T00:00:00Z.
    static let now = Timestamp(secondsSinceEpoch: 1_785_196_800)

    /// The claims of a token that is valid, with changes; `null` removes a claim.
    static func claims(_ changes: RawJSON = [:]) -> RawJSON {
        let base: RawJSON = [
            "iss": .string(issuer), "sub": "alice", "aud": .string(audience), "iat": .integer(now.secondsSinceEpoch),
            "exp": .integer(now.secondsSinceEpoch + 300), "client_id": "agent", "scope": "search:read",
            "tenant": "acme",
        ]
        return (changes.members ?? []).reduce(base) { $0.setting($1.name, to: $1.value.isNull ? nil : $1.value) }
    }

    static func issuerSettings(
        algorithms: [SignatureAlgorithm]? = nil,
        tenants: TenantMapping = TenantMapping(claim: "tenant")
    ) -> TokenIssuer {
        TokenIssuer(issuer: issuer, audiences: [audience], algorithms: algorithms, tenants: tenants)
    }

    /// What the issuer's server answers, by URL.
    static func answers(_ jwks: [UInt8]) -> [String: HTTPExchangeResponse] {
        let metadata: RawJSON = ["issuer": .string(issuer), "jwks_uri": .string("\(issuer)/keys")]
        return [
            "\(issuer)/.well-known/openid-configuration": HTTPExchangeResponse(
                status: 200,
                body: HTTPExchangeBody(Array(metadata.bytes))
            ),
            "\(issuer)/keys": HTTPExchangeResponse(status: 200, body: HTTPExchangeBody(jwks)),
        ]
    }
}

/// A server of keys in memory.
final class KeyServer: HTTPExchange {
    private struct State {
        var answers: [String: HTTPExchangeResponse]
        var requests: [String] = []
    }

    private let state: Mutex<State>

    init(_ answers: [String: HTTPExchangeResponse] = [:]) { state = Mutex(State(answers: answers)) }

    convenience init(jwks: [UInt8]) { self.init(Access.answers(jwks)) }

    /// The URLs that were requested.
    var requests: [String] { state.withLock { $0.requests } }

    func answer(_ answers: [String: HTTPExchangeResponse]) { state.withLock { $0.answers = answers } }

    func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
        try state.withLock { state in
            state.requests.append(request.url)
            guard let answer = state.answers[request.url] else {
                throw MCPClientError(.connectionRefused, "\(request.url): cannot connect")
            }
            return answer
        }
    }
}

/// The calendar of a test.
final class Calendar: Sendable {
    private let seconds = Mutex(Access.now.secondsSinceEpoch)

    func advance(by seconds: Int64) { self.seconds.withLock { $0 += seconds } }

    /// A clock with this calendar, whose sleeps end `factor` times as early.
    func clock(fasterBy factor: Int = 1) -> RuntimeClock {
        let read: @Sendable () -> MicroTimestamp = {
            MicroTimestamp(microsecondsSinceEpoch: self.seconds.withLock { $0 } * 1_000_000)
        }
        return RuntimeClock(ScaledClock(factor: factor), wallTime: read)
    }
}

/// An authenticator that runs during a test.
func withAuthenticator(
    _ settings: GatewayAuthentication?,
    server: KeyServer = KeyServer(),
    kubernetes: KubernetesClient? = nil,
    tenantOfNamespace: @escaping @Sendable (String) -> String? = { _ in nil },
    calendar: Calendar = Calendar(),
    fasterBy factor: Int = 1,
    body: @escaping @Sendable (ConfiguredAuthenticator) async throws -> Void
) async throws {
    let authenticator = try ConfiguredAuthenticator(
        settings,
        ConfiguredAuthenticator.Dependencies(
            exchange: { _ in server },
            kubernetes: kubernetes,
            tenantOfNamespace: tenantOfNamespace,
            clock: calendar.clock(fasterBy: factor),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await authenticator.run() }
        group.addTask {
            try await authenticator.untilKeysWereRead()
            try await body(authenticator)
        }
        try await group.next()
        group.cancelAll()
    }
}

extension ConfiguredAuthenticator {
    /// Waits until the keys of each issuer were read, or reading them failed.
    func untilKeysWereRead() async throws {
        while issuerStatuses.contains(where: { $0.keys == 0 && $0.failure == nil }) {
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    func authenticate(token: String, resource: String? = nil) async throws -> Caller {
        try await authenticate(Credentials(authorization: ["Bearer \(token)"], resource: resource))
    }
}
