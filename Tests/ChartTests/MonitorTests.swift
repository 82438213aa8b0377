import KubernetesAPI
import TestSupport
import Testing

/// The two ways to let the Prometheus operator scrape the controller and the gateway.
@Suite("The chart's monitors")
struct MonitorTests {
    private static let group = "monitoring.coreos.com/v1"

    private func monitors(_ values: String...) async throws -> [JSONValue] {
        let arguments = values.flatMap { ["--set", $0] }
        return try await Chart.documents(arguments).filter { $0["apiVersion"]?.stringValue == Self.group }
    }

    @Test("by default there is none, since the Prometheus operator may not be installed")
    func none() async throws {
        #expect(try await monitors() == [])
        let withoutMetrics = try await monitors("metrics.enabled=false", "metrics.podMonitor.enabled=true")
        #expect(withoutMetrics == [], "nothing serves metrics")
    }

    @Test(
        "a monitor selects what has the metrics port, in the release's namespace, and has its own labels and intervals",
        arguments: [
            ("serviceMonitor", "ServiceMonitor", "endpoints"), ("podMonitor", "PodMonitor", "podMetricsEndpoints"),
        ]
    )
    func monitor(value: String, kind: String, endpoints: String) async throws {
        let arguments = [
            "enabled=true", "namespace=monitoring", "labels.release=prometheus", "interval=15s", "scrapeTimeout=5s",
        ].flatMap { ["--set", "metrics.\(value).\($0)"] }
        let documents = try await Chart.documents(arguments)
        let monitors = documents.filter { $0["apiVersion"]?.stringValue == Self.group }
        // One for the controller, and one for the gateway.
        #expect(monitors.map { $0["kind"]?.stringValue } == [kind, kind])
        for monitor in monitors { try check(monitor, kind: kind, endpoints: endpoints, documents) }
        let withoutGateway = try await Chart.documents(arguments + ["--set", "gateway.enabled=false"])
        #expect(withoutGateway.count { $0["apiVersion"]?.stringValue == Self.group } == 1)
    }

    private func check(_ monitor: JSONValue, kind: String, endpoints: String, _ documents: [JSONValue]) throws {
        #expect(monitor[path: ["metadata", "namespace"]] == "monitoring")
        #expect(monitor[path: ["metadata", "labels", "release"]] == "prometheus")
        let spec = try #require(monitor["spec"])
        let endpoint: JSONValue = [
            "port": "metrics", "path": "/metrics", "interval": "15s", "scrapeTimeout": "5s",
            // The label namespace of a server's metrics is that of the server.
            "honorLabels": true,
        ]
        #expect(spec[endpoints] == [endpoint])
        #expect(spec["namespaceSelector"] == ["matchNames": [.string(Chart.namespace)]])
        // What the selector matches has the port, by this name.
        let selector = try #require(spec[path: ["selector", "matchLabels"]]?.objectValue)
        let templates = documents.filter { $0["kind"] == "Deployment" }.map { $0[path: ["spec", "template"]] }
        let candidates: [(labels: JSONValue?, ports: JSONValue?)] =
            kind == "PodMonitor"
            ? templates.map {
                ($0?[path: ["metadata", "labels"]], $0?[path: ["spec", "containers"]]?.arrayValue?.first?["ports"])
            }
            : documents.filter { $0["kind"] == "Service" }.map {
                ($0[path: ["metadata", "labels"]], $0[path: ["spec", "ports"]])
            }
        let selected = candidates.filter { candidate in
            selector.allSatisfy { candidate.labels?[$0.key] == $0.value }
        }
        // The Prometheus operator takes those with a port of this name: each pod is scraped once.
        let scraped = selected.filter { $0.ports?.arrayValue?.contains { $0["name"] == "metrics" } == true }
        #expect(scraped.count == 1)
    }

    @Test("a PodMonitor needs no Service")
    func withoutService() async throws {
        let monitors = try await monitors("metrics.podMonitor.enabled=true", "metrics.service.create=false")
        #expect(monitors.map { $0["kind"]?.stringValue } == ["PodMonitor", "PodMonitor"])
        #expect(monitors.allSatisfy { $0[path: ["metadata", "namespace"]]?.stringValue == Chart.namespace })
    }
}
