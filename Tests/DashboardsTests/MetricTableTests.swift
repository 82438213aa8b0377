import Testing

@testable import Dashboards

@Suite("The table of metrics")
struct MetricTableTests {
    /// Metrics that are served, and that no query uses, with the reason.
    static let unused: [String: String] = [
        "controller_runtime_active_workers": "the queue says more",
        "controller_runtime_max_concurrent_reconciles": "a setting",
        "controller_runtime_reconcile_panics_total": "always 0",
        "controller_runtime_reconcile_timeouts_total": "they are errors too",
        "controller_runtime_terminal_reconcile_errors_total": "they are errors too",
        "leader_election_slowpath_total": "a loss of the lead is what matters",
        "mcp_server_session_duration_seconds": "says nothing about the platform",
        "rest_client_request_retries_total": "failed requests say more",
        "workqueue_adds_total": "reconciles say more",
        "workqueue_retries_total": "errors say more",
        "workqueue_unfinished_work_seconds": "the longest one says more",
        "workqueue_work_duration_seconds": "the duration of reconciles says the same",
    ]

    @Test("every metric was recorded from a program that ran, with this type and these labels")
    func recorded() throws {
        let recorded = try Exposition.recorded()
        for metric in Metric.all {
            let found = recorded.values.compactMap { $0.families[metric.name] }
            #expect(!found.isEmpty, "\(metric.name) was not served")
            for family in found {
                #expect(family.kind == metric.kind.rawValue, "\(metric.name)")
                if family.hasSeries { #expect(family.labels == Set(metric.labels), "\(metric.name)") }
            }
            // It needs an object that a newer version has written.
            if metric != .undecodableObjects {
                #expect(found.contains { $0.hasSeries }, "\(metric.name) had no series, so its labels are not known")
            }
        }
    }

    @Test("every metric that is served is used, or there is a reason not to")
    func used() throws {
        let queries = Dashboard.allQueries.map(\.text) + Rules.alerts.map(\.query)
        let named = Set(queries.flatMap { QueryReader($0).series.map(\.name) })
        for (name, family) in try Exposition.recorded().values.flatMap(\.families) {
            let suffixes = family.kind == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
            let isUsed = suffixes.contains { named.contains(name + $0) }
            #expect(isUsed != (Self.unused[name] != nil), "\(name): show it, or say in `unused` why not")
        }
        #expect(Set(Metric.all.map(\.name)).isDisjoint(with: Self.unused.keys))
    }

    @Test("results of calls have a meaning and a color, each exactly one")
    func outcomes() throws {
        let all = CallOutcome.failed + CallOutcome.answered + CallOutcome.refused + ["Cancelled"]
        #expect(Set(all).count == all.count)
        #expect(Set(all) == Set(CallOutcome.colors.keys))
        let seen = try Exposition.recorded()["gateway"]?.families[Metric.calls.name]?.values["result"] ?? []
        #expect(seen.count > 4)
        #expect(seen.isSubset(of: all))
    }

    @Test(
        "values of labels that queries compare with were recorded, or can be",
        arguments: [
            (Metric.servers, "state", ["admitted", "waiting"]), (.protocolChecks, "result", ["ProtocolVerified"]),
            (.events, "result", ["dropped"]), (.entryPointReads, "result", ["unavailable"]),
        ]
    )
    func values(metric: Metric, label: String, values: [String]) throws {
        let seen = try Exposition.recorded()["controller"]?.families[metric.name]?.values[label] ?? []
        #expect(seen.isSuperset(of: values), "\(metric.name): \(seen.sorted())")
    }
}
