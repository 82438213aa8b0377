import Foundation
import HTTPTypes
import KubernetesClient
import Logging
import MCPProtocol
import MCPTransport
import Policy
import Synchronization
import TestSupport
import Testing

@testable import Gateway

@Suite("Tokens for servers on behalf of callers") struct TokenExchangeTests {
    private static let token = SensitiveString("caller-token")
    private static let target = TokenExchangeTarget(
        name: "crm",
        audience: "crm api",
        resource: "https://crm.example/a?b=c&d",
        scopes: ["crm:read", "crm:write"],
        tenants: ["acme"]
    )

    private static func settings(
        _ targets: [TokenExchangeTarget] = [target],
        secretFile: String? = nil,
        method: ClientAuthenticationMethod? = nil
    ) -> TokenExchangeSettings {
        TokenExchangeSettings(
            tokenURL: "https://login.example.com/token",
            clientID: "moorage gateway",
            clientSecretFile: secretFile,
            clientAuthentication: method,
            targets: targets
        )
    }

    // MARK: - Messages

    private func request(_ secret: String?, _ method: ClientAuthenticationMethod?) -> HTTPExchangeRequest {
        TokenExchangeRequest(
            settings: Self.settings(method: method),
            target: Self.target,
            clientSecret: secret.map { SensitiveString($0) },
            subjectToken: Self.token
        ).httpRequest
    }

    private let form = """
        grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=caller-token\
        &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token\
        &requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token\
        &audience=crm+api&resource=https%3A%2F%2Fcrm.example%2Fa%3Fb%3Dc%26d&scope=crm%3Aread+crm%3Awrite
        """

    @Test("the request has the form of RFC 8693, and the client authenticates as configured")
    func requests() {
        func body(_ request: HTTPExchangeRequest) -> String { String(decoding: request.body ?? [], as: UTF8.self) }
        let basic = request("p:ä&", nil)
        #expect(basic.method == .post && basic.url == "https://login.example.com/token")
        #expect(body(basic) == form)
        #expect(basic.headers[.contentType] == "application/x-www-form-urlencoded")
        let pair = Data("moorage+gateway:p%3A%C3%A4%26".utf8).base64EncodedString()
        #expect(basic.headers[.authorization] == "Basic \(pair)")
        let inBody = request("p:ä&", .body)
        #expect(body(inBody) == form + "&client_id=moorage+gateway&client_secret=p%3A%C3%A4%26")
        #expect(inBody.headers[.authorization] == nil)
        let isPublic = request(nil, nil)
        #expect(body(isPublic) == form + "&client_id=moorage+gateway")
        #expect(isPublic.headers[.authorization] == nil)
    }

    private func answer(_ status: Int, _ text: String) throws(TokenExchangeError) -> TokenExchangeAnswer {
        try TokenExchangeAnswer(status: status, body: Array(text.utf8), subjectToken: Self.token)
    }

    @Test("an answer with a token")
    func answers() throws {
        let full = try answer(
            200,
            #"{"access_token":"abc","token_type":"bearer","expires_in":60,"issued_token_type":"x"}"#
        )
        #expect(full.token.reveal() == "abc")
        #expect(full.lifetime == .seconds(60))
        #expect("\(full.token)" == "[redacted]")
        #expect(try answer(200, #"{"access_token":"abc","token_type":"Bearer"}"#).lifetime == nil)
    }

