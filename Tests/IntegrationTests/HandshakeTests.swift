import ControllerRuntime
import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import SandboxCluster
import TestSupport
import Testing

/// The protocol check, against the MCP servers of the sandbox's pods, through the API server's proxy.
@Suite("The handshake with servers")
struct HandshakeTests {
    private static let enabled = PlatformConfiguration(handshake: PlatformHandshake(mode: .enabled, periodSeconds: 10))

    private static let contract: JSONValue = [
        "name": "weather", "version": "1.2",
        "tools": [["name": "forecast"], ["name": "history"]],
        "prompts": [["name": "summary"]],
        "resources": [["uri": "res://stations", "name": "stations"]],
    ]

    private func server(
        _ cluster: TestCluster,
        _ name: String = "weather",
        contract: JSONValue,
        _ change: (inout MCPServerSpec) -> Void = { _ in }
    ) -> MCPServer {
        var spec = MCPServerSpec(image: TestCluster.image)
        change(&spec)
        var server = cluster.server(name, in: "default", spec: spec)
        server.metadata.annotations = [
            "sandbox.moorage.dev/mcp": String(decoding: contract.serialized(), as: UTF8.self)
        ]
        return server
    }

    private func message(_ server: MCPServer, _ type: String = ConditionType.ready) -> String {
        server.status?.conditions?[type: type]?.message ?? ""
    }

    @Test("a server that speaks MCP is ready, and its status says what it offers")
    func verified() async throws {
        try await withSandbox { cluster, _ in
            try await withOperator(cluster, platform: Self.enabled) { _ in
                try await cluster.apply(server(cluster, contract: Self.contract))
                let ready = try await cluster.wait(for: ConditionType.ready, .true, of: "weather", in: "default")
                let mcp = try #require(ready.status?.mcp)
                #expect(mcp.serverName == "weather")
                #expect(mcp.serverVersion == "1.2")
                #expect(mcp.protocolVersion == "2026-07-28")
                #expect(mcp.supportedVersions?.contains("2025-11-25") == true)
                #expect(mcp.capabilities?.contains("tools") == true)
                #expect([mcp.tools, mcp.prompts, mcp.resources, mcp.resourceTemplates] == [2, 1, 1, 0])
                #expect(mcp.contractDigest?.hasPrefix("sha256:") == true)
                #expect(mcp.lastCheckTime != nil)
                #expect(mcp.pod?.hasPrefix("weather-") == true)
                #expect(ready.status?.conditions?[type: ConditionType.protocolVerified]?.status == .true)
            }
        }
    }

    @Test("a wrong path is reported with the path that works, and correcting it makes the server ready")
    func wrongPath() async throws {
        try await withSandbox { cluster, _ in
            try await withOperator(cluster, platform: Self.enabled) { _ in
                var contract = Self.contract
                contract["path"] = "/mcp"
                try await cluster.apply(server(cluster, contract: contract) { $0.path = "/api" })
                let wrong = try await cluster.wait(
                    for: ConditionType.protocolVerified,
                    .false,
                    reason: .endpointNotFound,
                    of: "weather",
                    in: "default"
                )
                #expect(message(wrong, ConditionType.protocolVerified).contains("set spec.path to /mcp"))
                try await cluster.wait(for: ConditionType.stalled, .true, of: "weather", in: "default")
                try await cluster.apply(server(cluster, contract: contract) { $0.path = "/mcp" })
                try await cluster.wait(for: ConditionType.ready, .true, of: "weather", in: "default")
            }
        }
    }

