import Gateway
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Testing

/// Sessions of the legacy era over several gateways.
@Suite("Sessions that are sealed into their ids")
struct SessionTests {
    private static let key = [UInt8](repeating: 7, count: 32)

    private static func options(_ secrets: [[UInt8]] = [key]) throws -> GatewayOptions {
        var options = GatewayOptions()
        options.sessionKeys = try SessionKeys(secrets: secrets)
        return options
    }

    private static let initialize = JSONRPCMessage.request(
        InitializeParams(
            protocolVersion: .v2025_11_25,
            capabilities: ClientCapabilities(elicitation: true),
            clientInfo: Implementation(name: "test", version: "1")
        ).request(id: 1)
    )

    private static func open(_ gateway: RunningGateway, _ path: String = "/demo/mcp") async throws -> String {
        let answer = try await gateway.post(path, initialize, .legacyPost(version: nil, sessionID: nil))
        #expect(answer.status == 200, "\(answer)")
        let id = try #require(answer.headers[all: HeaderName.sessionID].first)
        let headers = HeaderFields.legacyPost(version: .v2025_11_25, sessionID: id)
        #expect(try await gateway.post(path, .notification(.initialized), headers).status == 202)
        return id
    }

    private static func call(
        _ gateway: RunningGateway,
        _ session: String,
        _ path: String = "/demo/mcp"
    ) async throws -> RunningGateway.Answer {
        let request = JSONRPCRequest(
            id: 2,
            method: "tools/call",
            params: ["name": "add", "arguments": ["a": 1, "b": 2]]
        )
        let headers = HeaderFields.legacyPost(version: .v2025_11_25, sessionID: session)
        return try await gateway.post(path, .request(request), headers)
    }

    /// Two gateways before the same server.
    private static func pair(
        _ versions: SupportedVersions,
        _ first: GatewayOptions,
        _ second: GatewayOptions,
        _ body: @escaping @Sendable (RunningGateway, RunningGateway) async throws -> Void
    ) async throws {
        let service = try DemoService.make(versions: versions)
        try await RunningGateway.run([.init("demo", service, versions: versions)], options: first) { backends in
            RouteTable([
                Route(path: "/demo/mcp", backend: backends[0]), Route(path: "/other/mcp", backend: backends[0]),
            ])
        } body: { one in
            try await RunningGateway.run(one.routes, options: second) { two in try await body(one, two) }
        }
    }

    @Test(
        "any gateway with the key continues a session",
        arguments: [SupportedVersions(SupportedVersions.all.legacy), SupportedVersions([.v2026_07_28])]
    )
    func replicas(versions: SupportedVersions) async throws {
        try await Self.pair(versions, Self.options(), Self.options()) { one, two in
            let session = try await Self.open(one)
            #expect(ServerRules.isSessionID(session))
            for gateway in [two, one, two] {
                let answer = try await Self.call(gateway, session)
                #expect(answer.json?[path: ["result", "structuredContent", "sum"]]?.integerValue == 3, "\(answer)")
            }
        }
    }

    @Test(
        "when the pod of a session is gone, the client has to start a new one, and the server is not considered broken"
    )
    func podGone() async throws {
        let legacy = SupportedVersions(SupportedVersions.all.legacy)
        let service = try DemoService.make(versions: legacy)
        try await RunningGateway.run([.init("demo", service, versions: legacy)]) { backends in
            RouteTable([Self.route(backends[0], pod: "a")])
        } body: { gateway in
            let session = try await Self.open(gateway)
            #expect(try await Self.call(gateway, session).status == 200)
            let backend = try #require(gateway.routes.backends.first)
            gateway.gateway.update(RouteTable([Self.route(backend, pod: "b")]))
            let gone = try await Self.call(gateway, session)
            #expect(gone.status == 404 && gone.body.contains("start a new one with initialize"), "\(gone)")
            let health = try await gateway.send("GET", "/health")
            #expect(try RawJSON(parsing: health.body)["status"] == "ok")
            let next = try await Self.open(gateway)
            #expect(try await Self.call(gateway, next).status == 200)
        }
    }

