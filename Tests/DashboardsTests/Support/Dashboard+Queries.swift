import KubernetesAPI
import Testing

@testable import Dashboards

/// A query as a dashboard's JSON has it.
struct PanelQuery: Sendable, CustomTestStringConvertible {
    let dashboard: String
    let panel: String
    let text: String
    let legend: String
    /// The columns of a table.
    let columns: [String]?

    var testDescription: String { "\(dashboard): \(panel)" }

    /// The query as Grafana sends it.
    var sent: String {
        text.replacing("$__rate_interval", with: "5m").replacing(#/\$[a-z]+/#, with: ".+")
    }
}

extension Dashboard {
    var panelsJSON: [JSONValue] { json["panels"]?.arrayValue ?? [] }

    /// All queries of all dashboards, those of variables included.
    static let allQueries: [PanelQuery] = all.flatMap { dashboard in
        let panels = dashboard.panelsJSON.flatMap { panel in
            (panel["targets"]?.arrayValue ?? []).map { target in
                var columns: [String]?
                if panel["type"] == "table" {
                    let options = panel["transformations"]?.arrayValue?.first?[path: ["options", "indexByName"]]
                    columns = options?.objectValue?.keys.filter { $0 != "Value" }
                }
                return PanelQuery(
                    dashboard: dashboard.name,
                    panel: panel["title"]?.stringValue ?? "",
                    text: target["expr"]?.stringValue ?? "",
                    legend: target["legendFormat"]?.stringValue ?? "",
                    columns: columns
                )
            }
        }
        let variables = dashboard.variables.map {
            PanelQuery(
                dashboard: dashboard.name,
                panel: "variable \($0.name)",
                text: $0.source.max(by: $0.name).text,
                legend: "",
                columns: nil
            )
        }
        return panels + variables
    }
}
