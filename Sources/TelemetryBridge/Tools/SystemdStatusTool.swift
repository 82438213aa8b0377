internal import MCPProtocol
internal import MCPTransport

extension BridgeTool {
    static let systemdStatus = BridgeTool(
        name: "systemd.status",
        title: "Units of systemd on the nodes",
        description: """
            Shows the state of systemd units on the nodes, such as kubelet and containerd, as node-exporter's systemd collector measures it. \
            Without unit, the units that have failed.
            """,
        parameters: [
            Parameter(
                name: "unit",
                kind: .text(maximumBytes: 256),
                description: "The unit; `*` stands for any text. Without a suffix, .service is meant.",
                example: "kubelet"
            ),
            Parameter(
                name: "instance",
                kind: .text(maximumBytes: 256),
                description: "Only the node whose label instance is this; `*` stands for any text.",
                example: "10.0.0.7:9100"
            ),
            Parameter(
                name: "state",
                kind: .choice(["active", "activating", "deactivating", "inactive", "failed", "any"]),
                description: "Only units in this state. By default failed without unit, and any with one.",
                example: "failed"
            ), .limit(100, of: "units"),
        ],
        outputSchema: OutputSchema.result([
            (
                "units",
                OutputSchema.array(
                    of: OutputSchema.object(
                        [
                            ("unit", OutputSchema.text("The unit.")), ("state", OutputSchema.text("Its state.")),
                            ("instance", OutputSchema.text("The node, as Prometheus names it.")),
                            ("type", OutputSchema.text("The type of the service.")),
                        ],
                        optional: ["type"]
                    ),
                    "The units."
                )
            )
        ])
    ) { arguments, context in
        let prometheus = try context.requirePrometheus("k8s.get with kind Node shows the conditions of nodes")
        let unit = arguments.text("unit")
        let state = arguments.text("state") ?? (unit == nil ? "failed" : "any")
        let answer = try await prometheus.query(
            SystemdUnits.query(unit: unit, instance: arguments.text("instance"), state: state),
            time: nil
        )
        let units = answer.vector.map(\.labels).sorted { left, right in
            [left["name"] ?? "", left["instance"] ?? ""].lexicographicallyPrecedes([
                right["name"] ?? "", right["instance"] ?? "",
            ])
        }
        var notes: [String] = []
        if units.isEmpty {
            let collectors = try await prometheus.query(SystemdUnits.collectorsQuery, time: nil)
            notes = SystemdUnits.explain(collectors: collectors, unit: unit, state: state)
        }
        var budget = ResultBudget(bytes: context.limits.maximumResultBytes)
        let rows = budget.take(
            units.map { labels -> RawJSON in
                [
                    "unit": .string(labels["name"] ?? ""), "state": .string(labels["state"] ?? ""),
                    "instance": .string(labels["instance"] ?? ""),
                    "type": labels["type"].flatMap { $0.isEmpty ? nil : .string($0) },
                ]
            },
            limit: arguments.integer("limit") ?? 100,
            what: "units",
            narrow: "set unit, instance or state"
        )
        return ToolOutput(fields: [("units", .array(rows))], leftOut: budget.leftOut, notes: notes)
    }
}

/// Queries for the metrics of node-exporter's systemd collector. Pure.
enum SystemdUnits {
    static func query(unit: String?, instance: String?, state: String) -> String {
        var matchers: [String] = []
        if let unit {
            let name = unit.contains(".") || unit.hasSuffix("*") ? unit : "\(unit).service"
            matchers.append(matcher("name", name))
        }
        if let instance { matchers.append(matcher("instance", instance)) }
        if state != "any" { matchers.append("state=\(QueryLiteral.quoted(state))") }
        return "node_systemd_unit_state{\(matchers.joined(separator: ","))} == 1"
    }

    private static func matcher(_ label: String, _ glob: String) -> String {
        glob.contains("*")
            ? "\(label)=~\(QueryLiteral.quoted(QueryLiteral.pattern(glob: glob)))"
            : "\(label)=\(QueryLiteral.quoted(glob))"
    }

    /// Whether the collector runs, and succeeds, on each node.
    static let collectorsQuery = #"max by (instance) (node_scrape_collector_success{collector="systemd"})"#

    /// Why there are no units.
    static func explain(collectors: PrometheusAnswer, unit: String?, state: String) -> [String] {
        let results = collectors.vector
        guard !results.isEmpty else {
            return [
                "Prometheus has no data of node-exporter's systemd collector: node-exporter must run with --collector.systemd, and "
                    + "with the host's D-Bus socket."
            ]
        }
        let failing = results.filter { $0.value == 0 }.compactMap { $0.labels["instance"] }.sorted()
        guard failing.isEmpty else {
            return [
                "The systemd collector fails on \(failing.prefix(10).joined(separator: ", ")): node-exporter cannot reach systemd "
                    + "there."
            ]
        }
        let what = unit.map { "unit \($0.debugDescription)" } ?? "unit"
        return ["No \(what) is \(state == "any" ? "known" : state) on the \(results.count) nodes that report."]
    }
}
