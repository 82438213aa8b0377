import AsyncHTTPClient
import Foundation
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import NIOCore
import SandboxCluster
import Synchronization
import TestSupport
import Testing

/// Containers that run as processes of this machine.
@Suite("Processes of the sandbox", .serialized)
struct ProcessTests {
    /// An HTTP server on PORT. `/pid` answers with its id, `/env/NAME` with a variable, `/broken` makes `/healthz` fail, `/exit`
    /// ends it, and `/stream` writes a line and then waits.
    private static let program = """
        import http.server, os, signal, sys, time
        if os.environ.get("STUBBORN"): signal.signal(signal.SIGTERM, signal.SIG_IGN)
        health = 200
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                global health
                status, text = 200, "ok"
                if self.path == "/healthz": status = health
                elif self.path == "/pid": text = str(os.getpid())
                elif self.path == "/broken": health = 503
                elif self.path == "/exit": os._exit(7)
                elif self.path.startswith("/env/"): text = os.environ.get(self.path[5:], "unset")
                elif self.path == "/headers": text = ",".join(sorted(name.lower() for name in self.headers))
                elif self.path == "/stream":
                    self.send_response(200); self.send_header("Connection", "close"); self.end_headers()
                    self.wfile.write(b"first\\n"); self.wfile.flush(); time.sleep(60); return
                else: text = self.path
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())
            def log_message(self, *arguments): print("asked", self.path, file=sys.stderr, flush=True)
        print("listening on", os.environ["PORT"], flush=True)
        http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
        """

    private static func pod(_ name: String, _ changes: JSONValue = [:]) -> JSONValue {
        var container: JSONValue = [
            "name": "mcp", "image": "registry.example/x:1", "command": ["python3", "-u", "-c", .string(program)],
            "ports": [["name": "http", "containerPort": 8123]],
            "readinessProbe": [
                "httpGet": ["path": "/healthz", "port": "http"], "periodSeconds": 1, "failureThreshold": 1,
            ],
        ]
        for (key, value) in changes.objectValue ?? [:] { container[key] = value }
        return [
            "metadata": ["name": .string(name), "labels": ["app": .string(name)]],
            "spec": ["containers": [container], "terminationGracePeriodSeconds": 2],
        ]
    }

    private static func settings(_ configuration: inout SandboxConfiguration) {
        configuration.processes = SandboxProcesses(
            environment: SandboxProcesses.inheritable(ProcessInfo.processInfo.environment)
        )
    }

    private static let pods = "/api/v1/namespaces/default/pods"

    private static func run(_ body: @Sendable @escaping (SandboxHarness) async throws -> Void) async throws {
        var configuration = SandboxConfiguration()
        settings(&configuration)
        try await withSandbox(configuration, body)
    }

    /// The state of the container of a pod.
    private static func status(_ name: String, _ harness: SandboxHarness) async throws -> JSONValue {
        try await harness.call(.get, "\(pods)/\(name)").value[path: ["status", "containerStatuses"]]?.arrayValue?.first
            ?? .null
    }

    private static func create(_ pod: JSONValue, _ harness: SandboxHarness, waits: Bool = true) async throws {
        let name = pod[path: ["metadata", "name"]]?.stringValue ?? ""
        #expect(try await harness.call(.post, pods, pod).code == 201)
        guard waits else { return }
        try await harness.eventually("\(name) is ready") { try await status(name, harness)["ready"]?.boolValue == true }
    }

    private static func text(
        _ name: String,
        _ path: String,
        query: [APIRequest.QueryItem] = [],
        _ harness: SandboxHarness
    ) async throws -> String {
        try await body(APIRequest(path: "\(pods)/\(name):http/proxy\(path)", query: query), harness)
    }

    /// What the container of a pod wrote in the run before.
    private static func previousLog(_ name: String, _ harness: SandboxHarness) async throws -> String {
        try await body(APIRequest(path: "\(pods)/\(name)/log", query: [.init("previous", "true")]), harness)
    }

