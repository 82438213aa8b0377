import KubernetesAPI
import MCPProtocol
import Testing

@testable import Gateway

@Suite("Requests and answers of the registry")
struct RegistryRequestTests {
    @Test("the three paths are read, with the slash of a name encoded or not")
    func paths() {
        let cases: [(String, RegistryRequest?)] = [
            ("/v0.1/servers", .servers),
            ("/v0.1/servers/team%2Fweather/versions", .versions(server: "team/weather")),
            ("/v0.1/servers/team%2fweather/versions", .versions(server: "team/weather")),
            ("/v0.1/servers/team/weather/versions", .versions(server: "team/weather")),
            ("/v0.1/servers/team/versions/versions", .versions(server: "team/versions")),
            ("/v0.1/servers/team%2Fversions/versions/latest", .version(server: "team/versions", version: "latest")),
            (
                "/v0.1/servers/team%2Fweather/versions/1.0.0%2B7d20",
                .version(server: "team/weather", version: "1.0.0+7d20")
            ),
            ("/v0.1/servers/team/weather/versions/1.0.0+7d20", .version(server: "team/weather", version: "1.0.0+7d20")),
            ("/v0.1/servers/", .unknown), ("/v0.1/servers/team%2Fweather", .unknown), ("/v0.1/servers/a/b/c", .unknown),
            ("/v0.1/servers/team%2Fweather/versions/", .unknown), ("/v0.1/servers/%FF/versions", .unknown),
            ("/v0.1/servers/a%2Fb/versions/1/status", .unknown), ("/v0.1/servers/%/versions", .unknown),
            ("/v0.1/serversX", nil), ("/v0/servers", nil), ("/team/weather/mcp", nil),
        ]
        for (path, expected) in cases { #expect(RegistryRequest(path: path) == expected, "\(path)") }
    }

    private static func entry(_ name: String, _ updated: String = "2026-11-27T06:00:00Z", version: String = "1.2.0")
        throws -> RegistryEntry
    {
        let recorded = try #require(Timestamp("2026-11-27T06:00:00Z"))
        var route = Route(
            path: "/\(name)/mcp",
            backend: Backend(id: name, target: .streamableHTTP(url: "http://127.0.0.1:1/mcp"))
        )
        route.publication = Publication(
            name: name,
            description: "Says \(name)",
            number: version,
            build: "0123456789",
            recorded: recorded,
            updated: try #require(Timestamp(updated))
        )
        return try #require(RegistryEntry(route, origin: "https://mcp.example.com/", needsToken: false))
    }

    private static func names(_ answer: RegistryAnswer) -> [String] {
        (answer.body["servers"]?.elements ?? []).compactMap { $0[path: ["server", "name"]]?.stringValue }
    }

    @Test("pages follow each other, also if entries come and go in between")
    func pages() throws {
        var entries = try (10..<35).map { try Self.entry("team/s\($0)") }
        var found: [String] = []
        var cursor: String?
        for expected in [10, 10, 4] {
            var query = try RegistryQuery()
            (query.limit, query.cursor) = (10, cursor)
            let answer = RegistryAnswer(.servers, query, entries.shuffled())
            found += Self.names(answer)
            #expect(Self.names(answer).count == expected)
            #expect(answer.body[path: ["metadata", "count"]]?.integerValue == Int64(expected))
            cursor = answer.body[path: ["metadata", "nextCursor"]]?.stringValue
            // The last one of the page is gone, and one that was listed is too.
            entries.removeAll { $0.name == cursor || $0.name == "team/s34" }
        }
        #expect(cursor == nil)
        #expect(found == (10..<34).map { "team/s\($0)" })
    }

    @Test("conditions are met by all entries of the list")
    func conditions() throws {
        let entries = [
            try Self.entry("acme/weather"), try Self.entry("globex/Weather-2", "2026-11-28T06:00:00Z"),
            try Self.entry("globex/clock", version: "2.0"),
        ]
        let cases: [([(String, String)], [String])] = [
            ([], ["acme/weather", "globex/Weather-2", "globex/clock"]),
            ([("search", "WEATHER")], ["acme/weather", "globex/Weather-2"]),
            ([("search", "globex/")], ["globex/Weather-2", "globex/clock"]),
            ([("search", "no")], []),
            ([("updated_since", "2026-11-28T05:00:00.5+00:00")], ["globex/Weather-2"]),
            ([("version", "latest")], ["acme/weather", "globex/Weather-2", "globex/clock"]),
            ([("version", "2.0+0123456789")], ["globex/clock"]), ([("version", "2.0")], []),
            ([("limit", "1")], ["acme/weather"]), ([("cursor", "globex/Weather-2")], ["globex/clock"]),
            ([("include_deleted", "true"), ("colour", "x")], ["acme/weather", "globex/Weather-2", "globex/clock"]),
        ]
        for (parameters, expected) in cases {
            let query = try RegistryQuery(parameters.map { (name: $0, value: $1) })
            #expect(Self.names(RegistryAnswer(.servers, query, entries)) == expected, "\(parameters)")
        }
    }

    @Test(
        "a parameter that is not valid is named",
        arguments: [
            [("limit", "0")], [("limit", "101")], [("limit", "ten")], [("updated_since", "yesterday")],
            [("search", "a"), ("search", "b")],
        ]
    )
    func invalid(parameters: [(String, String)]) throws {
        let error = #expect(throws: RegistryQuery.Invalid.self) {
            try RegistryQuery(parameters.map { (name: $0, value: $1) })
        }
        #expect(error?.description.contains(parameters[0].0) == true)
    }

