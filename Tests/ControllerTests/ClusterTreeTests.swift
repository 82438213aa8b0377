import ClusterTool
import KubernetesAPI
import Testing

@testable import CommandSupport
@testable import Controller

@Suite("The tree that the sandbox prints")
struct ClusterTreeTests {
    static func object(
        _ kind: String,
        _ name: String,
        namespace: String? = "mcp-acme",
        owner: String? = nil,
        labels: [String: JSONValue] = ["app.kubernetes.io/managed-by": "moorage"],
        status: JSONValue? = nil
    ) -> JSONValue {
        var value: JSONValue = [
            "kind": .string(kind),
            "metadata": ["name": .string(name), "uid": .string("\(kind)/\(name)"), "labels": .object(labels)],
        ]
        value[path: ["metadata", "namespace"]] = namespace.map { .string($0) }
        if let owner { value[path: ["metadata", "ownerReferences"]] = [["uid": .string(owner)]] }
        value["status"] = status
        return value
    }

    static func ready(_ status: String, reason: String, message: String) -> JSONValue {
        [
            "conditions": [
                [
                    "type": "Ready", "status": .string(status), "reason": .string(reason),
                    "message": .string(message),
                ]
            ]
        ]
    }

    let plain = Console(write: { _, _ in }, hasColours: false)

    @Test("tenants contain namespaces, namespaces contain servers, servers contain what they own")
    func whole() {
        let objects = [
            Self.object(
                "MCPTenant",
                "acme",
                namespace: nil,
                labels: [:],
                status: ["namespace": "mcp-acme"]
            ),
            Self.object("Namespace", "mcp-acme", namespace: nil, status: ["phase": "Active"]),
            Self.object("NetworkPolicy", "moorage-default-deny"),
            Self.object(
                "MCPServer",
                "hello",
                labels: [:],
                status: Self.ready("True", reason: "Available", message: "1 of 1 pods is ready")
            ),
            Self.object(
                "Deployment",
                "hello",
                owner: "MCPServer/hello",
                labels: ["app.kubernetes.io/managed-by": "moorage", "moorage.dev/server": "hello"],
                status: ["readyReplicas": 1]
            ),
            Self.object(
                "Pod",
                "hello-1",
                owner: "Deployment/hello",
                labels: ["moorage.dev/server": "hello"],
                status: ["phase": "Running"]
            ),
            Self.object("ConfigMap", "kube-root-ca.crt", labels: [:]),
        ]
        let text = ClusterTree(objects: objects).trees().map { $0.rendered(console: plain) }.joined()
        #expect(
            text == """
                MCPTenant acme
                └── Namespace mcp-acme  Active
                    ├── NetworkPolicy moorage-default-deny
                    └── MCPServer hello  Ready
                        │   Ready=True Available: 1 of 1 pods is ready
                        └── Deployment hello  1/1 ready
                            └── Pod hello-1  Running

                """
        )
    }

    @Test("a namespace without a tenant is a separate tree, and servers that are not ready show the reason")
    func unclaimed() {
        let server = Self.object(
            "MCPServer",
            "hello",
            namespace: "default",
            status: Self.ready("False", reason: "ImageNotPinned", message: "pin it")
        )
        let text = ClusterTree(objects: [server]).trees().map { $0.rendered(console: plain) }.joined()
        #expect(
            text == """
                Namespace default
                └── MCPServer hello  not ready: ImageNotPinned
                        Ready=False ImageNotPinned: pin it

                """
        )
    }

    @Test("circular owner references do not cause an endless loop")
    func circle() {
        let first = Self.object("Deployment", "a", owner: "Pod/b")
        let second = Self.object("Pod", "b", owner: "Deployment/a")
        let server = Self.object("MCPServer", "s", labels: [:])
        var owned = first
        owned[path: ["metadata", "ownerReferences"]] = [["uid": "Pod/b"], ["uid": "MCPServer/s"]]
        let text = ClusterTree(objects: [server, owned, second]).trees().map { $0.rendered(console: plain) }.joined()
        #expect(text.contains("Deployment a"))
    }

    @Test("colors are only used on terminals")
    func colours() {
        let node = TreeNode("Pod a", summary: "Running", state: .good)
        #expect(node.rendered(console: plain) == "Pod a  Running\n")
        let coloured = node.rendered(console: Console(write: { _, _ in }, hasColours: true))
        #expect(coloured == "\u{1B}[1mPod a\u{1B}[0m  \u{1B}[32mRunning\u{1B}[0m\n")
    }
}

@Suite("Waiting for servers to be ready")
struct ReadinessWaitTests {
    let start = ContinuousClock.now

