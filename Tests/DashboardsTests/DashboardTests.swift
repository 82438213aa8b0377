import KubernetesAPI
import TestSupport
import Testing

@testable import Dashboards

@Suite("Dashboards")
struct DashboardTests {
    static let names = Dashboard.all.map(\.name)

    static func dashboard(_ name: String) throws -> Dashboard {
        try #require(Dashboard.all.first { $0.name == name })
    }

    @Test("names and titles are unique")
    func unique() {
        #expect(Set(Self.names).count == Self.names.count)
        #expect(Set(Dashboard.all.map(\.title)).count == Self.names.count)
        #expect(Dashboard.all.allSatisfy { $0.json["uid"]?.stringValue == "moorage-\($0.name)" })
    }

    @Test("every panel has an id, a title, a unit and a description", arguments: names)
    func panels(name: String) throws {
        let panels = try Self.dashboard(name).panelsJSON
        #expect(panels.count >= 10)
        #expect(panels.compactMap { $0["id"]?.integerValue }.sorted() == (1...Int64(panels.count)).map { $0 })
        let titles = panels.compactMap { $0["title"]?.stringValue }
        #expect(Set(titles).count == panels.count, "\(titles.sorted())")
        for panel in panels {
            let title = panel["title"]?.stringValue ?? ""
            #expect(!title.isEmpty)
            #expect(panel["description"]?.stringValue?.hasSuffix(".") == true, "\(title)")
            #expect(panel[path: ["fieldConfig", "defaults", "unit"]]?.stringValue?.isEmpty == false, "\(title)")
            #expect(panel[path: ["datasource", "uid"]] == "${datasource}", "\(title)")
            let targets = panel["targets"]?.arrayValue ?? []
            #expect(!targets.isEmpty, "\(title)")
            #expect(targets.map { $0["refId"]?.stringValue } == ["A", "B", "C", "D"].prefix(targets.count).map { $0 })
        }
    }

    @Test("panels fill the grid, and do not overlap", arguments: names)
    func grid(name: String) throws {
        var taken: Set<[Int64]> = []
        var bottom: Int64 = 0
        for panel in try Self.dashboard(name).panelsJSON {
            let grid = try #require(panel["gridPos"]?.objectValue).mapValues { $0.integerValue ?? -1 }
            let (x, y, width, height) = (grid["x"] ?? -1, grid["y"] ?? -1, grid["w"] ?? 0, grid["h"] ?? 0)
            #expect(x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 24)
            bottom = max(bottom, y + height)
            for column in x..<(x + width) {
                for row in y..<(y + height) {
                    #expect(taken.insert([column, row]).inserted, "\(panel["title"]?.stringValue ?? "") overlaps")
                }
            }
        }
        #expect(Int64(taken.count) == bottom * 24, "there are gaps")
    }

    @Test("queries name metrics of the table with their labels", arguments: Dashboard.allQueries)
    func labels(query: PanelQuery) {
        let reader = QueryReader(query.text)
        #expect(!reader.series.isEmpty)
        #expect(QueryCheck.problems(reader).isEmpty)
    }

    @Test("legends and columns are labels that the query keeps", arguments: Dashboard.allQueries)
    func legends(query: PanelQuery) throws {
        let named = query.legend.matches(of: #/{{(\w+)}}/#).map { String($0.1) } + (query.columns ?? [])
        let grouping = try query.text.firstMatch(of: #/(?:sum|max|min|count) by \(([^)]*)\)/#).map { match in
            match.1.split(separator: ",").map { $0.filter { $0 != " " } }
        }
        if let grouping {
            #expect(Set(named).isSubset(of: grouping))
            if let columns = query.columns { #expect(Set(columns) == Set(grouping).subtracting(["le"])) }
        } else {
            // Without an aggregation, the series keep the labels of their target.
            #expect(named.allSatisfy { TargetLabel.all.contains($0) })
        }
    }

    @Test("links lead to a dashboard that has their variables", arguments: names)
    func links(name: String) throws {
        for panel in try Self.dashboard(name).panelsJSON {
            for override in panel[path: ["fieldConfig", "overrides"]]?.arrayValue ?? [] {
                for property in override["properties"]?.arrayValue ?? [] where property["id"] == "links" {
                    let url = property["value"]?.arrayValue?.first?["url"]?.stringValue ?? ""
                    let path = try #require(url.firstMatch(of: #/^\/d\/moorage-(\w+)\?/#))
                    let target = try Self.dashboard(String(path.1))
                    let variables = url.matches(of: #/var-(\w+)=/#).map { String($0.1) }
                    #expect(variables.sorted() == target.variables.map(\.name).sorted())
                }
            }
        }
    }

    @Test("variables that a query names are those of its dashboard", arguments: Dashboard.allQueries)
    func variables(query: PanelQuery) throws {
        let known = Set(try Self.dashboard(query.dashboard).variables.map(\.name) + ["__rate_interval"])
        #expect(Set(query.text.matches(of: #/\$(\w+)/#).map { String($0.1) }).isSubset(of: known))
    }

    @Test("Prometheus can read every query", .enabled(if: PromTool.canRun, PromTool.comment))
    func syntax() async throws {
        let rules = Dashboard.allQueries.enumerated().map { index, query -> JSONValue in
            ["record": .string("query:\(index)"), "expr": .string(query.sent)]
        }
        let text = YAML.text(["groups": [["name": "queries", "rules": .array(rules)]]])
        let result = try await PromTool.run(["check", "rules", "rules.yaml"], files: ["rules.yaml": text])
        #expect(result.status == 0, "\(result.output)\(result.error)")
        #expect(result.output.contains("\(rules.count) rules found"))
    }
}

/// Checks of queries, of dashboards and of alerts.
enum QueryCheck {
    /// Series that Prometheus makes itself, or records for the rules, with their labels.
    static let others: [String: [String]] = [
        "up": [], "ALERTS": ["alertname", "alertstate", "severity", "tenant", "namespace", "server"],
    ].merging(ErrorBudget.recordings.map { ($0.name, []) }) { first, _ in first }

    static func labels(ofSeries name: String) -> [String]? {
        if let labels = others[name] { return labels + TargetLabel.all }
        let metric = Metric.all.first { $0.seriesNames.contains(name) }
        return metric.map { $0.labels + TargetLabel.all + ($0.kind == .histogram ? ["le"] : []) }
    }

    /// What is wrong: series that nobody serves, and labels that they do not have.
    static func problems(_ reader: QueryReader) -> [String] {
        var problems: [String] = []
        var known: Set<String> = []
        for (name, labels) in reader.series {
            guard let allowed = Self.labels(ofSeries: name) else {
                problems.append("\(name) is not in the table")
                continue
            }
            known.formUnion(allowed)
            problems += labels.filter { !allowed.contains($0) }.map { "\(name) has no label \($0)" }
        }
        return problems + reader.grouping.filter { !known.contains($0) }.map { "no series has the label \($0)" }
    }
}
