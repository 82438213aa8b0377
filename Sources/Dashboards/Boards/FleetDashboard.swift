extension Dashboard {
    /// Is everything well, and if not, whose servers are concerned?
    static let fleet = Dashboard(
        name: "fleet",
        title: "Fleet",
        description: "All servers of all tenants: is it healthy, who is slow, and who is refused and why?",
        variables: [],
        rows: [
            Row(
                4,
                Panel(
                    "Leading controllers",
                    "One controller leads, and writes. Without a leader nothing is reconciled.",
                    .number,
                    unit: .number,
                    width: 4,
                    Panel.Query(Metric.leader.series().ofInstances(with: Metric.controllerIdentity).sum(), "leading")
                ).limited(.exactly(1)),
                Panel(
                    "Gateways",
                    "Gateways that Prometheus can scrape.",
                    .number,
                    unit: .number,
                    width: 4,
                    Panel.Query(Metric.gatewayIdentity.count(), "gateways")
                ).limited(.atLeast(1)),
                Panel(
                    "Servers that run",
                    "MCPServers that are admitted by the quotas of their tenants.",
                    .number,
                    unit: .number,
                    width: 4,
                    Panel.Query(admitted.sum(), "servers")
                ),
                Panel(
                    "Servers that wait",
                    "MCPServers above the quotas of their tenants. They start when another one is deleted.",
                    .number,
                    unit: .number,
                    width: 4,
                    Panel.Query(waiting.sum(), "servers")
                ).limited(.below(1, 20)),
                Panel(
                    "Calls",
                    "Calls of all servers in a second, those that were refused included.",
                    .number,
                    unit: .perSecond,
                    width: 4,
                    Panel.Query(Metric.calls.rate().sum(), "calls")
                ),
                Panel(
                    "Failed calls",
                    "The share of calls that a server or the gateway failed to answer. Refused callers are not counted.",
                    .number,
                    unit: .ratio,
                    width: 4,
                    Panel.Query(CallOutcome.failureRatio(over: Metric.dashboardWindow).orZero, "failed")
                ).limited(.below(ErrorBudget.allowed, ErrorBudget.allowed * 6))
            ),
            Row(
                9,
                Panel(
                    "Calls by result",
                    "What became of calls. Unauthenticated callers and unknown paths are refused before they are counted here.",
                    .areas,
                    unit: .perSecond,
                    width: 12,
                    Panel.Query(Metric.calls.rate().sum(by: "result"), "{{result}}")
                ).colored(CallOutcome.colors),
                Panel(
                    "Duration of calls",
                    "From the request to the end of the response, over all servers.",
                    .lines,
                    unit: .seconds,
                    width: 12,
                    Panel.Query(Metric.callDuration.quantile("0.5"), "median"),
                    Panel.Query(Metric.callDuration.quantile("0.95"), "95 %"),
                    Panel.Query(Metric.callDuration.quantile("0.99"), "99 %")
                )
            ),
            Row(
                9,
                Panel(
                    "Slowest servers",
                    "The ten servers whose calls take longest: 95 % are faster than this.",
                    .table(["tenant", "namespace", "server"]),
                    unit: .seconds,
                    width: 8,
                    Panel.Query(
                        Metric.callDuration.quantile("0.95", by: ["tenant", "namespace", "server"]).above("0").top(10),
                        "95 % faster than"
                    )
                ).limited(.below(1, 10)).linking(to: "server", "namespace", "server"),
                Panel(
                    "Servers that fail",
                    "The ten servers with the greatest share of calls that were not answered.",
                    .table(["tenant", "namespace", "server"]),
                    unit: .ratio,
                    width: 8,
                    Panel.Query(
                        CallOutcome.failureRatio(by: ["tenant", "namespace", "server"], over: Metric.dashboardWindow)
                            .above("0").top(10),
                        "failed"
                    )
                ).limited(.below(0.01, 0.1)).linking(to: "server", "namespace", "server"),
                Panel(
                    "Refused callers",
                    "Which servers refuse callers, and why. Forbidden: access rules or scopes; RateLimited: the tenant's plan.",
                    .table(["tenant", "namespace", "server", "result"]),
                    unit: .perSecond,
                    width: 8,
                    Panel.Query(
                        Metric.calls.rate(.among("result", CallOutcome.refused))
                            .sum(by: "tenant", "namespace", "server", "result").above("0").top(10),
                        "refused"
                    )
                )
            ),
            Row(
                9,
                Panel(
                    "Servers that are not ready",
                    "Servers that should run and do not serve, with the reason of their condition Ready. The number is always 0.",
                    .table(["tenant", "namespace", "server", "reason"]),
                    unit: .number,
                    width: 8,
                    Panel.Query(unready(by: ["tenant", "namespace", "server", "reason"]), "ready")
                ).linking(to: "server", "namespace", "server"),
                Panel(
                    "Quotas",
                    "How much of its quota each tenant uses, where use is counted. At 100 % more is refused, or waits.",
                    .bars,
                    unit: .ratio,
                    width: 8,
                    Panel.Query(quotaShare().top(15), "{{tenant}}: {{dimension}}")
                ).limited(.below(0.8, 1)).upTo(1),
                Panel(
                    "Open circuit breakers",
                    "Servers that get no requests, because they failed repeatedly, in at least one gateway.",
                    .table(["namespace", "server"]),
                    unit: .number,
                    width: 8,
                    Panel.Query(Metric.breaker.series().max(by: "namespace", "server").above("0"), "state")
                ).naming((1, "half open", "yellow"), (2, "open", "red")).linking(to: "server", "namespace", "server")
            ),
            Row(
                8,
                Panel(
                    "Alerts",
                    "Alerts of Moorage that fire, if Prometheus has the rules. docs/alerts.md explains them.",
                    .table(["alertname", "severity", "tenant", "namespace", "server"]),
                    unit: .number,
                    width: 24,
                    Panel.Query(firingAlerts, "firing")
                )
            ),
        ]
    )

    static let admitted = Metric.servers.series(.equal("state", "admitted"))
    static let waiting = Metric.servers.series(.equal("state", "waiting"))

    /// The servers that should run, and are not ready.
    static func unready(_ matchers: Matcher..., by labels: [String]) -> PromQL {
        PromQL(
            series: Metric.serverReady.name,
            matchers + [.notAmong("reason", ["QuotaExceeded", "Suspended", "ScaledToZero"])]
        )
        .aggregated("max", by: labels).equal(to: "0")
    }

    /// `ALERTS` is a series that Prometheus makes of the alerts that it evaluates.
    private static let firingAlerts = PromQL(
        series: "ALERTS",
        [.among("alertname", ["Moorage.+"]), .equal("alertstate", "firing")]
    ).sum(by: "alertname", "severity", "tenant", "namespace", "server")

    /// How much of a quota is used. Dimensions without a limit have no share.
    static func quotaShare(_ matchers: Matcher...) -> PromQL {
        let parts = [Metric.quotaUsed, .quotaLimit].map { metric in
            PromQL(series: metric.name, matchers).aggregated("max", by: ["tenant", "dimension"])
        }
        return parts[0].divided(by: parts[1].above("0"))
    }
}
