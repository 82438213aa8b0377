@testable import Gateway
import MCPProtocol
import MCPTransport
import Policy
import Testing

@Suite("Servers at host names")
struct HostnameTests {
    private static let patterns = ["{server}.{namespace}.mcp.example.com", "{namespace}.mcp.example.com"]

    @Test(
        "a host leads to the path of its server or namespace",
        arguments: [
            ("weather.team.mcp.example.com", "/team/weather/mcp"),
            ("Weather.Team.MCP.example.com:8443", "/team/weather/mcp"),
            ("team.mcp.example.com", "/team/mcp"),
        ]
    )
    func paths(host: String, path: String) throws {
        #expect(try HostPatterns(Self.patterns).path(for: host) == path)
    }

    @Test(
        "other hosts lead nowhere",
        arguments: [
            "mcp.example.com", ".mcp.example.com", "a.b.c.mcp.example.com", "a_b.team.mcp.example.com",
            "-a.team.mcp.example.com",
            "weather.team.mcp.example.com.evil.test", "xmcp.example.com", "weather.team.mcp.example.com.",
            "a..mcp.example.com",
            "weather%2f.team.mcp.example.com", "weather/../x.team.mcp.example.com", "a:b:c", "",
        ]
    )
    func otherHosts(host: String) throws {
        #expect(try HostPatterns(Self.patterns).path(for: host) == nil)
        #expect(HostPatterns.none.path(for: host) == nil)
    }

    @Test(
        "patterns that could lead elsewhere are refused by field",
        arguments: [
            "mcp.example.com", "{namespace}.{server}.example.com", "{server}.example.com", "{namespace}.com",
            "{namespace}.a.b:80", "{namespace}.",
        ]
    )
    func refused(pattern: String) {
        #expect(throws: SettingsError.self) { try HostPatterns([pattern]) }
        let error = #expect(throws: SettingsError.self) { try GatewaySettings(hostnames: [pattern]).validate() }
        #expect(error?.field == "hostnames[0]")
    }

    @Test("a request to the host of a server is answered by that server, at /mcp alone")
    func served() async throws {
        var options = GatewayOptions()
        options.hostnames = try HostPatterns(["{server}.{namespace}.mcp.example.com"])
        options.hosts = .all
        let backend = Backend(id: "team/weather", target: .pods([]), unavailable: "it is a test")
        let routes = RouteTable([Route(path: "/team/weather/mcp", backend: backend)])
        try await RunningGateway.run(routes, options: options) { gateway in
            func status(_ host: String, _ path: String) async throws -> Int {
                let request = JSONRPCRequest(id: 1, method: "tools/list", params: [:])
                    .with(metadata: RequestMetadata(clientCapabilities: ClientCapabilities(), clientInfo: nil))
                var headers = try HeaderFields.modern(for: request)
                headers.set("Host", host)
                return try await gateway.post(path, .request(request), headers).status
            }
            let atPath = try await status("localhost", "/team/weather/mcp")
            #expect(atPath == 503)
            let atHost = try await status("weather.team.mcp.example.com", "/mcp")
            #expect(atHost == atPath)
            let elsewhere = try await status("weather.team.mcp.example.com", "/other")
            #expect(elsewhere == 404)
            let unknown = try await status("sun.team.mcp.example.com", "/mcp")
            #expect(unknown == 404)
        }
    }
}
