import HTTPTypes
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Testing

/// Servers that others have written, over real sockets and pipes.
@Suite(
    "The client with servers of the packages mcp and fastmcp",
    .enabled(if: PythonPackages.canRun, PythonPackages.comment)
)
struct RealServerTests {
    static let eras: [SupportedVersions] = [.all, SupportedVersions(SupportedVersions.all.legacy)]

    private func options(_ versions: SupportedVersions) -> MCPClientOptions {
        var options = MCPClientOptions()
        options.versions = versions
        return options
    }

    /// Runs a client over HTTP, and checks what it has sent.
    private func withClient(
        _ endpoint: MCPEndpoint,
        _ options: MCPClientOptions,
        handlers: MCPClientHandlers = MCPClientHandlers(),
        _ body: @escaping @Sendable (MCPClient, RecordingExchange) async throws -> Void
    ) async throws {
        let own = try HTTPClientExchange()
        let exchange = RecordingExchange(own)
        let version: ProtocolVersion
        do {
            version = try await MCPClient.withConnection(
                to: endpoint,
                options: options,
                handlers: handlers,
                exchange: exchange
            ) { client in
                try await body(client, exchange)
                return client.agreement.version
            }
            await own.shutdown()
        } catch {
            await own.shutdown()
            throw error
        }
        try await expectValid(exchange.requests.compactMap(\.body), version)
    }

