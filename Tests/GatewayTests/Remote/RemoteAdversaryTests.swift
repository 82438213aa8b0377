import Foundation
@testable import Gateway
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Policy
import Synchronization
import Testing

/// Remote servers that try to make the gateway call something else, through a running gateway.
@Suite("Remote servers as adversaries")
struct RemoteAdversaryTests {
    /// A tenant that may call 10.1.2.0/24, and the internet.
    private static let addresses = AddressRules(
        reachesInternet: true,
        exceptions: [try? CIDR("10.1.2.0/24")].compactMap { $0.map { AddressRules.Exception(range: $0) } }
    )

    private func run(
        _ url: String,
        _ network: FakeNetwork,
        addresses: AddressRules = addresses,
        _ body:
            @escaping @Sendable (RunningGateway, _ status: @escaping @Sendable () async throws -> Int) async throws ->
            Void
    ) async throws {
        var options = GatewayOptions()
        options.remoteNetwork = network.network
        options.upstream.listTime = .seconds(5)
        try await RunningGateway.run(RouteTable([Self.route(url, addresses)]), options: options) { gateway in
            try await body(gateway) { try await gateway.modern("/acme/partner/mcp", "tools/list").status }
        }
    }

    private static func route(
        _ url: String,
        _ addresses: AddressRules,
        authorities: String? = nil,
        connectTime: Duration = .seconds(5),
        isEventStream: Bool = false
    ) -> Route {
        Route(
            path: "/acme/partner/mcp",
            backend: Backend(
                id: "acme/partner",
                target: .remote(
                    RemoteEndpoint(
                        url: url,
                        isEventStream: isEventStream,
                        addresses: addresses,
                        authorities: authorities,
                        connectTime: connectTime
                    )
                )
            )
        )
    }

    private func withDemo(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        try await withServer(try DemoService.make(), body)
    }

    private func withServer(
        _ handler: any MCPServerHandler,
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        var configuration = StreamableHTTPConfiguration()
        configuration.hosts = .all
        let server = StreamableHTTPServer(
            handler: handler,
            port: 0,
            configuration: configuration,
            logger: RunningGateway.quiet
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            try await body(try await server.port())
            group.cancelAll()
        }
    }

    @Test(
        "a redirect is not followed, wherever it leads",
        arguments: [
            "http://127.0.0.1:PORT/mcp", "http://169.254.169.254/latest/meta-data/", "/other", "//127.0.0.1:PORT/",
        ],
        [302, 307]
    )
    func redirects(target: String, status: Int) async throws {
        try await FixedServer.run(status: 200) { victim in
            let location = target.replacingOccurrences(of: "PORT", with: "\(victim.port)")
            try await FixedServer.run(status: status, headers: [("location", location)]) { server in
                let network = FakeNetwork(["partner.example": [["10.1.2.3"]]])
                try await run("http://partner.example:\(server.port)/mcp", network) { _, status in
                    let answer = try await status()
                    #expect((500...599).contains(answer), "\(answer)")
                }
                #expect(server.requests > 0)
                #expect(Set(network.dialed) == ["10.1.2.3"])
            }
            #expect(victim.requests == 0)
        }
    }

    @Test("an endpoint of HTTP+SSE at another host is not called")
    func endpointElsewhere() async throws {
        try await FixedServer.run(status: 200) { victim in
            let event = "event: endpoint\ndata: http://127.0.0.1:\(victim.port)/messages\n\n"
            let headers = [("content-type", "text/event-stream")]
            try await FixedServer.run(status: 200, headers: headers, text: event) { server in
                let network = FakeNetwork(["partner.example": [["10.1.2.3"]]])
                var options = GatewayOptions()
                options.remoteNetwork = network.network
                options.upstream.listTime = .seconds(5)
                let url = "http://partner.example:\(server.port)/sse"
                let route = Self.route(url, Self.addresses, isEventStream: true)
                try await RunningGateway.run(RouteTable([route]), options: options) { gateway in
                    let answer = try await gateway.modern("/acme/partner/mcp", "tools/list")
                    #expect((500...599).contains(answer.status), "\(answer)")
                }
                #expect(server.requests > 0 && Set(network.dialed) == ["10.1.2.3"])
            }
            #expect(victim.requests == 0)
        }
    }

    /// Knows callers by their tokens.
    private struct Names: Authenticator {
        func authenticate(_ credentials: Credentials) async throws(AuthenticationFailure) -> Caller {
            guard let token = try credentials.bearerToken(maximumBytes: 1_000) else {
                throw AuthenticationFailure(.missingCredentials, "the request has no credentials")
            }
            return Caller(issuer: "https://issuer.example", subject: token)
        }
    }

    @Test(
        "the caller's token does not go to the server, with credentials of its own or without",
        arguments: [nil, "Bearer own"]
    )
    func callersToken(own: String?) async throws {
        let seen = GuardedService.Seen()
        try await withServer(try GuardedService(tools: ["forecast"], seen: seen)) { port in
            let network = FakeNetwork(["partner.example": [["10.1.2.3"]]])
            var options = GatewayOptions()
            options.remoteNetwork = network.network
            var route = Self.route("http://partner.example:\(port)/mcp", Self.addresses)
            if let own { route.members[0].backend.headers = [UpstreamHeader(name: "Authorization", value: own)] }
            let shield = GatewayGuard(authenticator: Names())
            try await RunningGateway.run(RouteTable([route]), options: options, shield: shield) { gateway in
                let params: RawJSON = ["name": "forecast", "arguments": [:]]
                let answer = try await gateway.modern("/acme/partner/mcp", "tools/call", params, token: "ann")
                #expect(answer.status == 200, "\(answer)")
            }
            #expect(!seen.all.isEmpty && seen.all.allSatisfy { $0 == own })
        }
    }

