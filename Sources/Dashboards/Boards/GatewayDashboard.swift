extension Dashboard {
    /// Is the gateway itself well: its speed, its connections, its limits, its audit log?
    static let gateway: Dashboard = {
        let chosen = Matcher.chosen("pod")
        return Dashboard(
            name: "gateway",
            title: "Gateway",
            description:
                "The pods of the gateway: load, what they add to calls, sessions, limits, the audit log and traces.",
            variables: [
                Variable(name: "pod", label: "Pod", source: Metric.gatewayIdentity, allowsSeveral: true)
            ],
            rows: [
                Row(
                    4,
                    Panel(
                        "Sessions",
                        "Sessions of clients that are open.",
                        .number,
                        unit: .number,
                        width: 4,
                        Panel.Query(Metric.sessions.series(chosen).sum(), "sessions")
                    ),
                    Panel(
                        "Streams",
                        "Event streams that stay open: those of subscriptions and of GET.",
                        .number,
                        unit: .number,
                        width: 4,
                        Panel.Query(Metric.streams.series(chosen).sum(), "streams")
                    ),
                    Panel(
                        "Requests in work",
                        "Requests that are not answered yet. A gateway takes 1,024 at once.",
                        .number,
                        unit: .number,
                        width: 4,
                        Panel.Query(Metric.requests.series(chosen).sum(), "requests")
                    ).limited(.below(500, 900)),
                    Panel(
                        "95 % of calls delayed less than",
                        "What the gateway adds to a call: its time without the time in which it waits for the server.",
                        .number,
                        unit: .seconds,
                        width: 4,
                        Panel.Query(Metric.ownDuration.quantile("0.95", chosen), "95 %")
                    ).limited(.below(0.05, 0.25)),
                    Panel(
                        "Store of the limits",
                        "Whether Redis answers. Without Redis, each gateway counts its own share of each limit.",
                        .number,
                        unit: .number,
                        width: 4,
                        Panel.Query(Metric.limitStore.series(chosen).min(), "store")
                    ).naming((0, "away", "red"), (1, "answers", "green")).empty("no Redis"),
                    Panel(
                        "Audit log",
                        "Whether audit records can be written. While they cannot, calls are refused (gateway.audit.onFailure: Deny).",
                        .number,
                        unit: .number,
                        width: 4,
                        Panel.Query(Metric.auditFailing.series(chosen).max(), "audit")
                    ).naming((0, "written", "green"), (1, "failing", "red")).empty("off")
                ),
                Row(
                    8,
                    Panel(
                        "Calls by gateway",
                        "How calls are spread over the pods.",
                        .areas,
                        unit: .perSecond,
                        width: 12,
                        Panel.Query(Metric.calls.rate(chosen).sum(by: "pod"), "{{pod}}")
                    ),
                    Panel(
                        "What the gateway adds",
                        "The time of a call without the time in which the gateway waits for the server.",
                        .lines,
                        unit: .seconds,
                        width: 12,
                        Panel.Query(Metric.ownDuration.quantile("0.5", chosen), "median"),
                        Panel.Query(Metric.ownDuration.quantile("0.95", chosen), "95 %"),
                        Panel.Query(Metric.ownDuration.quantile("0.99", chosen), "99 %")
                    )
                ),
                Row(
                    8,
                    Panel(
                        "Requests that failed, by error",
                        """
                        Requests of MCP by method and outcome, without those that succeeded: an HTTP status, a code of JSON-RPC, \
                        tool_error or cancelled.
                        """,
                        .lines,
                        unit: .perSecond,
                        width: 8,
                        Panel.Query(
                            Metric.operationDuration.countRate(chosen, .notEqual("error_type", ""))
                                .sum(by: "mcp_method_name", "error_type"),
                            "{{mcp_method_name}}: {{error_type}}"
                        )
                    ),
                    Panel(
                        "Requests that were refused unread",
                        "Requests that were refused before their message was read, by the status of HTTP: a size, a header, a session.",
                        .lines,
                        unit: .perSecond,
                        width: 8,
                        Panel.Query(
                            Metric.refusedRequests.rate(chosen).sum(by: "http_response_status_code"),
                            "{{http_response_status_code}}"
                        )
                    ),
                    Panel(
                        "Sessions, streams and requests",
                        "What is open at the same time. The limits are in docs/gateway.md.",
                        .lines,
                        unit: .number,
                        width: 8,
                        Panel.Query(Metric.sessions.series(chosen).sum(), "sessions"),
                        Panel.Query(Metric.streams.series(chosen).sum(), "streams"),
                        Panel.Query(Metric.requests.series(chosen).sum(), "requests")
                    )
                ),
                Row(
                    8,
                    Panel(
                        "Callers who were not authenticated",
                        """
                        Requests without credentials that are accepted. A client's first request usually has none \
                        (MissingCredentials). Unavailable: the keys of an issuer cannot be read.
                        """,
                        .lines,
                        unit: .perSecond,
                        width: 16,
                        Panel.Query(Metric.authenticationFailures.rate(chosen).sum(by: "reason"), "{{reason}}")
                    ),
                    Panel(
                        "The certificate expires in",
                        "The first certificate that expires of the chains that the gateways serve.",
                        .number,
                        unit: .seconds,
                        width: 8,
                        Panel.Query(Metric.certificateExpiration.series(chosen).min().secondsLeft, "left")
                    ).limited(.atLeast(604_800)).empty("no TLS")
                ),
                Row(
                    8,
                    Panel(
                        "Audit records",
                        "Records that were written, and records that were lost for good.",
                        .lines,
                        unit: .operationsPerSecond,
                        width: 8,
                        Panel.Query(Metric.auditRecords.rate(chosen).sum(by: "sink"), "written to {{sink}}"),
                        Panel.Query(Metric.auditLost.rate(chosen).sum(by: "sink"), "lost by {{sink}}")
                    ),
                    Panel(
                        "Calls without the store of the limits",
                        "Calls that were decided while Redis did not answer, by gateway.limits.storeUnavailable.",
                        .lines,
                        unit: .perSecond,
                        width: 8,
                        Panel.Query(Metric.limitFallbacks.rate(chosen).sum(by: "policy"), "{{policy}}")
                    ),
                    Panel(
                        "Spans",
                        "Spans that the collector took, and those that were dropped.",
                        .lines,
                        unit: .operationsPerSecond,
                        width: 8,
                        Panel.Query(Metric.exportedSpans.rate(chosen).sum(), "exported"),
                        Panel.Query(Metric.droppedSpans.rate(chosen).sum(), "dropped")
                    )
                ),
                Row(
                    8,
                    .memory(chosen, limit: "gateway.resources.limits.memory, 512Mi"),
                    .processors(chosen),
                    Panel(
                        "Changes of routes",
                        "How often the gateway reads servers and decides routes, and how often that fails.",
                        .lines,
                        unit: .operationsPerSecond,
                        width: 8,
                        Panel.Query(Metric.reconciles.rate(chosen).sum(by: "controller"), "{{controller}}"),
                        Panel.Query(Metric.reconcileErrors.rate(chosen).sum(), "errors")
                    )
                ),
            ]
        )
    }()
}
