import MCPProtocol
import MCPTransport
import Foundation
import KubernetesAPI
import Testing

@testable import TelemetryBridge

/// Prometheus, Alertmanager and node-exporter of Debian.
@Suite("The bridge with real programs", .enabled(if: RealPrograms.canRun, RealPrograms.comment))
struct RealProgramTests {
    @Test("queries, alerts and units are read, and errors say what to change")
    func all() async throws {
        try await RealPrograms.run { programs in
            let settings = TelemetryBridgeSettings(
                version: "test",
                prometheus: programs.prometheus,
                alertmanager: programs.alertmanager
            )
            try await TestLab.run(settings, objects: TestObjects.all) { lab in
                try await lab.withClient { client in
                    try await eventually("Alertmanager has both alerts") {
                        let answer = try await lab.call("alerts.active", client: client)
                        return answer["total"]?.integerValue == 2
                    }
                    try await queries(lab, client, programs)
                    try await alerts(lab, client)
                    try await units(lab, client, programs)
                    try await hostileValues(lab, client)
                    try await completions(client)
                }
            }
            // Without Alertmanager, the alerts of Prometheus's rules.
            let alone = TelemetryBridgeSettings(version: "test", prometheus: programs.prometheus)
            try await TestLab.run(alone) { lab in
                try await lab.withClient { client in
                    let answer = try await lab.call("alerts.active", client: client)
                    #expect(
                        answer["source"]?.stringValue == "prometheus" && answer["total"]?.integerValue == 2,
                        "\(answer.text)"
                    )
                    let matchers = try await lab.call("alerts.active", ["matchers": [#"a="b""#]], client: client)
                    #expect(matchers.isError && matchers.text.contains("ALERTS"))
                }
            }
        }
    }

    private func queries(_ lab: TestLab, _ client: MCPClient, _ programs: RealPrograms) async throws {
        let instant = try await lab.call("promql.query", ["expr": #"up{job="node"}"#], client: client)
        #expect(instant["resultType"]?.stringValue == "vector", "\(instant.text)")
        let series = instant["series"]?.elements?.first
        #expect(series?[path: ["labels", "instance"]]?.stringValue == programs.instance)
        #expect(series?["samples"]?.elements?.first?["value"]?.stringValue == "1")
        // Prometheus has started a moment ago, and has few samples.
        try await eventually("a range has several samples") {
            let range = try await lab.call(
                "promql.query",
                ["expr": "up", "range": "1m", "step": "1s"],
                client: client
            )
            #expect(range["resultType"]?.stringValue == "matrix")
            return (range["series"]?.elements?.first?["samples"]?.elements?.count ?? 0) > 1
        }
        let scalar = try await lab.call("promql.query", ["expr": "1 + 1"], client: client)
        #expect(scalar["series"]?.elements?.first?["samples"]?.elements?.first?["value"]?.stringValue == "2")
        let bounded = try await lab.call("promql.query", ["expr": #"{job="node"}"#, "limit": 2], client: client)
        #expect(
            bounded["series"]?.elements?.count == 2 && bounded.leftOut.first?.contains("aggregate with sum by") == true
        )
        let empty = try await lab.call("promql.query", ["expr": "no_such_metric"], client: client)
        #expect(empty.notes.first?.contains("has no data") == true)
        let wrong = try await lab.call("promql.query", ["expr": "sum(up"], client: client)
        #expect(
            wrong.isError && wrong.text.contains("does not accept the query") && wrong.text.contains("parse error"),
            "\(wrong.text)"
        )
        let step = try await lab.call("promql.query", ["expr": "up", "step": "1s"], client: client)
        #expect(step.isError && step.text.contains("has no effect without range"))
        let metric = try await client.request(.resourcesRead, params: ["uri": "res://metrics/node_systemd_unit_state"])
        #expect(
            metric["contents"]?.elements?.first?["text"]?.stringValue?.contains(#""help":"Systemd unit","series":4"#)
                == true,
            "\(metric)"
        )
    }

    private func alerts(_ lab: TestLab, _ client: MCPClient) async throws {
        let all = try await lab.call("alerts.active", client: client)
        #expect(all["source"]?.stringValue == "alertmanager")
        let first = all["alerts"]?.elements?.first
        #expect(
            first?["name"]?.stringValue == "BridgeTest" && first?["severity"]?.stringValue == "critical",
            "\(all.text)"
        )
        #expect(first?["annotations"]?.text == #"{"summary":"node-exporter is up"}"#)
        let some = try await lab.call("alerts.active", ["matchers": [#"severity="warning""#]], client: client)
        #expect(some["alerts"]?.elements?.compactMap { $0["name"]?.stringValue } == ["Minor"])
        let wrong = try await lab.call("alerts.active", ["matchers": ["severity"]], client: client)
        #expect(wrong.isError && wrong.text.contains("does not accept the matchers"), "\(wrong.text)")
        let prompt = try await client.request(.promptsGet, params: ["name": "Triage-Now"])
        #expect(prompt.text.contains("The alert BridgeTest is active for namespace shop"), "\(prompt.text)")
    }

    private func units(_ lab: TestLab, _ client: MCPClient, _ programs: RealPrograms) async throws {
        func states(_ arguments: RawJSON) async throws -> [String] {
            let answer = try await lab.call("systemd.status", arguments, client: client)
            return (answer["units"]?.elements ?? []).map {
                "\($0["unit"]?.stringValue ?? "") \($0["state"]?.stringValue ?? "")"
            }
        }
        #expect(try await states([:]) == ["backup.service failed"])
        #expect(try await states(["unit": "kubelet"]) == ["kubelet.service active"])
        #expect(try await states(["unit": "*", "instance": .string(programs.instance)]).count == 2)
        #expect(try await states(["unit": "kubelet", "instance": "other"]).isEmpty)
    }

    /// Prometheus itself judges that a value of a saved query cannot change the query.
    private func hostileValues(_ lab: TestLab, _ client: MCPClient) async throws {
        for value in [#"a"} or up{job="node"#, #"a\"#, "a\"\n", "$x", "a'`", "#"] {
            for mark in ["\"", "'"] {
                let query = try QueryTemplate("up{job=\(mark)$v\(mark)}").filled(with: ["v": value])
                let answer = try await lab.call("promql.query", ["expr": .string(query)], client: client)
                #expect(!answer.isError && answer["series"]?.elements?.isEmpty == true, "\(query): \(answer.text)")
            }
        }
    }

    private func completions(_ client: MCPClient) async throws {
        let result = try await client.request(
            .completionComplete,
            params: [
                "ref": ["type": "ref/resource", "uri": .string(BridgeResources.metricTemplate)],
                "argument": ["name": "metric", "value": "node_systemd"],
            ]
        )
        #expect(result[path: ["completion", "values"]]?.text == #"["node_systemd_unit_state"]"#)
    }
}

@Suite("The bridge with a stand-in for Loki")
struct LokiTests {
    @Test("lines, metrics and errors are read, and nothing leads to another address")
    func all() async throws {
        let loki = LokiStandIn()
        let token = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)").path()
        try Data("s3cret\n".utf8).write(to: URL(filePath: token))
        defer { try? FileManager.default.removeItem(atPath: token) }
        try await loki.run { url in
            let endpoint = BackendEndpoint(url: try RemoteURL("\(url)/"), tokenFile: token, tenant: "team-a")
            let settings = TelemetryBridgeSettings(version: "test", loki: endpoint)
            try await TestLab.run(settings) { lab in
                try await lab.withClient { client in
                    func query(_ text: String, _ more: RawJSON = [:]) async throws -> ToolAnswer {
                        try await lab.call("loki.query", more.setting("logql", to: .string(text)), client: client)
                    }
                    let lines = try await query(
                        #"{app="web"}"#,
                        ["limit": 3, "end": "2026-01-31T12:00:00Z", "since": "2h"]
                    )
                    let entries = lines["streams"]?.elements?.first?["entries"]?.elements ?? []
                    #expect(
                        entries.count == 3 && entries[0]["time"]?.stringValue == "2026-01-31T12:00:00.000000Z",
                        "\(lines.text)"
                    )
                    #expect(lines["complete"]?.boolValue == false && lines.notes == [UntrustedContent.note])
                    let metrics = try await query(#"sum(rate({app="web"}[5m]))"#)
                    #expect(metrics["resultType"]?.stringValue == "matrix" && metrics["series"]?.elements?.count == 1)
                    let wrong = try await query("nonsense")
                    #expect(wrong.isError && wrong.text.contains("parse error at line 1"), "\(wrong.text)")
                    let huge = try await query("huge")
                    #expect(huge.isError && huge.text.contains("narrow the query"), "\(huge.text)")
                    let redirect = try await query("redirect")
                    #expect(
                        redirect.isError && redirect.text.contains("redirects are not followed"),
                        "\(redirect.text)"
                    )
                    #expect(try await query("empty").notes.first?.contains("No line matches") == true)
                }
            }
            let first = loki.requests.first
            #expect(first?.query["start"] == "1769853600000000000" && first?.query["end"] == "1769860800000000000")
            #expect(first?.query["limit"] == "4" && first?.query["direction"] == "backward")
            #expect(first?.head.lowercased().contains("authorization: bearer s3cret\r\n") == true)
            #expect(first?.head.lowercased().contains("x-scope-orgid: team-a\r\n") == true)
            for request in loki.requests { #expect(request.head.hasPrefix("GET ")) }
        }
    }

    @Test("a backend that does not answer is named, and what to do")
    func unreachable() async throws {
        let endpoint = BackendEndpoint(url: try RemoteURL("http://127.0.0.1:1"))
        let settings = TelemetryBridgeSettings(
            version: "test",
            prometheus: endpoint,
            loki: endpoint,
            alertmanager: endpoint
        )
        try await TestLab.run(settings) { lab in
            try await lab.withClient { client in
                for (tool, arguments) in [
                    ("promql.query", ["expr": "up"] as RawJSON), ("loki.query", ["logql": "{a=\"b\"}"]),
                    ("alerts.active", [:]),
                ] {
                    let answer = try await lab.call(tool, arguments, client: client)
                    #expect(answer.isError && answer.text.contains("cannot be reached"), "\(answer.text)")
                }
            }
        }
    }
}