    /// What every server of these tests can do.
    private func exercise(_ client: MCPClient) async throws {
        let tools = try await client.list(.tools).compactMap { $0["name"]?.stringValue }
        #expect(tools.contains("add"))
        let result = try await client.request(
            .toolsCall,
            params: CallToolParams(name: "add", arguments: ["a": 40, "b": 2]).raw
        )
        #expect(result["content"]?.elements?.first?["text"]?.stringValue == "42")
        let error = await #expect(throws: MCPClientError.self) {
            try await client.request(Method(rawValue: "no/such/method"))
        }
        #expect(error?.code == .refused)
        #expect(error?.jsonRPCError?.code == .methodNotFound)
    }

    @Test("Streamable HTTP in both eras: calls, progress, errors, and the end of the session", arguments: eras)
    func streamableHTTP(versions: SupportedVersions) async throws {
        try await PythonServer.run(Programs.sdk, "streamable-http") { server in
            try await withClient(.streamableHTTP(server.origin + "/mcp"), options(versions)) { client, _ in
                #expect(client.agreement.version == versions.versions.first)
                #expect(client.agreement.transport == .streamableHTTP)
                #expect(client.agreement.serverInfo?.name == "sdk")
                #expect(client.agreement.serverInfo?.version == "1.2.3")
                #expect(client.agreement.instructions == "Add numbers.")
                try await exercise(client)
                let progress = Recorded<Double>()
                let result = try await client.request(
                    .toolsCall,
                    params: CallToolParams(name: "count", arguments: ["steps": 3]).raw
                ) { progress.append($0.progress) }
                #expect(result["content"]?.elements?.first?["text"]?.stringValue == "done")
                #expect(progress.values == [1, 2, 3])
            }
        }
    }

    @Test("fastmcp in both eras", arguments: eras)
    func fastMCP(versions: SupportedVersions) async throws {
        try await PythonServer.run(Programs.fastMCP, "http") { server in
            try await withClient(.streamableHTTP(server.origin + "/mcp"), options(versions)) { client, _ in
                #expect(client.agreement.version == versions.versions.first)
                #expect(client.agreement.serverInfo?.version == "4.5.6")
                try await exercise(client)
            }
        }
    }

    @Test("cancelling the task stops the tool at the server", arguments: eras)
    func cancelling(versions: SupportedVersions) async throws {
        try await PythonServer.run(Programs.sdk, "streamable-http") { server in
            try await withClient(.streamableHTTP(server.origin + "/mcp"), options(versions)) { client, _ in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        _ = try await client.request(.toolsCall, params: CallToolParams(name: "wait").raw)
                    }
                    try await eventually("the tool runs") { server.output.contains("waiting") }
                    group.cancelAll()
                    await #expect(throws: CancellationError.self) { try await group.next() }
                }
                try await eventually("the tool is cancelled") { server.output.contains("cancelled") }
            }
        }
    }

    @Test("a change of the list of tools is reported", arguments: eras)
    func changes(versions: SupportedVersions) async throws {
        try await PythonServer.run(Programs.sdk, "streamable-http") { server in
            try await withClient(.streamableHTTP(server.origin + "/mcp"), options(versions)) { client, _ in
                try await client.withChanges(SubscriptionFilter(toolsListChanged: true)) { changes in
                    var seen: [String] = []
                    for try await change in changes {
                        switch change {
                        case .listening:
                            seen.append("listening")
                            _ = try await client.request(.toolsCall, params: CallToolParams(name: "grow").raw)
                        case .changed(let notification):
                            seen.append(notification.method)
                        }
                        if seen.count == 2 { break }
                    }
                    #expect(seen == ["listening", "notifications/tools/list_changed"])
                }
                #expect(try await client.list(.tools).contains { $0["name"]?.stringValue == "more" })
            }
        }
    }

    @Test("HTTP+SSE is used when asked for, and found behind a URL of Streamable HTTP unless that is forbidden")
    func httpSSE() async throws {
        try await PythonServer.run(Programs.sdk, "sse") { server in
            for endpoint in [MCPEndpoint.httpSSE(server.origin + "/sse"), .streamableHTTP(server.origin + "/sse")] {
                try await withClient(endpoint, options(.all)) { client, _ in
                    #expect(client.agreement.transport == .httpSSE)
                    #expect(client.agreement.version == .v2025_11_25)
                    try await exercise(client)
                }
            }
            var strict = options(.all)
            strict.fallsBackToHTTPSSE = false
            let error = await #expect(throws: MCPClientError.self) {
                try await MCPClient.withConnection(to: .streamableHTTP(server.origin + "/sse"), options: strict) { _ in
                }
            }
            #expect(error?.code == .wrongTransport)
        }
    }

    @Test("the errors tell wrong paths and transports apart")
    func wrongPaths() async throws {
        try await PythonServer.run(Programs.sdk, "streamable-http") { server in
            func code(_ endpoint: MCPEndpoint) async -> MCPClientError.Code? {
                await #expect(throws: MCPClientError.self) {
                    try await MCPClient.withConnection(to: endpoint) { _ in }
                }?.code
            }
            #expect(await code(.streamableHTTP(server.origin + "/nothing")) == .notFound)
            #expect(await code(.httpSSE(server.origin + "/mcp")) == .wrongTransport)
            #expect(await code(.streamableHTTP("https" + server.origin.dropFirst(4) + "/mcp")) == .serverWithoutTLS)
            #expect(await code(.streamableHTTP("ftp://127.0.0.1/")) == .invalidEndpoint)
        }
    }

    @Test("a contract takes few requests, and ends the session", arguments: eras)
    func contract(versions: SupportedVersions) async throws {
        try await PythonServer.run(Programs.sdk, "streamable-http") { server in
            let own = try HTTPClientExchange()
            let exchange = RecordingExchange(own)
            var settings = options(versions)
            func read() async throws -> (ServerReading, [String]) {
                let before = exchange.requests.count
                let reading = try await ContractReader(options: settings, exchange: exchange)
                    .read(.streamableHTTP(server.origin + "/mcp"))
                return (reading, exchange.requests[before...].map(\.method.rawValue))
            }
            let (reading, methods) = try await read()
            #expect(reading.count(.tool) == 4)
            #expect(reading.count(.prompt) == 1)
            #expect(reading.count(.resource) == 1)
            #expect(reading.count(.resourceTemplate) == 1)
            #expect(reading.contract.items.first?.identity == "add")
            let lists = Array(repeating: "POST", count: 4)
            #expect(methods == (versions == .all ? ["POST"] + lists : ["POST", "POST"] + lists + ["DELETE"]))
            settings.remembered = reading.agreement
            let (again, _) = try await read()
            #expect(again.contract == reading.contract)
            await own.shutdown()
            try await expectValid(exchange.requests.compactMap(\.body), versions.versions.first ?? .v2025_11_25)
        }
    }
}
