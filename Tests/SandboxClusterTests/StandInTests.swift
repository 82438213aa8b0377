import HTTPTypes
import KubernetesAPI
import KubernetesClient
import MCPProtocol
import MCPTransport
import TestSupport
import Testing

@testable import SandboxCluster

/// The MCP servers that stand in for containers.
@Suite("Stand-ins for MCP servers")
struct StandInTests {
    private static let pods = "/api/v1/namespaces/default/pods"

    private static func create(_ name: String, _ harness: SandboxHarness) async throws {
        let contract = #"{"name": "weather", "tools": [{"name": "forecast"}, {"name": "history"}]}"#
        try await harness.call(
            .post,
            pods,
            [
                "metadata": [
                    "name": .string(name), "labels": ["app": .string(name)],
                    "annotations": [StandInContract.annotation: .string(contract)],
                ],
                "spec": [
                    "containers": [
                        [
                            "name": "mcp", "image": "registry.example/x:1",
                            "ports": [["name": "http", "containerPort": 8080]],
                        ]
                    ]
                ],
            ]
        )
        try await harness.call(
            .post,
            "/api/v1/namespaces/default/services",
            [
                "metadata": ["name": .string(name)],
                "spec": ["selector": ["app": .string(name)], "ports": [["port": 80, "targetPort": "http"]]],
            ]
        )
        try await harness.eventually("the pod is ready") {
            try await harness.call(.get, "\(pods)/\(name)").value[path: ["status", "phase"]] == "Running"
        }
    }

    private static func tools(_ endpoint: MCPEndpoint) async throws -> (ServerReading, [String]) {
        let reading = try await ContractReader().read(endpoint)
        return (reading, reading.contract.items.map(\.identity))
    }

    @Test("a client reads the contract over Streamable HTTP and over HTTP+SSE")
    func transports() async throws {
        try await withSandbox(SandboxConfiguration()) { harness in
            try await Self.create("weather", harness)
            let port = try await harness.sandbox.open(service: "weather", namespace: "default")
            let (modern, tools) = try await Self.tools(.streamableHTTP("http://127.0.0.1:\(port)/mcp"))
            #expect(modern.agreement.transport == .streamableHTTP)
            #expect(tools == ["forecast", "history"])
            let (old, oldTools) = try await Self.tools(.httpSSE("http://127.0.0.1:\(port)/sse"))
            #expect(old.agreement.transport == .httpSSE)
            #expect(oldTools == tools)
            // The stream also works through the API's proxy, whose path is in front.
            let url = "\(try await harness.sandbox.url())\(Self.pods)/weather:8080/proxy/sse"
            #expect(try await Self.tools(.httpSSE(url)).1 == tools)
        }
    }

    @Test("a call is answered over HTTP+SSE")
    func call() async throws {
        try await withSandbox(SandboxConfiguration()) { harness in
            try await Self.create("weather", harness)
            let port = try await harness.sandbox.open(service: "weather", namespace: "default")
            try await MCPClient.withConnection(to: .httpSSE("http://127.0.0.1:\(port)/sse")) { client in
                let result = try await client.request(
                    .toolsCall,
                    params: ["name": "forecast", "arguments": ["city": "Bern"]]
                )
                #expect("\(result)".contains("Bern"), "\(result)")
            }
        }
    }

    @Test("the server of a deleted pod is removed, and its open streams end")
    func removal() async throws {
        try await withSandbox(SandboxConfiguration()) { harness in
            for name in ["one", "two"] {
                try await Self.create(name, harness)
                let port = try await harness.sandbox.open(service: name, namespace: "default")
                _ = try await Self.tools(.streamableHTTP("http://127.0.0.1:\(port)/mcp"))
            }
            #expect(harness.sandbox.standIns.count == 2)
            let stream = try await harness.transport.execute(
                APIRequest(path: "\(Self.pods)/one:8080/proxy/sse", headers: [.accept: "text/event-stream"])
            )
            #expect(try await harness.call(.delete, "\(Self.pods)/one").code == 200)
            try await harness.eventually("the server is removed") { harness.sandbox.standIns.count == 1 }
            var received: [UInt8] = []
            for try await chunk in stream.body { received += chunk }
            #expect(String(decoding: received, as: UTF8.self).hasPrefix("event: endpoint\ndata: ?sessionId="))
        }
    }

    @Test("a client that leaves ends its stream, and one that follows a log is no longer served")
    func leaving() async throws {
        try await withSandbox(SandboxConfiguration()) { harness in
            try await Self.create("weather", harness)
            func open(_ path: String, _ query: [APIRequest.QueryItem] = []) async throws -> APIResponse {
                try await harness.transport.execute(
                    APIRequest(
                        path: "\(Self.pods)/weather\(path)",
                        query: query,
                        headers: [.accept: "text/event-stream"]
                    )
                )
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for try await _ in try await open(":8080/proxy/sse").body {} }
                group.addTask { for try await _ in try await open("/log", [.init("follow", "true")]).body {} }
                try await harness.eventually("both are served") {
                    harness.sandbox.standIns.eventStreamCount == 1 && harness.sandbox.logs.followerCount == 1
                }
                group.cancelAll()
                while let result = await group.nextResult() { _ = result }
            }
            try await harness.eventually("both have ended") {
                harness.sandbox.standIns.eventStreamCount == 0 && harness.sandbox.logs.followerCount == 0
            }
        }
    }

    @Test("kubectl logs shows what was asked, and get --raw reaches pods and Services")
    func kubectl() async throws {
        try await Kubectl.run { kubectl, harness in
            try await Self.create("weather", harness)
            let port = try await harness.sandbox.open(service: "weather", namespace: "default")
            _ = try await Self.tools(.streamableHTTP("http://127.0.0.1:\(port)/mcp"))
            let lines = try await kubectl("logs", "weather").split(separator: "\n")
            #expect(lines.first == "The sandbox runs no container. A stand-in answers MCP for registry.example/x:1.")
            #expect(lines.dropFirst().contains { $0.hasSuffix("Z tools/list") && $0.hasPrefix("20") }, "\(lines)")
            // All that --raw can do is GET, which MCP refuses; the log shows that the stand-in was reached.
            for path in ["pods/weather:8080", "services/weather:80", "services/weather:"] {
                let answer = try await kubectl.attempt([
                    "get", "--raw", "/api/v1/namespaces/default/\(path)/proxy/mcp",
                ])
                #expect(answer.error.contains("(BadRequest)"), "\(path): \(answer)")
            }
            let wrongPort = try await kubectl.attempt([
                "get", "--raw", "/api/v1/namespaces/default/pods/weather:1/proxy/mcp",
            ])
            #expect(wrongPort.error.contains("connection refused"), "\(wrongPort.error)")
        }
    }
}
