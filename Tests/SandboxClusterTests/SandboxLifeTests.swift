import HTTPTypes
import KubernetesAPI
import KubernetesClient
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import SandboxCluster

@Suite("The sandbox")
struct SandboxLifeTests {
    private static let maps = "/api/v1/namespaces/default/configmaps"
    private static let deployments = "/apis/apps/v1/namespaces/default/deployments"

    private static let pods = ResourceType(group: "", version: "v1", kind: "Pod", plural: "pods", isNamespaced: true)

    private static func deployment(image: String = "registry.example.com/web:1") -> JSONValue {
        [
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
            "spec": [
                "replicas": 2, "selector": ["matchLabels": ["app": "web"]],
                "template": [
                    "metadata": ["labels": ["app": "web"]],
                    "spec": ["containers": [["name": "main", "image": .string(image)]]],
                ],
            ],
        ]
    }

    @Test("the sandbox listens on a port that the kernel chose, and records requests")
    func answers() async throws {
        try await withSandbox { harness in
            let (code, version) = try await harness.call(.get, "/version")
            #expect(code == 200)
            #expect(version["minor"] == "36")
            #expect(harness.sandbox.requests.map(\.path) == ["/version"])
        }
    }

    @Test("without simulated controllers, objects are only stored")
    func storesOnly() async throws {
        var configuration = SandboxConfiguration()
        configuration.simulatesControllers = false
        try await withSandbox(configuration) { harness in
            #expect(try await harness.call(.post, Self.deployments, Self.deployment()).code == 201)
            try await harness.eventually("the changes are discarded") {
                harness.sandbox.with { !$0.hasControllerWork }
            }
            for path in ["/apis/apps/v1/replicasets", "/api/v1/pods", "/api/v1/serviceaccounts"] {
                #expect(try await harness.call(.get, path).value["items"] == [], "\(path)")
            }
        }
    }

    @Test("a write that changes nothing gets no new revision, and is recorded as such")
    func noChange() async throws {
        try await withSandbox { harness in
            let object: JSONValue = [
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"], "data": ["k": "v"],
            ]
            let path = "\(Self.maps)/a"
            let query = ["fieldManager": "one"]
            let first = try await harness.call(
                .patch,
                path,
                object,
                query: query,
                contentType: "application/apply-patch+yaml"
            )
            let second = try await harness.call(
                .patch,
                path,
                object,
                query: query,
                contentType: "application/apply-patch+yaml"
            )
            #expect(first.code == 201)
            #expect(second.code == 200)
            #expect(first.value == second.value)
            #expect(harness.sandbox.requests.map(\.changed) == [true, false])
        }
    }

    @Test("a dry run changes nothing")
    func dryRun() async throws {
        try await withSandbox { harness in
            let before = harness.sandbox.revision
            let result = try await harness.call(.post, Self.maps, ["metadata": ["name": "a"]], query: ["dryRun": "All"])
            #expect(result.code == 201)
            #expect(try await harness.call(.get, "\(Self.maps)/a").code == 404)
            #expect(harness.sandbox.requests.allSatisfy { !$0.changed })
            #expect(harness.sandbox.revision >= before)
        }
    }

    @Test("a Deployment becomes available, and its pods are deleted with it")
    func deployment() async throws {
        try await withSandbox { harness in
            #expect(try await harness.call(.post, Self.deployments, Self.deployment()).code == 201)
            try await harness.eventually("two replicas are ready") {
                let (_, value) = try await harness.call(.get, "\(Self.deployments)/web")
                return value[path: ["status", "readyReplicas"]] == 2
            }
            #expect(harness.sandbox.objects(Self.pods, namespace: "default").count == 2)
            #expect(try await harness.call(.delete, "\(Self.deployments)/web").code == 200)
            try await harness.eventually("the pods are gone") {
                harness.sandbox.objects(Self.pods, namespace: "default").isEmpty
            }
        }
    }

    @Test("the endpoints of a Service are its ready pods")
    func endpoints() async throws {
        try await withSandbox { harness in
            let slices = ResourceType(
                group: "discovery.k8s.io",
                version: "v1",
                kind: "EndpointSlice",
                plural: "endpointslices",
                isNamespaced: true
            )
            let service: JSONValue = [
                "metadata": ["name": "web"], "spec": ["selector": ["app": "web"], "ports": [["port": 80]]],
            ]
            try await harness.call(.post, "/api/v1/namespaces/default/services", service)
            try await harness.call(.post, Self.deployments, Self.deployment())
            for replicas in [2, 1, 0] {
                let code = try await harness.call(
                    .patch,
                    "\(Self.deployments)/web",
                    ["spec": ["replicas": .integer(Int64(replicas))]],
                    contentType: "application/merge-patch+json"
                ).code
                #expect(code == 200)
                try await harness.eventually("\(replicas) endpoints") {
                    let found = harness.sandbox.objects(slices, namespace: "default")
                    return found.count == 1 && (found[0]["endpoints"]?.arrayValue ?? []).count == replicas
                }
            }
        }
    }

