import ControllerRuntime
import CRDModels
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import SandboxCluster
import Synchronization
import TestSupport
import Testing

@Suite("The servers of mcp-lifecycle-operator")
struct GatewayBindingTests {
    private static let platform = PlatformConfiguration(
        gatewayBindings: PlatformGatewayBindings(enabled: true, gatewayURL: "https://mcp.example.com")
    )

    /// A tenant whose servers can be called at the addresses of Services.
    private func tenant(_ cluster: TestCluster, of namespace: String) -> MCPTenant {
        let range = NetworkPeer(cidr: "10.96.0.0/12", ports: [NetworkPort(port: 8080)])
        return MCPTenant(
            metadata: ObjectMeta(name: cluster.name("team")),
            spec: MCPTenantSpec(
                namespace: TenantNamespace(name: namespace, adopt: true),
                network: TenantNetwork(allow: [range])
            )
        )
    }

    /// Runs a body with a namespace in a cluster with the definitions of mcp-lifecycle-operator, and cleans up.
    private func withLifecycleOperator(
        isAllowed: Bool = true,
        options: OperatorOptions = OperatorOptions(),
        access: AccessLog = AccessLog(),
        before: @escaping @Sendable (APIRequest) async throws -> APIResponse? = { _ in nil },
        _ body: @Sendable (LifecycleOperator, MCPTenant) async throws -> Void
    ) async throws {
        try await withCluster { cluster in
            try await LifecycleOperator.install(on: cluster)
            let namespace = try await cluster.makeNamespace("team")
            let tenant = tenant(cluster, of: namespace)
            if isAllowed { try await cluster.apply(tenant) }
            try await withOperator(cluster, platform: Self.platform, options: options, access: access, before: before) {
                _ in
                try await body(LifecycleOperator(cluster: cluster, namespace: namespace), tenant)
                try await cluster.remove(tenant)
            }
            try await cluster.removeNamespace(namespace)
        }
    }

    private func server(_ name: String, _ lifecycle: LifecycleOperator) async throws -> MCPServer? {
        try await lifecycle.cluster.server(named: name, in: lifecycle.namespace)
    }

    @Test(
        "a server is registered once an administrator allows its address, follows its changes, and goes with its binding"
    )
    func life() async throws {
        try await withLifecycleOperator(isAllowed: false) { lifecycle, tenant in
            let (cluster, namespace) = (lifecycle.cluster, lifecycle.namespace)
            try await lifecycle.apply(server: "weather")
            try await lifecycle.apply(binding: "weather-gateway-binding", of: "weather")
            try await lifecycle.refused("weather-gateway-binding", "spec.network.allow of the MCPTenant")
            try await lifecycle.refused("weather-gateway-binding", "(RemoteNotSecure)")

            try await cluster.apply(tenant)
            let url = try await lifecycle.registered("weather-gateway-binding")
            #expect(url == "https://mcp.example.com/\(namespace)/weather/mcp")
            let first = try #require(try await server("weather", lifecycle))
            #expect(first.spec.remote?.url == "http://weather.\(namespace).svc.cluster.local:8080/mcp")
            #expect(first.metadata.controllerReference?.kind == "MCPGatewayBinding")
            #expect(first.metadata.labels?[MoorageLabels.managedBy] == MoorageLabels.managedByValue)

            // What the tenant sets is kept.
            _ = try await cluster.client.patch(
                MCPServer.resourceType,
                name: "weather",
                namespace: namespace,
                .merge(["spec": ["remote": ["connectTimeoutSeconds": 7], "toolPolicy": ["validateArguments": true]]])
            )
            try await lifecycle.apply(server: "weather", port: 9090, path: "/api/mcp")
            let second = try await eventually("the URL follows") { () -> MCPServer? in
                let server = try await server("weather", lifecycle)
                let isNew = server?.spec.remote?.url == "http://weather.\(namespace).svc.cluster.local:9090/api/mcp"
                return isNew ? server : nil
            }
            #expect(second.metadata.uid == first.metadata.uid)
            #expect(second.spec.remote?.connectTimeoutSeconds == 7)
            #expect(second.spec.toolPolicy?.validateArguments == true)
            try await lifecycle.registered("weather-gateway-binding")

            _ = try await cluster.client.delete(MCPServer.resourceType, name: "weather", namespace: namespace)
            try await eventually("it is created again") {
                let server = try await server("weather", lifecycle)
                return server.map { $0.metadata.uid != first.metadata.uid } ?? false
            }
            try await lifecycle.registered("weather-gateway-binding")

            _ = try await cluster.client.delete(
                LifecycleOperator.bindingType,
                name: "weather-gateway-binding",
                namespace: namespace
            )
            try await eventually("it is deleted with its binding") { try await server("weather", lifecycle) == nil }
        }
    }

