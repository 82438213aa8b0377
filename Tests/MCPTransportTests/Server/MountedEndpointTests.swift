import AsyncHTTPClient
import Hummingbird
import Logging
import MCPProtocol
import MCPTestSupport
import MCPTransport
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Testing

/// A context that knows its connection.
private struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

@Suite("Endpoint in a router")
struct MountedEndpointTests {
    @Test("an endpoint answers on a route of another server, for the principal that the route has found out")
    func mounted() async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let endpoint = StreamableHTTPEndpoint(handler: try DemoService.make(), logger: logger)
        let router = Router(context: ConnectionContext.self)
        router.on("/servers/demo", method: .post) { request, context in
            let user = request.headers[.authorization] ?? ""
            return await endpoint.respond(to: request, channel: context.channel, principal: Principal(id: user))
        }
        let (ports, port) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            services: [endpoint],
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) },
            logger: logger
        )
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            for await port in ports {
                let initialize = InitializeParams(
                    protocolVersion: .v2025_11_25,
                    capabilities: ClientCapabilities(),
                    clientInfo: Implementation(name: "client", version: "1")
                ).request(id: 1)
                func post(_ request: JSONRPCRequest, _ user: String, _ session: String?) async throws
                    -> HTTPClientResponse
                {
                    var post = HTTPClientRequest(url: "http://127.0.0.1:\(port)/servers/demo")
                    post.method = .POST
                    for field in HeaderFields.legacyPost(version: nil, sessionID: session).fields {
                        post.headers.add(name: field.name, value: field.value)
                    }
                    post.headers.add(name: "Authorization", value: user)
                    post.body = .bytes(Array(request.bytes))
                    return try await client.execute(post, timeout: .seconds(10))
                }
                let opened = try await post(initialize, "ada", nil)
                let session = opened.headers.first(name: "Mcp-Session-Id")
                #expect(session != nil)
                let mine = try await post(.ping(id: 2), "ada", session)
                #expect(mine.status.code == 200)
                // To anybody else the session does not exist.
                let stolen = try await post(.ping(id: 2), "eve", session)
                #expect(stolen.status.code == 404)
                break
            }
            group.cancelAll()
        }
        try await client.shutdown()
    }
}
