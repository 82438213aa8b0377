import Foundation
import KubernetesAPI
import MCPProtocol
import Testing

@testable import TelemetryBridge

@Suite("Playbooks")
struct PlaybookTests {
    private let now = Timestamp(secondsSinceEpoch: 1_800_000_000)

    private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    private func container(
        reason: String? = nil,
        last: String? = nil,
        code: Int64? = nil,
        limit: String? = nil
    ) -> PodState.Container {
        PodState.Container(
            name: "c",
            reason: reason,
            message: "m",
            restarts: 4,
            lastReason: last,
            lastExitCode: code,
            memoryLimit: limit,
            image: "example.com/web:1"
        )
    }

    @Test("the cause of a crash is named from its state, its exit code and the events")
    func diagnosis() throws {
        let liveness = ClusterEvent(try json(#"{"reason":"Unhealthy","message":"Liveness probe failed: 500"}"#))
        let cases: [(PodState.Container, [ClusterEvent], String)] = [
            (container(reason: "ImagePullBackOff"), [], "The image example.com/web:1 cannot be pulled: m"),
            (container(reason: "CreateContainerConfigError"), [], "something that is missing: m"),
            (container(reason: "StartError"), [], "cannot be started"),
            (container(last: "OOMKilled", code: 137, limit: "64Mi"), [], "its limit of 64Mi"),
            (container(last: "OOMKilled", code: 137), [], "memory of the node"),
            (container(last: "Error", code: 137), [liveness], "liveness probe fails"),
            (container(last: "Error", code: 137), [], "SIGKILL"),
            (container(last: "Completed", code: 0), [], "ends without an error"),
            (container(last: "Error", code: 126), [], "not executable"),
            (container(last: "Error", code: 127), [], "does not exist"),
            (container(last: "Error", code: 139), [], "signal"), (container(last: "Error", code: 143), [], "SIGTERM"),
            (container(last: "Error", code: 1), [], "its log says why"), (container(), [], "its log says why"),
        ]
        for (container, events, cause) in cases {
            #expect(CrashLoopFacts.diagnosis(container, events: events).cause.contains(cause), "\(container)")
        }
    }

    private let crashing = """
        {"metadata":{"namespace":"shop","name":"web-1","creationTimestamp":"2026-01-01T00:00:00Z",
          "ownerReferences":[{"kind":"ReplicaSet","name":"web"}]},
         "spec":{"nodeName":"n1","containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"500m","memory":"1Gi"}}}]},
         "status":{"phase":"Running","conditions":[{"type":"Ready","status":"False"}],
          "containerStatuses":[{"name":"c","restartCount":7,"state":{"waiting":{"reason":"CrashLoopBackOff"}},
            "lastState":{"terminated":{"exitCode":1,"reason":"Error"}}}]}}
        """

    @Test(
        "a pod's problem is told from its status",
        arguments: [
            (#"{"status":{"phase":"Succeeded"}}"#, nil),
            (#"{"status":{"phase":"Failed","reason":"Evicted"}}"#, "Evicted"),
            (
                #"{"status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","message":"no room"}]}}"#,
                "not scheduled: no room"
            ),
            (#"{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}"#, nil),
            (
                #"{"metadata":{"creationTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Running"}}"#,
                "is not ready"
            ),
            (#"{"metadata":{"creationTimestamp":"2027-01-15T07:59:00Z"},"status":{"phase":"Pending"}}"#, nil),
            (
                #"{"metadata":{"creationTimestamp":"2027-01-15T07:00:00Z"},"status":{"phase":"Pending"}}"#,
                "has been pending for 1h"
            ),
            (#"{"status":{"containerStatuses":[{"state":{"waiting":{"reason":"ErrImagePull"}}}]}}"#, "ErrImagePull"),
            (
                #"{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}}"#,
                nil
            ),
        ] as [(String, String?)]
    )
    func problems(pod: String, problem: String?) throws {
        #expect(PodState(try json(pod)).problem(now: now) == problem)
    }

    @Test("triage names nodes, alerts, pods, workloads and warnings, the worst first, and where to look next")
    func triage() throws {
        var cluster = ClusterFacts()
        cluster.nodes = [
            try json(
                #"{"metadata":{"name":"n1"},"status":{"conditions":[{"type":"Ready","status":"Unknown","reason":"NodeStatusUnknown"}]}}"#
            ),
            try json(
                #"{"metadata":{"name":"n2"},"spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#
            ),
        ]
        cluster.pods = [try json(crashing)]
        cluster.deployments = [
            try json(
                #"{"metadata":{"namespace":"shop","name":"web"},"spec":{"replicas":2},"status":{"readyReplicas":1}}"#
            )
        ]
        cluster.warnings = [
            ClusterEvent(
                try json(#"{"reason":"BackOff","involvedObject":{"kind":"Pod","namespace":"shop","name":"web-1"}}"#)
            ),
            ClusterEvent(
                try json(
                    #"{"reason":"FailedMount","count":3,"involvedObject":{"kind":"Pod","namespace":"a","name":"b"}}"#
                )
            ),
        ]
        cluster.unavailable = [.services: "services: no permission"]
        let alert = try json(
            #"{"labels":{"alertname":"Down","severity":"critical","pod":"web-1"},"annotations":{"summary":"It is down."}}"#
        )
        let watchdog = try json(#"{"labels":{"alertname":"Watchdog","severity":"none"}}"#)
        let facts = TriageFacts(
            cluster: cluster,
            alerts: .known([alert, watchdog].map(ActiveAlert.init(alertmanager:))),
            now: now
        )
        let text = facts.prompt
        for part in [
            "[critical] The alert Down is active for pod web-1: It is down.",
            "[critical] The node n1 has problems: not Ready: NodeStatusUnknown",
            "[critical] The pod shop/web-1: CrashLoopBackOff, 7 restarts. Next: the prompt CrashLoop-Playbook with namespace shop, pod web-1",
            "[warning] Deployment shop/web has 1 of 2 pods ready.", "[information] The node n2 is cordoned",
            "[information] Pod a/b: FailedMount, 3 times", "Not known: services: no permission", UntrustedContent.note,
        ] {
            #expect(text.contains(part), "\(part)\n\(text)")
        }
        #expect(!text.contains("Watchdog") && !text.contains("BackOff, 1 times"))
        let order = ["[critical]", "[warning]", "[information]"].map { text.range(of: $0)?.lowerBound }
        #expect(order == order.sorted { ($0 ?? text.endIndex) < ($1 ?? text.endIndex) })
    }

    @Test("a quiet cluster has no findings, and missing alerts are named")
    func quiet() {
        let text = TriageFacts(cluster: ClusterFacts(), alerts: .missing("no Alertmanager is configured"), now: now)
            .prompt
        #expect(
            text.contains("None: the data below shows no problem.")
                && text.contains("Alerts are not known: no Alertmanager")
        )
    }

    @Test("capacity compares requests and usage with what nodes have")
    func capacity() throws {
        var cluster = ClusterFacts()
        let node =
            #"{"metadata":{"name":"n1"},"status":{"allocatable":{"cpu":"1","memory":"1Gi","pods":"110"},"conditions":[{"type":"Ready","status":"True"}]}}"#
        cluster.nodes = [try json(node), try json(node.replacing("n1", with: "n2"))]
        cluster.pods = [
            try json(crashing),
            try json(
                #"{"metadata":{"namespace":"a","name":"b"},"spec":{"containers":[{}]},"status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","message":"no room"}]}}"#
            ),
            // It has ended, so its requests do not count.
            try json(crashing.replacing("Running", with: "Succeeded").replacing("web-1", with: "old")),
        ]
        let usage = MeasuredUsage(try json(#"{"metadata":{"name":"n1"},"usage":{"cpu":"900m","memory":"100Mi"}}"#))
        let facts = CapacityFacts(
            cluster: cluster,
            usage: .known([usage]),
            volumes: .known([(claim: "a/data", percent: 97), (claim: "a/small", percent: 10)]),
            now: now
        )
        let texts = Set(facts.findings.map { "\($0.severity.name): \($0.text)" })
        #expect(
            texts == [
                "critical: The node n1 is at 100% for requests of memory.",
                "warning: The node n1 is at 90% for used processor time.",
                "critical: The pod a/b is not scheduled: no room",
                "critical: The volume of the PersistentVolumeClaim a/data is 97% full.",
                "information: 1 of 2 pods have no requests, so the scheduler does not count them: a/b.",
            ]
        )
        #expect(
            facts.prompt.contains(
                "n1: 1000m processor time and 1024 MiB of memory allocatable; requested: 50% processor time, 100% memory; used: 90%"
            )
        )
        #expect(facts.largestNamespaces.first == "shop: 500m processor time, 1024 MiB of memory")
    }

    @Test("a prompt stays within its size, whatever is wrong")
    func size() throws {
        var cluster = ClusterFacts()
        cluster.pods = try (0..<3_000).map { index in
            try json(crashing.replacing("web-1", with: "web-\(index)").replacing("\"web\"", with: "\"owner-\(index)\""))
        }
        let text = TriageFacts(cluster: cluster, alerts: .known([]), now: now).prompt
        #expect(text.utf8.count < PlaybookText.maximumBytes + 2_000)
        #expect(text.contains("more are left out") && text.contains("## What to do"))
    }

    @Test(
        "nonsense in place of objects does no harm",
        arguments: ["null", "[]", "7", #"{"status":7,"spec":[],"metadata":"x"}"#]
    )
    func nonsense(text: String) throws {
        let value = try json(text)
        _ = (
            PodState(value).problem(now: now), NodeState(value).json, ClusterEvent(value).json,
            MeasuredUsage(value).json
        )
        _ = (
            ActiveAlert(alertmanager: value).json, ObjectTable(value), Redaction.apply(to: value), KindCatalog([value])
        )
        _ = Workload(value, kind: "k", wanted: 1, ready: "r").json
    }

    @Test("what a pod requests counts sidecars, init containers and overhead")
    func requests() throws {
        let pod = try json(
            """
            {"spec":{"overhead":{"cpu":"10m"},"containers":[{"resources":{"requests":{"cpu":"100m","memory":"1Mi"}}}],
             "initContainers":[{"restartPolicy":"Always","resources":{"requests":{"cpu":1}}},{"resources":{"requests":{"cpu":"500m","memory":"9Mi"}}}]}}
            """
        )
        #expect(ResourceUsage.requests(ofPod: pod) == ResourceUsage(cpuMillicores: 1_110, memoryBytes: 9 << 20))
        #expect(ResourceUsage(["cpu": "9E", "memory": "8E"]).memoryBytes > 0)
    }
}

@Suite("Units of systemd")
struct SystemdUnitsTests {
    @Test(
        "the query names the unit, the node and the state",
        arguments: [
            ("kubelet", nil, "any", #"node_systemd_unit_state{name="kubelet.service"} == 1"#),
            (
                "docker.socket", "a:9100", "failed",
                #"node_systemd_unit_state{name="docker.socket",instance="a:9100",state="failed"} == 1"#
            ),
            ("kube*", nil, "any", #"node_systemd_unit_state{name=~"kube.*"} == 1"#),
            (
                nil, "10.0.0.*:9100", "failed",
                #"node_systemd_unit_state{instance=~"10\\.0\\.0\\..*:9100",state="failed"} == 1"#
            ),
            ("a\"} or up{x=\"", nil, "any", #"node_systemd_unit_state{name="a\"} or up{x=\".service"} == 1"#),
        ] as [(String?, String?, String, String)]
    )
    func query(unit: String?, instance: String?, state: String, expected: String) {
        #expect(SystemdUnits.query(unit: unit, instance: instance, state: state) == expected)
    }

    @Test("that there are no units is explained")
    func explained() {
        func answer(_ values: [(String, String)]) -> PrometheusAnswer {
            PrometheusAnswer(
                kind: .vector,
                series: values.map { .init(labels: ["instance": $0.0], samples: [.init(time: 0, value: $0.1)]) }
            )
        }
        func explain(_ values: [(String, String)]) -> String {
            SystemdUnits.explain(collectors: answer(values), unit: nil, state: "failed")[0]
        }
        #expect(explain([]).contains("--collector.systemd"))
        #expect(explain([("a", "0"), ("b", "1")]).contains("fails on a:"))
        #expect(explain([("a", "1")]) == "No unit is failed on the 1 nodes that report.")
    }
}
