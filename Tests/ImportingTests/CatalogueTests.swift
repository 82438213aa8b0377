import KubernetesAPI
import Testing

@testable import Importing

@Suite("Import from the registry and from Obot's catalogue")
struct CatalogueTests {
    @Test("an image of a registry entry, with variables, arguments and the address it listens at")
    func image() {
        let result = imported(
            """
            {"$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
             "name": "io.github.acme/weather", "description": "The weather", "version": "1.0.0",
             "repository": {"url": "https://github.com/acme/weather", "source": "github"},
             "packages": [
               {"registryType": "npm", "identifier": "@acme/weather", "version": "1.0.0", "transport": {"type": "stdio"}},
               {"registryType": "oci", "identifier": "ghcr.io/acme/weather:1.0.0",
                "transport": {"type": "streamable-http", "url": "http://localhost:9000/v1/mcp"},
                "runtimeArguments": [{"type": "named", "name": "-v", "value": "x"}],
                "packageArguments": [
                  {"type": "named", "name": "--units", "value": "{units}", "variables": {"units": {"default": "metric"}}},
                  {"type": "positional", "valueHint": "city", "isRequired": true},
                  {"type": "named", "name": "--optional"}],
                "environmentVariables": [
                  {"name": "API_KEY", "description": "The key", "isRequired": true, "isSecret": true},
                  {"name": "LANG", "default": "en"}, {"name": "OTHER", "description": "Other"}]}]}
            """
        )
        #expect(
            result.spec == [
                "image": "ghcr.io/acme/weather:1.0.0", "transport": "streamable-http", "port": 9000, "path": "/v1/mcp",
                "args": ["--units", "metric", "$(CITY)"],
                "env": [
                    ["name": "CITY", "valueFrom": ["secretKeyRef": ["name": "weather-secrets", "key": "CITY"]]],
                    ["name": "API_KEY", "valueFrom": ["secretKeyRef": ["name": "weather-secrets", "key": "API_KEY"]]],
                    ["name": "LANG", "value": "en"],
                ],
            ]
        )
        let lost = Set(result.findings.filter { $0.kind == .notCarriedOver }.map(\.field.description))
        #expect(
            lost == [
                "packages[0]", "packages[1].runtimeArguments", "packages[1].packageArguments[2]",
                "packages[1].environmentVariables[2]", "repository", "version",
            ]
        )
    }

    @Test("a package needs an image that runs it, which the user chooses")
    func package() {
        let text = """
            {"name": "a/b", "packages": [{"registry_name": "pypi", "name": "mcp-b", "version": "2.1",
              "package_arguments": [{"type": "positional", "value": "serve", "value_hint": "x"}],
              "environment_variables": [{"name": "TOKEN", "is_required": true}]}]}
            """
        let refused = imported(text)
        #expect(refused.manifests.isEmpty)
        #expect(refused.findings.contains { $0.kind == .refused && $0.solution.contains("--runner-image uvx=IMAGE") })
        let run = imported(text, ImportOptions(runnerImages: ["pypi": "ghcr.io/astral-sh/uv:1"]))
        #expect(run.spec["command"] == ["uvx"] && run.spec["args"] == ["mcp-b@2.1", "serve"])
        #expect(run.spec["image"] == "ghcr.io/astral-sh/uv:1")
        let own = imported(text, ImportOptions(images: ["b": "acme/b:1"]))
        #expect(own.spec["command"] == nil && own.spec["args"] == ["serve"] && own.spec["image"] == "acme/b:1")
    }

    @Test("a remote server of the registry, and the answer of the registry's API")
    func remote() {
        let result = imported(
            """
            {"servers": [{"server": {"name": "a/remote", "description": "d", "remotes": [
              {"type": "sse", "url": "https://{tenant}.example.com/sse", "variables": {"tenant": {"isRequired": true}},
               "headers": [{"name": "Authorization", "value": "Bearer {token}", "isSecret": true,
                            "variables": {"token": {"isSecret": true}}}]}]},
              "_meta": {"x": {"status": "active"}}}], "metadata": {"count": 1}}
            """,
            ImportOptions(values: ["tenant": "acme"])
        )
        #expect(
            result.spec == [
                "transport": "sse",
                "remote": [
                    "url": "https://acme.example.com/sse",
                    "headers": [
                        ["name": "Authorization", "secretKeyRef": ["name": "remote-secrets", "key": "Authorization"]]
                    ],
                ],
            ]
        )
    }

    @Test("entries of Obot's catalogue")
    func obot() {
        let container = imported(
            """
            name: Grafana
            entryKey: obot-grafana
            description: The description
            metadata: {categories: Monitoring}
            env:
              - {key: GRAFANA_URL, name: URL, required: true, sensitive: false, description: The URL}
              - {key: GRAFANA_TOKEN, name: Token, required: true, sensitive: true, description: The token}
              - {key: GRAFANA_ORG, name: Org, required: false, sensitive: false, description: The org}
              - {key: KEYFILE, name: File, required: true, file: true, sensitive: true, description: The file}
            toolPreview: [{name: a, description: b, params: {c: d}}]
            runtime: containerized
            containerizedConfig: {image: "ghcr.io/acme/grafana:1", port: 8099, path: /, args: [-t, "${GRAFANA_URL}", 5]}
            """
        )
        let reference = { (key: String) -> JSONValue in
            ["secretKeyRef": ["name": "grafana-secrets", "key": .string(key)]]
        }
        #expect(container.spec["args"] == ["-t", "$(GRAFANA_URL)", "5"])
        #expect(
            container.spec["env"] == [
                ["name": "GRAFANA_URL", "valueFrom": reference("GRAFANA_URL")],
                ["name": "GRAFANA_TOKEN", "valueFrom": reference("GRAFANA_TOKEN")],
            ]
        )
        #expect(container.spec["port"] == 8099 && container.spec["path"] == "/")
        let remote = imported(
            """
            name: Hub
            runtime: remote
            remoteConfig:
              fixedURL: https://hub.example.com/mcp
              headers: [{key: Authorization, name: Token, prefix: "Bearer ", required: true, sensitive: true, description: A token}]
            """
        )
        #expect(remote.secrets.map(\.purpose) == ["\"Bearer \" followed by: A token"])
        let host = imported("{name: Any, runtime: remote, remoteConfig: {hostname: '*.example.com'}}")
        #expect(host.manifests.isEmpty && host.hasRefusals)
        let package = imported(
            "{name: P, runtime: npx, npxConfig: {package: '@a/p', args: [x]}}",
            ImportOptions(runnerImages: ["npx": "node:22"])
        )
        #expect(package.spec["command"] == ["npx"] && package.spec["args"] == ["-y", "@a/p", "x"])
    }

    @Test(
        "what is not an input is refused with its file and line",
        arguments: [
            ("", "the file contains nothing to import"), ("[1]", "this is not an object"), ("a: [", ""),
            ("{a: 1}", "this is neither an object of ToolHive"), ("hello", "this is not an object"),
            (
                "{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPServer, metadata: {}}",
                "MCPServer has no metadata.name"
            ),
        ]
    )
    func refused(_ text: String, _ reason: String) {
        let result = imported(text, file: "x.yaml")
        #expect(result.manifests.isEmpty && result.hasRefusals)
        #expect(result.findings.first?.reason.hasPrefix(reason) == true, "\(result.findings)")
    }
}
