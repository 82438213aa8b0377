extension Dashboard {
    /// Does the controller keep up, does the API server answer it, and what do its checks find?
    static let controller: Dashboard = {
        let chosen = Matcher.chosen("pod")
        return Dashboard(
            name: "controller",
            title: "Controller",
            description:
                "The pods of the controller: leadership, reconciles and their errors, queues, the API server, and checks.",
            variables: [
                Variable(name: "pod", label: "Pod", source: Metric.controllerIdentity, allowsSeveral: true)
            ],
            rows: [
                Row(
                    4,
                    Panel(
                        "Leader",
                        "How many of the pods lead. It is 1, also with several pods.",
                        .number,
                        unit: .number,
                        width: 4,
                        Panel.Query(Metric.leader.series(chosen).sum(), "leading")
                    ).limited(.exactly(1)).empty("no election"),
                    Panel(
                        "Reconciles",
                        "Reconciles of all kinds in a second.",
                        .number,
                        unit: .operationsPerSecond,
                        width: 4,
                        Panel.Query(Metric.reconciles.rate(chosen).sum(), "reconciles")
                    ),
                    Panel(
                        "Failed reconciles",
                        "The share of reconciles that end with an error, and are tried again.",
                        .number,
                        unit: .ratio,
                        width: 4,
                        Panel.Query(
                            Metric.reconcileErrors.rate(chosen).sum().divided(by: Metric.reconciles.rate(chosen).sum()),
                            "failed"
                        )
                    ).limited(.below(0.01, 0.1)),
                    Panel(
                        "Objects that wait",
                        "Objects in the queues. Those of the regular resync, which have a low priority, are not counted.",
                        .number,
                        unit: .number,
                        width: 4,
                        Panel.Query(Metric.queueDepth.series(chosen, .urgent).sum(), "objects")
                    ).limited(.below(50, 100)),
                    Panel(
                        "Longest reconcile",
                        "For how long the slowest reconcile has been running.",
                        .number,
                        unit: .seconds,
                        width: 4,
                        Panel.Query(Metric.longestRunning.series(chosen).max(), "longest")
                    ).limited(.below(60, 600)),
                    Panel(
                        "Failed API requests",
                        "The share of requests to the API server without an answer, or with status 429 or 5xx.",
                        .number,
                        unit: .ratio,
                        width: 4,
                        Panel.Query(
                            Metric.apiRequests.rate(chosen, .failedRequest).sum().orZero
                                .divided(by: Metric.apiRequests.rate(chosen).sum()),
                            "failed"
                        )
                    ).limited(.below(0.01, 0.05))
                ),
                Row(
                    8,
                    Panel(
                        "Reconciles by controller",
                        "How much each controller has to do.",
                        .areas,
                        unit: .operationsPerSecond,
                        width: 12,
                        Panel.Query(Metric.reconciles.rate(chosen).sum(by: "controller"), "{{controller}}")
                    ),
                    Panel(
                        "Errors of reconciles",
                        "Reconciles that end with an error, by controller. The log has the objects and the reasons.",
                        .lines,
                        unit: .operationsPerSecond,
                        width: 12,
                        Panel.Query(Metric.reconcileErrors.rate(chosen).sum(by: "controller"), "{{controller}}")
                    )
                ),
                Row(
                    8,
                    Panel(
                        "Duration of reconciles",
                        "95 % of the reconciles of each controller are faster than this.",
                        .lines,
                        unit: .seconds,
                        width: 8,
                        Panel.Query(Metric.reconcileTime.quantile("0.95", chosen, by: ["controller"]), "{{controller}}")
                    ),
                    Panel(
                        "Queues",
                        "The queue of each controller, without the regular resync.",
                        .lines,
                        unit: .number,
                        width: 8,
                        Panel.Query(Metric.queueDepth.series(chosen, .urgent).sum(by: "controller"), "{{controller}}")
                    ),
                    Panel(
                        "Time in the queue",
                        "The mean time from a change until its reconcile begins. Delays before another attempt are not counted.",
                        .lines,
                        unit: .seconds,
                        width: 8,
                        Panel.Query(Metric.queueDuration.mean(chosen, by: ["controller"]), "{{controller}}")
                    )
                ),
                Row(
                    8,
                    Panel(
                        "API requests by status",
                        "Answers of the API server. 404 and 409 are normal; 403 is a missing permission; <error> is no answer.",
                        .areas,
                        unit: .perSecond,
                        width: 8,
                        Panel.Query(Metric.apiRequests.rate(chosen).sum(by: "code"), "{{code}}")
                    ),
                    Panel(
                        "Duration of API requests",
                        "95 % of the requests of each method are faster than this.",
                        .lines,
                        unit: .seconds,
                        width: 8,
                        Panel.Query(Metric.apiRequestDuration.quantile("0.95", chosen, by: ["verb"]), "{{verb}}")
                    ),
                    Panel(
                        "Writes",
                        "Objects that were written: children of a server, revisions, and status. In a fleet at rest there are none.",
                        .lines,
                        unit: .operationsPerSecond,
                        width: 8,
                        Panel.Query(
                            Metric.writes.rate(chosen).sum(by: "controller", "target"),
                            "{{controller}}: {{target}}"
                        )
                    )
                ),
                Row(
                    8,
                    Panel(
                        "Handshakes with servers",
                        "What the controller found when it spoke MCP with servers. The reasons are those of docs/conditions.md.",
                        .areas,
                        unit: .operationsPerSecond,
                        width: 8,
                        Panel.Query(Metric.protocolChecks.rate(chosen).sum(by: "result"), "{{result}}")
                    ),
                    Panel(
                        "Signatures of images",
                        """
                        Decisions about images: refused and unreadable ones do not run with the mode Enforce, tolerated ones run with \
                        the mode Warn.
                        """,
                        .lines,
                        unit: .operationsPerSecond,
                        width: 8,
                        Panel.Query(Metric.imageVerifications.rate(chosen).sum(by: "result"), "{{result}}")
                    ),
                    Panel(
                        "Reads from registries",
                        "Signatures and entry points of images that were read, or why they could not be.",
                        .lines,
                        unit: .operationsPerSecond,
                        width: 8,
                        Panel.Query(Metric.signatureReads.rate(chosen).sum(by: "result"), "signatures: {{result}}"),
                        Panel.Query(Metric.entryPointReads.rate(chosen).sum(by: "result"), "entry points: {{result}}")
                    )
                ),
                Row(
                    8,
                    .memory(chosen, limit: "resources.limits.memory, 128Mi"),
                    .processors(chosen),
                    Panel(
                        "Events",
                        "Kubernetes Events that were written, dropped because too many waited, or refused by the API server.",
                        .lines,
                        unit: .operationsPerSecond,
                        width: 8,
                        Panel.Query(Metric.events.rate(chosen).sum(by: "result"), "{{result}}")
                    )
                ),
            ]
        )
    }()
}

extension Matcher {
    /// Objects in a queue that are not there because of the regular resync, whose priority is negative.
    static let urgent = Matcher.notAmong("priority", ["-.*"])
    /// Answers of the API server that are not the fault of the request: `<error>` is no answer.
    static let failedRequest = Matcher.among("code", ["5..", "429", "<error>"])
}
