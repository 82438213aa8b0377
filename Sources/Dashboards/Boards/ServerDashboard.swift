extension Dashboard {
    /// Is a server well, is it slow itself or is the gateway, and which of its tools is it?
    static let server: Dashboard = {
        let chosen = [Matcher.chosen("namespace"), .chosen("server")]
        func series(_ metric: Metric) -> PromQL { PromQL(series: metric.name, chosen) }
        func rate(_ metric: Metric) -> PromQL { series(metric).over(Metric.dashboardWindow, "rate") }
        return Dashboard(
            name: "server",
            title: "Server",
            description:
                "One MCPServer, as the gateway sees it: what its calls do, how long they take, and where the time goes.",
            variables: [
                Variable(name: "namespace", label: "Namespace", source: Metric.breaker.series()),
                Variable(
                    name: "server",
                    label: "Server",
                    source: Metric.breaker.series(.chosen("namespace"))
                ),
            ],
            rows: [
                Row(
                    4,
                    Panel(
                        "Circuit breaker",
                        "Open: the server failed five times in a row, and gets no requests for a while. The worst of all gateways.",
                        .number,
                        unit: .number,
                        width: 4,
                        Panel.Query(series(Metric.breaker).max(), "state")
                    ).naming((0, "closed", "green"), (1, "half open", "yellow"), (2, "open", "red")),
                    Panel(
                        "Ejected pods",
                        "Pods that get no new requests, because they failed three times in a row while others worked.",
                        .number,
                        unit: .number,
                        width: 4,
                        Panel.Query(series(Metric.ejectedPods).max(), "pods")
                    ).limited(.below(1, 2)),
                    Panel(
                        "Calls",
                        "Calls in a second, those that were refused included.",
                        .number,
                        unit: .perSecond,
                        width: 4,
                        Panel.Query(rate(Metric.calls).sum().orZero, "calls")
                    ),
                    Panel(
                        "Failed calls",
                        "The share of calls that were not answered. Refused callers are not counted.",
                        .number,
                        unit: .ratio,
                        width: 4,
                        Panel.Query(CallOutcome.failureRatio(chosen, over: Metric.dashboardWindow).orZero, "failed")
                    ).limited(.below(0.01, 0.1)),
                    Panel(
                        "Errors of tools",
                        "Results with isError, as a share of the calls that the server answered. They are the server's own answers.",
                        .number,
                        unit: .ratio,
                        width: 4,
                        Panel.Query(toolErrorRatio(chosen).orZero, "errors")
                    ),
                    Panel(
                        "95 % of calls faster than",
                        "From the request to the end of the response.",
                        .number,
                        unit: .seconds,
                        width: 4,
                        Panel.Query(Metric.callDuration.quantile("0.95", chosen[0], chosen[1]), "95 %")
                    )
                ),
                Row(
                    8,
                    Panel(
                        "Calls by result",
                        "What became of calls: Success, an error of the tool, a refusal, or a failure.",
                        .areas,
                        unit: .perSecond,
                        width: 12,
                        Panel.Query(rate(Metric.calls).sum(by: "result"), "{{result}}")
                    ).colored(CallOutcome.colors),
                    Panel(
                        "Calls by tool",
                        "Only tools of an approved contract have a name here. All others are counted together.",
                        .areas,
                        unit: .perSecond,
                        width: 12,
                        Panel.Query(rate(Metric.calls).sum(by: "tool").naming("tool", "other calls"), "{{tool}}")
                    )
                ),
                Row(
                    8,
                    Panel(
                        "Duration of calls",
                        "From the request to the end of the response.",
                        .lines,
                        unit: .seconds,
                        width: 12,
                        Panel.Query(Metric.callDuration.quantile("0.5", chosen[0], chosen[1]), "median"),
                        Panel.Query(Metric.callDuration.quantile("0.95", chosen[0], chosen[1]), "95 %"),
                        Panel.Query(Metric.callDuration.quantile("0.99", chosen[0], chosen[1]), "99 %")
                    ),
                    Panel(
                        "Where the time goes",
                        "The mean time in which the gateway waited for the server, and the mean of all other time of a call.",
                        .areas,
                        unit: .seconds,
                        width: 12,
                        Panel.Query(Metric.backendDuration.mean(chosen[0], chosen[1]), "server"),
                        Panel.Query(Metric.ownDuration.mean(chosen[0], chosen[1]), "gateway")
                    )
                ),
                Row(
                    8,
                    Panel(
                        "Duration by tool",
                        "95 % of the calls of each tool are faster than this.",
                        .lines,
                        unit: .seconds,
                        width: 8,
                        Panel.Query(
                            Metric.callDuration.quantile("0.95", chosen[0], chosen[1], by: ["tool"])
                                .naming("tool", "other calls"),
                            "{{tool}}"
                        )
                    ),
                    Panel(
                        "Requests over a limit",
                        "Which limit was exceeded: its reason, and whose limit it is.",
                        .lines,
                        unit: .perSecond,
                        width: 8,
                        Panel.Query(
                            rate(Metric.limitBreaches).sum(by: "scope", "reason"),
                            "{{reason}}, {{scope}}"
                        )
                    ),
                    Panel(
                        "Circuit breaker over time",
                        "0 closed, 1 half open, 2 open, in each gateway.",
                        .lines,
                        unit: .number,
                        width: 8,
                        Panel.Query(series(Metric.breaker), "{{pod}}")
                    ).upTo(2)
                ),
            ]
        )
    }()

    private static func toolErrorRatio(_ matchers: [Matcher]) -> PromQL {
        let parts = [["ToolError"], CallOutcome.answered].map { results in
            PromQL(series: Metric.calls.name, matchers + [.among("result", results)])
                .over(Metric.dashboardWindow, "rate").sum()
        }
        return parts[0].divided(by: parts[1])
    }
}
