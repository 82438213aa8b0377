import Observability
import Testing

@testable import Gateway

@Suite("Metrics of the gateway")
struct GatewayMetricsTests {
    private static let target = GatewayMetrics.Target(
        tenant: "acme",
        namespace: "mcp-acme",
        server: "time",
        tool: "now"
    )

    @Test("a call is counted by target and result, with the time in the server apart from that in the gateway")
    func call() {
        let registry = MetricsRegistry()
        let metrics = GatewayMetrics(registry: registry)
        metrics.countCall(Self.target, result: .success, duration: .milliseconds(250), backend: .milliseconds(200))
        metrics.countCall(Self.target, result: .toolError, duration: .milliseconds(250), backend: .milliseconds(300))
        let text = registry.exposition()
        let labels = #"tenant="acme",namespace="mcp-acme",server="time",tool="now""#
        #expect(text.contains(#"moorage_gateway_calls_total{\#(labels),result="Success"} 1"#))
        #expect(text.contains(#"moorage_gateway_calls_total{\#(labels),result="ToolError"} 1"#))
        #expect(text.contains("moorage_gateway_call_duration_seconds_sum{\(labels)} 0.5\n"))
        #expect(text.contains("moorage_gateway_backend_duration_seconds_sum{\(labels)} 0.45\n"))
        #expect(text.contains("moorage_gateway_own_duration_seconds_count{\(labels)} 2\n"))
    }

    @Test("more series than the maximum are counted together")
    func bounded() {
        let registry = MetricsRegistry()
        let metrics = GatewayMetrics(registry: registry, maximumSeries: 10)
        for index in 0..<1_000 {
            var target = Self.target
            target.tool = "tool-\(index)"
            metrics.countCall(target, result: .success, duration: .milliseconds(1), backend: .zero)
        }
        let lines = registry.exposition().split(separator: "\n").filter {
            $0.hasPrefix("moorage_gateway_calls_total{")
        }
        #expect(lines.count == 11)
        #expect(
            lines.contains(
                #"moorage_gateway_calls_total{tenant="other",namespace="other",server="other",tool="other",result="other"} 990"#
            )
        )
    }

    @Test("the series of a server that is deleted are removed, and make room")
    func removed() {
        let registry = MetricsRegistry()
        let metrics = GatewayMetrics(registry: registry, maximumSeries: 1)
        metrics.countCall(Self.target, result: .success, duration: .milliseconds(1), backend: .zero)
        metrics.setBreaker(.open, namespace: "mcp-acme", server: "time")
        #expect(
            registry.exposition().contains(
                #"moorage_gateway_breaker_state{namespace="mcp-acme",server="time"} 2"#
            )
        )
        metrics.removeServer(namespace: "mcp-acme", server: "other")
        #expect(registry.exposition().contains(#"server="time""#))
        metrics.removeServer(namespace: "mcp-acme", server: "time")
        #expect(!registry.exposition().contains(#"server="time""#))
        var next = Self.target
        next.server = "next"
        metrics.countCall(next, result: .success, duration: .milliseconds(1), backend: .zero)
        #expect(registry.exposition().contains(#"server="next""#))
    }

    @Test("breaches, sessions and streams are counted")
    func others() {
        let registry = MetricsRegistry()
        let metrics = GatewayMetrics(registry: registry)
        let breach = LimitBreach(
            reason: .concurrentRequests,
            scope: .principal,
            key: "alice",
            limit: 1,
            windowSeconds: nil,
            retryAfterSeconds: 1
        )
        metrics.countBreach(breach, of: Self.target)
        let text = registry.exposition()
        #expect(text.contains(#"server="time",scope="principal",reason="ConcurrentRequests"} 1"#))
        #expect(!text.contains("alice"))
    }
}
