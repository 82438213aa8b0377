import HTTPTypes
import KubernetesAPI
import KubernetesClient
import SandboxCluster
import Testing

/// The simulated controllers of workloads.
@Suite("Workloads in the sandbox")
struct WorkloadTests {
    private static let pods = ResourceType(group: "", version: "v1", kind: "Pod", plural: "pods", isNamespaced: true)
    private static let sets = ResourceType(
        group: "apps",
        version: "v1",
        kind: "ReplicaSet",
        plural: "replicasets",
        isNamespaced: true
    )
    private static let apps = "/apis/apps/v1/namespaces/default"

    private static func template(_ app: String, image: String) -> JSONValue {
        [
            "metadata": ["labels": ["app": .string(app)]],
            "spec": ["containers": [["name": "main", "image": .string(image)]]],
        ]
    }

    private static func deployment(_ image: String, replicas: Int64 = 4) -> JSONValue {
        [
            "metadata": ["name": "web"],
            "spec": [
                "replicas": .integer(replicas), "selector": ["matchLabels": ["app": "web"]],
                "strategy": ["rollingUpdate": ["maxSurge": 1, "maxUnavailable": 1]],
                "template": template("web", image: image),
            ],
        ]
    }

    private func status(_ harness: SandboxHarness, _ path: String) async throws -> JSONValue {
        try await harness.call(.get, path).value["status"] ?? [:]
    }

    private func reason(_ status: JSONValue, _ type: String) -> String? {
        status["conditions"]?.arrayValue?.first { $0["type"]?.stringValue == type }?["reason"]?.stringValue
    }

    private func settle(_ harness: SandboxHarness, generation: Int64) async throws {
        try await harness.eventually("the Deployment is rolled out") {
            let status = try await status(harness, "\(Self.apps)/deployments/web")
            return status["observedGeneration"]?.integerValue == generation
                && reason(status, "Progressing") == "NewReplicaSetAvailable"
        }
    }

