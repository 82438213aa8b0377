internal import KubernetesAPI

/// What Triage-Now looks at, and what it finds. Pure, except for gathering.
struct TriageFacts: Sendable {
    var cluster: ClusterFacts
    var alerts: Gathered<[ActiveAlert]>
    var now: Timestamp
    var namespace: String?

    /// Containers with at least so many restarts are mentioned, even if they run now.
    static let manyRestarts: Int64 = 5

    var findings: [Finding] { alertFindings + nodeFindings + podFindings + workloadFindings + warningFindings }

    private var alertFindings: [Finding] {
        (alerts.value ?? []).sorted(by: ActiveAlert.areInOrder).prefix(15).compactMap { alert in
            // Watchdog always fires, to show that alerts work.
            guard alert.severity != "none", alert.name != "Watchdog", alert.state != "suppressed" else { return nil }
            let isCritical = alert.severity?.lowercased() == "critical"
            let summary =
                alert.annotations["summary"] ?? alert.annotations["description"] ?? alert.annotations["message"]
            let place = ["namespace", "pod", "node", "instance"].compactMap { name in
                alert.labels[name].map { "\(name) \($0)" }
            }
            return Finding(
                severity: isCritical ? .critical : .warning,
                text: "The alert \(alert.name) is \(alert.state)"
                    + (place.isEmpty ? "" : " for \(place.joined(separator: ", "))")
                    + (summary.map { ": \($0)" } ?? ".")
                    + (alert.startsAt.map { " Since \($0)." } ?? ""),
                next: alert.labels["pod"].map { pod in
                    "k8s.events with involvedName \(pod)"
                        + (alert.labels["namespace"].map { ", namespace \($0)" } ?? "")
                }
            )
        }
    }

    private var nodeFindings: [Finding] {
        cluster.nodes.map(NodeState.init).flatMap { node -> [Finding] in
            var findings: [Finding] = []
            if !node.isReady || !node.problems.isEmpty {
                findings.append(
                    Finding(
                        severity: node.isReady ? .warning : .critical,
                        text: "The node \(node.name) has problems: \(node.problems.joined(separator: "; ")).",
                        next:
                            "k8s.events with involvedKind Node, involvedName \(node.name); systemd.status with unit kubelet"
                    )
                )
            }
            if !node.isSchedulable {
                findings.append(
                    Finding(
                        severity: .information,
                        text: "The node \(node.name) is cordoned: no pod is scheduled on it."
                    )
                )
            }
            return findings
        }
    }

    private var podFindings: [Finding] {
        let pods = cluster.pods.map(PodState.init)
        var groups: [String: [PodState]] = [:]
        for pod in pods {
            guard let problem = pod.problem(now: now) else { continue }
            groups["\(pod.namespace)\u{0}\(pod.owner ?? pod.name)\u{0}\(problem)", default: []].append(pod)
        }
        var findings = groups.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.compactMap {
            _,
            pods -> Finding? in
            guard let pod = pods.first, let problem = pod.problem(now: now) else { return nil }
            let what =
                pods.count == 1
                ? "The pod \(pod.path)" : "\(pods.count) pods of \(pod.owner ?? pod.name) in \(pod.namespace)"
            let isCrash = problem == "CrashLoopBackOff" || problem == "OOMKilled" || problem == "Error"
            let message = pod.containers.first { $0.reason == problem }?.message.map { " (\($0))" } ?? ""
            return Finding(
                severity: isCrash || problem.hasPrefix("not scheduled") ? .critical : .warning,
                text: "\(what): \(problem)\(message), \(pods.reduce(0) { $0 + $1.restarts }) restarts.",
                next: isCrash
                    ? "the prompt CrashLoop-Playbook with namespace \(pod.namespace), pod \(pod.name)"
                    : "k8s.events with namespace \(pod.namespace), involvedName \(pod.name)"
            )
        }
        for pod in pods where pod.problem(now: now) == nil && pod.restarts >= Self.manyRestarts {
            findings.append(
                Finding(
                    severity: .information,
                    text: "The pod \(pod.path) runs, but its containers have restarted \(pod.restarts) times.",
                    next: "tail.pod_logs with namespace \(pod.namespace), pod \(pod.name), previous true"
                )
            )
        }
        return findings
    }

    private var workloadFindings: [Finding] {
        InventorySnapshot(facts: cluster, now: now, namespace: namespace).workloads.filter(\.isShort).sorted(
            by: Workload.areInOrder
        ).map {
            Finding(
                severity: $0.ready == 0 ? .critical : .warning,
                text: "\($0.kind) \($0.namespace)/\($0.name) has \($0.ready) of \($0.wanted) pods ready.",
                next: "k8s.get with kind \($0.kind), namespace \($0.namespace), name \($0.name)"
            )
        }
    }

    private var warningFindings: [Finding] {
        // What is known from the pods themselves is not repeated.
        let bad = Set(cluster.pods.map(PodState.init).filter { $0.problem(now: now) != nil }.map { "Pod \($0.path)" })
        let groups = Dictionary(grouping: cluster.warnings.filter { !bad.contains($0.object) }) {
            "\($0.reason)\u{0}\($0.object)"
        }
        return groups.values.compactMap { events -> (Int64, Finding)? in
            guard let event = events.first else { return nil }
            let count = events.reduce(Int64(0)) { $0.addingReportingOverflow($1.count).partialValue }
            let finding = Finding(
                severity: .information,
                text:
                    "\(event.object): \(event.reason), \(count) times in the last hour: \(event.message.truncated(toUTF8Bytes: 300))"
            )
            return (count, finding)
        }
        .sorted { ($1.0, $0.1.text) < ($0.0, $1.1.text) }.prefix(10).map(\.1)
    }
}
