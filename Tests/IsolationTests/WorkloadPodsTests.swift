import KubernetesAPI
import Testing

@testable import Isolation

@Suite("The pods of workloads")
struct WorkloadPodsTests {
    static func pods(_ text: String) throws -> WorkloadPods {
        let document = try #require(try YAML.documents(in: text).first)
        return try WorkloadPods(document.value, namespace: "a")
    }

    static let template = """
        metadata: {labels: {app: x}}
        spec:
          containers: [{name: c, ports: [{name: http, containerPort: 80}, {containerPort: 81}]}]
          initContainers: [{name: i, restartPolicy: Always, ports: [{name: dns, containerPort: 53, protocol: UDP}]}]
        """

    @Test(
        "labels and named ports come from the template",
        arguments: ["Deployment", "DaemonSet", "ReplicaSet", "StatefulSet", "Job", "CronJob", "ReplicationController"]
    )
    func templates(kind: String) throws {
        let lines = Self.template.split(separator: "\n")
        let indented = { (count: Int) in
            lines.map { String(repeating: " ", count: count) + $0 }.joined(separator: "\n")
        }
        let spec =
            kind == "CronJob"
            ? "spec:\n  jobTemplate:\n    spec:\n      template:\n\(indented(8))" : "spec:\n  template:\n\(indented(4))"
        let found = try Self.pods("kind: \(kind)\nmetadata: {name: w}\n\(spec)")
        let pod = try #require(found.pods.first)
        #expect(found.pods.count == 1)
        #expect(pod.namespace == "a")
        #expect(pod.name == "\(kind)/w")
        #expect(pod.labels["app"] == "x")
        #expect(
            pod.ports == [
                .init(name: "http", transport: .tcp, number: 80), .init(name: "dns", transport: .udp, number: 53),
            ]
        )
        #expect(pod.addresses == [])
        #expect(WorkloadPods.kinds[kind] != nil)
    }

    @Test("labels that controllers set are known, or known to be unknown")
    func controllerLabels() throws {
        let template = "template: {spec: {containers: []}}"
        let job = try Self.pods("kind: Job\nmetadata: {name: j}\nspec: {\(template)}")
        #expect(job.pods.first?.labels["batch.kubernetes.io/job-name"] == "j")
        #expect(job.unknownLabels.contains("controller-uid"))
        let deployment = try Self.pods("kind: Deployment\nmetadata: {name: d}\nspec: {\(template)}")
        #expect(deployment.unknownLabels == ["pod-template-hash"])
        let set = try Self.pods("kind: StatefulSet\nmetadata: {name: s}\nspec: {replicas: 3, \(template)}")
        #expect(set.pods.map { $0.labels["statefulset.kubernetes.io/pod-name"] } == ["s-0", "s-1", "s-2"])
        let many = try Self.pods(
            "kind: StatefulSet\nmetadata: {name: s}\nspec: {replicas: 9223372036854775807, \(template)}"
        )
        #expect(many.pods.count == 1000)
        let none = try Self.pods("kind: StatefulSet\nmetadata: {name: s}\nspec: {replicas: 0, \(template)}")
        #expect(none.pods.count == 1)
    }

    @Test("a pod that runs has its addresses, of both families")
    func addresses() throws {
        let pod = try Self.pods(
            """
            kind: Pod
            metadata: {name: p}
            spec: {hostNetwork: true, containers: []}
            status: {podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::1'}]}
            """
        )
        #expect(pod.pods.first?.name == "p")
        #expect(pod.pods.first?.addresses.map(\.description) == ["10.0.0.1", "fd00::1"])
        #expect(pod.pods.first?.isOnHostNetwork == true)
        let old = try Self.pods("kind: Pod\nmetadata: {name: p}\nspec: {containers: []}\nstatus: {podIP: 10.0.0.2}")
        #expect(old.pods.first?.addresses.map(\.description) == ["10.0.0.2"])
    }

    @Test(
        "what cannot be read is reported with its field",
        arguments: [
            ("kind: Deployment\nspec: {}", "spec.template"),
            ("kind: Deployment\nspec: {template: {}}", "spec.template.spec"),
            (
                "kind: Deployment\nspec: {template: {metadata: {labels: [a]}, spec: {}}}",
                "spec.template.metadata.labels"
            ),
            ("kind: Pod\nmetadata: {labels: {a: 1}}\nspec: {}", "metadata.labels.a"),
            ("kind: Pod\nspec: {hostNetwork: 'true'}", "spec.hostNetwork"),
            (
                "kind: Pod\nspec: {containers: [{ports: [{name: a, containerPort: 0}]}]}",
                "spec.containers[0].ports[0].containerPort"
            ),
            (
                "kind: Pod\nspec: {containers: [{ports: [{name: a, protocol: X, containerPort: 1}]}]}",
                "spec.containers[0].ports[0].protocol"
            ),
            ("kind: CronJob\nspec: {jobTemplate: {}}", "spec.jobTemplate.spec.template"),
        ]
    )
    func invalid(text: String, field: String) throws {
        let error = try #require(throws: WorkloadPods.Problem.self) { try Self.pods(text) }
        #expect(error.field == field)
    }
}
