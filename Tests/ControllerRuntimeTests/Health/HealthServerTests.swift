import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import Observability
import ServiceLifecycle
import Testing

@testable import ControllerRuntime

private struct Answer: Equatable {
    var status: Int
    var body: String
    var type = "text/plain; charset=utf-8"
}

@Suite("Health server", .timeLimit(.minutes(1)))
struct HealthServerTests {
    private func serve(
        content: HealthServer.Content = [.health, .metrics],
        liveness: [HealthCheck] = [],
        readiness: [HealthCheck] = [],
        metrics: MetricsRegistry = MetricsRegistry(),
        accept: String? = nil,
        _ body: (_ get: (String, HTTPMethod) async throws -> Answer) async throws -> Void
    ) async throws {
        let server = HealthServer(
            host: "127.0.0.1",
            port: 0,
            content: content,
            liveness: liveness,
            readiness: readiness,
            metrics: metrics,
            logger: .silent
        )
        let group = ServiceGroup(services: [server], logger: .silent)
        let run = Task { try await group.run() }
        try await server.waitUntilListening()
        let port = try #require(server.boundPort)
        try await body { path, method in
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
            request.method = method
            if let accept { request.headers.add(name: "accept", value: accept) }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
            let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
            return Answer(
                status: Int(response.status.code),
                body: text,
                type: response.headers.first(name: "content-type") ?? ""
            )
        }
        await group.triggerGracefulShutdown()
        try await run.value
    }

    @Test("a healthy process answers ok; an unhealthy one says which check failed, and why")
    func answers() async throws {
        let problem = Shared<String?>("not listed yet")
        let check = HealthCheck(name: "cache-servers") { problem.value }
        try await serve(readiness: [check]) { get in
            #expect(try await get("/healthz", .GET) == Answer(status: 200, body: "ok"))
            #expect(try await get("/livez", .GET).status == 200)
            let failed = try await get("/readyz", .GET)
            #expect(failed.status == 500)
            #expect(failed.body == "[+]ping ok\n[-]cache-servers failed: not listed yet\nreadyz check failed\n")
            #expect(try await get("/readyz/ping", .GET).status == 200)
            #expect(try await get("/readyz/cache-servers", .GET).status == 500)
            #expect(try await get("/readyz/nothing", .GET).status == 404)
            #expect(try await get("/readyz?exclude=cache-servers", .GET).status == 200)
            #expect(try await get("/readyz?exclude=nothing&verbose", .GET).body.contains("no matches for \"nothing\""))
            problem.change { $0 = nil }
            #expect(
                try await get("/readyz?verbose", .GET).body == "[+]ping ok\n[+]cache-servers ok\nreadyz check passed\n"
            )
            #expect(try await get("/nothing", .GET).status == 404)
            #expect(try await get("/readyz", .POST).status == 405)
        }
    }

    @Test("metrics are served in Prometheus' format")
    func metrics() async throws {
        let registry = MetricsRegistry()
        registry.gauges("up", help: "Up.").with([]).set(1)
        try await serve(metrics: registry) { get in
            let answer = try await get("/metrics", .GET)
            #expect(answer.status == 200)
            #expect(answer.body == "# HELP up Up.\n# TYPE up gauge\nup 1\n")
            #expect(answer.type == "text/plain; version=0.0.4; charset=utf-8")
        }
    }

    @Test("metrics are served in OpenMetrics to those who ask for it")
    func openMetrics() async throws {
        let registry = MetricsRegistry()
        registry.gauges("up", help: "Up.").with([]).set(1)
        try await serve(metrics: registry, accept: "application/openmetrics-text; version=1.0.0") { get in
            let answer = try await get("/metrics", .GET)
            #expect(answer.body == "# HELP up Up.\n# TYPE up gauge\nup 1\n# EOF\n")
            #expect(answer.type == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        }
    }

    @Test("HEAD has no body, and the connection can be used again")
    func head() async throws {
        try await serve { get in
            for _ in 0..<3 {
                let head = try await get("/healthz", .HEAD)
                #expect(head.status == 200)
                #expect(head.body.isEmpty)
                #expect(try await get("/healthz", .GET).body == "ok")
            }
        }
    }

    @Test("a server for one kind of content does not serve the other")
    func content() async throws {
        try await serve(content: .health) { get in
            let metrics = try await get("/metrics", .GET)
            #expect(metrics.status == 404)
        }
        try await serve(content: .metrics) { get in
            let ready = try await get("/readyz", .GET)
            #expect(ready.status == 404)
            let metrics = try await get("/metrics", .GET)
            #expect(metrics.status == 200)
        }
    }

    @Test("a port that is in use is an error")
    func takenPort() async throws {
        let first = HealthServer(host: "127.0.0.1", port: 0, metrics: MetricsRegistry(), logger: .silent)
        let run = Task { try await first.run() }
        try await first.waitUntilListening()
        let second = HealthServer(
            host: "127.0.0.1",
            port: try #require(first.boundPort),
            metrics: MetricsRegistry(),
            logger: .silent
        )
        await #expect(throws: (any Error).self) { try await second.run() }
        run.cancel()
        _ = await run.result
    }
}
