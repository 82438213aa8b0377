import KubernetesAPI
import Testing

@testable import Dashboards

/// Series with which an alert fires, and series with which it does not, though they are like them.
struct AlertCase: Sendable, CustomTestStringConvertible {
    /// A series, and its values for each minute in promtool's notation.
    typealias Series = (series: String, values: String)

    let alert: String
    /// After how many minutes it is looked at.
    let minutes: Int
    let firing: [Series]
    /// The labels of the alert that fires, but its name and severity.
    let labels: String
    let silent: [Series]

    var testDescription: String { alert }

    init(_ alert: String, after minutes: Int, firing: [Series], labels: String = "", silent: [Series]) {
        self.alert = alert
        self.minutes = minutes
        self.firing = firing
        self.labels = labels
        self.silent = silent
    }

    /// The two tests, as promtool reads them.
    var tests: [JSONValue] {
        let keys = labels.matches(of: #/(\w+)=/#).map { String($0.1) }
        let selector = #"ALERTS{alertname="\#(alert)",alertstate="firing"}"#
        let query = keys.isEmpty ? "count(\(selector))" : "count by (\(keys.joined(separator: ", "))) (\(selector))"
        return [(firing, true), (silent, false)].map { series, fires in
            [
                "name": .string("\(alert) \(fires ? "fires" : "is silent")"),
                "interval": "1m",
                "input_series": .array(series.map { ["series": .string($0.series), "values": .string($0.values)] }),
                "promql_expr_test": [
                    [
                        "expr": .string(query),
                        "eval_time": .string("\(minutes)m"),
                        "exp_samples": fires ? [["labels": .string("{\(labels)}"), "value": 1]] : [],
                    ]
                ],
            ]
        }
    }
}

extension AlertCase {
    private static let controllerPod = #"instance="a:8080",job="moorage",namespace="moorage-system",pod="controller-1""#
    private static let gatewayPod = #"instance="b:9090",job="moorage",namespace="moorage-system",pod="gateway-1""#
    private static let foreignPod = #"instance="c:8080",job="other",namespace="other",pod="other-1""#
    private static let controller: Series = ("moorage_protocol_check_duration_seconds_count{\(controllerPod)}", "0x500")
    private static let gateway: Series = ("moorage_gateway_limit_replicas{\(gatewayPod)}", "1x500")

    /// A series of the controller.
    private static func own(_ name: String, _ labels: String = "", _ values: String) -> Series {
        series(name, labels, of: controllerPod, values)
    }

    /// A series of the gateway.
    private static func edge(_ name: String, _ labels: String = "", _ values: String) -> Series {
        series(name, labels, of: gatewayPod, values)
    }