    @Test("a pod whose image cannot be pulled never becomes ready")
    func imagePull() async throws {
        try await withSandbox { harness in
            let object = Self.deployment(image: "registry.example.com/imagepullbackoff:1")
            #expect(try await harness.call(.post, Self.deployments, object).code == 201)
            try await harness.eventually("the pods say why") {
                let pods = harness.sandbox.objects(Self.pods, namespace: "default")
                return pods.count == 2
                    && pods.allSatisfy { pod in
                        let status = pod[path: ["status", "containerStatuses"]]?.arrayValue?.first
                        return status?[path: ["state", "waiting", "reason"]] == "ImagePullBackOff"
                    }
            }
        }
    }

    @Test("a deleted namespace is emptied, then removed")
    func namespace() async throws {
        try await withSandbox { harness in
            try await harness.call(.post, "/api/v1/namespaces", ["metadata": ["name": "gone"]])
            try await harness.call(.post, "/api/v1/namespaces/gone/configmaps", ["metadata": ["name": "a"]])
            #expect(try await harness.call(.delete, "/api/v1/namespaces/gone").code == 200)
            try await harness.eventually("the namespace is gone") {
                try await harness.call(.get, "/api/v1/namespaces/gone").code == 404
            }
            #expect(try await harness.call(.get, "/api/v1/namespaces/gone/configmaps/a").code == 404)
        }
    }

    @Test("a fault affects the given number of requests, which have no effect")
    func faults() async throws {
        try await withSandbox { harness in
            let id = harness.sandbox.inject(
                Fault(Fault.tooManyRequests(retryAfterSeconds: 3), verbs: ["create"], resource: "configmaps", count: 1)
            )
            let refused = try await harness.call(.post, Self.maps, ["metadata": ["name": "a"]])
            #expect(refused.code == 429)
            #expect(refused.value[path: ["details", "retryAfterSeconds"]] == 3)
            #expect(try await harness.call(.get, "\(Self.maps)/a").code == 404)
            #expect(try await harness.call(.post, Self.maps, ["metadata": ["name": "a"]]).code == 201)
            #expect(harness.sandbox.remove(fault: id) == 1)
        }
    }

    @Test("watches and lists of compacted history are rejected with 410")
    func compaction() async throws {
        try await withSandbox { harness in
            let (_, list) = try await harness.call(.get, Self.maps)
            let version = list[path: ["metadata", "resourceVersion"]]?.stringValue ?? ""
            try await harness.call(.post, Self.maps, ["metadata": ["name": "a"]])
            harness.sandbox.restart(losingHistory: true)
            let answer = try await harness.call(.get, Self.maps, query: ["watch": "true", "resourceVersion": version])
            #expect(answer.code == 410)
            #expect(answer.value["reason"] == "Expired")
        }
    }

    @Test("a watch from a revision sends the changes since, and ends at its timeout")
    func watch() async throws {
        try await withSandbox { harness in
            let (_, list) = try await harness.call(.get, Self.maps)
            let version = list[path: ["metadata", "resourceVersion"]]?.stringValue ?? ""
            try await harness.call(.post, Self.maps, ["metadata": ["name": "a"]])
            try await harness.call(.delete, "\(Self.maps)/a")
            let response = try await harness.transport.execute(
                APIRequest(
                    path: Self.maps,
                    query: [
                        APIRequest.QueryItem("watch", "true"), APIRequest.QueryItem("resourceVersion", version),
                        APIRequest.QueryItem("timeoutSeconds", "1"),
                        APIRequest.QueryItem("fieldSelector", "metadata.name=a"),
                    ]
                )
            )
            let bytes = try await response.body.collect(upTo: 1 << 20)
            let types = try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: $0)["type"] }
            #expect(types == ["ADDED", "DELETED"])
        }
    }

    @Test(
        "a connection without a request does not keep it from ending",
        .timeLimit(.minutes(1)),
        arguments: [false, true]
    )
    func silentConnection(isHalfClosed: Bool) async throws {
        let sandbox = SandboxCluster(configuration: SandboxConfiguration(), logger: quietLogger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sandbox.run() }
            let port = try #require(try await sandbox.url().split(separator: ":").last.flatMap { Int($0) })
            let client = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .connect(host: "127.0.0.1", port: port).get()
            if isHalfClosed { try await client.close(mode: .output) }
            try await Task.sleep(for: .milliseconds(100))
            group.cancelAll()
            try? await group.waitForAll()
            try? await client.close()
        }
    }
}