    private static func body(_ request: APIRequest, _ harness: SandboxHarness) async throws -> String {
        let response = try await harness.transport.execute(request)
        return String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self)
    }

    private static func isAlive(_ process: Int32) -> Bool { kill(process, 0) == 0 }

    @Test("a pod is ready when its server answers, is reached through the proxy, and unready when its probe fails")
    func life() async throws {
        try await Self.run { harness in
            try await Self.create(Self.pod("web"), harness)
            // Escapes reach the pod as they are.
            let echoed = try await Self.text("web", "/a b", query: [.init("c", "d&e")], harness)
            #expect(echoed == "/a%20b?c=d%26e")
            // Credentials for the API server are not for the pod.
            #expect(try await !Self.text("web", "/headers", harness).contains("authorization"))
            _ = try await Self.text("web", "/broken", harness)
            try await harness.eventually("it is unready") {
                try await Self.status("web", harness)["ready"]?.boolValue == false
            }
        }
    }

    @Test("a process ends with its pod, and one that ignores SIGTERM is killed after the grace period")
    func ends() async throws {
        try await Self.run { harness in
            try await Self.create(Self.pod("web", ["env": [["name": "STUBBORN", "value": "1"]]]), harness)
            let process = try #require(Int32(try await Self.text("web", "/pid", harness)))
            #expect(Self.isAlive(process))
            let begin = ContinuousClock.now
            #expect(try await harness.call(.delete, "\(Self.pods)/web").code == 200)
            // Until then, the pod is terminating.
            try await harness.eventually("the pod is gone") {
                try await harness.call(.get, "\(Self.pods)/web").code == 404
            }
            #expect(!Self.isAlive(process))
            #expect(ContinuousClock.now - begin >= .seconds(2))
        }
    }

    @Test("no process survives the sandbox")
    func noOrphans() async throws {
        let processes = LockedNumbers()
        try await Self.run { harness in
            for name in ["one", "two"] {
                // Both want the same port, and get one each.
                try await Self.create(Self.pod(name, ["env": [["name": "STUBBORN", "value": "1"]]]), harness)
                processes.add(try #require(Int32(try await Self.text(name, "/pid", harness))))
            }
        }
        #expect(processes.all.count == 2)
        for process in processes.all { #expect(!Self.isAlive(process)) }
    }

    @Test("pods that start at the same time and want the same port get one each")
    func ports() async throws {
        try await Self.run { harness in
            let names = (0..<5).map { "web-\($0)" }
            for name in names { try await Self.create(Self.pod(name), harness, waits: false) }
            var processes: Set<String> = []
            for name in names {
                try await harness.eventually("\(name) is ready") {
                    try await Self.status(name, harness)["ready"]?.boolValue == true
                }
                processes.insert(try await Self.text(name, "/pid", harness))
                #expect(try await Self.status(name, harness)["restartCount"] == 0)
            }
            #expect(processes.count == 5)
        }
    }

    @Test("a container that ends is started again, with its exit status and the output of the run before")
    func restarts() async throws {
        try await Self.run { harness in
            try await Self.create(Self.pod("web"), harness)
            _ = try? await Self.text("web", "/exit", harness)
            try await harness.eventually("it runs again") {
                let status = try await Self.status("web", harness)
                return status["restartCount"]?.integerValue == 1 && status["ready"]?.boolValue == true
            }
            let last = try await Self.status("web", harness)[path: ["lastState", "terminated"]]
            #expect(last?["exitCode"]?.integerValue == 7)
            #expect(try await Self.previousLog("web", harness).contains("asked /healthz"))
        }
    }

    @Test(
        "the output of a container that ended is that of the run before, while it waits for its next run and after it"
    )
    func logOfCrash() async throws {
        try await Self.run { harness in
            let pod = Self.pod("web", ["command": ["sh", "-c", "echo no config; exit 3"]])
            try await Self.create(pod, harness, waits: false)
            for restarts in [1, 2] as [Int64] {
                try await harness.eventually("it has ended \(restarts) times") {
                    try await Self.status("web", harness)["restartCount"]?.integerValue ?? 0 >= restarts
                }
                #expect(try await Self.previousLog("web", harness) == "no config\n")
            }
        }
    }

    @Test("a command that does not exist is reported in the pod's status")
    func missingCommand() async throws {
        try await Self.run { harness in
            try await Self.create(Self.pod("web", ["command": ["no-such-command"]]), harness, waits: false)
            try await harness.eventually("the reason is reported") {
                let waiting = try await Self.status("web", harness)[path: ["state", "waiting"]]
                return waiting?["reason"] == "RunContainerError"
                    && waiting?["message"]?.stringValue?.contains("exec: \"no-such-command\"") == true
            }
            #expect(try await harness.call(.get, "\(Self.pods)/web").value[path: ["status", "phase"]] == "Pending")
        }
    }

    @Test(
        "variables come from Secrets, ConfigMaps and fields; a missing key is reported, and the pod starts once it is there"
    )
    func variables() async throws {
        try await Self.run { harness in
            try await harness.call(
                .post,
                "/api/v1/namespaces/default/secrets",
                ["metadata": ["name": "s"], "stringData": ["token": "hush"]]
            )
            try await harness.call(
                .post,
                "/api/v1/namespaces/default/configmaps",
                ["metadata": ["name": "c"], "data": ["COLOR": "red"]]
            )
            let environment: JSONValue = [
                "env": [
                    ["name": "TOKEN", "valueFrom": ["secretKeyRef": ["name": "s", "key": "token"]]],
                    ["name": "WHERE", "valueFrom": ["fieldRef": ["fieldPath": "metadata.namespace"]]],
                    ["name": "BOTH", "value": "$(WHERE)/$(TOKEN)"],
                    ["name": "LATE", "valueFrom": ["configMapKeyRef": ["name": "c", "key": "late"]]],
                ],
                "envFrom": [["prefix": "P_", "configMapRef": ["name": "c"]]],
            ]
            try await Self.create(Self.pod("web", environment), harness, waits: false)
            try await harness.eventually("the missing key is reported") {
                let waiting = try await Self.status("web", harness)[path: ["state", "waiting"]]
                return waiting?["reason"] == "CreateContainerConfigError"
                    && waiting?["message"] == "couldn't find key late in ConfigMap default/c"
            }
            try await harness.call(
                .patch,
                "/api/v1/namespaces/default/configmaps/c",
                ["data": ["late": "now"]],
                contentType: "application/merge-patch+json"
            )
            try await harness.eventually("it is ready") {
                try await Self.status("web", harness)["ready"]?.boolValue == true
            }
            for (name, value) in [
                ("TOKEN", "hush"), ("WHERE", "default"), ("BOTH", "default/hush"), ("LATE", "now"), ("P_COLOR", "red"),
                ("XDG_RUNTIME_DIR", "unset"),
            ] {
                #expect(try await Self.text("web", "/env/\(name)", harness) == value)
            }
        }
    }

    @Test("whoever is not authenticated cannot create pods, and so run commands")
    func anonymous() async throws {
        try await Self.run { harness in
            let kubeconfig = try Kubeconfig(
                text: try await harness.sandbox.kubeconfig(),
                directory: nil,
                file: "kubeconfig"
            )
            var configuration = try kubeconfig.configuration()
            configuration.credentials = .none
            let transport = try HTTPTransport(configuration)
            let stranger = SandboxHarness(sandbox: harness.sandbox, transport: transport)
            let code = try await stranger.call(.post, Self.pods, Self.pod("web")).code
            try await transport.shutdown()
            #expect(code == 403)
        }
    }

    // MARK: - kubectl

    @Test("kubectl logs shows, follows and limits the output, and get --raw reaches the server")
    func kubectl() async throws {
        try await Kubectl.run {
            Self.settings(&$0)
        } _: { kubectl, harness in
            try await Self.create(Self.pod("web"), harness)
            try await harness.call(
                .post,
                "/api/v1/namespaces/default/services",
                [
                    "metadata": ["name": "web"],
                    "spec": ["selector": ["app": "web"], "ports": [["port": 80, "targetPort": "http"]]],
                ]
            )
            #expect(
                try await kubectl("get", "--raw", "/api/v1/namespaces/default/services/web:80/proxy/hello") == "/hello"
            )
            #expect(try await kubectl("get", "--raw", "/api/v1/namespaces/default/pods/web:8123/proxy/x") == "/x")
            let log = try await kubectl("logs", "web")
            #expect(log.hasPrefix("listening on "))
            #expect(log.contains("asked /hello\n"))
            #expect(try await kubectl("logs", "web", "-c", "mcp", "--tail", "1").split(separator: "\n").count == 1)
            #expect(try await kubectl("logs", "web", "--timestamps").hasPrefix("20"))
            #expect(try await kubectl("logs", "web", "--since", "1h").contains("listening"))
            let previous = try await kubectl.attempt(["logs", "web", "--previous"])
            #expect(previous.status == 1)
            #expect(previous.error.contains("previous terminated container \"mcp\" in pod \"web\" not found"))
            let wrong = try await kubectl.attempt(["logs", "web", "-c", "other"])
            #expect(wrong.error.contains("container other is not valid for pod web"))
            // It follows until the container ends.
            async let followed = kubectl("logs", "-f", "web")
            try await harness.eventually("kubectl follows") {
                harness.sandbox.requests.contains { $0.subresource == "log" && $0.path.hasSuffix("/web/log") }
            }
            _ = try await Self.text("web", "/during", harness)
            _ = try? await Self.text("web", "/exit", harness)
            #expect(try await followed.contains("asked /during\n"))
        }
    }

    @Test("a pod without restarts succeeds or fails with its process, as kubectl run shows")
    func runOnce() async throws {
        try await Kubectl.run {
            Self.settings(&$0)
        } _: { kubectl, harness in
            for (name, status, phase) in [("good", "0", "Succeeded"), ("bad", "3", "Failed")] {
                try await kubectl(
                    "run",
                    name,
                    "--image=registry.example/x:1",
                    "--restart=Never",
                    "--command",
                    "--",
                    "python3",
                    "-c",
                    "import sys; print('hello from \(name)'); sys.exit(\(status))"
                )
                try await kubectl("wait", "--for=jsonpath={.status.phase}=\(phase)", "pod/\(name)", "--timeout=60s")
                #expect(try await kubectl("logs", name) == "hello from \(name)\n")
            }
        }
    }

    @Test("a port of this machine leads to a Service, before and after a rollout")
    func servicePort() async throws {
        try await Self.run { harness in
            try await harness.call(
                .post,
                "/api/v1/namespaces/default/services",
                [
                    "metadata": ["name": "web"],
                    "spec": ["selector": ["app": "web"], "ports": [["port": 80, "targetPort": "http"]]],
                ]
            )
            let port = try await harness.sandbox.open(service: "web", namespace: "default")
            func get(_ path: String) async -> String? {
                let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
                guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(10)),
                    let body = try? await response.body.collect(upTo: 1 << 20)
                else { return nil }
                return String(buffer: body)
            }
            #expect(await get("/pid") == nil)
            try await Self.create(Self.pod("web"), harness)
            let first = await get("/pid")
            #expect(first != nil)
            #expect(try await harness.call(.delete, "\(Self.pods)/web").code == 200)
            try await harness.eventually("the pod is gone") {
                try await harness.call(.get, "\(Self.pods)/web").code == 404
            }
            try await Self.create(Self.pod("web"), harness)
            let second = await get("/pid")
            #expect(second != nil && second != first)
        }
    }
}

/// Numbers that closures collect.
final class LockedNumbers: Sendable {
    private let numbers = Mutex<[Int32]>([])

    func add(_ number: Int32) { numbers.withLock { $0.append(number) } }
    var all: [Int32] { numbers.withLock { $0 } }
}