    /// The route to a server, whose only pod has this id.
    private static func route(_ backend: Backend, pod: String) -> Route {
        var backend = backend
        switch backend.target {
        case .streamableHTTP(let url): backend.target = .pods([.init(id: pod, url: url)])
        case .pods(let pods): backend.target = .pods(pods.map { .init(id: pod, url: $0.url) })
        case .httpSSE, .remote, .command: break
        }
        return Route(path: "/demo/mcp", backend: backend)
    }

    @Test("a server's question arrives by one gateway, and its answer by another")
    func question() async throws {
        let legacy = SupportedVersions(SupportedVersions.all.legacy)
        try await Self.pair(legacy, Self.options(), Self.options()) { one, two in
            let session = try await Self.open(one)
            let headers = HeaderFields.legacyPost(version: .v2025_11_25, sessionID: session)
            let call = JSONRPCRequest(id: 7, method: "tools/call", params: ["name": "ask", "arguments": [:]])
            var questions = 0
            var said: RawJSON?
            try await one.stream("/demo/mcp", .request(call), headers) { message in
                switch message {
                case .request(let question):
                    questions += 1
                    let field = question.params?[path: ["requestedSchema", "required"]]?.elements?.first?.stringValue
                    let content: RawJSON = .object([(field ?? "", .string(field == "name" ? "Ada" : "blue"))])
                    let answer = JSONRPCResponse(id: question.id, result: ["action": "accept", "content": content])
                    let accepted = try await two.post("/demo/mcp", .response(answer), headers)
                    #expect(accepted.status == 202)
                case .response(let response): said = response.result?[path: ["structuredContent", "said"]]
                case .notification: break
                }
            }
            #expect(questions == 2 && said == "Ada likes blue")
        }
    }

    @Test("an answer for a server that is not behind the session goes nowhere")
    func foreignAnswer() async throws {
        try await Self.pair(.all, Self.options(), Self.options()) { one, _ in
            let session = try await Self.open(one)
            let headers = HeaderFields.legacyPost(version: .v2025_11_25, sessionID: session)
            for id in ["other/server#1", "demo#1", "demo#", "#", "x"] as [RequestID] {
                let answer = JSONRPCResponse(id: id, result: [:])
                #expect(try await one.post("/demo/mcp", .response(answer), headers).status == 202)
            }
            #expect(try await Self.call(one, session).status == 200)
        }
    }

    @Test("during a rotation the old key still opens, and the new one seals")
    func rotation() async throws {
        let new = [UInt8](repeating: 9, count: 40)
        try await Self.pair(.all, Self.options(), Self.options([new, Self.key])) { old, rotated in
            let before = try await Self.open(old)
            let after = try await Self.open(rotated)
            #expect(try await Self.call(rotated, before).status == 200)
            #expect(try await Self.call(old, after).status == 404)
        }
    }

    @Test("a session that was altered, or of another endpoint, does not exist")
    func foreign() async throws {
        try await Self.pair(.all, Self.options(), Self.options([[UInt8](repeating: 1, count: 32)])) { one, other in
            let session = try await Self.open(one)
            #expect(try await Self.call(other, session).status == 404)
            #expect(try await Self.call(one, session, "/other/mcp").status == 404)
            for index in [0, 20, session.utf8.count / 2, session.utf8.count - 1] {
                var bytes = Array(session.utf8)
                bytes[index] = bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                #expect(try await Self.call(one, String(decoding: bytes, as: UTF8.self)).status == 404, "\(index)")
            }
            for text in ["x", "AAAA", session + "A", session + "=", String(session.dropLast(4))] {
                #expect(try await Self.call(one, text).status == 404, "\(text)")
            }
        }
    }

    @Test("a session that its client has ended does not come back")
    func ended() async throws {
        try await Self.pair(.all, Self.options(), Self.options()) { one, _ in
            let session = try await Self.open(one)
            let headers = HeaderFields.legacyGet(version: .v2025_11_25, sessionID: session)
            #expect(try await one.send("DELETE", "/demo/mcp", headers).status == 204)
            #expect(try await Self.call(one, session).status == 404)
        }
    }

    @Test("a key that is too short is refused, with its number")
    func keys() {
        #expect {
            _ = try SessionKeys(secrets: [Self.key, [1, 2, 3]])
        } throws: { error in
            "\(error)" == "the session keys are not valid: key 2 has 3 bytes; 32 are required"
        }
        #expect(throws: InvalidSessionKey.self) { _ = try SessionKeys(secrets: []) }
    }
}