    @Test(
        "answers that are not used",
        arguments: [
            (200, "", TokenExchangeError.Code.unavailable), (200, "<html>", .unavailable), (200, "[]", .unavailable),
            (200, #"{"token_type":"Bearer"}"#, .unavailable), (200, #"{"access_token":"a"}"#, .unavailable),
            (200, #"{"access_token":"a","token_type":"N_A"}"#, .unavailable),
            (200, #"{"access_token":"a","token_type":"DPoP"}"#, .unavailable),
            (200, #"{"access_token":"","token_type":"Bearer"}"#, .unavailable),
            (200, #"{"access_token":"a\r\nX-Evil: 1","token_type":"Bearer"}"#, .unavailable),
            (200, #"{"access_token":"a b","token_type":"Bearer"}"#, .unavailable),
            (200, #"{"access_token":"ä","token_type":"Bearer"}"#, .unavailable),
            (200, #"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#, .unavailable),
            (200, #"{"access_token":"a","token_type":"Bearer","expires_in":-1}"#, .unavailable),
            (200, #"{"access_token":"a","token_type":"Bearer","expires_in":"60"}"#, .unavailable),
            (200, #"{"access_token":"caller-token","token_type":"Bearer"}"#, .unavailable),
            (400, #"{"error":"invalid_grant"}"#, .refused), (400, #"{"error":"invalid_target"}"#, .refused),
            (403, #"{"error":"access_denied"}"#, .refused), (401, #"{"error":"invalid_client"}"#, .unavailable),
            (400, #"{"error":"unauthorized_client"}"#, .unavailable), (500, #"{"error":"x"}"#, .unavailable),
            (302, "{}", .unavailable), (201, #"{"access_token":"a","token_type":"Bearer"}"#, .unavailable),
        ]
    )
    func unusable(status: Int, text: String, code: TokenExchangeError.Code) {
        let error = #expect(throws: TokenExchangeError.self) { try answer(status, text) }
        #expect(error?.code == code)
        #expect(error?.message.contains("caller-token") == false)
    }

    // MARK: - Cache

    private func key(_ number: Int) -> TokenExchangeCache.Key {
        TokenExchangeCache.Key(issuer: "i", target: "t", tokenHash: [UInt8(number & 0xFF), UInt8(number >> 8)])
    }

    private func name(_ step: TokenExchangeCache.Step) -> String {
        switch step {
        case .exchange: "exchange"
        case .wait: "wait"
        case .known(.success): "token"
        case .known(.failure): "failure"
        }
    }

    @Test(
        "how long a token is used",
        arguments: [(300, 300, 270), (3_600, 300, 300), (40, 300, 20), (10, 300, 5), (nil, 300, 30), (nil, 10, 10)]
            as [(Int?, Int, Int)]
    )
    func lifetimes(lifetime: Int?, maximum: Int, expected: Int) {
        var cache = TokenExchangeCache(limit: 10)
        #expect(name(cache.begin(key(1), now: .seconds(100))) == "exchange")
        #expect(name(cache.begin(key(1), now: .seconds(100))) == "wait")
        cache.finish(
            key(1),
            .success(Self.token),
            lifetime: lifetime.map { .seconds($0) },
            maximum: .seconds(maximum),
            now: .seconds(100)
        )
        #expect(name(cache.begin(key(1), now: .seconds(100 + expected) - .milliseconds(1))) == "token")
        #expect(name(cache.begin(key(1), now: .seconds(100 + expected))) == "exchange")
    }

    @Test("a failure is remembered for seconds, and what was cancelled not at all")
    func failures() {
        var cache = TokenExchangeCache(limit: 10)
        let failure = TokenExchangeError(.unavailable, "x")
        _ = cache.begin(key(1), now: .zero)
        cache.finish(key(1), .failure(failure), lifetime: nil, maximum: .seconds(300), now: .zero)
        #expect(name(cache.begin(key(1), now: .seconds(2))) == "failure")
        #expect(name(cache.begin(key(1), now: .seconds(3))) == "exchange")
        cache.finish(key(1), nil, lifetime: nil, maximum: .seconds(300), now: .seconds(3))
        #expect(name(cache.begin(key(1), now: .seconds(3))) == "exchange")
    }

    @Test("the cache stays within its limit")
    func limit() {
        var cache = TokenExchangeCache(limit: 100)
        for number in 0..<2_000 {
            _ = cache.begin(key(number), now: .seconds(number))
            cache.finish(
                key(number),
                .success(Self.token),
                lifetime: .seconds(3_600),
                maximum: .seconds(3_600),
                now: .seconds(number)
            )
            #expect(cache.count <= 100)
        }
        #expect(name(cache.begin(key(1_999), now: .seconds(2_000))) == "token")
        #expect(name(cache.begin(key(0), now: .seconds(2_000))) == "exchange")
    }

    // MARK: - Exchanges

    /// A token endpoint that answers when the test lets it.
    private final class Endpoint: HTTPExchange {
        private struct State {
            var bodies: [String] = []
            var answer = (status: 200, text: #"{"access_token":"server-token","token_type":"Bearer","expires_in":300}"#)
            var isHeld = false
        }

        private let state = Mutex(State())
        private let gate = AsyncStream<Void>.makeStream()

        var bodies: [String] { state.withLock { $0.bodies } }
        func hold() { state.withLock { $0.isHeld = true } }
        func release() {
            state.withLock { $0.isHeld = false }
            gate.continuation.yield()
        }
        func answer(_ status: Int, _ text: String) { state.withLock { $0.answer = (status, text) } }

        func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
            let isHeld = state.withLock { state in
                state.bodies.append(String(decoding: request.body ?? [], as: UTF8.self))
                return state.isHeld
            }
            if isHeld { for await _ in gate.stream { break } }
            try Task.checkCancellation()
            let answer = state.withLock { $0.answer }
            return HTTPExchangeResponse(status: answer.status, body: HTTPExchangeBody(Array(answer.text.utf8)))
        }
    }

    private let endpoint = Endpoint()
    private let caller = Caller(issuer: Access.issuer, subject: "alice", tenants: ["acme"])

    private func exchanger(_ settings: TokenExchangeSettings = Self.settings()) -> TokenExchanger {
        var issuer = Access.issuerSettings()
        issuer.tokenExchange = settings
        let endpoint = endpoint
        return TokenExchanger(
            GatewayAuthentication(issuers: [issuer]),
            ConfiguredAuthenticator.Dependencies(
                exchange: { _ in endpoint },
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            )
        )
    }

    private func exchange(_ exchanger: TokenExchanger, _ token: String = "caller-token") async throws -> String {
        try await exchanger.token(exchanging: SensitiveString(token), of: caller, target: "crm", tenant: "acme")
            .reveal()
    }

    @Test("a token is exchanged once, and used for each further call of the same token")
    func once() async throws {
        let exchanger = exchanger()
        for _ in 0..<3 { #expect(try await exchange(exchanger) == "server-token") }
        #expect(endpoint.bodies.count == 1)
        _ = try await exchange(exchanger, "another-token")
        #expect(endpoint.bodies.count == 2)
        exchanger.forget(exchangedFor: Self.token, of: caller, target: "crm")
        _ = try await exchange(exchanger)
        #expect(endpoint.bodies.count == 3)
    }

    @Test("a hundred calls at once are one exchange; if its call is cancelled, another one takes over")
    func singleFlight() async throws {
        let exchanger = exchanger()
        endpoint.hold()
        let first = Task { try await exchange(exchanger) }
        try await eventually("the first call exchanges") { endpoint.bodies.count == 1 }
        let others = (0..<100).map { _ in Task { try await exchange(exchanger) } }
        try await eventually("the others wait") { exchanger.waiters == 100 }
        first.cancel()
        await #expect(throws: TokenExchangeError.self) { try await first.value }
        try await eventually("another call exchanges") { endpoint.bodies.count == 2 }
        endpoint.release()
        for other in others { #expect(try await other.value == "server-token") }
        #expect(endpoint.bodies.count == 2)
    }

    @Test("only the platform's targets, for servers of their tenants and tokens of their issuer, are exchanged")
    func targets() async throws {
        let exchanger = exchanger()
        let cases: [(Caller, String, String?)] = [
            (caller, "crm", "globex"), (caller, "crm", nil), (caller, "other", "acme"), (caller, "", "acme"),
            (Caller(issuer: "https://other.example", subject: "alice", tenants: ["acme"]), "crm", "acme"),
            (Caller(issuer: "static-token", subject: "ci", tenants: ["acme"]), "crm", "acme"),
            (.anonymous, "crm", "acme"),
        ]
        for (caller, target, tenant) in cases {
            let error = await #expect(throws: TokenExchangeError.self) {
                try await exchanger.token(exchanging: Self.token, of: caller, target: target, tenant: tenant)
            }
            #expect(error?.code == .notConfigured)
        }
        #expect(endpoint.bodies.isEmpty)
    }

    @Test("a refusal is for the caller, and an outage is not")
    func refusals() async throws {
        endpoint.answer(400, #"{"error":"invalid_grant","error_description":"secret details"}"#)
        let refused = await #expect(throws: TokenExchangeError.self) { try await exchange(exchanger()) }
        #expect(refused?.code == .refused && refused?.httpStatus == 403)
        #expect(refused?.message.contains("invalid_grant") == true && refused?.message.contains("details") == false)
        let missing = exchanger(Self.settings(secretFile: "/does/not/exist"))
        let error = await #expect(throws: TokenExchangeError.self) { try await exchange(missing) }
        #expect(error?.code == .unavailable && error?.message.contains("/does/not") == false)
        #expect(endpoint.bodies.count == 1)
    }

    @Test("the client's secret is read from its file for each exchange, without the line break at its end")
    func secret() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "moorage-\(UUID())")
        defer { try? FileManager.default.removeItem(at: file) }
        let exchanger = exchanger(Self.settings(secretFile: file.path(), method: .body))
        for (index, secret) in ["one", "two"].enumerated() {
            try Data("\(secret)\n".utf8).write(to: file)
            _ = try await exchange(exchanger, "token-\(index)")
            #expect(endpoint.bodies.last?.hasSuffix("&client_secret=\(secret)") == true)
        }
    }

    @Test("settings of exchanges are checked")
    func validation() throws {
        func problem(_ change: (inout TokenExchangeSettings) -> Void) -> String? {
            var settings = Self.settings()
            change(&settings)
            var issuer = Access.issuerSettings()
            issuer.tokenExchange = settings
            do {
                try GatewayAuthentication(issuers: [issuer]).validate(field: "a")
                return nil
            } catch {
                return error.field
            }
        }
        let prefix = "a.issuers[0].tokenExchange"
        #expect(problem { _ in } == nil)
        #expect(problem { $0.tokenURL = "http://login.example.com/token" } == "\(prefix).tokenURL")
        #expect(problem { $0.clientID = "" } == "\(prefix).clientID")
        #expect(problem { $0.clientSecretFile = "secret" } == "\(prefix).clientSecretFile")
        #expect(problem { $0.targets = [] } == "\(prefix).targets")
        #expect(problem { $0.targets.append(Self.target) } == "\(prefix).targets[1].name")
        #expect(problem { $0.targets[0].tenants = [] } == "\(prefix).targets[0].tenants")
        #expect(problem { $0.targets[0].name = "A" } == "\(prefix).targets[0].name")
        #expect(problem { $0.targets[0].scopes = ["a b"] } == "\(prefix).targets[0].scopes[0]")
        #expect(problem { ($0.targets[0].audience, $0.targets[0].resource) = (nil, nil) } == "\(prefix).targets[0]")
        #expect(problem { $0.maximumCacheSeconds = 0 } == "\(prefix).maximumCacheSeconds")
    }
}
