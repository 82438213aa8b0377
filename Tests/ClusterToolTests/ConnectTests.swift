import ClusterTool
import KubernetesAPI
import Testing

@Suite("Ways to a server, and configuration of clients")
struct ConnectTests {
    static func pod(
        _ name: String,
        created: String = "2026-03-01T11:00:00Z",
        ready: Bool = true,
        deleted: Bool = false,
        ports: JSONValue = [["name": "http", "containerPort": 9000]]
    ) -> JSONValue {
        var pod: JSONValue = [
            "kind": "Pod",
            "metadata": [
                "name": .string(name), "namespace": "mcp-acme", "uid": .string("uid-\(name)"),
                "creationTimestamp": .string(created),
            ],
            "spec": ["containers": [["name": "mcp", "ports": ports]]],
            "status": ["conditions": [["type": "Ready", "status": ready ? "True" : "False"]]],
        ]
        if deleted { pod[path: ["metadata", "deletionTimestamp"]] = "2026-03-01T11:59:00Z" }
        return pod
    }

    static func server(_ spec: JSONValue) -> JSONValue {
        ["metadata": ["name": "weather", "namespace": "mcp-acme"], "spec": spec]
    }

    @Test(
        "the path, the transport and the port are those of the spec",
        arguments: [
            ([:], "/mcp", false, false, 8080), (["transport": "stdio"], "/mcp", false, false, 8080),
            (["transport": "sse", "port": 3000], "/sse", true, false, 3000),
            (["path": "/x", "service": ["appProtocol": "https"]], "/x", false, true, 8080),
            (["port": "many"], "/mcp", false, false, 8080),
        ] as [(JSONValue, String, Bool, Bool, Int)]
    )
    func endpoints(spec: JSONValue, path: String, usesSSE: Bool, usesTLS: Bool, port: Int) {
        let route = ServerRoute(server: Self.server(spec), service: nil)
        #expect(route == .pods(.init(path: path, usesSSE: usesSSE, usesTLS: usesTLS, port: port)))
    }

    @Test("the Service says whether pods serve TLS, also if a class has decided it")
    func serviceProtocol() {
        let service: JSONValue = ["spec": ["ports": [["name": "http", "appProtocol": "https"]]]]
        let route = ServerRoute(server: Self.server([:]), service: service)
        #expect(route == .pods(.init(path: "/mcp", usesSSE: false, usesTLS: true, port: 8080)))
    }

    @Test("a remote server is reached through the gateway")
    func remote() {
        let route = ServerRoute(server: Self.server(["remote": ["url": "https://mcp.example.com/mcp"]]), service: nil)
        guard case .gateway(let path, let reason) = route else {
            Issue.record("\(route)")
            return
        }
        #expect(path == "/mcp-acme/weather/mcp")
        #expect(reason == "weather is a remote server, which has no pods")
    }

    @Test("the newest pod that is ready is chosen, with its port")
    func newest() throws {
        let pods = [
            Self.pod("old"), Self.pod("new", created: "2026-03-01T11:30:00Z"),
            Self.pod("starting", created: "2026-03-01T11:50:00Z", ready: false),
            Self.pod("going", created: "2026-03-01T11:55:00Z", deleted: true),
        ]
        let chosen = try #require(ForwardedPod.newest(of: pods, portName: "http", fallback: nil))
        #expect(chosen == ForwardedPod(namespace: "mcp-acme", name: "new", uid: "uid-new", port: 9000))
        #expect(ForwardedPod.ready(pods, portName: "http", fallback: nil).map(\.name) == ["new", "old"])
    }

    @Test("a pod without the port is only chosen if there is another port for it")
    func fallback() {
        let pods = [Self.pod("plain", ports: [])]
        #expect(ForwardedPod.newest(of: pods, portName: "http", fallback: nil) == nil)
        #expect(ForwardedPod.newest(of: pods, portName: "http", fallback: 8080)?.port == 8080)
        #expect(ForwardedPod.newest(of: [], portName: "http", fallback: 8080) == nil)
    }

    private static let servers = [ClientSnippet.Server(name: "weather", url: "http://127.0.0.1:4000/mcp")]

    @Test("Claude Desktop starts mcp-remote, which gets the token from a variable")
    func claudeDesktop() throws {
        let plain = try Self.json(ClientSnippet(Self.servers, needsToken: false).text(for: .claudeDesktop))
        #expect(
            plain == [
                "mcpServers": [
                    "weather": ["command": "npx", "args": ["-y", "mcp-remote", "http://127.0.0.1:4000/mcp"]]
                ]
            ]
        )
        var old = Self.servers
        old[0].usesSSE = true
        let token = try Self.json(ClientSnippet(old, needsToken: true).text(for: .claudeDesktop))
        #expect(
            token[path: ["mcpServers", "weather"]] == [
                "command": "npx",
                "args": [
                    "-y", "mcp-remote", "http://127.0.0.1:4000/mcp", "--transport", "sse-only", "--header",
                    "Authorization:${AUTHORIZATION}",
                ],
                "env": ["AUTHORIZATION": "Bearer YOUR-TOKEN"],
            ]
        )
    }

    @Test("VS Code asks for the token, and Cursor reads it from the environment")
    func editors() throws {
        let plain = ClientSnippet(Self.servers, needsToken: false)
        let url: JSONValue = "http://127.0.0.1:4000/mcp"
        #expect(try Self.json(plain.text(for: .vsCode)) == ["servers": ["weather": ["type": "http", "url": url]]])
        #expect(try Self.json(plain.text(for: .cursor)) == ["mcpServers": ["weather": ["url": url]]])
        let token = ClientSnippet(Self.servers, needsToken: true)
        let code = try Self.json(token.text(for: .vsCode))
        #expect(
            code[path: ["servers", "weather", "headers", "Authorization"]] == "Bearer ${input:moorage-token}"
        )
        #expect(code["inputs"]?.arrayValue?.first?["password"] == true)
        #expect(
            try Self.json(token.text(for: .cursor))[path: ["mcpServers", "weather", "headers", "Authorization"]]
                == "Bearer ${env:MOORAGE_TOKEN}"
        )
    }

    @Test("the Python program has the URL as a literal of Python")
    func python() {
        let text = ClientSnippet([.init(name: "x", url: "http://127.0.0.1:1/a\"b")], needsToken: false).text(
            for: .python
        )
        #expect(text.contains(#"Client("http://127.0.0.1:1/a\"b")"#))
        let token = ClientSnippet(Self.servers, needsToken: true).text(for: .python)
        #expect(token.contains("os.environ[\"MOORAGE_TOKEN\"]"))
    }

    private static func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }
}