    static func server(
        _ conditions: [(String, String)],
        reason: String = "Because",
        generation: Int64 = 1,
        observed: Int64 = 1
    ) -> JSONValue {
        [
            "metadata": ["name": "hello", "namespace": "default", "generation": .integer(generation)],
            "status": [
                "conditions": .array(
                    conditions.map {
                        [
                            "type": .string($0.0), "status": .string($0.1), "reason": .string(reason),
                            "message": "of this",
                            "observedGeneration": .integer(observed),
                        ]
                    }
                )
            ],
        ]
    }

    @Test("it ends when every server is ready for its current spec")
    func ready() {
        var wait = ReadinessWait(deadline: start.advanced(by: .seconds(60)))
        #expect(wait.look(at: [], now: start) == .ready)
        #expect(wait.look(at: [Self.server([("Ready", "True")])], now: start) == .ready)
        let stale = Self.server([("Ready", "True")], generation: 2, observed: 1)
        #expect(wait.look(at: [stale], now: start) == .wait(until: start.advanced(by: .seconds(60))))
    }

    @Test("stalled servers end it after a short delay, with their reasons")
    func stalled() {
        var wait = ReadinessWait(deadline: start.advanced(by: .seconds(60)), patience: .seconds(3))
        let servers = [
            Self.server([("Ready", "True")]),
            Self.server([("Accepted", "False"), ("Stalled", "True"), ("Ready", "False")]),
        ]
        #expect(wait.look(at: servers, now: start) == .wait(until: start.advanced(by: .seconds(3))))
        #expect(
            wait.look(at: servers, now: start.advanced(by: .seconds(3)))
                == .failed(["MCPServer default/hello: Because: of this"])
        )
    }

    @Test("a refused server also ends it, because nothing that it waits for will be applied")
    func refused() {
        var wait = ReadinessWait(deadline: start.advanced(by: .seconds(60)), patience: .seconds(3))
        let servers = [Self.server([("Accepted", "False"), ("Reconciling", "True")])]
        #expect(wait.look(at: servers, now: start) == .wait(until: start.advanced(by: .seconds(3))))
        #expect(
            wait.look(at: servers, now: start.advanced(by: .seconds(3)))
                == .failed(["MCPServer default/hello: Because: of this"])
        )
    }

    @Test("pods that cannot run end it after a longer delay, unless they run after all")
    func pods() {
        let crashing = [Self.server([("Ready", "False")], reason: "ContainerCrashing")]
        let starting = [Self.server([("Ready", "False")], reason: "RollingOut")]
        func at(_ seconds: Int) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }
        var wait = ReadinessWait(deadline: at(60), patience: .seconds(3), podPatience: .seconds(10))
        #expect(wait.look(at: starting, now: at(0)) == .wait(until: at(60)))
        #expect(wait.look(at: crashing, now: at(5)) == .wait(until: at(15)))
        #expect(wait.look(at: starting, now: at(14)) == .wait(until: at(60)))
        #expect(wait.look(at: crashing, now: at(20)) == .wait(until: at(30)))
        #expect(
            wait.look(at: crashing, now: at(30)) == .failed(["MCPServer default/hello: ContainerCrashing: of this"])
        )
    }

    @Test("a server whose entry point is being read does not end it")
    func pending() {
        var wait = ReadinessWait(deadline: start.advanced(by: .seconds(60)), patience: .seconds(3))
        var server = Self.server([("Accepted", "False")])
        var condition = server[path: ["status", "conditions"]]?.arrayValue?.first ?? [:]
        condition["reason"] = "EntryPointPending"
        server[path: ["status", "conditions"]] = [condition]
        #expect(wait.look(at: [server], now: start) == .wait(until: start.advanced(by: .seconds(60))))
    }

    @Test("a server that makes progress again restarts the delay")
    func recovers() {
        var wait = ReadinessWait(deadline: start.advanced(by: .seconds(60)), patience: .seconds(3))
        let stalled = [Self.server([("Stalled", "True")])]
        _ = wait.look(at: stalled, now: start)
        _ = wait.look(at: [Self.server([("Reconciling", "True")])], now: start.advanced(by: .seconds(2)))
        #expect(
            wait.look(at: stalled, now: start.advanced(by: .seconds(4)))
                == .wait(until: start.advanced(by: .seconds(7)))
        )
    }

    @Test("the deadline ends it")
    func deadline() {
        var wait = ReadinessWait(deadline: start.advanced(by: .seconds(60)))
        let verdict = wait.look(at: [Self.server([])], now: start.advanced(by: .seconds(60)))
        #expect(verdict == .failed(["MCPServer default/hello: not reconciled yet"]))
    }
}
