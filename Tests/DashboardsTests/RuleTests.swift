import Foundation
import KubernetesAPI
import TestSupport
import Testing

@testable import Dashboards

@Suite("Rules")
struct RuleTests {
    static let text = YAML.text(Rules.file())

    @Test("promtool accepts the rules", .enabled(if: PromTool.canRun, PromTool.comment))
    func check() async throws {
        let result = try await PromTool.run(["check", "rules", "rules.yaml"], files: ["rules.yaml": Self.text])
        #expect(result.status == 0, "\(result.output)\(result.error)")
        let count = Rules.alerts.count + ErrorBudget.recordings.count
        #expect(result.output.contains("\(count) rules found"), "\(result.output)")
    }

    @Test("an alert fires when it should", .enabled(if: PromTool.canRun, PromTool.comment), arguments: AlertCase.all)
    func fires(example: AlertCase) async throws {
        let tests: JSONValue = [
            "rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": .array(example.tests),
        ]
        let files = ["rules.yaml": Self.text, "tests.yaml": YAML.text(tests)]
        let result = try await PromTool.run(["test", "rules", "tests.yaml"], files: files)
        #expect(result.status == 0, "\(result.output)\(result.error)")
        #expect(result.output.contains("SUCCESS"), "\(result.output)")
    }

    @Test("a wrong expectation fails", .enabled(if: PromTool.canRun, PromTool.comment))
    func wrong() async throws {
        let example = AlertCase("MoorageServersWaiting", after: 40, firing: [], silent: [])
        let tests: JSONValue = [
            "rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": .array(example.tests),
        ]
        let files = ["rules.yaml": Self.text, "tests.yaml": YAML.text(tests)]
        let result = try await PromTool.run(["test", "rules", "tests.yaml"], files: files)
        #expect(result.status != 0)
    }

    @Test("each alert has one case")
    func complete() {
        #expect(AlertCase.all.map(\.alert).sorted() == Rules.alerts.map(\.name).sorted())
        #expect(AlertCase.all.allSatisfy { !$0.silent.isEmpty })
    }

    @Test("expressions name metrics of the table with their labels", arguments: Rules.alerts.map(\.name))
    func labels(name: String) throws {
        let alert = try #require(Rules.alerts.first { $0.name == name })
        let reader = QueryReader(alert.query)
        #expect(!reader.series.isEmpty)
        #expect(QueryCheck.problems(reader).isEmpty)
        // The summary names only labels that the alert has.
        let named = alert.summary.matches(of: #/\$labels\.(\w+)/#).map { String($0.1) }
        #expect(Set(named).isSubset(of: alert.labels))
        #expect(name.hasPrefix("Moorage"))
        #expect(alert.description.hasSuffix("."))
        #expect(!alert.summary.hasSuffix("."))
    }

    @Test("an alert that fires has the labels that it declares", arguments: AlertCase.all)
    func declared(example: AlertCase) throws {
        let alert = try #require(Rules.alerts.first { $0.name == example.alert })
        let keys = example.labels.matches(of: #/(\w+)=/#).map { String($0.1) }
        #expect(Set(keys).isSubset(of: alert.labels))
        #expect(alert.labels.isEmpty == keys.isEmpty)
    }

    @Test("recorded ratios are those of results that mean a failure")
    func recordings() {
        for recording in ErrorBudget.recordings {
            #expect(QueryCheck.problems(QueryReader(recording.expression.text)).isEmpty)
            #expect(recording.expression.text.contains(CallOutcome.failed.joined(separator: "|")))
        }
    }

    @Test("every alert has a page, and every page an alert")
    func pages() throws {
        let folder = "\(Tool.packageRoot)/docs/runbooks"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(files.sorted() == Rules.alerts.map { "\($0.name).md" }.sorted())
        for alert in Rules.alerts {
            let text = try Tool.text(of: "docs/runbooks/\(alert.name).md")
            #expect(text.hasPrefix("# \(alert.name)\n"), "\(alert.name)")
            for section in ["## Impact", "## How to look", "## What to do"] {
                #expect(text.contains("\n\(section)\n"), "\(alert.name) has no section \(section)")
            }
            #expect(text.contains("```sh"), "\(alert.name) has no command")
        }
    }

    @Test("the page with the table of alerts is up to date")
    func table() throws {
        #expect(try Tool.text(of: "docs/alerts.md") == AlertPage.markdown, "run `make generate`")
    }

    @Test("a PrometheusRule has the same groups")
    func object() {
        let object = Rules.prometheusRule(
            name: "moorage",
            namespace: "a",
            labels: ["release": "p"],
            runbooks: "https://x"
        )
        #expect(object["kind"] == "PrometheusRule")
        #expect(object[path: ["metadata", "labels", "release"]] == "p")
        #expect(object["spec"] == Rules.file(runbooks: "https://x"))
        let first = object[path: ["spec", "groups"]]?.arrayValue?.first?["rules"]?.arrayValue?.first
        #expect(first?[path: ["annotations", "runbook_url"]] == "https://x/MoorageControllerDown.md")
    }
}