    @Test("an entry is what the API says: one version, with the server's URL at the gateway")
    func version() throws {
        let entries = [try Self.entry("team/weather")]
        let wanted: [RegistryRequest] = [
            .version(server: "team/weather", version: "latest"),
            .version(server: "team/weather", version: "1.2.0+0123456789"),
        ]
        for request in wanted {
            let answer = RegistryAnswer(request, try RegistryQuery(), entries)
            #expect(answer.status == 200)
            #expect(
                try answer.body
                    == RawJSON(
                        parsing: """
                            {"server":{"$schema":"https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",\
                            "name":"team/weather","description":"Says team/weather","version":"1.2.0+0123456789",\
                            "remotes":[{"type":"streamable-http","url":"https://mcp.example.com/team/weather/mcp"}]},\
                            "_meta":{"io.modelcontextprotocol.registry/official":{"status":"active",\
                            "publishedAt":"2026-11-27T06:00:00Z","updatedAt":"2026-11-27T06:00:00Z","isLatest":true}}}
                            """
                    )
            )
        }
        let versions = RegistryAnswer(.versions(server: "team/weather"), try RegistryQuery(), entries)
        #expect(Self.names(versions) == ["team/weather"])
        for request in [
            RegistryRequest.versions(server: "team/other"), .version(server: "team/other", version: "latest"),
            .version(server: "team/weather", version: "1.2.0"), .unknown,
        ] {
            let answer = RegistryAnswer(request, try RegistryQuery(), entries)
            #expect(answer.status == 404 && answer.body["error"]?.stringValue?.isEmpty == false)
        }
    }

    @Test("what a server says about its version, or an annotation about a server, is bounded")
    func bounded() throws {
        let time = try #require(Timestamp("2026-11-27T06:00:00Z"))
        for (number, expected) in [
            ("1.0", "1.0+abc"), ("", "abc"), ("1 0", "abc"), ("1\n0", "abc"), ("^1.0", "abc"), ("1+2", "abc"),
            (String(repeating: "1", count: 251), String(repeating: "1", count: 251) + "+abc"),
            (String(repeating: "1", count: 252), "abc"),
        ] {
            let publication = Publication(name: "a/b", description: "x", number: number, build: "abc", recorded: time)
            #expect(publication.version == expected)
            #expect(publication.version.utf8.count <= 255)
        }
        #expect(Publication.description(nil, or: "MCP server") == "MCP server")
        #expect(Publication.description(" \n\t", or: "MCP server") == "MCP server")
        #expect(Publication.description("It\n  rains\tnow", or: "") == "It rains now")
        let long = Publication.description(String(repeating: "e\u{301}", count: 80), or: "")
        #expect(long.unicodeScalars.count == 100 && long.hasSuffix("…"))
    }
}
