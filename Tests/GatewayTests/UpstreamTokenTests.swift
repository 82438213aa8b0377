import ControllerRuntime
import Foundation
@testable import Gateway
import HTTPTypes
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Policy
import Synchronization
import Testing

/// Tokens for servers on behalf of callers, through a gateway over real HTTP.
@Suite("Token exchange for servers")
struct UpstreamTokenTests {
    private static let issuer = "https://issuer.example"

    /// The token of a caller is its name.
    private struct Names: Authenticator {
        func authenticate(_ credentials: Credentials) async throws(AuthenticationFailure) -> Caller {
            guard let token = try credentials.bearerToken(maximumBytes: 1_000) else {
                throw AuthenticationFailure(.missingCredentials, "the request has no credentials")
            }
            return Caller(issuer: UpstreamTokenTests.issuer, subject: token, tenants: ["acme"])
        }
    }

    /// A token endpoint, which counts what it is asked for.
    private final class TokenEndpoint: HTTPExchange {
        let requests = Mutex<[(url: String, body: String)]>([])

        func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
            let body = String(decoding: request.body ?? [], as: UTF8.self)
            requests.withLock { $0.append((request.url, body)) }
            guard
                let name = ["ann", "bob"].first(where: {
                    body.contains("subject_token=\($0)&") || body.hasSuffix("subject_token=\($0)")
                })
            else {
                let error = Array(#"{"error": "invalid_grant"}"#.utf8)
                return HTTPExchangeResponse(status: 400, body: HTTPExchangeBody(error))
            }
            let answer = #"{"access_token": "crm-\#(name)", "token_type": "Bearer", "expires_in": 300}"#
            return HTTPExchangeResponse(status: 200, body: HTTPExchangeBody(Array(answer.utf8)))
        }
    }

    /// Notes which credentials go to the servers.
    private final class Recorder: HTTPExchange {
        let base: any HTTPExchange
        let seen: Seen

        final class Seen: Sendable {
            let values = Mutex<[String?]>([])
        }

        init(_ base: any HTTPExchange, _ seen: Seen) { (self.base, self.seen) = (base, seen) }

        func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
            seen.values.withLock { $0.append(request.headers[.authorization]) }
            return try await base.send(request)
        }
    }

    private func settings(tenants: [String] = ["acme"]) -> GatewayAuthentication {
        GatewayAuthentication(
            issuers: [
                TokenIssuer(
                    issuer: Self.issuer,
                    audiences: ["gateway"],
                    tenants: TenantMapping(claim: "tenant"),
                    tokenExchange: TokenExchangeSettings(
                        tokenURL: "https://issuer.example/token",
                        clientID: "moorage",
                        targets: [TokenExchangeTarget(name: "crm", audience: "crm-api", tenants: tenants)]
                    )
                )
            ]
        )
    }

    private func run(
        _ versions: SupportedVersions,
        tenants: [String] = ["acme"],
        target: String = "crm",
        isConfigured: Bool = true,
        _ body: @escaping @Sendable (RunningGateway, TokenEndpoint, Recorder.Seen) async throws -> Void
    ) async throws {
        let endpoint = TokenEndpoint()
        let seen = Recorder.Seen()
        let exchanger = TokenExchanger(
            settings(tenants: tenants),
            ConfiguredAuthenticator.Dependencies(exchange: { _ in endpoint }, logger: RunningGateway.quiet)
        )
        try await RunningGateway.run(
            [.init("acme/crm", DemoService.make(), versions: versions)],
            shield: GatewayGuard(authenticator: Names(), exchanger: isConfigured ? exchanger : nil),
            through: { Recorder($0, seen) },
            routes: { backends in
                RouteTable(
                    backends.map { backend in
                        var backend = backend
                        backend.tokenExchange = Backend.TokenExchange(target: target, tenant: "acme")
                        return Route(path: "/acme/crm/mcp", backend: backend)
                    }
                )
            }
        ) { try await body($0, endpoint, seen) }
    }

    private static func add(_ gateway: RunningGateway, _ token: String) async throws -> RunningGateway.Answer {
        let params: RawJSON = ["name": "add", "arguments": ["a": 1, "b": 2]]
        return try await gateway.modern("/acme/crm/mcp", "tools/call", params, token: token)
    }

    @Test(
        "each caller's calls carry a token that was exchanged for it, and never its own",
        arguments: [SupportedVersions.all, SupportedVersions([.v2025_06_18])]
    )
    func perCaller(versions: SupportedVersions) async throws {
        try await run(versions) { gateway, endpoint, seen in
            for name in ["ann", "bob", "ann"] {
                seen.values.withLock { $0 = [] }
                let answer = try await Self.add(gateway, name)
                #expect(answer.status == 200, "\(answer.body)")
                let values = seen.values.withLock { $0 }
                #expect(!values.isEmpty && values.allSatisfy { $0 == "Bearer crm-\(name)" })
            }
            let requests = endpoint.requests.withLock { $0 }
            #expect(requests.count == 2)
            #expect(
                requests.allSatisfy { $0.url == "https://issuer.example/token" && $0.body.contains("audience=crm-api") }
            )
        }
    }

    @Test("an exchange that fails is an error for that caller alone, and the server sees nothing of it")
    func refused() async throws {
        try await run(.all) { gateway, _, seen in
            let refused = try await Self.add(gateway, "eve")
            #expect(refused.status == 403)
            #expect(refused.body.contains("on your behalf"))
            #expect(seen.values.withLock { $0.isEmpty })
            let allowed = try await Self.add(gateway, "ann")
            #expect(allowed.status == 200)
            let again = try await Self.add(gateway, "eve")
            #expect(again.status == 403)
            #expect(seen.values.withLock { $0.allSatisfy { $0 == "Bearer crm-ann" } })
        }
    }

    @Test("a server of another tenant, an unknown service, and a platform without exchange get no token")
    func notConfigured() async throws {
        let cases: [(tenants: [String], target: String, isConfigured: Bool)] = [
            (["other"], "crm", true), (["acme"], "mail", true), (["acme"], "crm", false),
        ]
        for (tenants, target, isConfigured) in cases {
            try await run(.all, tenants: tenants, target: target, isConfigured: isConfigured) {
                gateway,
                endpoint,
                seen in
                let answer = try await Self.add(gateway, "ann")
                #expect(answer.status == 403)
                #expect(endpoint.requests.withLock { $0.isEmpty } && seen.values.withLock { $0.isEmpty })
            }
        }
    }
}
