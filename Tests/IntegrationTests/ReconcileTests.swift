import CRDModels
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import SandboxCluster
import Synchronization
import TestSupport
import Testing

@Suite("Keeping the cluster as rendered")
struct ReconcileTests {
    /// Runs a body with a separate namespace and a running operator.
    private func withNamespace(
        platform: PlatformConfiguration = PlatformConfiguration(),
        _ body: @Sendable (TestCluster, String) async throws -> Void
    ) async throws {
        try await withCluster { cluster in
            let namespace = try await cluster.makeNamespace()
            try await withOperator(cluster, platform: platform) { _ in try await body(cluster, namespace) }
            try await cluster.removeNamespace(namespace)
        }
    }

    @Test("a child that was edited is corrected, and what others added to it is kept")
    func drift() async throws {
        try await withNamespace { cluster, namespace in
            try await cluster.apply(cluster.server("s", in: namespace))
            try await cluster.wait(for: ConditionType.programmed, .true, of: "s", in: namespace)
            _ = try await cluster.client.patch(
                .service,
                name: "s",
                namespace: namespace,
                .merge([
                    "metadata": ["annotations": ["example.com/added": "yes"]],
                    "spec": ["selector": ["moorage.dev/server": "another"]],
                ])
            )
            try await eventually("the selector is corrected") {
                let service = try await cluster.find(.service, "s", in: namespace)
                return service?[path: ["spec", "selector", "moorage.dev/server"]] == "s"
            }
            let service = try await cluster.find(.service, "s", in: namespace)
            #expect(service?[path: ["metadata", "annotations", "example.com/added"]] == "yes")
        }
    }

    @Test("a deleted child is created again")
    func deletedChild() async throws {
        try await withNamespace { cluster, namespace in
            try await cluster.apply(cluster.server("s", in: namespace))
            try await cluster.wait(for: ConditionType.programmed, .true, of: "s", in: namespace)
            for type in [ResourceType.networkPolicy, .service] {
                let uid = try await cluster.find(type, "s", in: namespace)?[path: ["metadata", "uid"]]
                try await cluster.client.delete(type, name: "s", namespace: namespace)
                try await eventually("\(type) is there again") {
                    let found = try await cluster.find(type, "s", in: namespace)
                    return found != nil && found?[path: ["metadata", "uid"]] != uid
                }
            }
        }
    }

    @Test("a Secret whose content was edited is corrected")
    func editedSecret() async throws {
        try await withNamespace { cluster, namespace in
            let spec = MCPServerSpec(config: ServerConfiguration(env: ["TOKEN": "right"]))
            try await cluster.apply(cluster.server("s", in: namespace, spec: spec))
            try await cluster.wait(for: ConditionType.programmed, .true, of: "s", in: namespace)
            _ = try await cluster.client.patch(
                .secret,
                name: "s-env",
                namespace: namespace,
                .merge(["data": ["TOKEN": "d3Jvbmc="]])
            )
            try await eventually("the content is corrected") {
                try await cluster.find(.secret, "s-env", in: namespace)?[path: ["data", "TOKEN"]] == "cmlnaHQ="
            }
        }
    }

    @Test("objects that are no longer rendered are pruned, and nothing else")
    func prune() async throws {
        try await withNamespace { cluster, namespace in
            let spec = MCPServerSpec(config: ServerConfiguration(env: ["A": "1"]), replicas: 2, suspend: true)
            try await cluster.apply(cluster.server("s", in: namespace, spec: spec))
            try await cluster.wait(for: ConditionType.programmed, .true, of: "s", in: namespace)
            #expect(try await cluster.find(.secret, "s-env", in: namespace) != nil)
            _ = try await cluster.client.create(
                .secret,
                [
                    "apiVersion": "v1", "kind": "Secret",
                    "metadata": [
                        "name": "by-hand", "namespace": .string(namespace),
                        "labels": ["moorage.dev/server": "s", "app.kubernetes.io/managed-by": "moorage"],
                    ],
                ]
            )
            try await cluster.apply(cluster.server("s", in: namespace, spec: MCPServerSpec(suspend: true)))
            try await eventually("the Secret is pruned") {
                try await cluster.find(.secret, "s-env", in: namespace) == nil
            }
            #expect(try await cluster.find(.secret, "by-hand", in: namespace) != nil)
        }
    }

