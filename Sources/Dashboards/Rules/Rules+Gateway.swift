extension Rules {
    /// The rules about the gateway, and about servers as their callers see them.
    static let gateway = RuleGroup(
        part: .gateway,
        recordings: ErrorBudget.recordings,
        alerts: [
            Alert(
                "MoorageGatewayDown",
                .critical,
                after: "5m",
                Metric.gatewayIdentity.applying("absent"),
                summary: "No gateway of Moorage can be scraped",
                description:
                    "No gateway runs, or Prometheus cannot scrape any. Without a gateway, no server can be called through it."
            ),
            Alert(
                "MoorageErrorBudgetBurnsFast",
                .critical,
                after: "2m",
                ErrorBudget.burns(14.4, long: "1h", short: "5m"),
                summary: "{{ $value | humanizePercentage }} of the calls of the last hour failed",
                description: "Calls fail so often that the error budget of 30 days is used up in two days."
            ),
            Alert(
                "MoorageErrorBudgetBurnsSlowly",
                .warning,
                after: "15m",
                ErrorBudget.burns(6, long: "6h", short: "30m"),
                summary: "{{ $value | humanizePercentage }} of the calls of the last six hours failed",
                description: "Calls fail so often that the error budget of 30 days is used up in five days."
            ),
            Alert(
                "MoorageServerFailing",
                .warning,
                after: "10m",
                labels: ["tenant", "namespace", "server"],
                CallOutcome.failureRatio(by: ["tenant", "namespace", "server"], over: "10m").above("0.1").and(
                    Metric.calls.increase(.among("result", CallOutcome.failed), over: "10m")
                        .sum(by: "tenant", "namespace", "server").atLeast("5")
                ),
                summary: """
                    {{ $value | humanizePercentage }} of the calls of {{ $labels.namespace }}/{{ $labels.server }} fail
                    """,
                description: "A server does not answer, answers with an error of HTTP, or has no pod that is ready."
            ),
            Alert(
                "MoorageBreakerOpen",
                .warning,
                after: "5m",
                labels: ["namespace", "server"],
                Metric.breaker.series().max(by: "namespace", "server").above("0"),
                summary: "The circuit breaker of {{ $labels.namespace }}/{{ $labels.server }} stays open",
                description: "A server has failed repeatedly, and callers get status 503 at once. Trials fail too."
            ),
            Alert(
                "MoorageServerSlow",
                .info,
                after: "30m",
                labels: ["tenant", "namespace", "server"],
                Metric.backendDuration.quantile("0.95", by: ["tenant", "namespace", "server"], over: "10m").above("30"),
                summary: """
                    The slowest calls of {{ $labels.namespace }}/{{ $labels.server }} take {{ $value | humanizeDuration }}
                    """,
                description:
                    "One of twenty calls of a server takes more than half a minute. After two minutes a call fails."
            ),
            Alert(
                "MoorageGatewaySlow",
                .warning,
                after: "15m",
                labels: ["pod"],
                Metric.ownDuration.quantile("0.95", by: ["pod"], over: "10m").above("0.25"),
                summary: "{{ $labels.pod }} adds {{ $value | humanizeDuration }} to calls",
                description:
                    "The gateway itself is slow: it lacks processors, or Redis or the issuer of tokens answers slowly."
            ),
            Alert(
                "MoorageAuthenticationFailing",
                .critical,
                after: "5m",
                labels: ["pod", "reason"],
                Metric.authenticationFailures.rate(.among("reason", ["NotConfigured", "Unavailable"]), over: "5m")
                    .sum(by: "pod", "reason").above("0"),
                summary: "{{ $labels.pod }} cannot authenticate callers: {{ $labels.reason }}",
                description: """
                    Callers get status 503, whatever their token: the keys of an issuer cannot be read (Unavailable), or no \
                    authentication is configured (NotConfigured).
                    """
            ),
            Alert(
                "MoorageCertificateExpires",
                .warning,
                after: "1h",
                labels: ["pod"],
                Metric.certificateExpiration.series().min(by: "pod").secondsLeft.below("604800"),
                summary: "The certificate of {{ $labels.pod }} expires in {{ $value | humanizeDuration }}",
                description:
                    "The certificate of the gateway's port was not renewed. When it has expired, clients refuse to connect."
            ),
            Alert(
                "MoorageLimitStoreAway",
                .warning,
                after: "5m",
                labels: ["pod"],
                Metric.limitStore.series().min(by: "pod").equal(to: "0")
                    .or(Metric.limitFallbacks.growth(over: "5m").max(by: "pod")),
                summary: "Redis does not answer {{ $labels.pod }}",
                description: """
                    The store of the limits is away. By gateway.limits.storeUnavailable, each gateway counts its share (Local), calls \
                    are refused (Deny), or not limited (Allow).
                    """
            ),
            Alert(
                "MoorageAuditFailing",
                .critical,
                after: "2m",
                labels: ["pod", "sink"],
                Metric.auditFailing.series().max(by: "pod", "sink").equal(to: "1"),
                summary: "{{ $labels.pod }} cannot write audit records to {{ $labels.sink }}",
                description:
                    "With gateway.audit.onFailure: Deny, the default, every call is refused until records can be written."
            ),
            Alert(
                "MoorageAuditLost",
                .critical,
                after: "0m",
                labels: ["pod", "sink"],
                Metric.auditLost.growth(over: "15m").max(by: "pod", "sink"),
                summary: "{{ $labels.pod }} has lost audit records of {{ $labels.sink }}",
                description: "Calls were served whose audit records were not written, and cannot be written any more."
            ),
            Alert(
                "MoorageSpansDropped",
                .info,
                after: "15m",
                labels: ["pod"],
                Metric.droppedSpans.rate(over: "10m").max(by: "pod").above("0"),
                summary: "{{ $labels.pod }} drops spans",
                description: "The collector of traces is away or too slow, so traces have gaps. Calls are not affected."
            ),
            Alert(
                "MoorageCallsRateLimited",
                .info,
                after: "15m",
                labels: ["tenant"],
                Metric.calls.rate(.equal("result", "RateLimited"), over: "10m").sum(by: "tenant")
                    .divided(by: Metric.calls.rate(over: "10m").sum(by: "tenant")).above("0.2"),
                summary: "{{ $value | humanizePercentage }} of the calls of {{ $labels.tenant }} are over a limit",
                description:
                    "Many calls of a tenant are refused with status 429: a client that repeats too fast, or a plan that is too small."
            ),
        ]
    )
}
