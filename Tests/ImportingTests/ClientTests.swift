import KubernetesAPI
import Testing

@testable import Importing

@Suite("Import from files of clients")
struct ClientTests {
    @Test("servers of Claude Desktop: containers, packages, remote servers and the bridge to them")
    func claude() {
        let result = imported(
            """
            {"mcpServers": {
              "GitHub Server": {"command": "docker", "args": ["run", "-i", "--rm", "-e", "GITHUB_TOKEN", "-e", "MODE=ro", "ghcr.io/acme/github:1", "stdio"], "env": {"GITHUB_TOKEN": "ghp_verysecret", "UNUSED": "x"}},
              "fetch": {"command": "uvx", "args": ["mcp-server-fetch", "--proxy", "$(HOME)"], "env": {"TZ": "UTC"}, "autoApprove": ["fetch"]},
              "remote": {"command": "npx", "args": ["-y", "mcp-remote@1.2", "https://mcp.example.com/sse", "--header", "Authorization: Bearer ${TOKEN}", "--transport", "sse-only"]},
              "off": {"url": "https://off.example.com/mcp", "disabled": true, "headers": {"X-Key": "${KEY}", "X-Plain": "a"}}
            }}
            """,
            ImportOptions(runnerImages: ["uvx": "ghcr.io/acme/uv:1"])
        )
        let specs = Dictionary(
            result.manifests.map { ($0[path: ["metadata", "name"]]?.stringValue ?? "", $0["spec"] ?? .null) },
            uniquingKeysWith: { first, _ in first }
        )
        #expect(
            specs["github-server"] == [
                "image": "ghcr.io/acme/github:1", "transport": "stdio", "args": ["stdio"],
                "env": [
                    [
                        "name": "GITHUB_TOKEN",
                        "valueFrom": ["secretKeyRef": ["name": "github-server-secrets", "key": "GITHUB_TOKEN"]],
                    ],
                    ["name": "MODE", "value": "ro"],
                ],
            ]
        )
        #expect(
            specs["fetch"]?["command"] == ["uvx"]
                && specs["fetch"]?["args"] == ["mcp-server-fetch", "--proxy", "$$(HOME)"]
        )
        #expect(specs["fetch"]?["env"]?.arrayValue?.map { $0["name"] } == ["UV_CACHE_DIR", "UV_TOOL_DIR", "TZ"])
        #expect(
            specs["remote"] == [
                "transport": "sse",
                "remote": [
                    "url": "https://mcp.example.com/sse",
                    "headers": [
                        ["name": "Authorization", "secretKeyRef": ["name": "remote-secrets", "key": "Authorization"]]
                    ],
                ],
            ]
        )
        #expect(specs["off"]?["suspend"] == true)
        #expect(
            specs["off"]?[path: ["remote", "headers"]] == [
                ["name": "X-Key", "secretKeyRef": ["name": "off-secrets", "key": "X-Key"]],
                ["name": "X-Plain", "value": "a"],
            ]
        )
        #expect(!ImportReport(result).text.contains("ghp_verysecret"))
        let lost = result.findings.filter { $0.kind == .notCarriedOver }.map(\.field.description)
        #expect(Set(lost) == ["mcpServers.GitHub Server.env.UNUSED", "mcpServers.fetch.autoApprove"])
    }

    @Test("Visual Studio Code: comments, inputs and values composed of them")
    func code() {
        let result = imported(
            """
            {
            \t// What the editor asks for.
            \t"inputs": [
            \t\t{"type": "promptString", "id": "token", "description": "The token", "password": true},
            \t\t{"type": "promptString", "id": "region", "description": "The region", "default": "eu"},
            \t\t{"type": "promptString", "id": "user", "description": "The user"},
            \t],
            \t"servers": {
            \t\t"a": {"type": "stdio", "command": "docker", "args": ["run", "-i", "acme/a:1", "--as", "${input:user}"],
            \t\t\t/* unused */ "env": {}, "dev": {"watch": "x"}},
            \t\t"b": {"type": "http", "url": "https://${input:region}.example.com/mcp", "headers": {"Authorization": "Bearer ${input:token}"}},
            \t},
            }
            """
        )
        #expect(result.manifests.count == 2)
        #expect(
            result.manifest(0)["spec"] == [
                "image": "acme/a:1", "transport": "stdio", "args": ["--as", "$(USER)"],
                "env": [["name": "USER", "valueFrom": ["secretKeyRef": ["name": "a-secrets", "key": "USER"]]]],
            ]
        )
        #expect(result.manifest(1)["spec"]?[path: ["remote", "url"]] == "https://eu.example.com/mcp")
        #expect(
            result.secrets.map(\.purpose) == [
                "The user", "the value of the header field Authorization: Bearer ${input:token}",
            ]
        )
        #expect(result.found(.notCarriedOver).map { $0.prefix(13) } == ["servers.a.dev"])
    }

    @Test("a value composed of placeholders becomes a template")
    func template() {
        let result = imported(
            #"{"mcpServers": {"a": {"command": "x", "env": {"URL": "postgres://u:${DB_PASSWORD}@db/$${X}"}}}}"#,
            ImportOptions(images: ["a": "acme/a:1"])
        )
        let template = result.spec[path: ["config", "templates"]]?.arrayValue?.first
        #expect(template?["env"] == "URL")
        #expect(template?["content"]?.stringValue?.contains("postgres://u:${DB_PASSWORD}@db/") == true)
        #expect(
            template?["variables"]?.arrayValue?.first?["secretKeyRef"] == ["name": "a-secrets", "key": "DB_PASSWORD"]
        )
    }

    @Test("what runs on the user's machine is refused, with what to do")
    func refusals() {
        let cases: [(String, String, String)] = [
            (#"{"command": "npx", "args": ["-y", "x"]}"#, "command", "npx is a program on the user's machine"),
            (#"{"command": "/opt/x"}"#, "command", "x is a program on the user's machine"),
            (#"{}"#, "", "has neither url nor command"),
            (#"{"url": "https://a/mcp", "command": "x"}"#, "command", "has both a URL and a command"),
            (#"{"url": "https://u:p@a.example.com/mcp"}"#, "url", "the URL contains a password"),
            (#"{"url": "https://a.example.com/mcp?api_key=x123"}"#, "url", "the query of the URL contains"),
            (#"{"url": "https://${HOST}/mcp"}"#, "url", "leaves HOST open"),
            (#"{"command": "docker", "args": ["build", "."]}"#, "args[0]", "only docker run is read"),
            (
                #"{"command": "docker", "args": ["run", "--odd", "x", "image"]}"#, "args[1]",
                "is not an option that is known"
            ),
            (#"{"command": "docker", "args": ["run", "-i"]}"#, "", "the command line names no image"),
        ]
        for (entry, field, reason) in cases {
            let result = imported("{\"mcpServers\": {\"a\": \(entry)}}")
            #expect(result.manifests.isEmpty, "\(entry)")
            let refusal = result.findings.first { $0.kind == .refused }
            #expect(refusal?.reason.hasPrefix(reason) == true, "\(entry): \(refusal?.reason ?? "")")
            #expect(refusal?.solution.isEmpty == false, "\(entry)")
            if !field.isEmpty { #expect(refusal?.field.description == "mcpServers.a.\(field)", "\(entry)") }
        }
    }
}

@Suite("Import of docker run")
struct DockerTests {
    @Test("a command line is parsed as a shell does")
    func shell() {
        let result = imported(
            #"""
            # A comment.
            $ sudo docker run -d --name 'my server' -p 127.0.0.1:8000:9000/tcp \
              -e "GREETING=hello \"you\"" -eMODE=a\ b --env TOKEN=abc -e "LEVEL=$LEVEL" \
              --memory=512m --cpus 0.5 -u 1001:1002 --read-only --network none \
              -v data:/var/data -v ./local:/x --tmpfs /run --cap-add SYS_ADMIN --gpus all \
              --env-file .env --entrypoint /bin/server ghcr.io/acme/server:1 --flag '' # the end
            docker run --rm -it acme/other
            """#
        )
        #expect(result.manifests.map { $0[path: ["metadata", "name"]] } == ["my-server", "other"])
        #expect(
            result.manifest(0)["spec"] == [
                "image": "ghcr.io/acme/server:1", "transport": "streamable-http", "port": 9000,
                "command": ["/bin/server"], "args": ["--flag", ""],
                "env": [
                    ["name": "GREETING", "value": #"hello "you""#], ["name": "MODE", "value": "a b"],
                    ["name": "TOKEN", "valueFrom": ["secretKeyRef": ["name": "my-server-secrets", "key": "TOKEN"]]],
                    ["name": "LEVEL", "valueFrom": ["secretKeyRef": ["name": "my-server-secrets", "key": "LEVEL"]]],
                ],
                "envFrom": [["secretRef": ["name": "my-server-env-file"]]],
                "resources": ["limits": ["memory": "512Mi", "cpu": "0.5"]],
                "podSecurityContext": ["runAsUser": 1001, "runAsGroup": 1002],
                "network": ["egress": ["internet": false]], "storage": ["size": "1Gi", "mountPath": "/var/data"],
                "volumes": [["name": "tmpfs", "emptyDir": ["medium": "Memory"]]],
                "volumeMounts": [["name": "tmpfs", "mountPath": "/run"]],
            ]
        )
        #expect(result.manifest(1)["spec"] == ["image": "acme/other", "transport": "stdio"])
        let lost = result.findings.filter { $0.kind == .notCarriedOver }.map(\.reason)
        #expect(lost.contains { $0.hasPrefix("./local is a directory of the user's machine") })
        #expect(lost.contains { $0.hasPrefix("--cap-add: ") } && lost.contains { $0.hasPrefix("--gpus: ") })
        #expect(!ImportReport(result).text.contains("abc"))
    }

    @Test(
        "words of command lines",
        arguments: [
            (#"docker a "b c" 'd"e' f\ g"#, ["docker", "a", "b c", #"d"e"#, "f g"]),
            ("docker a\\\nb", ["docker", "ab"]),
            (#"docker '' "" x"#, ["docker", "", "", "x"]),
            ("docker a#b # c", ["docker", "a#b"]),
            (#"docker "$A-${B:-c}" '$D'"#, ["docker", "${A}-${B:-c}", "$D"]),
            (#"docker \$X "\$Y" $ $1"#, ["docker", "$X", "$Y", "$", "$1"]),
        ]
    )
    func words(_ text: String, _ expected: [String]) {
        let read = CommandLines(text)
        #expect(read.lines.first?.words.map(\.written) == expected)
        #expect(read.lines.count == 1 && read.problems.isEmpty)
    }

    @Test("what is not docker run is refused with its line")
    func others() {
        let result = imported("docker run a/b:1\necho hello\ndocker run 'x\n")
        #expect(result.findings.contains { $0.kind == .refused && $0.line == 2 })
        #expect(result.findings.contains { $0.kind == .refused && $0.reason == "a quotation mark ' is not closed" })
        #expect(result.manifests.count >= 1)
    }

    @Test("amounts of memory")
    func memory() {
        #expect(
            DockerRun.memory("512m") == "512Mi" && DockerRun.memory("1G") == "1Gi" && DockerRun.memory("100") == "100"
        )
        #expect(DockerRun.memory("x") == nil && DockerRun.memory("1t") == nil && DockerRun.memory("") == nil)
    }
}
