extension Rules {
    /// The rules about the controller, and what only it knows.
    static let controller = RuleGroup(
        part: .controller,
        recordings: [],
        alerts: [
            Alert(
                "MoorageControllerDown",
                .critical,
                after: "5m",
                Metric.controllerIdentity.applying("absent"),
                summary: "No controller of Moorage can be scraped",
                description: """
                    No controller runs, or Prometheus cannot scrape it. Servers go on to run, but changes, new servers, and servers \
                    that break are not handled.
                    """
            ),
            Alert(
                "MoorageControllerNotLeading",
                .critical,
                after: "5m",
                labels: ["namespace", "name"],
                Metric.leader.series().ofInstances(with: Metric.controllerIdentity).sum(by: "namespace", "name")
                    .equal(to: "0"),
                summary: "No controller in {{ $labels.namespace }} holds the Lease {{ $labels.name }}",
                description: "Controllers run, and none of them leads, so nothing is reconciled."
            ),
            Alert(
                "MoorageScrapeFailing",
                .warning,
                after: "10m",
                labels: ["namespace", "pod", "instance", "job"],
                PromQL(series: "up").equal(to: "0").ofInstances(
                    with: Metric.controllerIdentity.over("1h", "last_over_time")
                        .or(Metric.gatewayIdentity.over("1h", "last_over_time"))
                ),
                summary: "{{ $labels.namespace }}/{{ $labels.pod }} cannot be scraped",
                description:
                    "A pod of Moorage that could be scraped in the last hour does not answer Prometheus any more."
            ),
            Alert(
                "MoorageRestarting",
                .warning,
                after: "0m",
                labels: ["namespace", "pod", "instance"],
                Metric.startTime.series().over("1h", "changes").above("2")
                    .ofInstances(with: Metric.controllerIdentity.or(Metric.gatewayIdentity)),
                summary: "{{ $labels.namespace }}/{{ $labels.pod }} has started {{ $value }} times in an hour",
                description: "A controller or a gateway ends again and again. Often its memory limit is too low."
            ),
            Alert(
                "MoorageReconcileErrors",
                .warning,
                after: "15m",
                labels: ["namespace", "controller"],
                ofMoorage(Metric.reconcileErrors.rate(over: "10m")).sum(by: "namespace", "controller")
                    .divided(by: ofMoorage(Metric.reconciles.rate(over: "10m")).sum(by: "namespace", "controller"))
                    .above("0.1"),
                summary: "{{ $value | humanizePercentage }} of the reconciles of {{ $labels.controller }} fail",
                description:
                    "Reconciles of one kind of object end with errors. They are tried again, with increasing delays."
            ),
            Alert(
                "MoorageReconcileStuck",
                .warning,
                after: "5m",
                labels: ["namespace", "pod", "controller"],
                ofMoorage(Metric.longestRunning.series()).max(by: "namespace", "pod", "controller").above("600"),
                summary: "A reconcile of {{ $labels.controller }} has been running for {{ $value | humanizeDuration }}",
                description:
                    "One reconcile does not end. Its object gets no other reconcile, and its worker no other object."
            ),
            Alert(
                "MoorageQueueBacklog",
                .warning,
                after: "15m",
                labels: ["namespace", "pod", "controller"],
                ofMoorage(Metric.queueDepth.series(.urgent)).sum(by: "namespace", "pod", "controller").above("100"),
                summary: "{{ $value }} objects wait for {{ $labels.controller }}",
                description: "The controller does not keep up with changes, so each of them is late."
            ),
            Alert(
                "MoorageAPIRequestsFailing",
                .warning,
                after: "10m",
                labels: ["namespace", "pod"],
                ofMoorage(Metric.apiRequests.rate(.failedRequest, over: "5m")).sum(by: "namespace", "pod")
                    .divided(by: ofMoorage(Metric.apiRequests.rate(over: "5m")).sum(by: "namespace", "pod"))
                    .above("0.05"),
                summary: "{{ $value | humanizePercentage }} of the API requests of {{ $labels.pod }} fail",
                description: "The API server does not answer, answers with 5xx, or limits the requests (429)."
            ),
            Alert(
                "MoorageAPIRequestsForbidden",
                .warning,
                after: "10m",
                labels: ["namespace", "pod", "method"],
                ofMoorage(Metric.apiRequests.rate(.among("code", ["401", "403"]), over: "10m"))
                    .sum(by: "namespace", "pod", "method").above("0"),
                summary: "The API server refuses {{ $labels.method }} requests of {{ $labels.pod }}",
                description: "A permission is missing, or an admission policy refuses what Moorage writes."
            ),
            Alert(
                "MoorageUndecodableObjects",
                .warning,
                after: "0m",
                labels: ["kind"],
                Metric.undecodableObjects.growth(over: "1h").max(by: "kind"),
                summary: "Objects of the kind {{ $labels.kind }} cannot be read",
                description:
                    "The API server has objects that this version of Moorage cannot read. They are left as they are."
            ),
            Alert(
                "MoorageEventsLost",
                .info,
                after: "0m",
                labels: ["namespace", "pod"],
                Metric.events.increase(.equal("result", "dropped"), over: "15m").max(by: "namespace", "pod").above("0"),
                summary: "{{ $labels.pod }} has dropped Kubernetes Events",
                description:
                    "More Events were recorded than the API server took. Conditions of objects are not affected."
            ),
            Alert(
                "MoorageImagesRefused",
                .warning,
                after: "0m",
                labels: ["result"],
                Metric.imageVerifications.growth(.among("result", ["refused", "unreadable"]), over: "15m")
                    .max(by: "result"),
                summary: "Signatures of images are {{ $labels.result }}",
                description: """
                    Images were not allowed to run, because their signatures are not those that the rules require, or cannot be read. \
                    This is an attack, a release that was not signed, or a registry that is away.
                    """
            ),
            Alert(
                "MoorageRegistryReadsFailing",
                .warning,
                after: "15m",
                failedReads.divided(by: allReads).above("0.5"),
                summary: "{{ $value | humanizePercentage }} of the reads from registries fail",
                description: """
                    Signatures or entry points of images cannot be read, because a registry is away or refuses. Servers that run are \
                    not affected, new ones wait.
                    """
            ),
            Alert(
                "MoorageHandshakesFailing",
                .warning,
                after: "15m",
                labels: ["result"],
                Metric.protocolChecks.rate(
                    .notAmong("result", ["ProtocolVerified", "CredentialsRequired"]),
                    over: "15m"
                ).sum(by: "result").above("0.01"),
                summary: "Servers fail the handshake of the controller: {{ $labels.result }}",
                description: "Servers run, and do not speak MCP as they should, so they are not ready."
            ),
            Alert(
                "MoorageServerNotReady",
                .warning,
                after: "15m",
                labels: ["tenant", "namespace", "server"],
                // The reason can change while the server is not ready.
                Dashboard.unready(by: ["tenant", "namespace", "server"]),
                summary: "{{ $labels.namespace }}/{{ $labels.server }} is not ready",
                description: "A server should run and does not serve. The reason is in its status."
            ),
            Alert(
                "MoorageQuotaNearlyUsed",
                .info,
                after: "15m",
                labels: ["tenant", "dimension"],
                Dashboard.quotaShare().above("0.9"),
                summary: """
                    {{ $labels.tenant }} uses {{ $value | humanizePercentage }} of {{ $labels.dimension }}
                    """,
                description:
                    "A tenant is about to reach a limit of its plan. Above it, servers wait and calls are refused."
            ),
            Alert(
                "MoorageServersWaiting",
                .info,
                after: "30m",
                labels: ["tenant"],
                Dashboard.waiting.max(by: "tenant").above("0"),
                summary: "{{ $value }} servers of {{ $labels.tenant }} wait for the quota",
                description: "A tenant has more MCPServers than its plan allows. The newest ones do not run."
            ),
        ]
    )

    /// Those of the series that come from a controller or a gateway of Moorage: other programs have the same names.
    private static func ofMoorage(_ series: PromQL) -> PromQL {
        series.ofInstances(with: Metric.controllerIdentity.or(Metric.gatewayIdentity))
    }

    private static let failedReads = reads(.among("result", ["denied", "unavailable"]))
    private static let allReads = reads()

    /// Reads in a second; either kind of read may not exist.
    private static func reads(_ matchers: Matcher...) -> PromQL {
        let parts = [Metric.signatureReads, .entryPointReads].map { metric in
            PromQL(series: metric.name, matchers).over("15m", "rate").sum()
        }
        return parts[0].orZero.plus(parts[1].orZero)
    }
}
