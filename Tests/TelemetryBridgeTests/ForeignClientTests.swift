import Foundation
import MCPProtocol
import MCPTestSupport
import SandboxCluster
import Testing

@testable import TelemetryBridge

/// Clients and checkers of others judge the bridge.
@Suite("Foreign clients of the bridge", .enabled(if: Judges.canRun, Judges.comment))
struct ForeignClientTests {
    /// Uses everything that the bridge has. Arguments: `legacy` or `auto`, and the URL. The client itself checks structured results against
    /// the schemas of their tools.
    private static let program = """
        import asyncio, json, sys
        import jsonschema, mcp_types as types
        from mcp import Client

        CALLS = {
            "inventory.snapshot": {}, "k8s.events": {"type": "all"}, "k8s.get": {"kind": "pods"},
            "tail.pod_logs": {"namespace": "shop", "pod": "web-good"},
        }
        ABSENT = {
            "alerts.active": {}, "k8s.top": {}, "promql.query": {"expr": "up"}, "loki.query": {"logql": '{a="b"}'},
            "systemd.status": {},
        }

        async def run(mode, url):
            async with Client(url, mode=mode, read_timeout_seconds=30) as client:
                assert client.server_info.name == "moorage-telemetry-bridge"
                tools = {tool.name: tool for tool in (await client.list_tools()).tools}
                assert set(tools) == set(CALLS) | set(ABSENT), tools.keys()
                for tool in tools.values():
                    jsonschema.Draft202012Validator.check_schema(tool.input_schema)
                    jsonschema.Draft202012Validator.check_schema(tool.output_schema)
                    assert tool.annotations.read_only_hint and tool.annotations.idempotent_hint
                    assert tool.annotations.open_world_hint is False
                for name, arguments in CALLS.items():
                    jsonschema.Draft202012Validator(tools[name].input_schema).validate(arguments)
                    result = await client.call_tool(name, arguments)
                    assert not result.is_error, (name, result)
                    jsonschema.Draft202012Validator(tools[name].output_schema).validate(result.structured_content)
                    assert json.loads(result.content[0].text) == result.structured_content
                for name, arguments in ABSENT.items():
                    result = await client.call_tool(name, arguments)
                    assert result.is_error and "administrator" in result.content[0].text or name == "k8s.top", (name, result)
                for prompt in (await client.list_prompts()).prompts:
                    text = (await client.get_prompt(prompt.name, {})).messages[0].content.text
                    assert "## What to do" in text, text
                uris = [str(resource.uri) for resource in (await client.list_resources()).resources]
                assert "res://snapshots/cluster-inventory.json" in uris, uris
                for uri in uris:
                    assert (await client.read_resource(uri)).contents[0].text
                templates = [template.uri_template for template in (await client.list_resource_templates()).resource_templates]
                assert "res://objects/{kind}/{namespace}/{name}" in templates, templates
                pod = await client.read_resource("res://objects/Pod/shop/web-good")
                assert json.loads(pod.contents[0].text)["metadata"]["name"] == "web-good"
                done = await client.complete(types.PromptReference(name="Triage-Now"), {"name": "namespace", "value": "sho"})
                assert done.completion.values == ["shop"], done
            print("ok", mode)

        asyncio.run(run(sys.argv[1], sys.argv[2]))
        """

    @Test("the official SDK's client uses everything, in both eras", arguments: ["legacy", "auto"])
    func officialClient(mode: String) async throws {
        try await TestLab.run(objects: TestObjects.all) { lab in
            let outcome = try await Judges.python("mcp", ["-c", Self.program, mode, lab.url])
            #expect(outcome.output == "ok \(mode)\n", "\(outcome.errors)")
        }
    }

    @Test("mcpcheck, strictly: all checks pass, without warnings")
    func mcpcheck() async throws {
        try await TestLab.run(objects: TestObjects.all) { lab in
            let program = Judges.folder + "/mcp/bin/jbt-mcpcheck"
            let outcome = try await Judges.python("mcp", [program, "--strict", "--json", "--legacy-probes", lab.url])
            let checks = try RawJSON(parsing: outcome.output)["checks"]?.elements ?? []
            #expect(checks.count == 8)
            for check in checks { #expect(check["status"] == "pass", "\(check)") }
            #expect(outcome.isSuccess, "\(outcome.errors)")
        }
    }

    @Test("mcp-fuzzer, with a seed: no crash and no hang")
    func fuzzer() async throws {
        let seed = UInt64.random(in: 0...1_000_000)
        try await TestLab.run(objects: TestObjects.all) { lab in
            let outcome = try await Judges.fuzz(lab.url, seed: seed)
            #expect(
                outcome.output == "completed, \(BridgeTool.all.count) tools, []\n",
                "seed \(seed): \(outcome.output) \(outcome.errors)"
            )
            let requests = lab.sandbox.requests.filter { $0.user.contains("telemetry-bridge") }
            for request in requests {
                #expect(
                    ["get", "list"].contains(request.verb) && request.resource != "secrets",
                    "seed \(seed): \(request)"
                )
            }
        }
    }
}
