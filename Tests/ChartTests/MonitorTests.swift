import KubernetesAPI
import TestSupport
import Testing

/// The two ways to let the Prometheus operator scrape the controller.
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
        #expect(monitors.map { $0["kind"]?.stringValue } == [kind])
        let monitor = try #require(monitors.first)
        #expect(monitor[path: ["metadata", "namespace"]] == "monitoring")
        #expect(monitor[path: ["metadata", "labels", "release"]] == "prometheus")
        let spec = try #require(monitor["spec"])
        #expect(
            spec[endpoints] == [
                ["port": "metrics", "path": "/metrics", "interval": "15s", "scrapeTimeout": "5s"]
            ]
        )
        #expect(spec["namespaceSelector"] == ["matchNames": [.string(Chart.namespace)]])
        // What the selector matches has the port, by this name.
        let selector = try #require(spec[path: ["selector", "matchLabels"]]?.objectValue)
        let deployment = try #require(documents.first { $0["kind"] == "Deployment" })
        let template = deployment[path: ["spec", "template"]]
        let candidates: [(labels: JSONValue?, ports: JSONValue?)] =
            kind == "PodMonitor"
            ? [
                (
                    template?[path: ["metadata", "labels"]],
                    template?[path: ["spec", "containers"]]?.arrayValue?.first?["ports"]
                )
            ]
            : documents.filter { $0["kind"] == "Service" }.map {
                ($0[path: ["metadata", "labels"]], $0[path: ["spec", "ports"]])
            }
        let selected = candidates.filter { candidate in
            selector.allSatisfy { candidate.labels?[$0.key] == $0.value }
        }
        #expect(selected.count == 1)
        #expect(selected.first?.ports?.arrayValue?.contains { $0["name"] == "metrics" } == true)
    }

    @Test("a PodMonitor needs no Service")
    func withoutService() async throws {
        let monitors = try await monitors("metrics.podMonitor.enabled=true", "metrics.service.create=false")
        #expect(monitors.map { $0["kind"]?.stringValue } == ["PodMonitor"])
        #expect(monitors.first?[path: ["metadata", "namespace"]]?.stringValue == Chart.namespace)
    }
}