    @Test("a rolling update goes in steps that stay within maxSurge and maxUnavailable")
    func steps() async throws {
        try await withSandbox { harness in
            try await harness.call(.post, "\(Self.apps)/deployments", Self.deployment("registry.example/web:1"))
            try await settle(harness, generation: 1)
            let (_, list) = try await harness.call(.get, "\(Self.apps)/replicasets")
            let revision = list[path: ["metadata", "resourceVersion"]]?.stringValue ?? ""
            try await harness.call(
                .patch,
                "\(Self.apps)/deployments/web",
                ["spec": ["template": Self.template("web", image: "registry.example/web:2")]],
                contentType: "application/merge-patch+json"
            )
            try await settle(harness, generation: 2)
            // Every state of the ReplicaSets, in order.
            let response = try await harness.transport.execute(
                APIRequest(
                    path: "\(Self.apps)/replicasets",
                    query: [
                        APIRequest.QueryItem("watch", "true"), APIRequest.QueryItem("resourceVersion", revision),
                        APIRequest.QueryItem("timeoutSeconds", "1"),
                    ]
                )
            )
            var wanted: [String: Int64] = [:]
            for set in list["items"]?.arrayValue ?? [] {
                wanted[set[path: ["metadata", "name"]]?.stringValue ?? ""] =
                    set[path: ["spec", "replicas"]]?
                    .integerValue
            }
            var totals: [Int64] = []
            let bytes = try await response.body.collect(upTo: 1 << 22)
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                let set = try JSONValue(parsing: line)["object"] ?? [:]
                let name = set[path: ["metadata", "name"]]?.stringValue ?? ""
                wanted[name] = set[path: ["spec", "replicas"]]?.integerValue
                totals.append(wanted.values.reduce(0, +))
            }
            #expect(totals.allSatisfy { (3...5).contains($0) }, "\(totals)")
            #expect(totals.contains { $0 > 4 } || totals.contains { $0 < 4 }, "\(totals)")
            #expect(wanted.values.sorted() == [0, 4])
        }
    }

    @Test("an undo makes the old ReplicaSet the latest revision, and a paused Deployment does not roll")
    func revisions() async throws {
        try await withSandbox { harness in
            let path = "\(Self.apps)/deployments/web"
            let merge = "application/merge-patch+json"
            func image(_ tag: Int) -> JSONValue {
                ["spec": ["template": Self.template("web", image: "registry.example/web:\(tag)")]]
            }
            try await harness.call(.post, "\(Self.apps)/deployments", Self.deployment("registry.example/web:1"))
            try await settle(harness, generation: 1)
            try await harness.call(.patch, path, image(2), contentType: merge)
            try await settle(harness, generation: 2)
            try await harness.call(.patch, path, image(1), contentType: merge)
            try await settle(harness, generation: 3)
            let sets = harness.sandbox.objects(Self.sets, namespace: "default")
            let revisions = sets.compactMap {
                $0[path: ["metadata", "annotations", "deployment.kubernetes.io/revision"]]?.stringValue
            }
            #expect(revisions.sorted() == ["2", "3"])
            try await harness.call(.patch, path, ["spec": ["paused": true]], contentType: merge)
            try await harness.call(.patch, path, image(3), contentType: merge)
            try await harness.eventually("it is seen") {
                let status = try await status(harness, path)
                return status["observedGeneration"] == 5 && reason(status, "Progressing") == "DeploymentPaused"
            }
            #expect(harness.sandbox.objects(Self.sets, namespace: "default").count == 2)
        }
    }

    @Test("Recreate never has pods of two revisions")
    func recreate() async throws {
        try await withSandbox { harness in
            var object = Self.deployment("registry.example/web:1", replicas: 2)
            object[path: ["spec", "strategy"]] = ["type": "Recreate"]
            try await harness.call(.post, "\(Self.apps)/deployments", object)
            try await settle(harness, generation: 1)
            let revision = String(harness.sandbox.revision)
            try await harness.call(
                .patch,
                "\(Self.apps)/deployments/web",
                ["spec": ["template": Self.template("web", image: "registry.example/web:2")]],
                contentType: "application/merge-patch+json"
            )
            try await settle(harness, generation: 2)
            let response = try await harness.transport.execute(
                APIRequest(
                    path: "/api/v1/namespaces/default/pods",
                    query: [
                        APIRequest.QueryItem("watch", "true"), APIRequest.QueryItem("resourceVersion", revision),
                        APIRequest.QueryItem("timeoutSeconds", "1"),
                    ]
                )
            )
            let events = try await response.body.collect(upTo: 1 << 22).split(separator: UInt8(ascii: "\n"))
                .map { try JSONValue(parsing: $0)["type"]?.stringValue ?? "" }
            let lastGone = try #require(events.lastIndex(of: "DELETED"))
            let firstNew = try #require(events.firstIndex(of: "ADDED"))
            #expect(lastGone < firstNew)
        }
    }

    @Test("pods are available only after they were ready for minReadySeconds")
    func minReadySeconds() async throws {
        try await withSandbox { harness in
            var object = Self.deployment("registry.example/web:1", replicas: 2)
            object[path: ["spec", "minReadySeconds"]] = 2
            try await harness.call(.post, "\(Self.apps)/deployments", object)
            let path = "\(Self.apps)/deployments/web"
            try await harness.eventually("they are ready and not available") {
                let status = try await status(harness, path)
                return status["readyReplicas"] == 2 && status["availableReplicas"] == nil
            }
            try await harness.eventually("they are available") {
                try await status(harness, path)["availableReplicas"] == 2
            }
        }
    }

    @Test("a webhook that is stored without effect causes a warning", arguments: ["Validating", "Mutating"])
    func webhooks(kind: String) async throws {
        try await withSandbox { harness in
            let response = try await harness.transport.execute(
                APIRequest(
                    method: .post,
                    path: "/apis/admissionregistration.k8s.io/v1/\(kind.lowercased())webhookconfigurations",
                    headers: [.contentType: "application/json"],
                    body: JSONValue.object(["metadata": ["name": "foreign"]]).serialized()
                )
            )
            #expect(response.status.code == 201)
            let warning = HTTPField.Name("Warning").flatMap { response.headers[$0] } ?? ""
            #expect(warning.contains("the sandbox does not call webhooks: foreign is stored"), "\(warning)")
        }
    }

    @Test("a StatefulSet creates its pods in order, and claims are kept when it is scaled down")
    func statefulSet() async throws {
        try await withSandbox { harness in
            let path = "\(Self.apps)/statefulsets/db"
            try await harness.call(
                .post,
                "\(Self.apps)/statefulsets",
                [
                    "metadata": ["name": "db"],
                    "spec": [
                        "replicas": 3, "serviceName": "db", "selector": ["matchLabels": ["app": "db"]],
                        "template": Self.template("db", image: "registry.example/db:1"),
                        "volumeClaimTemplates": [
                            [
                                "metadata": ["name": "data"],
                                "spec": [
                                    "accessModes": ["ReadWriteOnce"],
                                    "resources": ["requests": ["storage": "1Gi"]],
                                ],
                            ]
                        ],
                    ],
                ]
            )
            try await harness.eventually("three are ready") {
                try await status(harness, path)["readyReplicas"] == 3
            }
            let pods = harness.sandbox.objects(Self.pods, namespace: "default")
            #expect(pods.map { $0[path: ["metadata", "name"]] } == ["db-0", "db-1", "db-2"])
            let times = pods.compactMap { $0[path: ["metadata", "uid"]]?.stringValue }
            #expect(Set(times).count == 3)
            try await harness.call(
                .patch,
                path,
                ["spec": ["replicas": 1, "template": Self.template("db", image: "registry.example/db:2")]],
                contentType: "application/merge-patch+json"
            )
            try await harness.eventually("one is left, and new") {
                let status = try await status(harness, path)
                return status["replicas"] == 1 && status["updatedReplicas"] == 1
                    && status["currentRevision"] == status["updateRevision"] && status["observedGeneration"] == 2
            }
            let (_, claims) = try await harness.call(.get, "/api/v1/namespaces/default/persistentvolumeclaims")
            #expect(claims["items"]?.arrayValue?.count == 3)
        }
    }

    @Test("a DaemonSet runs a pod on the node, and replaces it")
    func daemonSet() async throws {
        try await withSandbox { harness in
            let path = "\(Self.apps)/daemonsets/agent"
            try await harness.call(
                .post,
                "\(Self.apps)/daemonsets",
                [
                    "metadata": ["name": "agent"],
                    "spec": [
                        "selector": ["matchLabels": ["app": "agent"]],
                        "template": Self.template("agent", image: "registry.example/agent:1"),
                    ],
                ]
            )
            try await harness.eventually("it is ready") { try await status(harness, path)["numberReady"] == 1 }
            try await harness.call(
                .patch,
                path,
                ["spec": ["template": Self.template("agent", image: "registry.example/agent:2")]],
                contentType: "application/merge-patch+json"
            )
            try await harness.eventually("the new one is ready") {
                let status = try await status(harness, path)
                return status["observedGeneration"] == 2 && status["updatedNumberScheduled"] == 1
                    && status["numberReady"] == 1
            }
            #expect(harness.sandbox.objects(Self.pods, namespace: "default").count == 1)
        }
    }

    @Test("a Job completes, and one whose image fails exhausts its retries", arguments: [false, true])
    func job(fails: Bool) async throws {
        try await withSandbox { harness in
            let image = fails ? "registry.example/crashloopbackoff:1" : "registry.example/task:1"
            var spec: JSONValue = Self.template("task", image: image)
            spec[path: ["spec", "restartPolicy"]] = "Never"
            try await harness.call(
                .post,
                "/apis/batch/v1/namespaces/default/jobs",
                [
                    "metadata": ["name": "task"],
                    "spec": ["completions": 3, "parallelism": 2, "backoffLimit": 1, "template": spec],
                ]
            )
            try await harness.eventually("it ended") {
                let status = try await status(harness, "/apis/batch/v1/namespaces/default/jobs/task")
                return fails
                    ? reason(status, "Failed") == "BackoffLimitExceeded" && (status["failed"]?.integerValue ?? 0) > 1
                    : reason(status, "Complete") == "CompletionsReached" && status["succeeded"] == 3
            }
        }
    }

    @Test("a budget counts the ready pods, and rejects an eviction that would violate it")
    func budget() async throws {
        try await withSandbox { harness in
            try await harness.call(
                .post,
                "\(Self.apps)/deployments",
                Self.deployment("registry.example/web:1", replicas: 2)
            )
            let budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
            try await harness.call(
                .post,
                budgets,
                [
                    "metadata": ["name": "web"],
                    "spec": ["minAvailable": 2, "selector": ["matchLabels": ["app": "web"]]],
                ]
            )
            try await harness.eventually("both are counted") {
                let status = try await status(harness, "\(budgets)/web")
                return status["currentHealthy"] == 2 && status["disruptionsAllowed"] == 0
            }
            let pod = harness.sandbox.objects(Self.pods, namespace: "default")[0]
            let name = pod[path: ["metadata", "name"]]?.stringValue ?? ""
            let eviction: JSONValue = ["metadata": ["name": .string(name)]]
            let path = "/api/v1/namespaces/default/pods/\(name)/eviction"
            let refused = try await harness.call(.post, path, eviction)
            #expect(refused.code == 429)
            #expect(
                refused.value[path: ["details", "causes"]]?.arrayValue?.first?["message"]
                    == "The disruption budget web needs 2 healthy pods and has 2 currently"
            )
            try await harness.call(
                .patch,
                "\(budgets)/web",
                ["spec": ["minAvailable": 1]],
                contentType: "application/merge-patch+json"
            )
            try await harness.eventually("one may go") {
                try await status(harness, "\(budgets)/web")["disruptionsAllowed"] == 1
            }
            #expect(try await harness.call(.post, path, eviction).code == 201)
        }
    }

    @Test("a pod is unschedulable until its claim exists")
    func missingClaim() async throws {
        try await withSandbox { harness in
            try await harness.eventually("the account is there") {
                try await harness.call(.get, "/api/v1/namespaces/default/serviceaccounts/default").code == 200
            }
            try await harness.call(
                .post,
                "/api/v1/namespaces/default/pods",
                [
                    "metadata": ["name": "p"],
                    "spec": [
                        "containers": [["name": "c", "image": "registry.example/i:1"]],
                        "volumes": [["name": "v", "persistentVolumeClaim": ["claimName": "late"]]],
                    ],
                ]
            )
            let path = "/api/v1/namespaces/default/pods/p"
            try await harness.eventually("it says why") {
                reason(try await status(harness, path), "PodScheduled") == "Unschedulable"
            }
            try await harness.call(
                .post,
                "/api/v1/namespaces/default/persistentvolumeclaims",
                [
                    "metadata": ["name": "late"],
                    "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]],
                ]
            )
            try await harness.eventually("it runs") { try await status(harness, path)["phase"] == "Running" }
        }
    }

    @Test("a ReplicaSet reports that a quota rejects its pods, and continues when the quota is raised")
    func quota() async throws {
        try await withSandbox { harness in
            let quotas = "/api/v1/namespaces/default/resourcequotas"
            try await harness.call(.post, quotas, ["metadata": ["name": "q"], "spec": ["hard": ["pods": "1"]]])
            try await harness.call(
                .post,
                "\(Self.apps)/deployments",
                Self.deployment("registry.example/web:1", replicas: 2)
            )
            try await harness.eventually("it says why") {
                let status = try await status(harness, "\(Self.apps)/deployments/web")
                let failure = status["conditions"]?.arrayValue?.first { $0["type"] == "ReplicaFailure" }
                return failure?["message"]?.stringValue?.contains("exceeded quota: q, requested: pods=1") == true
            }
            try await harness.call(
                .patch,
                "\(quotas)/q",
                ["spec": ["hard": ["pods": "2"]]],
                contentType: "application/merge-patch+json"
            )
            try await settle(harness, generation: 1)
            try await harness.eventually("both are counted") {
                try await status(harness, "\(quotas)/q")[path: ["used", "pods"]] == "2"
            }
        }
    }
}
