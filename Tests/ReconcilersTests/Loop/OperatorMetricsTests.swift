import CRDModels
import KubernetesAPI
import Observability
import Policy
import Testing

@testable import Reconcilers

@Suite("The metrics of servers")
struct OperatorMetricsTests {
    private static func status(_ ready: Condition.Status, _ reason: String) -> MCPServerStatus {
        var status = MCPServerStatus()
        status.tenant = "acme"
        status.conditions = [
            Condition(
                type: ConditionType.ready,
                status: ready,
                reason: reason,
                message: "",
                lastTransitionTime: Timestamp(secondsSinceEpoch: 0)
            )
        ]
        return status
    }

    @Test("a server has one series, whose reason is that of its condition, until it is deleted")
    func readiness() {
        let registry = MetricsRegistry()
        let metrics = OperatorMetrics(registry: registry)
        func lines() -> [String] {
            registry.exposition().split(separator: "\n").map(String.init).filter {
                $0.hasPrefix("moorage_server_ready")
            }
        }
        let server = NamespacedName(namespace: "mcp-acme", name: "weather")
        metrics.report(server, MCPServerStatus())
        #expect(lines().isEmpty)
        let labels = #"tenant="acme",namespace="mcp-acme",server="weather""#
        metrics.report(server, Self.status(.false, "ContainerCrashing"))
        #expect(lines() == [#"moorage_server_ready{\#(labels),reason="ContainerCrashing"} 0"#])
        metrics.report(server, Self.status(.unknown, "RollingOut"))
        #expect(lines() == [#"moorage_server_ready{\#(labels),reason="RollingOut"} 0"#])
        metrics.report(server, Self.status(.true, "Serving"))
        #expect(lines() == [#"moorage_server_ready{\#(labels),reason="Serving"} 1"#])
        metrics.forget(server: server)
        #expect(lines().isEmpty)
    }
}