    @Test("a name that is taken is reported, the object is not changed, and the server continues when the name is free")
    func foreignObject() async throws {
        try await withNamespace { cluster, namespace in
            let foreign: JSONValue = [
                "apiVersion": "v1", "kind": "Service",
                "metadata": ["name": "s", "namespace": .string(namespace)],
                "spec": ["ports": [["port": 81]], "selector": ["app": "other"]],
            ]
            let before = try await cluster.client.create(.service, foreign)
            try await cluster.apply(cluster.server("s", in: namespace, spec: MCPServerSpec(suspend: true)))
            let server = try await cluster.wait(
                for: ConditionType.programmed,
                .false,
                reason: .nameTaken,
                of: "s",
                in: namespace
            )
            #expect(
                server.status?.conditions?[type: ConditionType.programmed]?.message.contains("Service \"s\"") == true
            )
            let after = try await cluster.find(.service, "s", in: namespace)
            #expect(after?[path: ["metadata", "resourceVersion"]] == before[path: ["metadata", "resourceVersion"]])
            try await cluster.client.delete(.service, name: "s", namespace: namespace)
            try await cluster.wait(for: ConditionType.programmed, .true, of: "s", in: namespace)
        }
    }

    @Test("while a name stays taken, it is checked less and less often")
    func backsOff() async throws {
        // As the operator's clock is fast, so are the bookmarks by which it knows that its watches live.
        try await withSandbox(configure: { $0.bookmarkInterval = .milliseconds(200) }) { cluster, _ in
            let namespace = try await cluster.makeNamespace()
            let foreign: JSONValue = [
                "metadata": ["name": "s", "namespace": .string(namespace)], "spec": ["ports": [["port": 81]]],
            ]
            _ = try await cluster.client.create(.service, foreign)
            let attempts = Mutex<[ContinuousClock.Instant]>([])
            try await withOperator(
                cluster,
                options: OperatorOptions(clock: .scaled(by: 50)),
                before: { request in
                    if request.method == .post, request.path.hasSuffix("/services") {
                        attempts.withLock { $0.append(.now) }
                    }
                    return nil
                }
            ) { _ in
                try await cluster.apply(cluster.server("s", in: namespace, spec: MCPServerSpec(suspend: true)))
                try await eventually("a minute of the operator's clock passes between two attempts") {
                    let times = attempts.withLock { $0 }
                    return zip(times, times.dropFirst()).contains { $0.duration(to: $1) > .milliseconds(1_200) }
                }
            }
        }
    }

    @Test("a missing Secret is a refusal that names it, its creation resolves it, and a rotation restarts the pods")
    func references() async throws {
        try await withNamespace { cluster, namespace in
            let variable = EnvVar(
                name: "TOKEN",
                valueFrom: EnvVarSource(secretKeyRef: SecretKeySelector(name: "tokens", key: "token"))
            )
            try await cluster.apply(
                cluster.server("s", in: namespace, spec: MCPServerSpec(env: [variable], suspend: true))
            )
            let refused = try await cluster.wait(
                for: ConditionType.accepted,
                .false,
                reason: .referenceNotFound,
                of: "s",
                in: namespace
            )
            #expect(refused.status?.conditions?[type: ConditionType.accepted]?.message.contains("tokens") == true)
            #expect(try await cluster.find(.deployment, "s", in: namespace) == nil)
            let secret: JSONValue = [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "tokens", "namespace": .string(namespace)],
                "data": ["token": "b25l", "unread": "eA=="],
            ]
            _ = try await cluster.client.create(.secret, secret)
            try await cluster.wait(for: ConditionType.programmed, .true, of: "s", in: namespace)
            let template = ["spec", "template", "metadata", "annotations"]
            let before = try await cluster.find(.deployment, "s", in: namespace)?[path: template]
            _ = try await cluster.client.patch(
                .secret,
                name: "tokens",
                namespace: namespace,
                .merge(["data": ["token": "dHdv"]])
            )
            try await eventually("the pod template changes") {
                try await cluster.find(.deployment, "s", in: namespace)?[path: template] != before
            }
        }
    }

    @Test("a refused change does not affect the running server, and the next valid one is applied")
    func refusedUpdate() async throws {
        try await withNamespace { cluster, namespace in
            try await cluster.apply(cluster.server("s", in: namespace))
            try await cluster.wait(for: ConditionType.programmed, .true, of: "s", in: namespace)
            let before = try await cluster.find(.deployment, "s", in: namespace)?[path: ["spec", "template"]]
            try await cluster.apply(
                cluster.server("s", in: namespace, spec: MCPServerSpec(image: "registry.example/mcp/echo:latest"))
            )
            try await cluster.wait(for: ConditionType.accepted, .false, reason: .imageLatestTag, of: "s", in: namespace)
            #expect(try await cluster.find(.deployment, "s", in: namespace)?[path: ["spec", "template"]] == before)
            try await cluster.apply(cluster.server("s", in: namespace, spec: MCPServerSpec(args: ["--verbose"])))
            try await cluster.wait(for: ConditionType.accepted, .true, of: "s", in: namespace)
            try await eventually("the argument is there") {
                try await cluster.find(.deployment, "s", in: namespace)?[path: ["spec", "template"]] != before
            }
        }
    }

    @Test("a suspended server has no pods, also when its spec is refused")
    func suspend() async throws {
        try await withNamespace { cluster, namespace in
            try await cluster.apply(cluster.server("s", in: namespace))
            try await cluster.wait(for: ConditionType.programmed, .true, of: "s", in: namespace)
            let spec = MCPServerSpec(image: "registry.example/mcp/echo:latest", suspend: true)
            try await cluster.apply(cluster.server("s", in: namespace, spec: spec))
            try await eventually("it is scaled to no pods") {
                try await cluster.find(.deployment, "s", in: namespace)?[path: ["spec", "replicas"]] == 0
            }
        }
    }

    @Test("the autoscaler controls the replicas of an autoscaled server")
    func autoscaled() async throws {
        try await withNamespace { cluster, namespace in
            let scaling = Scaling(minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 80)
            try await cluster.apply(cluster.server("s", in: namespace, spec: MCPServerSpec(scaling: scaling)))
            try await cluster.wait(for: ConditionType.programmed, .true, of: "s", in: namespace)
            _ = try await cluster.client.patch(
                .deployment,
                name: "s",
                namespace: namespace,
                .merge(["spec": ["replicas": 3]])
            )
            try await cluster.apply(
                cluster.server("s", in: namespace, spec: MCPServerSpec(args: ["-v"], scaling: scaling))
            )
            try await eventually("the change is applied") {
                let deployment = try await cluster.find(.deployment, "s", in: namespace)
                let containers = deployment?[path: ["spec", "template", "spec", "containers"]]?.arrayValue
                return containers?.first?["args"] == ["-v"]
            }
            let deployment = try await cluster.find(.deployment, "s", in: namespace)
            #expect(deployment?[path: ["spec", "replicas"]] == 3)
        }
    }

    @Test("a server that becomes autoscaled keeps its pods until the autoscaler changes them")
    func handedOver() async throws {
        try await withNamespace { cluster, namespace in
            try await cluster.apply(cluster.server("s", in: namespace, spec: MCPServerSpec(replicas: 3)))
            try await cluster.wait(for: ConditionType.programmed, .true, of: "s", in: namespace)
            let scaling = Scaling(minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 80)
            try await cluster.apply(
                cluster.server("s", in: namespace, spec: MCPServerSpec(args: ["-v"], scaling: scaling))
            )
            try await eventually("there is an autoscaler") {
                try await cluster.find(.horizontalPodAutoscaler, "s", in: namespace) != nil
            }
            let deployment = try await cluster.find(.deployment, "s", in: namespace)
            #expect(deployment?[path: ["spec", "replicas"]] == 3)
            let containers = deployment?[path: ["spec", "template", "spec", "containers"]]?.arrayValue
            #expect(containers?.first?["args"] == ["-v"])
            // Only the autoscaler changes the number: it is not set back.
            _ = try await cluster.client.patch(
                .deployment,
                name: "s",
                namespace: namespace,
                .merge(["spec": ["replicas": 4]])
            )
            try await cluster.apply(
                cluster.server("s", in: namespace, spec: MCPServerSpec(args: ["-w"], scaling: scaling))
            )
            try await eventually("the change is applied") {
                let deployment = try await cluster.find(.deployment, "s", in: namespace)
                let containers = deployment?[path: ["spec", "template", "spec", "containers"]]?.arrayValue
                return containers?.first?["args"] == ["-w"]
            }
            let scaled = try await cluster.find(.deployment, "s", in: namespace)
            #expect(scaled?[path: ["spec", "replicas"]] == 4)
        }
    }
}
