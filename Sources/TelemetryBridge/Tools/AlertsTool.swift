internal import KubernetesAPI
internal import MCPProtocol

extension BridgeTool {
    static let alertsActive = BridgeTool(
        name: "alerts.active",
        title: "Active alerts",
        description: """
            Lists the alerts that fire now, the most severe first. They come from Alertmanager, or from the rules of Prometheus if no \
            Alertmanager is configured.
            """,
        parameters: [
            Parameter(
                name: "matchers",
                kind: .texts(maximumCount: 10, maximumBytes: 256),
                description: "Only alerts whose labels match all of these, as in Alertmanager.",
                example: [#"severity="critical""#, #"namespace=~"team-.*""#]
            ),
            Parameter(
                name: "includeSuppressed",
                kind: .boolean,
                description: "Whether to include alerts that are silenced or inhibited.",
                standard: false
            ),
            .limit(50, maximum: 500, of: "alerts"),
        ],
        outputSchema: OutputSchema.result([
            ("source", OutputSchema.choice(["alertmanager", "prometheus"], "Where the alerts come from.")),
            ("total", OutputSchema.integer("How many alerts there are.")),
            (
                "alerts",
                OutputSchema.array(
                    of: OutputSchema.object(
                        [
                            ("name", OutputSchema.text("The name of the alert.")),
                            ("severity", OutputSchema.text("The label severity.")),
                            (
                                "state",
                                OutputSchema.text(
                                    "active, suppressed or unprocessed (Alertmanager); firing or pending (Prometheus)."
                                )
                            ), ("startsAt", OutputSchema.text("Since when, in the format of RFC 3339.")),
                            ("labels", OutputSchema.texts("All labels.")),
                            (
                                "annotations",
                                OutputSchema.texts("What the rule says: summary, description, message, runbook_url.")
                            ),
                        ],
                        optional: ["severity", "startsAt"]
                    ),
                    "The alerts, the most severe first."
                )
            ),
        ])
    ) { arguments, context in
        let (source, found) = try await context.activeAlerts(
            matching: arguments.texts("matchers"),
            includesSuppressed: arguments.flag("includeSuppressed")
        )
        let alerts = found.sorted(by: ActiveAlert.areInOrder)
        var budget = ResultBudget(bytes: context.limits.maximumResultBytes)
        let rows = budget.take(
            alerts.map(\.json),
            limit: arguments.integer("limit") ?? 50,
            what: "alerts",
            narrow: #"add matchers such as severity="critical""#
        )
        return ToolOutput(
            fields: [
                ("source", .string(source.rawValue)), ("total", .integer(Int64(alerts.count))),
                ("alerts", .array(rows)),
            ],
            leftOut: budget.leftOut,
            notes: source.notes + (alerts.isEmpty ? ["No alert fires."] : [])
        )
    }
}

/// Where alerts come from.
enum AlertSource: String, Sendable {
    case alertmanager, prometheus

    var notes: [String] {
        self == .alertmanager
            ? []
            : ["No Alertmanager is configured, so these are the alerts of Prometheus's own rules, without silences."]
    }
}

extension BridgeContext {
    /// The alerts of Alertmanager, or without one those of Prometheus.
    func activeAlerts(
        matching matchers: [String],
        includesSuppressed: Bool
    ) async throws -> (source: AlertSource, alerts: [ActiveAlert]) {
        if let alertmanager {
            return (
                .alertmanager, try await alertmanager.alerts(matching: matchers, includesSuppressed: includesSuppressed)
            )
        }
        guard let prometheus else {
            throw Self.notConfigured("Alertmanager", "alertmanager-url", "k8s.events shows warnings of the cluster")
        }
        guard matchers.isEmpty else {
            throw BackendError(
                .rejected,
                "matchers need Alertmanager, which is not configured; leave them out, or use promql.query with ALERTS{...}"
            )
        }
        return (.prometheus, try await prometheus.alerts().map(ActiveAlert.init(prometheus:)))
    }
}

extension ActiveAlert {
    var json: RawJSON {
        [
            "name": .string(name), "severity": severity.map(RawJSON.string), "state": .string(state),
            "startsAt": startsAt.map(RawJSON.string), "labels": .texts(labels), "annotations": .texts(annotations),
        ]
    }
}