    @Test("bindings of other providers are not touched, and one that is given to another provider loses its server")
    func providers() async throws {
        try await withLifecycleOperator { lifecycle, _ in
            let cluster = lifecycle.cluster
            for name in ["theirs", "moved"] { try await lifecycle.apply(server: name) }
            try await lifecycle.apply(binding: "theirs", of: "theirs", provider: "httproute")
            try await lifecycle.apply(binding: "moved", of: "moved")
            let url = try await lifecycle.registered("moved")
            #expect(try await server("theirs", lifecycle) == nil)
            #expect(try await lifecycle.registration(of: "theirs").condition == nil)

            try await lifecycle.apply(binding: "moved", of: "moved", provider: "httproute")
            try await eventually("its MCPServer is deleted") { try await server("moved", lifecycle) == nil }
            // What was said about it is the next provider's to change.
            #expect(try await lifecycle.registration(of: "moved").url == url)
            if let sandbox = cluster.sandbox {
                #expect(sandbox.writes().filter { $0.path.contains("/theirs") }.map(\.path) == [])
            }

            try await lifecycle.apply(binding: "theirs", of: "theirs")
            try await lifecycle.registered("theirs")
            try await lifecycle.apply(server: "renamed")
            try await lifecycle.apply(binding: "theirs", of: "renamed")
            try await eventually("the MCPServer of the name before is deleted") {
                let before = try await server("theirs", lifecycle)
                return try await server("renamed", lifecycle) != nil && before == nil
            }
            #expect(try await cluster.find(LifecycleOperator.serverType, "theirs", in: lifecycle.namespace) != nil)
        }
    }

    @Test("an MCPServer that somebody else created is left alone, and the binding says so until the name is free")
    func taken() async throws {
        try await withLifecycleOperator { lifecycle, _ in
            let (cluster, namespace) = (lifecycle.cluster, lifecycle.namespace)
            var spec = MCPServerSpec()
            spec.remote = RemoteServer(url: "https://partner.example/mcp")
            spec.suspend = true
            try await cluster.apply(
                MCPServer(metadata: ObjectMeta(name: "weather", namespace: namespace), spec: spec)
            )
            try await lifecycle.apply(server: "weather")
            try await lifecycle.apply(binding: "first", of: "weather")
            try await lifecycle.refused("first", "exists that was not created for this binding")
            #expect(try await server("weather", lifecycle)?.spec.remote?.url == "https://partner.example/mcp")

            _ = try await cluster.client.delete(MCPServer.resourceType, name: "weather", namespace: namespace)
            try await lifecycle.registered("first")
            try await lifecycle.apply(binding: "second", of: "weather")
            try await lifecycle.refused("second", "it belongs to MCPGatewayBinding first")
        }
    }

    @Test("a binding whose server is missing, or has no port, says so, and is registered once that is mended")
    func incomplete() async throws {
        try await withLifecycleOperator { lifecycle, _ in
            try await lifecycle.apply(binding: "late", of: "late")
            try await lifecycle.refused("late", "MCPServer.mcp.x-k8s.io \"late\" does not exist")
            // The real definition refuses this port.
            if lifecycle.cluster.sandbox != nil {
                try await lifecycle.apply(server: "late", port: 0)
                try await lifecycle.refused("late", "spec.config.port: 0")
            }
            #expect(try await server("late", lifecycle) == nil)
            try await lifecycle.apply(server: "late")
            try await lifecycle.registered("late")
        }
    }

    @Test("if the API server refuses the MCPServer, the binding has its message, and it is tried again")
    func refusedByAdmission() async throws {
        let refusing = Mutex(true)
        try await withLifecycleOperator(
            options: OperatorOptions(clock: .scaled(by: 50)),
            before: { request in
                guard request.method == .post, request.path.hasSuffix("/mcpservers"), refusing.withLock({ $0 }) else {
                    return nil
                }
                let status: JSONValue = [
                    "kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403,
                    "message": "a policy of the platform forbids it",
                ]
                return APIResponse(status: .forbidden, body: .bytes(status.serialized()))
            }
        ) { lifecycle, _ in
            try await lifecycle.apply(server: "weather")
            try await lifecycle.apply(binding: "weather", of: "weather")
            try await lifecycle.refused("weather", "a policy of the platform forbids it")
            refusing.withLock { $0 = false }
            try await lifecycle.registered("weather")
        }
    }

