import Gateway
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Observability
import Synchronization
import Testing

/// A server that can be made to fail.
final class FragileService: MCPServerHandler {
    private let service: MCPService
    private let state = Mutex<(status: Int?, calls: Int)>((nil, 0))

    init(versions: SupportedVersions = .all) throws { service = try DemoService.make(versions: versions) }

    /// The status of the answers to calls; `nil` to serve.
    var failure: Int? {
        get { state.withLock { $0.status } }
        set { state.withLock { $0.status = newValue } }
    }
    /// How many tool calls have arrived.
    var calls: Int { state.withLock { $0.calls } }

    func respond(to request: ServerRequest) async throws -> JSONRPCResponse {
        guard request.method == .toolsCall else { return try await service.respond(to: request) }
        let status = state.withLock { state in
            state.calls += 1
            return state.status
        }
        guard let status else { return try await service.respond(to: request) }
        request.setHead(status: status)
        throw ProtocolError(.internalError, "out of order", id: request.id, httpStatus: status)
    }
}

@Suite("Servers that fail")
struct FailingBackendTests {
    private static func options() -> GatewayOptions {
        var options = GatewayOptions()
        options.upstream.breaker.openTime = .milliseconds(300)
        options.upstream.breaker.maximumOpenTime = .milliseconds(300)
        return options
    }

    private static func call(_ gateway: RunningGateway, _ tool: String = "add") async throws -> RunningGateway.Answer {
        try await gateway.modern("/demo/mcp", "tools/call", ["name": .string(tool), "arguments": ["a": 1, "b": 2]])
    }

    @Test(
        "after failures in a row callers are answered at once, with when to try again, until a trial succeeds",
        arguments: [SupportedVersions([.v2026_07_28]), SupportedVersions(SupportedVersions.all.legacy)]
    )
    func breaker(versions: SupportedVersions) async throws {
        let service = try FragileService(versions: versions)
        let registry = MetricsRegistry()
        let shield = GatewayGuard(metrics: GatewayMetrics(registry: registry))
        try await RunningGateway.run(
            [.init("demo", service, versions: versions)],
            options: Self.options(),
            shield: shield
        ) { backends in
            RouteTable([Route(path: "/demo/mcp", backend: backends[0])])
        } body: { gateway in
            #expect(try await Self.call(gateway).status == 200)
            service.failure = 500
            for _ in 0..<5 { #expect(try await Self.call(gateway).status == 502) }
            let sent = service.calls
            let refused = try await Self.call(gateway)
            #expect(refused.status == 503 && refused.headers[all: "Retry-After"] == ["1"], "\(refused)")
            #expect(refused.json?["id"] == 1 && refused.json?[path: ["error", "data", "reason"]] == "CircuitOpen")
            #expect(service.calls == sent)
            #expect(registry.exposition().contains(#"moorage_gateway_breaker_state{namespace="",server="demo"} 2"#))
            service.failure = nil
            var answer = refused
            let deadline = ContinuousClock.now + .seconds(10)
            while answer.status == 503, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
                answer = try await Self.call(gateway)
            }
            #expect(answer.status == 200, "\(answer)")
            #expect(registry.exposition().contains(#"moorage_gateway_breaker_state{namespace="",server="demo"} 0"#))
        }
    }

    @Test("errors of clients and of tools are not failures of the server")
    func clientErrors() async throws {
        let service = try FragileService()
        try await RunningGateway.run([.init("demo", service)], options: Self.options()) { backends in
            RouteTable([Route(path: "/demo/mcp", backend: backends[0])])
        } body: { gateway in
            for status in [400, 404, 429] {
                service.failure = status
                for _ in 0..<6 { _ = try await Self.call(gateway) }
            }
            service.failure = nil
            for _ in 0..<6 { #expect(try await Self.call(gateway, "fail").status == 200) }
            for _ in 0..<6 { _ = try await Self.call(gateway, "nothing") }
            #expect(try await Self.call(gateway).status == 200)
        }
    }

    /// A gateway before pods: servers, and addresses where nobody listens.
    private static func pods(
        _ services: [FragileService],
        _ versions: SupportedVersions,
        absent: Int = 0,
        _ body: @escaping @Sendable (RunningGateway) async throws -> Void
    ) async throws {
        let behind = services.enumerated().map { RunningGateway.Behind("\($0.offset)", $0.element, versions: versions) }
        try await RunningGateway.run(behind) { backends in
            var pods = backends.map { backend -> Backend.PodEndpoint in
                guard case .streamableHTTP(let url) = backend.target else { return .init(id: backend.id, url: "") }
                return Backend.PodEndpoint(id: backend.id, url: url)
            }
            // A port that nothing can listen on without being root.
            pods += (0..<absent).map { Backend.PodEndpoint(id: "absent-\($0)", url: "http://127.0.0.1:1/mcp") }
            return RouteTable([Route(path: "/demo/mcp", backend: Backend(id: "demo", target: .pods(pods)))])
        } body: { gateway in
            try await body(gateway)
        }
    }

    @Test("a pod that fails while others work gets no more requests")
    func ejected() async throws {
        let versions = SupportedVersions([.v2026_07_28])
        let services = try [FragileService(versions: versions), FragileService(versions: versions)]
        try await Self.pods(services, versions) { gateway in
            #expect(try await Self.call(gateway).status == 200)
            services[0].failure = 500
            var failures = 0
            for _ in 0..<40 where try await Self.call(gateway).status != 200 { failures += 1 }
            #expect(failures == 3)
            #expect(services[1].calls >= 37)
        }
    }

    @Test(
        "a request that could not be sent is repeated at another pod",
        arguments: [SupportedVersions([.v2026_07_28]), SupportedVersions(SupportedVersions.all.legacy)]
    )
    func unreachable(versions: SupportedVersions) async throws {
        let service = try FragileService(versions: versions)
        try await Self.pods([service], versions, absent: 1) { gateway in
            for _ in 0..<10 {
                let answer = try await Self.call(gateway)
                #expect(answer.status == 200, "\(answer)")
            }
            #expect(service.calls == 10)
        }
    }
}