    @Test("of the addresses of a name, only those are connected to that may be")
    func mixedAnswers() async throws {
        try await withDemo { port in
            let network = FakeNetwork(["partner.example": [["127.0.0.1", "10.9.9.9", "10.1.2.3", "::1"]]])
            try await self.run("http://partner.example:\(port)/mcp", network) { _, status in
                let answer1 = try await status()
                #expect(answer1 == 200)
            }
            #expect(Set(network.dialed) == ["10.1.2.3"])
        }
    }

    @Test("a name that leads elsewhere the second time is refused then, and no connection is made")
    func rebinding() async throws {
        try await withDemo { port in
            let network = FakeNetwork(["partner.example": [["10.1.2.3"], ["169.254.169.254"]]])
            let url = "http://partner.example:\(port)/mcp"
            try await self.run(url, network) { gateway, status in
                let answer2 = try await status()
                #expect(answer2 == 200)
                // New connections, for which the name is resolved again.
                gateway.gateway.update(RouteTable([Self.route(url, Self.addresses, connectTime: .seconds(4))]))
                let answer3 = try await status()
                #expect(answer3 == 503)
            }
            #expect(Set(network.dialed) == ["10.1.2.3"])
        }
    }

    @Test(
        "every spelling of an address that must not be called is refused, and so is user information",
        arguments: [
            "http://127.0.0.1", "http://2130706433", "http://0x7f000001", "http://0177.0.0.1", "http://127.1",
            "http://0", "http://169.254.169.254", "http://0xA9FEA9FE", "http://[::1]", "http://[::ffff:127.0.0.1]",
            "http://[64:ff9b::7f00:1]", "http://[fd00:ec2::254]", "http://10.1.2.3@127.0.0.1",
            "http://user:password@10.1.2.3", "http://10.1.2.3#@127.0.0.1", "http://10.1.2.3\\@127.0.0.1",
            "https://10.0.0.1", "https://192.168.1.1", "https://[fd12::1]", "http://partner.example",
            "http://93.184.216.34",
        ]
    )
    func spellings(origin: String) async throws {
        try await withDemo { port in
            // A public address is called over https alone.
            let network = FakeNetwork(["partner.example": [["93.184.216.34"]]])
            try await self.run("\(origin):\(port)/mcp", network) { _, status in
                let answer4 = try await status()
                #expect(answer4 == 503)
            }
            #expect(network.dialed.isEmpty)
        }
    }

    @Test("a client learns nothing of the addresses inside")
    func message() async throws {
        let network = FakeNetwork(["partner.example": [["10.9.9.9"]]])
        try await run("https://partner.example/mcp", network) { gateway, _ in
            let answer = try await gateway.modern("/acme/partner/mcp", "tools/list")
            #expect(answer.status == 503)
            #expect(answer.body.contains("The server partner cannot be reached"))
            #expect(!answer.body.contains("10.9.9.9"))
        }
    }

    @Test("the certificate must be signed by the given authority, for the name in the URL")
    func certificates() async throws {
        let (trusted, other) = (try await TestCertificates(), try await TestCertificates("another"))
        try await trusted.issue("server", subject: "/CN=partner", names: "DNS:partner.example")
        var options = GatewayOptions()
        options.hosts = .all
        options.certificates = try ServerCertificates(
            ServerCertificateFiles(certificate: trusted.path("server.crt"), key: trusted.path("server.key")),
            logger: quietLogger
        )
        let authority = try String(contentsOfFile: trusted.path("ca.crt"), encoding: .utf8)
        let stranger = try String(contentsOfFile: other.path("ca.crt"), encoding: .utf8)
        let partner = options
        try await RunningGateway.run(
            [.init("demo", try DemoService.make())],
            options: partner,
            routes: { RouteTable($0.map { Route(path: "/mcp", backend: $0) }) }
        ) { remote in
            let network = FakeNetwork([
                "partner.example": [["93.184.216.34"]], "impostor.example": [["93.184.216.34"]],
            ])
            func status(_ host: String, _ authorities: String?) async throws -> Int {
                var options = GatewayOptions()
                options.remoteNetwork = network.network
                let url = "https://\(host):\(remote.port)/mcp"
                let route = Self.route(url, Self.addresses, authorities: authorities)
                let found = Mutex(0)
                try await RunningGateway.run(RouteTable([route]), options: options) { gateway in
                    let answer = try await gateway.modern("/acme/partner/mcp", "tools/list")
                    found.withLock { $0 = answer.status }
                }
                return found.withLock { $0 }
            }
            let result1 = try await status("partner.example", authority)
            #expect(result1 == 200)
            let result2 = try await status("impostor.example", authority)
            #expect(result2 == 503)
            let result3 = try await status("partner.example", stranger)
            #expect(result3 == 503)
            let result4 = try await status("partner.example", nil)
            #expect(result4 == 503)
        }
    }
}