    @Test(
        "a path at which nothing works is reported, and so is a server that fails",
        arguments: [
            (404, Reason.endpointNotFound), (405, .endpointNotFound), (503, .handshakeRefused),
            (403, .handshakeRefused),
            (200, .protocolNotSpoken),
        ]
    )
    func failures(status: Int, reason: Reason) async throws {
        try await withSandbox { cluster, _ in
            try await withOperator(cluster, platform: Self.enabled) { _ in
                var contract = Self.contract
                contract["status"] = .integer(Int64(status))
                try await cluster.apply(server(cluster, contract: contract))
                let failed = try await cluster.wait(
                    for: ConditionType.ready,
                    .false,
                    reason: reason,
                    of: "weather",
                    in: "default"
                )
                #expect(message(failed).contains("pod weather-"))
                #expect(failed.status?.mcp == nil)
            }
        }
    }

    @Test("a server that wants credentials is ready, and its condition says so")
    func credentials() async throws {
        try await withSandbox { cluster, _ in
            try await withOperator(cluster, platform: Self.enabled) { _ in
                try await cluster.apply(server(cluster, contract: ["status": 401]))
                let ready = try await cluster.wait(for: ConditionType.ready, .true, of: "weather", in: "default")
                let condition = ready.status?.conditions?[type: ConditionType.protocolVerified]
                #expect(condition?.status == .true)
                #expect(condition?.reason == Reason.credentialsRequired.rawValue)
                #expect(ready.status?.mcp?.tools == nil)
            }
        }
    }

    @Test("a server without the check is ready, and no request is sent to it")
    func disabled() async throws {
        try await withSandbox { cluster, sandbox in
            try await withOperator(cluster, platform: Self.enabled) { _ in
                try await cluster.apply(server(cluster, contract: ["status": 404]) { $0.handshake = .disabled })
                let ready = try await cluster.wait(for: ConditionType.ready, .true, of: "weather", in: "default")
                let condition = ready.status?.conditions?[type: ConditionType.protocolVerified]
                #expect(condition?.reason == Reason.handshakeDisabled.rawValue)
                #expect(ready.status?.mcp == nil)
                #expect(!sandbox.requests.contains { $0.subresource == "proxy" })
            }
        }
    }

    @Test("a server that offers something else is reported at its next check")
    func changes() async throws {
        try await withSandbox { cluster, _ in
            var options = OperatorOptions()
            options.clock = .scaled(by: 10)
            try await withOperator(cluster, platform: Self.enabled, options: options) { _ in
                try await cluster.apply(server(cluster, contract: Self.contract))
                let before = try await cluster.wait(for: ConditionType.ready, .true, of: "weather", in: "default")
                var contract = Self.contract
                contract["tools"] = [["name": "forecast"]]
                try await cluster.apply(server(cluster, contract: contract))
                try await eventually("one tool") {
                    try await cluster.server(named: "weather", in: "default")?.status?.mcp?.tools == 1
                }
                let after = try await cluster.server(named: "weather", in: "default")
                #expect(after?.status?.mcp?.contractDigest != before.status?.mcp?.contractDigest)
            }
        }
    }

    @Test("a restarted operator sends no request to servers that were verified, and writes nothing")
    func restart() async throws {
        try await withSandbox { cluster, sandbox in
            // No regular check is due during the test.
            let platform = PlatformConfiguration(handshake: PlatformHandshake(mode: .enabled, periodSeconds: 86_400))
            let names = ["first", "second", "third"]
            try await withOperator(cluster, platform: platform) { _ in
                for name in names { try await cluster.apply(server(cluster, name, contract: Self.contract)) }
                for name in names {
                    try await cluster.wait(for: ConditionType.ready, .true, of: name, in: "default")
                }
            }
            sandbox.clearRequests()
            try await withOperator(cluster, platform: platform) { _ in
                // The last of the writes that a restart with a change would make comes after this one.
                try await cluster.apply(server(cluster, "fourth", contract: Self.contract))
                try await cluster.wait(for: ConditionType.ready, .true, of: "fourth", in: "default")
            }
            let ours = sandbox.requests.filter { $0.userAgent.hasPrefix("moorage-operator") }
            #expect(!ours.contains { $0.subresource == "proxy" && !$0.name.hasPrefix("fourth-") })
            #expect(!ours.contains { $0.isWrite && names.contains($0.name) })
        }
    }
}
