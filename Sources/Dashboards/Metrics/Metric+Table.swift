/// The metrics that dashboards and alerts use. A test compares this table with what the programs serve.
extension Metric {
    private static let target = ["tenant", "namespace", "server", "tool"]
    private static let queue = ["name", "controller"]

    // MARK: - Moorage's controller

    static let servers = Metric(.gauge, "moorage_servers", ["tenant", "state"])
    static let serverReady = Metric(.gauge, "moorage_server_ready", ["tenant", "namespace", "server", "reason"])
    static let quotaLimit = Metric(.gauge, "moorage_quota_limit", ["tenant", "dimension"])
    static let quotaUsed = Metric(.gauge, "moorage_quota_used", ["tenant", "dimension"])
    static let quotaBreaches = Metric(.counter, "moorage_quota_breaches_total", ["tenant", "dimension"])
    static let writes = Metric(.counter, "moorage_writes_total", ["controller", "target"])
    static let protocolChecks = Metric(.counter, "moorage_protocol_checks_total", ["result"])
    static let protocolCheckDuration = Metric(.histogram, "moorage_protocol_check_duration_seconds")
    static let entryPointReads = Metric(.counter, "moorage_entry_point_reads_total", ["result"])
    static let signatureReads = Metric(.counter, "moorage_signature_reads_total", ["result"])
    static let imageVerifications = Metric(.counter, "moorage_image_verifications_total", ["result"])
    static let events = Metric(.counter, "moorage_events_total", ["result"])

    // MARK: - The runtime, in the controller and in the gateway

    static let undecodableObjects = Metric(.counter, "moorage_undecodable_objects_total", ["kind"])
    static let reconciles = Metric(.counter, "controller_runtime_reconcile_total", ["controller", "result"])
    static let reconcileErrors = Metric(.counter, "controller_runtime_reconcile_errors_total", ["controller"])
    static let reconcileTime = Metric(.histogram, "controller_runtime_reconcile_time_seconds", ["controller"])
    static let queueDepth = Metric(.gauge, "workqueue_depth", queue + ["priority"])
    static let queueDuration = Metric(.histogram, "workqueue_queue_duration_seconds", queue)
    static let longestRunning = Metric(.gauge, "workqueue_longest_running_processor_seconds", queue)
    static let leader = Metric(.gauge, "leader_election_master_status", ["name"])
    static let apiRequests = Metric(.counter, "rest_client_requests_total", ["code", "method", "host"])
    static let apiRequestDuration = Metric(.histogram, "rest_client_request_duration_seconds", ["verb", "host"])
    static let memory = Metric(.gauge, "process_resident_memory_bytes")
    static let cpu = Metric(.counter, "process_cpu_seconds_total")
    static let startTime = Metric(.gauge, "process_start_time_seconds")

    // MARK: - The gateway

    static let calls = Metric(.counter, "moorage_gateway_calls_total", target + ["result"])
    static let callDuration = Metric(.histogram, "moorage_gateway_call_duration_seconds", target)
    static let backendDuration = Metric(.histogram, "moorage_gateway_backend_duration_seconds", target)
    static let ownDuration = Metric(.histogram, "moorage_gateway_own_duration_seconds", target)
    static let limitBreaches = Metric(
        .counter,
        "moorage_gateway_limit_breaches_total",
        ["tenant", "namespace", "server", "scope", "reason"]
    )
    static let breaker = Metric(.gauge, "moorage_gateway_breaker_state", ["namespace", "server"])
    static let ejectedPods = Metric(.gauge, "moorage_gateway_ejected_pods", ["namespace", "server"])
    static let limitStore = Metric(.gauge, "moorage_gateway_limit_store_available")
    static let limitFallbacks = Metric(.counter, "moorage_gateway_limit_fallbacks_total", ["policy"])
    static let limitReplicas = Metric(.gauge, "moorage_gateway_limit_replicas")
    static let auditRecords = Metric(.counter, "moorage_gateway_audit_records_total", ["sink"])
    static let auditLost = Metric(.counter, "moorage_gateway_audit_lost_total", ["sink"])
    static let auditFailing = Metric(.gauge, "moorage_gateway_audit_failing", ["sink"])
    static let authenticationFailures = Metric(.counter, "moorage_gateway_authentication_failures_total", ["reason"])
    static let certificateExpiration = Metric(.gauge, "moorage_gateway_certificate_expiration_timestamp_seconds")
    static let exportedSpans = Metric(.counter, "moorage_gateway_spans_exported_total")
    static let droppedSpans = Metric(.counter, "moorage_gateway_spans_dropped_total")

    // MARK: - The MCP server of the gateway

    static let operationDuration = Metric(
        .histogram,
        "mcp_server_operation_duration_seconds",
        ["mcp_method_name", "error_type"]
    )
    static let refusedRequests = Metric(
        .counter,
        "mcp_server_refused_requests_total",
        ["http_response_status_code"]
    )
    static let sessions = Metric(.gauge, "mcp_server_sessions")
    static let streams = Metric(.gauge, "mcp_server_streams")
    static let requests = Metric(.gauge, "mcp_server_requests")

    /// Every metric that a query may use, sorted by name.
    public static let all: [Metric] = [
        servers, serverReady, quotaLimit, quotaUsed, quotaBreaches, writes, protocolChecks, protocolCheckDuration,
        entryPointReads,
        signatureReads, imageVerifications, events, undecodableObjects, reconciles, reconcileErrors, reconcileTime,
        queueDepth, queueDuration, longestRunning, leader, apiRequests, apiRequestDuration, memory, cpu, startTime,
        calls,
        callDuration, backendDuration, ownDuration, limitBreaches, breaker, ejectedPods, limitStore, limitFallbacks,
        limitReplicas, auditRecords, auditLost, auditFailing, authenticationFailures, certificateExpiration,
        exportedSpans, droppedSpans, operationDuration,
        refusedRequests, sessions, streams, requests,
    ].sorted { $0.name < $1.name }

    /// A series that every controller has from its start, and no other program. Metrics of the runtime have the names of
    /// controller-runtime, so those of Moorage are found by the instance that also has this one.
    static let controllerIdentity = PromQL(series: "\(protocolCheckDuration.name)_count")
    /// A series that every gateway has from its start, and no other program.
    static let gatewayIdentity = limitReplicas.series()
}
