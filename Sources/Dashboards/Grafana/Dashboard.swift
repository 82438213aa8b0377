public import KubernetesAPI

/// A dashboard of Grafana.
public struct Dashboard: Sendable {
    /// The name of its file, and the end of its uid, by which links find it.
    public let name: String
    /// What people see.
    public let title: String
    let description: String
    let variables: [Variable]
    let rows: [Row]

    /// Panels beside each other, 24 columns wide at most.
    struct Row: Sendable {
        /// The height of its panels, in Grafana's units of about 30 pixels.
        let height: Int
        let panels: [Panel]

        init(_ height: Int, _ panels: Panel...) {
            self.height = height
            self.panels = panels
        }
    }

    /// All dashboards.
    public static let all: [Dashboard] = [.fleet, .tenant, .server, .gateway, .controller]

    /// The schema of the dashboard's JSON: that of Grafana 12. Earlier versions ignore what they do not know.
    private static let schemaVersion: JSONValue = 41

    /// The dashboard in Grafana's JSON.
    public var json: JSONValue {
        [
            "uid": .string(Self.uid(of: name)),
            "title": .string("Moorage / \(title)"),
            "description": .string(description),
            "tags": ["moorage"],
            "schemaVersion": Self.schemaVersion,
            "version": 1,
            "editable": true,
            "graphTooltip": 1,
            "timezone": "",
            "refresh": "30s",
            "time": ["from": "now-1h", "to": "now"],
            "timepicker": [:],
            "fiscalYearStartMonth": 0,
            "weekStart": "",
            "annotations": ["list": []],
            "links": [
                [
                    "title": "Moorage", "type": "dashboards", "tags": ["moorage"], "asDropdown": true,
                    "includeVars": true, "keepTime": true, "targetBlank": false, "icon": "external link",
                    "tooltip": "", "url": "",
                ]
            ],
            "templating": ["list": .array([Variable.dataSource] + variables.map(\.json))],
            "panels": .array(panels),
        ]
    }

    static func uid(of name: String) -> String { "moorage-\(name)" }

    private var panels: [JSONValue] {
        var result: [JSONValue] = []
        var top = 0
        for row in rows {
            var left = 0
            for panel in row.panels {
                var json = panel.json(id: result.count + 1)
                json["gridPos"] = [
                    "x": .integer(Int64(left)), "y": .integer(Int64(top)), "w": .integer(Int64(panel.width)),
                    "h": .integer(Int64(row.height)),
                ]
                left += panel.width
                result.append(json)
            }
            top += row.height
        }
        return result
    }
}

/// A choice at the top of a dashboard.
struct Variable: Sendable {
    let name: String
    let label: String
    /// The series whose values of the label `name` can be chosen.
    let source: PromQL
    /// Whether several values, and all of them, can be chosen.
    var allowsSeveral = false

    /// The data source, so that a dashboard works wherever it is imported.
    static let dataSource: JSONValue = [
        "name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "regex": "",
        "hide": 0, "multi": false, "includeAll": false, "current": [:], "options": [], "refresh": 1,
        "skipUrlSync": false,
    ]

    /// The reference to the chosen data source.
    static let chosenDataSource: JSONValue = ["type": "prometheus", "uid": "${datasource}"]

    var json: JSONValue {
        let query = "label_values(\(source), \(name))"
        return [
            "name": .string(name), "label": .string(label), "type": "query",
            "datasource": Self.chosenDataSource,
            "query": ["query": .string(query), "refId": "variable"],
            "definition": .string(query),
            // When the time range changes, because what exists changes too.
            "refresh": 2,
            "sort": 1, "regex": "", "hide": 0, "skipUrlSync": false, "options": [],
            "multi": .bool(allowsSeveral), "includeAll": .bool(allowsSeveral),
            "current": allowsSeveral ? ["text": ["All"], "value": ["$__all"], "selected": true] : [:],
        ]
    }
}
