extension Dashboard {
    /// What does a tenant use, how well is it served, and what refuses its callers?
    static let tenant: Dashboard = {
        let chosen = Matcher.chosen("tenant")
        return Dashboard(
            name: "tenant",
            title: "Tenant",
            description: "One tenant: what it uses of its quota, how its servers do, and what refuses its callers.",
            variables: [Variable(name: "tenant", label: "Tenant", source: Metric.servers.series())],
            rows: [
                Row(
                    4,
                    Panel(
                        "Servers that run",
                        "MCPServers that are admitted by the quota.",
                        .number,
                        unit: .number,
                        width: 4,
                        Panel.Query(Metric.servers.series(chosen, .equal("state", "admitted")).sum(), "servers")
                    ),
                    Panel(
                        "Servers that wait",
                        "MCPServers above the quota. They start when another one is deleted, or the plan has more.",
                        .number,
                        unit: .number,
                        width: 4,
                        Panel.Query(Metric.servers.series(chosen, .equal("state", "waiting")).sum(), "servers")
                    ).limited(.below(1, 20)),
                    Panel(
                        "Calls",
                        "Calls of all servers of the tenant in a second, those that were refused included.",
                        .number,
                        unit: .perSecond,
                        width: 4,
                        Panel.Query(Metric.calls.rate(chosen).sum(), "calls")
                    ),
                    Panel(
                        "Failed calls",
                        "The share of calls that were not answered. Refused callers are not counted.",
                        .number,
                        unit: .ratio,
                        width: 4,
                        Panel.Query(
                            CallOutcome.failureRatio([chosen], over: Metric.dashboardWindow).orZero,
                            "failed"
                        )
                    ).limited(.below(0.01, 0.1)),
                    Panel(
                        "Refused calls",
                        "Calls in a second that access rules, scopes or limits refused.",
                        .number,
                        unit: .perSecond,
                        width: 4,
                        Panel.Query(
                            Metric.calls.rate(chosen, .among("result", CallOutcome.refused)).sum().orZero,
                            "refused"
                        )
                    ),
                    Panel(
                        "95 % of calls faster than",
                        "From the request to the end of the response, over all servers of the tenant.",
                        .number,
                        unit: .seconds,
                        width: 4,
                        Panel.Query(Metric.callDuration.quantile("0.95", chosen), "95 %")
                    )
                ),
                Row(
                    7,
                    Panel(
                        "Quota",
                        """
                        The use of each dimension that is counted, as a share of its limit. Calls in a minute are those of the \
                        server, or of the client, with the most.
                        """,
                        .bars,
                        unit: .ratio,
                        width: 8,
                        Panel.Query(quotaShare(chosen), "{{dimension}}")
                    ).limited(.below(0.8, 1)).upTo(1),
                    Panel(
                        "Quota over time",
                        "The same, to see whether a limit is reached in every hour or was reached once.",
                        .lines,
                        unit: .ratio,
                        width: 8,
                        Panel.Query(quotaShare(chosen), "{{dimension}}")
                    ),
                    Panel(
                        "Servers that are not ready",
                        "Servers that should run and do not serve, with the reason of their condition Ready. The number is always 0.",
                        .table(["namespace", "server", "reason"]),
                        unit: .number,
                        width: 8,
                        Panel.Query(unready(chosen, by: ["namespace", "server", "reason"]), "ready")
                    ).linking(to: "server", "namespace", "server")
                ),
                Row(
                    8,
                    Panel(
                        "Calls by server",
                        "Which servers are used.",
                        .areas,
                        unit: .perSecond,
                        width: 12,
                        Panel.Query(Metric.calls.rate(chosen).sum(by: "server"), "{{server}}")
                    ),
                    Panel(
                        "Calls by result",
                        "What became of calls.",
                        .areas,
                        unit: .perSecond,
                        width: 12,
                        Panel.Query(Metric.calls.rate(chosen).sum(by: "result"), "{{result}}")
                    ).colored(CallOutcome.colors)
                ),
                Row(
                    8,
                    Panel(
                        "Duration by server",
                        "95 % of the calls of each server are faster than this.",
                        .lines,
                        unit: .seconds,
                        width: 8,
                        Panel.Query(Metric.callDuration.quantile("0.95", chosen, by: ["server"]), "{{server}}")
                    ),
                    Panel(
                        "Requests over a limit",
                        "Which limit was exceeded: its reason, and whose limit it is. With quotas.mode Unbounded they were served.",
                        .lines,
                        unit: .perSecond,
                        width: 8,
                        Panel.Query(
                            Metric.limitBreaches.rate(chosen).sum(by: "server", "scope", "reason"),
                            "{{server}}: {{reason}}, {{scope}}"
                        )
                    ),
                    Panel(
                        "Servers over a quota",
                        "How often a server had to wait, or was reported, because a limit of the tenant was reached.",
                        .lines,
                        unit: .operationsPerSecond,
                        width: 8,
                        Panel.Query(Metric.quotaBreaches.rate(chosen).sum(by: "dimension"), "{{dimension}}")
                    )
                ),
            ]
        )
    }()
}