    /// A series whose namespace is that of the pod, unless the labels name that of a server.
    private static func series(_ name: String, _ labels: String, of pod: String, _ values: String) -> Series {
        let pod = labels.contains("namespace=") ? pod.replacing(#"namespace="moorage-system","#, with: "") : pod
        return ("\(name){\([labels, pod].filter { !$0.isEmpty }.joined(separator: ","))}", values)
    }

    private static func foreign(_ name: String, _ labels: String = "", _ values: String) -> Series {
        ("\(name){\([labels, foreignPod].filter { !$0.isEmpty }.joined(separator: ","))}", values)
    }

    private static let server = #"tenant="acme",namespace="acme",server="weather""#

    private static func ready(_ reason: String) -> String { "\(server),reason=\"\(reason)\"" }

    private static func calls(_ result: String, _ values: String) -> Series {
        edge("moorage_gateway_calls_total", #"\#(server),tool="",result="\#(result)""#, values)
    }

    private static func buckets(_ name: String, of server: String, below bound: String, in upper: String) -> [Series] {
        [(bound, "0x60"), (upper, "0+60x60"), ("+Inf", "0+60x60")].map { le, values in
            edge("\(name)_bucket", #"\#(server),tool="",le="\#(le)""#, values)
        }
    }

    static let all: [AlertCase] = [
        AlertCase("MoorageControllerDown", after: 10, firing: [gateway], silent: [controller]),
        AlertCase(
            "MoorageControllerNotLeading",
            after: 10,
            firing: [controller, own("leader_election_master_status", #"name="moorage-controller""#, "0x20")],
            labels: #"namespace="moorage-system",name="moorage-controller""#,
            silent: [
                controller, own("leader_election_master_status", #"name="moorage-controller""#, "1x20"),
                foreign("leader_election_master_status", #"name="other""#, "0x20"),
            ]
        ),
        AlertCase(
            "MoorageScrapeFailing",
            after: 30,
            firing: [
                ("moorage_protocol_check_duration_seconds_count{\(controllerPod)}", "0x9 stale"),
                own("up", "", "1x9 0x30"),
            ],
            labels: controllerPod,
            silent: [controller, own("up", "", "1x40"), foreign("up", "", "0x40")]
        ),
        AlertCase(
            "MoorageRestarting",
            after: 30,
            firing: [controller, own("process_start_time_seconds", "", "1 2 3 4x40")],
            labels: #"pod="controller-1""#,
            silent: [
                controller, own("process_start_time_seconds", "", "1 2x40"),
                foreign("process_start_time_seconds", "", "1 2 3 4x40"),
            ]
        ),
        AlertCase(
            "MoorageReconcileErrors",
            after: 40,
            firing: [
                controller, own("controller_runtime_reconcile_errors_total", #"controller="mcpserver""#, "0+1x60"),
                own("controller_runtime_reconcile_total", #"controller="mcpserver",result="error""#, "0+1x60"),
                own("controller_runtime_reconcile_total", #"controller="mcpserver",result="success""#, "0+4x60"),
            ],
            labels: #"namespace="moorage-system",controller="mcpserver""#,
            silent: [
                controller, own("controller_runtime_reconcile_errors_total", #"controller="mcpserver""#, "0+1x60"),
                own("controller_runtime_reconcile_total", #"controller="mcpserver",result="success""#, "0+50x60"),
                foreign("controller_runtime_reconcile_errors_total", #"controller="other""#, "0+1x60"),
                foreign("controller_runtime_reconcile_total", #"controller="other",result="error""#, "0+1x60"),
            ]
        ),
        AlertCase(
            "MoorageReconcileStuck",
            after: 20,
            firing: [
                controller,
                own(
                    "workqueue_longest_running_processor_seconds",
                    #"name="mcpserver",controller="mcpserver""#,
                    "700x30"
                ),
            ],
            labels: #"pod="controller-1",controller="mcpserver""#,
            silent: [
                controller,
                own(
                    "workqueue_longest_running_processor_seconds",
                    #"name="mcpserver",controller="mcpserver""#,
                    "90x30"
                ),
                foreign("workqueue_longest_running_processor_seconds", #"name="other",controller="other""#, "700x30"),
            ]
        ),
        AlertCase(
            "MoorageQueueBacklog",
            after: 30,
            firing: [
                controller,
                own("workqueue_depth", #"name="mcpserver",controller="mcpserver",priority="0""#, "150x40"),
            ],
            labels: #"pod="controller-1",controller="mcpserver""#,
            silent: [
                controller,
                own("workqueue_depth", #"name="mcpserver",controller="mcpserver",priority="-100""#, "5000x40"),
                own("workqueue_depth", #"name="mcpserver",controller="mcpserver",priority="0""#, "5x40"),
            ]
        ),
        AlertCase(
            "MoorageAPIRequestsFailing",
            after: 30,
            firing: [
                gateway, edge("rest_client_requests_total", #"code="503",method="GET",host="h""#, "0+1x60"),
                edge("rest_client_requests_total", #"code="<error>",method="GET",host="h""#, "0+1x60"),
                edge("rest_client_requests_total", #"code="200",method="GET",host="h""#, "0+9x60"),
            ],
            labels: #"pod="gateway-1""#,
            silent: [
                gateway, edge("rest_client_requests_total", #"code="404",method="GET",host="h""#, "0+9x60"),
                edge("rest_client_requests_total", #"code="409",method="GET",host="h""#, "0+9x60"),
            ]
        ),
        AlertCase(
            "MoorageAPIRequestsForbidden",
            after: 30,
            firing: [controller, own("rest_client_requests_total", #"code="403",method="PATCH",host="h""#, "0+1x60")],
            labels: #"pod="controller-1",method="PATCH""#,
            silent: [
                controller, own("rest_client_requests_total", #"code="403",method="PATCH",host="h""#, "3x60"),
                foreign("rest_client_requests_total", #"code="403",method="GET",host="h""#, "0+1x60"),
            ]
        ),
        AlertCase(
            "MoorageUndecodableObjects",
            after: 90,
            firing: [own("moorage_undecodable_objects_total", #"kind="MCPServer""#, "_x60 1x40")],
            labels: #"kind="MCPServer""#,
            silent: [own("moorage_undecodable_objects_total", #"kind="MCPServer""#, "1x100")]
        ),
        AlertCase(
            "MoorageEventsLost",
            after: 20,
            firing: [own("moorage_events_total", #"result="dropped""#, "0x10 5x20")],
            labels: #"pod="controller-1""#,
            silent: [
                own("moorage_events_total", #"result="dropped""#, "5x30"),
                own("moorage_events_total", #"result="written""#, "0+5x30"),
            ]
        ),
        AlertCase(
            "MoorageImagesRefused",
            after: 40,
            firing: [own("moorage_image_verifications_total", #"result="refused""#, "_x30 1x20")],
            labels: #"result="refused""#,
            silent: [
                own("moorage_image_verifications_total", #"result="refused""#, "1x60"),
                own("moorage_image_verifications_total", #"result="verified""#, "0+1x60"),
                own("moorage_image_verifications_total", #"result="tolerated""#, "0+1x60"),
            ]
        ),
        AlertCase(
            "MoorageRegistryReadsFailing",
            after: 50,
            firing: [
                own("moorage_signature_reads_total", #"result="unavailable""#, "0+2x60"),
                own("moorage_signature_reads_total", #"result="read""#, "0+1x60"),
            ],
            silent: [
                own("moorage_signature_reads_total", #"result="read""#, "0+2x60"),
                own("moorage_entry_point_reads_total", #"result="denied""#, "0+1x60"),
            ]
        ),
        AlertCase(
            "MoorageHandshakesFailing",
            after: 50,
            firing: [own("moorage_protocol_checks_total", #"result="HandshakeTimedOut""#, "0+2x60")],
            labels: #"result="HandshakeTimedOut""#,
            silent: [
                own("moorage_protocol_checks_total", #"result="ProtocolVerified""#, "0+20x60"),
                own("moorage_protocol_checks_total", #"result="CredentialsRequired""#, "0+20x60"),
                own("moorage_protocol_checks_total", #"result="HandshakeTimedOut""#, "2x60"),
            ]
        ),
        AlertCase(
            "MoorageServerNotReady",
            after: 30,
            // The reason changes, and the server stays as it is.
            firing: [
                own("moorage_server_ready", ready("ContainerCrashing"), "0x10 _x30"),
                own("moorage_server_ready", ready("RollingOut"), "_x10 0x30"),
            ],
            labels: server,
            silent: [
                own("moorage_server_ready", ready("ContainerCrashing"), "0x10 _x30"),
                own("moorage_server_ready", ready("Serving"), "_x10 1x30"),
                own("moorage_server_ready", #"tenant="b",namespace="b",server="s",reason="Suspended""#, "0x40"),
            ]
        ),
        AlertCase(
            "MoorageQuotaNearlyUsed",
            after: 30,
            firing: [
                own("moorage_quota_used", #"tenant="acme",dimension="serversPerTenant""#, "10x40"),
                own("moorage_quota_limit", #"tenant="acme",dimension="serversPerTenant""#, "10x40"),
            ],
            labels: #"tenant="acme",dimension="serversPerTenant""#,
            silent: [
                own("moorage_quota_used", #"tenant="acme",dimension="serversPerTenant""#, "8x40"),
                own("moorage_quota_limit", #"tenant="acme",dimension="serversPerTenant""#, "10x40"),
                // Nothing is allowed, and nothing used.
                own("moorage_quota_used", #"tenant="b",dimension="serversPerTenant""#, "0x40"),
                own("moorage_quota_limit", #"tenant="b",dimension="serversPerTenant""#, "0x40"),
            ]
        ),
        AlertCase(
            "MoorageServersWaiting",
            after: 40,
            firing: [own("moorage_servers", #"tenant="acme",state="waiting""#, "1x60")],
            labels: #"tenant="acme""#,
            silent: [
                own("moorage_servers", #"tenant="acme",state="waiting""#, "0x60"),
                own("moorage_servers", #"tenant="acme",state="admitted""#, "9x60"),
            ]
        ),
        AlertCase("MoorageGatewayDown", after: 10, firing: [controller], silent: [gateway]),
        AlertCase(
            "MoorageErrorBudgetBurnsFast",
            after: 90,
            firing: [calls("Success", "0+90x100"), calls("Timeout", "0+10x100")],
            silent: [
                calls("Success", "0+97x100"), calls("BackendError", "0+3x100"), calls("RateLimited", "0+900x100"),
                calls("ToolError", "0+50x100"),
            ]
        ),
        AlertCase(
            "MoorageErrorBudgetBurnsSlowly",
            after: 400,
            firing: [calls("Success", "0+96x500"), calls("Unavailable", "0+4x500")],
            // It was bad, and is over.
            silent: [calls("Success", "0+96x500"), calls("Unavailable", "0+10x300 3000x200")]
        ),
        AlertCase(
            "MoorageServerFailing",
            after: 40,
            firing: [calls("Success", "0+5x60"), calls("BackendError", "0+5x60")],
            labels: server,
            silent: [calls("Success", "0+50x60"), calls("BackendError", "0+1x60"), calls("Forbidden", "0+90x60")]
        ),
        AlertCase(
            "MoorageBreakerOpen",
            after: 20,
            firing: [edge("moorage_gateway_breaker_state", #"namespace="acme",server="weather""#, "2 1 2 2 1 2x30")],
            labels: #"namespace="acme",server="weather""#,
            silent: [edge("moorage_gateway_breaker_state", #"namespace="acme",server="weather""#, "2x15 0 2x20")]
        ),
        AlertCase(
            "MoorageServerSlow",
            after: 60,
            firing: buckets("moorage_gateway_backend_duration_seconds", of: server, below: "30", in: "60"),
            labels: server,
            silent: buckets("moorage_gateway_backend_duration_seconds", of: server, below: "5", in: "10")
        ),
        AlertCase(
            "MoorageGatewaySlow",
            after: 40,
            firing: buckets("moorage_gateway_own_duration_seconds", of: server, below: "0.25", in: "0.5"),
            labels: #"pod="gateway-1""#,
            silent: buckets("moorage_gateway_own_duration_seconds", of: server, below: "0.005", in: "0.01")
        ),
        AlertCase(
            "MoorageAuthenticationFailing",
            after: 20,
            firing: [edge("moorage_gateway_authentication_failures_total", #"reason="Unavailable""#, "0+1x30")],
            labels: #"pod="gateway-1",reason="Unavailable""#,
            silent: [
                edge("moorage_gateway_authentication_failures_total", #"reason="MissingCredentials""#, "0+9x30"),
                edge("moorage_gateway_authentication_failures_total", #"reason="InvalidToken""#, "0+9x30"),
                edge("moorage_gateway_authentication_failures_total", #"reason="Unavailable""#, "5x30"),
            ]
        ),
        AlertCase(
            "MoorageCertificateExpires",
            after: 90,
            // Tests begin at second 0.
            firing: [edge("moorage_gateway_certificate_expiration_timestamp_seconds", "", "500000x100")],
            labels: #"pod="gateway-1""#,
            silent: [edge("moorage_gateway_certificate_expiration_timestamp_seconds", "", "700000x100")]
        ),
        AlertCase(
            "MoorageLimitStoreAway",
            after: 20,
            firing: [edge("moorage_gateway_limit_store_available", "", "0x30")],
            labels: #"pod="gateway-1""#,
            silent: [
                edge("moorage_gateway_limit_store_available", "", "1x30"),
                edge("moorage_gateway_limit_fallbacks_total", #"policy="Local""#, "9x30"),
            ]
        ),
        AlertCase(
            "MoorageAuditFailing",
            after: 10,
            firing: [edge("moorage_gateway_audit_failing", #"sink="file""#, "1x20")],
            labels: #"pod="gateway-1",sink="file""#,
            silent: [edge("moorage_gateway_audit_failing", #"sink="file""#, "0x20")]
        ),
        AlertCase(
            "MoorageAuditLost",
            after: 40,
            firing: [edge("moorage_gateway_audit_lost_total", #"sink="file""#, "_x30 5x20")],
            labels: #"pod="gateway-1",sink="file""#,
            silent: [
                edge("moorage_gateway_audit_lost_total", #"sink="file""#, "5x60"),
                edge("moorage_gateway_audit_records_total", #"sink="file""#, "0+5x60"),
            ]
        ),
        AlertCase(
            "MoorageSpansDropped",
            after: 40,
            firing: [edge("moorage_gateway_spans_dropped_total", "", "0+5x60")],
            labels: #"pod="gateway-1""#,
            silent: [
                edge("moorage_gateway_spans_dropped_total", "", "5x60"),
                edge("moorage_gateway_spans_exported_total", "", "0+5x60"),
            ]
        ),
        AlertCase(
            "MoorageCallsRateLimited",
            after: 40,
            firing: [calls("Success", "0+5x60"), calls("RateLimited", "0+5x60")],
            labels: #"tenant="acme""#,
            silent: [calls("Success", "0+50x60"), calls("RateLimited", "0+5x60")]
        ),
    ]
}
