import Dashboards
import KubernetesAPI
import TestSupport
import Testing

/// What the chart installs for Grafana and for the Prometheus operator.
@Suite("The chart's dashboards and rules")
struct DashboardChartTests {
    private func objects(_ kind: String, component: String, _ values: String...) async throws -> [JSONValue] {
        try await Chart.documents(values.flatMap { ["--set", $0] }).filter {
            $0["kind"]?.stringValue == kind
                && $0[path: ["metadata", "labels", "app.kubernetes.io/component"]]?.stringValue == component
        }
    }

    private func rules(_ values: String...) async throws -> JSONValue {
        let arguments = (["metrics.prometheusRule.enabled=true"] + values).flatMap { ["--set", $0] }
        return try #require(try await Chart.documents(arguments).first { $0["kind"] == "PrometheusRule" })
    }

    private func alerts(_ rules: JSONValue) -> [String] {
        (rules[path: ["spec", "groups"]]?.arrayValue ?? []).flatMap { $0["rules"]?.arrayValue ?? [] }
            .compactMap { $0["alert"]?.stringValue }
    }

    @Test("by default there is none: neither Grafana nor the operator may be installed")
    func none() async throws {
        #expect(try await objects("ConfigMap", component: "dashboards").isEmpty)
        #expect(try await Chart.documents().allSatisfy { $0["kind"] != "PrometheusRule" })
    }

    @Test("each dashboard is a ConfigMap that the sidecar finds, with the file unchanged")
    func dashboards() async throws {
        let maps = try await objects(
            "ConfigMap",
            component: "dashboards",
            "dashboards.enabled=true",
            "dashboards.namespace=monitoring",
            "dashboards.annotations.grafana_folder=Moorage"
        )
        var found: [String: JSONValue] = [:]
        for map in maps {
            #expect(map[path: ["metadata", "namespace"]] == "monitoring")
            #expect(map[path: ["metadata", "labels", "grafana_dashboard"]] == "1")
            #expect(map[path: ["metadata", "annotations", "grafana_folder"]] == "Moorage")
            let data = try #require(map["data"]?.objectValue)
            #expect(data.count == 1)
            for (file, text) in data {
                found[file] = try JSONValue(parsing: Array(try #require(text.stringValue).utf8))
            }
        }
        #expect(maps.count == Dashboard.all.count)
        for dashboard in Dashboard.all {
            // The values are too long to be shown.
            let isEqual = found["moorage-\(dashboard.name).json"] == dashboard.json
            #expect(isEqual, "\(dashboard.name) is not the dashboard of the code: run `make generate`")
        }
    }

    @Test("the rules are those of the code, and templates of Prometheus are unchanged")
    func unchanged() async throws {
        let rules = try await rules("metrics.prometheusRule.labels.release=prometheus")
        let isEqual = rules["spec"] == Rules.file()
        #expect(isEqual, "the rules are not those of the code: run `make generate`")
        #expect(rules[path: ["metadata", "labels", "release"]] == "prometheus")
        #expect(rules[path: ["metadata", "namespace"]]?.stringValue == Chart.namespace)
    }

    @Test("alerts can be left out, and pages be elsewhere")
    func choices() async throws {
        let all = Rules.alerts.map(\.name)
        let rules = try await rules(
            "metrics.prometheusRule.disabled={MoorageServerSlow,MoorageControllerDown}",
            "metrics.prometheusRule.runbookBaseURL=https://wiki.example/moorage/",
            "metrics.prometheusRule.namespace=monitoring"
        )
        #expect(alerts(rules) == all.filter { !["MoorageServerSlow", "MoorageControllerDown"].contains($0) })
        #expect(rules["spec"]?.objectValue?["groups"] != nil)
        #expect(rules[path: ["metadata", "namespace"]] == "monitoring")
        let groups = Rules.file(runbooks: "https://wiki.example/moorage")["groups"]?.arrayValue ?? []
        let expected = groups.flatMap { $0["rules"]?.arrayValue ?? [] }.compactMap {
            $0[path: ["annotations", "runbook_url"]]
        }
        let written = (rules[path: ["spec", "groups"]]?.arrayValue ?? []).flatMap { $0["rules"]?.arrayValue ?? [] }
            .compactMap { $0[path: ["annotations", "runbook_url"]] }
        #expect(written.count == all.count - 2)
        #expect(Set(written).isSubset(of: expected))
    }

    @Test("without a gateway, no alert is about one")
    func withoutGateway() async throws {
        let rules = try await rules("gateway.enabled=false")
        #expect(alerts(rules) == Rules.groups.filter { $0.part == .controller }.flatMap(\.alerts).map(\.name))
    }

    @Test("an alert that does not exist cannot be left out")
    func unknown() async throws {
        let result = try await Tool.helm().attempt(
            [
                "template", Chart.release, Chart.path, "--set", "metrics.prometheusRule.enabled=true",
                "--set", "metrics.prometheusRule.disabled={MoorageNothing}",
            ]
        )
        #expect(result.status != 0)
        #expect(result.error.contains("there is no alert MoorageNothing"))
    }

    @Test("without metrics there is neither")
    func withoutMetrics() async throws {
        let documents = try await Chart.documents(
            ["metrics.enabled=false", "metrics.prometheusRule.enabled=true", "dashboards.enabled=true"]
                .flatMap { ["--set", $0] }
        )
        #expect(documents.allSatisfy { $0["kind"] != "PrometheusRule" })
        #expect(
            documents.allSatisfy {
                $0[path: ["metadata", "labels", "app.kubernetes.io/component"]] != "dashboards"
            }
        )
    }
}