    @Test("a restarted operator writes nothing")
    func restart() async throws {
        try await withSandbox { cluster, sandbox in
            try await LifecycleOperator.install(on: cluster)
            let namespace = try await cluster.makeNamespace("team")
            let lifecycle = LifecycleOperator(cluster: cluster, namespace: namespace)
            try await cluster.apply(tenant(cluster, of: namespace))
            try await withOperator(cluster, platform: Self.platform) { _ in
                try await lifecycle.apply(server: "weather")
                try await lifecycle.apply(binding: "weather", of: "weather")
                try await lifecycle.apply(binding: "missing", of: "missing")
                try await lifecycle.registered("weather")
                try await lifecycle.refused("missing", "does not exist")
                try await cluster.letOperatorPass()
            }
            let before = sandbox.writes().filter { !$0.isOfPass && $0.namespace == namespace }.count
            try await withOperator(cluster, platform: Self.platform) { moorage in
                let controller = try #require(moorage.controllers.first { $0.name == "mcpgatewaybinding" })
                try await eventually("both bindings were looked at") {
                    controller.isReconciling && controller.queue.count == 0
                }
                try await cluster.letOperatorPass()
            }
            let writes = sandbox.writes().filter { !$0.isOfPass && $0.namespace == namespace }
            #expect(writes.dropFirst(before).map(\.path) == [])
        }
    }

    @Test("the chart's permissions for bindings are exactly those that are used", arguments: [false, true])
    func access(isScoped: Bool) async throws {
        try await withSandbox { cluster, _ in
            try await LifecycleOperator.install(on: cluster)
            let namespace = "team-a"
            _ = try await cluster.client.create(.namespace, ["metadata": ["name": .string(namespace)]])
            let lifecycle = LifecycleOperator(cluster: cluster, namespace: namespace)
            let namespaces = isScoped ? [namespace] : nil
            let rules = try await Chart.accessRules(namespaces: namespaces, gatewayBindings: true)
            let without = try await Chart.accessRules(namespaces: namespaces)
            let log = AccessLog()
            try await cluster.apply(tenant(cluster, of: namespace))
            try await withOperator(
                cluster,
                platform: Self.platform,
                options: OperatorOptions(namespaces: namespaces),
                access: log,
                before: { request in
                    // Older API servers do not stream lists.
                    guard request.queryValue("sendInitialEvents") == "true" else { return nil }
                    let status: JSONValue = [
                        "kind": "Status", "status": "Failure", "reason": "Invalid", "code": 422,
                    ]
                    return APIResponse(status: .unprocessableContent, body: .bytes(status.serialized()))
                }
            ) { _ in
                try await lifecycle.apply(server: "weather")
                try await lifecycle.apply(binding: "weather", of: "weather")
                try await lifecycle.registered("weather")
                try await lifecycle.apply(server: "weather", port: 9090)
                try await eventually("the URL follows") {
                    try await server("weather", lifecycle)?.spec.remote?.url.contains(":9090/") == true
                }
                try await lifecycle.apply(binding: "weather", of: "weather", provider: "httproute")
                try await eventually("it is deleted") { try await server("weather", lifecycle) == nil }
            }
            let added = Set(rules.grants.flatMap(\.atoms)).subtracting(without.grants.flatMap(\.atoms))
            #expect(added.count == 8)
            #expect(rules.unused(by: log.needed).atoms.filter(added.contains) == [])
        }
    }

    @Test("without the definitions, or unless it is enabled, the operator runs without bindings")
    func absent() async throws {
        try await withSandbox { cluster, _ in
            func names(_ platform: PlatformConfiguration) async throws -> [String] {
                try await withOperator(cluster, platform: platform) { $0.controllers.map(\.name) }
            }
            #expect(try await !names(Self.platform).contains("mcpgatewaybinding"))
            try await LifecycleOperator.install(on: cluster)
            #expect(try await !names(PlatformConfiguration()).contains("mcpgatewaybinding"))
            #expect(try await names(Self.platform).contains("mcpgatewaybinding"))
        }
    }
}
