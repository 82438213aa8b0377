import KubernetesAPI

extension Panel {
    /// The panel in Grafana's JSON, without its position.
    func json(id: Int) -> JSONValue {
        var json: JSONValue = [
            "id": .integer(Int64(id)),
            "title": .string(title),
            "description": .string(description),
            "type": .string(type),
            "datasource": Variable.chosenDataSource,
            "targets": .array(queries.enumerated().map { target($0.element, number: $0.offset) }),
            "fieldConfig": ["defaults": defaults, "overrides": .array(overrides)],
            "options": options,
        ]
        if case .table(let columns) = style {
            json["transformations"] = [
                ["id": "organize", "options": ["excludeByName": ["Time": true], "indexByName": order(columns)]]
            ]
        }
        return json
    }

    private var type: String {
        switch style {
        case .number: "stat"
        case .lines, .areas: "timeseries"
        case .bars: "bargauge"
        case .table: "table"
        }
    }

    /// A number as people write it: 1, and not 1.0.
    private func number(_ value: Double) -> JSONValue { Int64(exactly: value).map { .integer($0) } ?? .number(value) }

    private var showsLatestOnly: Bool { type != "timeseries" }

    private func target(_ query: Query, number: Int) -> JSONValue {
        var json: JSONValue = [
            "refId": .string(String(UnicodeScalar(UInt8(truncatingIfNeeded: 65 + number)))),
            "datasource": Variable.chosenDataSource,
            "editorMode": "code",
            "expr": .string(query.expression.text),
            "legendFormat": .string(query.legend),
            "instant": .bool(showsLatestOnly),
            "range": .bool(!showsLatestOnly),
        ]
        if case .table = style { json["format"] = "table" }
        return json
    }

    // MARK: - Fields

    private var defaults: JSONValue {
        var json: JSONValue = [
            "unit": .string(unit.rawValue),
            "color": ["mode": .string(showsLatestOnly ? "thresholds" : "palette-classic")],
            "thresholds": ["mode": "absolute", "steps": .array(steps)],
            "mappings": .array(mappings),
            "custom": custom,
        ]
        if unit == .number { json["decimals"] = 0 }
        if type == "timeseries" || style == .bars { json["min"] = 0 }
        if let emptyText { json["noValue"] = .string(emptyText) }
        if let maximum { json["max"] = number(maximum) }
        return json
    }

    private var steps: [JSONValue] {
        func step(_ color: String, _ value: Double?) -> JSONValue {
            ["color": .string(color), "value": value.map(number) ?? .null]
        }
        return switch limits {
        case nil: [step("blue", nil)]
        case .below(let warning, let critical): [step("green", nil), step("yellow", warning), step("red", critical)]
        case .atLeast(let least): [step("red", nil), step("green", least)]
        case .exactly(let value): [step("red", nil), step("green", value), step("red", value + 0.5)]
        }
    }

    private var mappings: [JSONValue] {
        guard !texts.isEmpty else { return [] }
        var options: [String: JSONValue] = [:]
        for (index, entry) in texts.enumerated() {
            options[String(entry.value)] = [
                "text": .string(entry.text), "color": .string(entry.color), "index": .integer(Int64(index)),
            ]
        }
        return [["type": "value", "options": .object(options)]]
    }

    private var custom: JSONValue {
        switch style {
        case .lines, .areas:
            [
                "drawStyle": "line", "lineWidth": 1, "fillOpacity": style == .areas ? 40 : 0, "showPoints": "never",
                "spanNulls": false, "axisLabel": "", "axisPlacement": "auto", "scaleDistribution": ["type": "linear"],
                "stacking": ["group": "A", "mode": style == .areas ? "normal" : "none"],
            ]
        case .table: ["align": "auto", "cellOptions": ["type": "auto"], "filterable": false]
        case .number, .bars: [:]
        }
    }

    private var overrides: [JSONValue] {
        guard case .table(let columns) = style else {
            return colors.sorted { $0.key < $1.key }.map { name, color in
                [
                    "matcher": ["id": "byName", "options": .string(name)],
                    "properties": [["id": "color", "value": ["mode": "fixed", "fixedColor": .string(color)]]],
                ]
            }
        }
        var result: [JSONValue] = [
            [
                "matcher": ["id": "byName", "options": "Value"],
                "properties": [["id": "displayName", "value": .string(queries.first?.legend ?? title)]],
            ]
        ]
        // Labels are texts, and not values with a unit.
        result += columns.map { column in
            [
                "matcher": ["id": "byName", "options": .string(column)],
                "properties": .array([["id": "unit", "value": "string"]] + links(in: column)),
            ]
        }
        return result
    }

    private func links(in column: String) -> [JSONValue] {
        guard let link, column == link.variables.last else { return [] }
        let query = link.variables.map { "var-\($0)=${__data.fields.\($0)}" }.joined(separator: "&")
        let url = "/d/\(Dashboard.uid(of: link.dashboard))?\(query)&${__url_time_range}&${datasource:queryparam}"
        return [["id": "links", "value": [["title": "Show", "url": .string(url), "targetBlank": false]]]]
    }

    private func order(_ columns: [String]) -> JSONValue {
        var result: [String: JSONValue] = ["Value": .integer(Int64(columns.count))]
        for (index, column) in columns.enumerated() { result[column] = .integer(Int64(index)) }
        return .object(result)
    }

    // MARK: - Options

    private var options: JSONValue {
        let latest: JSONValue = ["calcs": ["lastNotNull"], "fields": "", "values": false]
        return switch style {
        case .number:
            [
                "reduceOptions": latest, "colorMode": limits == nil && texts.isEmpty ? "value" : "background",
                "graphMode": "none", "justifyMode": "auto", "orientation": "auto", "textMode": "auto",
                "wideLayout": true,
            ]
        case .bars:
            [
                "reduceOptions": latest, "orientation": "horizontal", "displayMode": "basic", "valueMode": "color",
                "showUnfilled": true, "namePlacement": "left", "sizing": "auto", "minVizHeight": 16, "minVizWidth": 8,
                "maxVizHeight": 32,
            ]
        case .table: ["showHeader": true, "cellHeight": "sm", "footer": ["show": false]]
        case .lines, .areas:
            [
                // Beside a wide panel there is room for numbers.
                "legend": width >= 12
                    ? ["showLegend": true, "displayMode": "table", "placement": "right", "calcs": ["mean", "max"]]
                    : ["showLegend": true, "displayMode": "list", "placement": "bottom", "calcs": []],
                "tooltip": ["mode": "multi", "sort": "desc"],
            ]
        }
    }
}
