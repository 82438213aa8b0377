import Gateway
import MCPTransport
import Testing

@Suite("Files of servers")
struct MCPServersFileTests {
    private static func read(_ text: String, _ environment: [String: String] = [:]) throws -> MCPServersFile {
        try MCPServersFile(parsing: Array(text.utf8)) { environment[$0] }
    }

    @Test("URLs, headers, commands, arguments and variables of the environment")
    func whole() throws {
        let file = try Self.read(
            """
            {"mcpServers": {
              "b": {"url": "https://b.example/mcp", "headers": {"Authorization": "Bearer ${TOKEN}", "X-Team": "${TEAM:-none}"}},
              "a": {"command": "${HOME}/bin/a", "args": ["--x", "$y", "${Z:-}"], "env": {"K": "v${TOKEN}"}, "cwd": "/tmp"},
              "old": {"type": "sse", "url": "http://old.example/sse", "autoApprove": []},
              "off": {"disabled": true}
            }, "inputs": []}
            """,
            ["TOKEN": "t", "HOME": "/home/u"]
        )
        #expect(file.backends.map(\.id) == ["a", "b", "old"])
        var command = MCPCommand("/home/u/bin/a", arguments: ["--x", "$y", ""], environment: ["K": "vt"])
        command.workingDirectory = "/tmp"
        #expect(file.backends[0].target == .command(command))
        #expect(file.backends[1].target == .streamableHTTP(url: "https://b.example/mcp"))
        #expect(
            file.backends[1].headers == [
                UpstreamHeader(name: "Authorization", value: "Bearer t"), UpstreamHeader(name: "X-Team", value: "none"),
            ]
        )
        #expect(file.backends[2].target == .httpSSE(url: "http://old.example/sse"))
        #expect(file.ignoredFields == ["mcpServers.old.autoApprove"])
        #expect(file.routes.all.map(\.path) == ["/a/mcp", "/b/mcp", "/mcp", "/old/mcp"])
    }

    @Test("the value of a header is in no description")
    func secrets() throws {
        let file = try Self.read(#"{"mcpServers": {"a": {"url": "https://x", "headers": {"A": "secret"}}}}"#)
        let backend = file.backends[0]
        #expect(!"\(backend)".contains("secret") && !String(reflecting: backend.headers).contains("secret"))
    }

    @Test(
        "what is wrong is said with its field",
        arguments: [
            (#"{"mcpServers": []}"#, "mcpServers: must be an object, and is []"),
            (#"{"mcpServers": {"a": 1}}"#, "mcpServers.a: must be an object, and is 1"),
            (#"{"mcpServers": {"a/b": {}}}"#, #"mcpServers.a/b: the name "a/b" must not be empty or contain a slash"#),
            (
                #"{"mcpServers": {"a": {"url": "https://x", "command": "y"}}}"#,
                "mcpServers.a: has both url and command; keep one of them"
            ),
            (#"{"mcpServers": {"a": {"url": "ftp://x"}}}"#, "mcpServers.a.url: must start with http:// or https://"),
            (
                #"{"mcpServers": {"a": {"type": "ws", "url": "https://x"}}}"#,
                #"mcpServers.a.type: is "ws", and must be http, streamable-http, sse or stdio"#
            ),
            (
                #"{"mcpServers": {"a": {"type": "stdio", "url": "https://x"}}}"#,
                "mcpServers.a.type: is stdio, which needs command instead of url"
            ),
            (
                #"{"mcpServers": {"a": {"command": "x", "args": ["${A"]}}}"#,
                #"mcpServers.a.args[0]: has "${" without "}""#
            ),
            (
                #"{"mcpServers": {"a": {"command": "x", "args": "y"}}}"#, "mcpServers.a.args: must be a list of texts"
            ),
            (
                #"{"mcpServers": {"a": {"command": "x", "env": {"A": 1}}}}"#, "mcpServers.a.env.A: must be a text"
            ),
            (
                #"{"mcpServers": {"a": {"url": "https://x", "headers": {"A B": "x"}}}}"#,
                "mcpServers.a.headers.A B: is not a valid name of a header"
            ),
            (
                #"{"mcpServers": {"a": {"url": "https://x", "headers": {"A": "${NL}"}}}}"#,
                "mcpServers.a.headers.A: contains a line break or another character that no header can carry"
            ),
            (
                #"{"mcpServers": {"a": {"url": "${}"}}}"#,
                "mcpServers.a.url: has ${}, which is not the name of an environment variable"
            ),
        ]
    )
    func refusals(text: String, message: String) {
        #expect {
            _ = try Self.read(text, ["NL": "a\r\nX: y"])
        } throws: { error in
            "\(error)" == message
        }
    }
}
