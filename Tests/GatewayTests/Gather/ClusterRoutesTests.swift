import AsyncHTTPClient
import CRDModels
import ControllerRuntime
import Foundation
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import MCPProtocol
import MCPTransport
import Policy
import Reconcilers
import SandboxCluster
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// The gateway of a cluster: an operator, a gateway, and stand-in pods that speak MCP.
@Suite("The gateway in a cluster")
struct ClusterRoutesTests {
    private static let namespace = "default"
    private static let handshake = PlatformHandshake(mode: .enabled, periodSeconds: 86_400)

    private static func annotation(_ tools: [String]) -> [String: String] {
        let contract: JSONValue = [
            "name": "weather", "version": "1.2",
            "tools": .array(tools.map { ["name": .string($0), "annotations": ["readOnlyHint": true]] }),
        ]
        return ["sandbox.moorage.dev/mcp": String(decoding: contract.serialized(), as: UTF8.self)]
    }

    private static func apply(
        _ cluster: TestCluster,
        _ name: String = "weather",
        tools: [String] = ["forecast", "history"],
        _ change: (inout MCPServerSpec) -> Void = { _ in }
    ) async throws {
        var spec = MCPServerSpec(image: TestCluster.image)
        change(&spec)
        var server = cluster.server(name, in: namespace, spec: spec)
        server.metadata.annotations = annotation(tools)
        try await cluster.apply(server)
    }

    /// Runs a gateway for the cluster as long as the body runs.
    private static func withGateway(
        _ cluster: TestCluster,
        _ sandbox: SandboxCluster,
        platform: PlatformConfiguration,
        onRuleChange: @escaping @Sendable ([RuleChange]) -> Void = { _ in },
        _ body: @escaping @Sendable (RunningGateway, ClusterRoutes) async throws -> Void
    ) async throws {
        let exchange = try HTTPClientExchange()
        var options = ClusterRoutes.Options()
        options.podHost = { uid, _ in uid }
        let routes = ClusterRoutes(
            client: cluster.client,
            platform: platform,
            options: options,
            logger: RunningGateway.quiet
        )
        let gateway = GatewayServer(
            routes: RouteTable(),
            port: 0,
            exchange: SandboxPods(sandbox: sandbox, exchange: exchange),
            now: { Int64(Date().timeIntervalSince1970) },
            logger: RunningGateway.quiet
        )
        routes.onChange { gateway.update($0) }
        routes.onRuleChange(onRuleChange)
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        let outcome: Result<Void, any Error>
        do {
            try await whileRunning([routes, gateway]) {
                try await routes.waitUntilReady()
                let running = RunningGateway(
                    port: try await gateway.port(),
                    gateway: gateway,
                    routes: RouteTable(),
                    client: client,
                    stop: {}
                )
                try await body(running, routes)
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try? await client.shutdown()
        await exchange.shutdown()
        try outcome.get()
    }

    /// The names of the tools that a client sees; `nil` if there is no route.
    private static func tools(_ gateway: RunningGateway, _ path: String) async throws -> [String]? {
        let answer = try await gateway.modern(path, "tools/list")
        guard answer.status != 404 else { return nil }
        return answer.json?["result"]?["tools"]?.elements?.compactMap { $0["name"]?.stringValue } ?? []
    }

    @Test("a server that is Ready is called through the gateway, until it is deleted")
    func life() async throws {
        let platform = PlatformConfiguration(handshake: Self.handshake)
        try await withSandbox { cluster, sandbox in
            try await withOperator(cluster, platform: platform) { _ in
                try await Self.withGateway(cluster, sandbox, platform: platform) { gateway, routes in
                    #expect(try await Self.tools(gateway, "/default/weather/mcp") == nil)
                    try await Self.apply(cluster)
                    try await cluster.wait(for: ConditionType.ready, .true, of: "weather", in: Self.namespace)
                    try await eventually("its tools are listed") {
                        try await Self.tools(gateway, "/default/weather/mcp") == ["forecast", "history"]
                    }
                    #expect(
                        try await Self.tools(gateway, "/default/mcp") == ["weather_forecast", "weather_history"]
                    )
                    let answer = try await gateway.modern(
                        "/default/weather/mcp",
                        "tools/call",
                        ["name": "forecast", "arguments": [:]]
                    )
                    #expect(answer.status == 200, "\(answer.body)")
                    #expect(answer.json?["result"]?["content"] != nil, "\(answer.body)")
                    #expect(routes.problems == [])

                    _ = try await cluster.client.delete(
                        MCPServer.resourceType,
                        name: "weather",
                        namespace: Self.namespace
                    )
                    try await eventually("its route is removed") {
                        try await Self.tools(gateway, "/default/weather/mcp") == nil
                    }
                    #expect(try await Self.tools(gateway, "/default/mcp") == nil)
                }
            }
        }
    }

    @Test("a curation hides a tool within a second of its revision, and a suspended server says that it is")
    func curation() async throws {
        let platform = PlatformConfiguration(handshake: Self.handshake, review: TenantReview(policy: .never))
        let changes = Mutex<[RuleChange]>([])
        try await withSandbox { cluster, sandbox in
            try await withOperator(cluster, platform: platform) { _ in
                try await Self.withGateway(
                    cluster,
                    sandbox,
                    platform: platform,
                    onRuleChange: { new in changes.withLock { $0 += new } }
                ) { gateway, routes in
                    try await Self.apply(cluster)
                    try await eventually("its tools are listed") {
                        try await Self.tools(gateway, "/default/weather/mcp") == ["forecast", "history"]
                    }
                    try await Self.apply(cluster) { $0.tools = [ToolCuration(name: "history", enabled: false)] }
                    try await eventually("the tool is hidden", within: .seconds(30)) {
                        try await Self.tools(gateway, "/default/weather/mcp") == ["forecast"]
                    }
                    let hidden = try await gateway.modern(
                        "/default/weather/mcp",
                        "tools/call",
                        ["name": "history", "arguments": [:]]
                    )
                    #expect(hidden.json?["error"] != nil, "\(hidden.body)")

                    try await Self.apply(cluster) {
                        $0.tools = [ToolCuration(name: "history", enabled: false)]
                        $0.suspend = true
                    }
                    try await eventually("the suspension is reported") {
                        let answer = try await gateway.modern(
                            "/default/weather/mcp",
                            "tools/call",
                            ["name": "forecast", "arguments": [:]]
                        )
                        return answer.status == 503 && answer.body.contains("it is suspended")
                    }
                    #expect(routes.problems.map(\.reason) == [.suspended])
                    #expect(try await Self.tools(gateway, "/default/mcp") == [])
                }
            }
        }
        let recorded = changes.withLock { $0 }
        #expect(recorded.first == RuleChange(namespace: "default", server: "weather", reason: .serverAdded))
        let contract = recorded.last { $0.reason == .contractChanged }
        #expect(contract?.revisionDigest?.hasPrefix("sha256:") == true, "\(recorded)")
    }

    @Test("a virtual server joins the servers that it names, and its status says what is missing")
    func virtualServer() async throws {
        let platform = PlatformConfiguration(handshake: Self.handshake)
        let changes = Mutex<[RuleChange]>([])
        try await withSandbox { cluster, sandbox in
            try await withOperator(cluster, platform: platform) { _ in
                try await Self.withGateway(
                    cluster,
                    sandbox,
                    platform: platform,
                    onRuleChange: { new in changes.withLock { $0 += new } }
                ) { gateway, routes in
                    let path = "/default/assistant/mcp"
                    try await cluster.apply(
                        MCPVirtualServer(
                            metadata: ObjectMeta(name: "assistant", namespace: Self.namespace),
                            spec: MCPVirtualServerSpec(
                                servers: [
                                    VirtualServerMember(
                                        name: "weather",
                                        tools: [
                                            VirtualTool(name: "forecast", as: "tomorrow"), VirtualTool(name: "nope"),
                                        ]
                                    ),
                                    VirtualServerMember(name: "missing"),
                                ],
                                serverSelector: LabelSelector(matchLabels: ["team": "travel"])
                            )
                        )
                    )
                    try await Self.apply(cluster)
                    try await Self.apply(cluster, "maps", tools: ["route", "search"])
                    func status() async throws -> MCPVirtualServerStatus? {
                        try await cluster.client.get(
                            MCPVirtualServer.self,
                            name: "assistant",
                            namespace: Self.namespace
                        ).status
                    }
                    try await eventually("its tool is listed") {
                        try await Self.tools(gateway, path) == ["tomorrow"]
                    }
                    try await cluster.client.patch(
                        MCPServer.resourceType,
                        name: "maps",
                        namespace: Self.namespace,
                        .merge(["metadata": ["labels": ["team": "travel"]]])
                    )
                    try await eventually("the tools of the labelled server are listed") {
                        try await Self.tools(gateway, path) == ["tomorrow", "route", "search"]
                    }
                    let answer = try await gateway.modern(path, "tools/call", ["name": "tomorrow", "arguments": [:]])
                    #expect(answer.status == 200 && answer.json?["result"] != nil, "\(answer.body)")
                    let reported: MCPVirtualServerStatus = try await eventually("the status counts them") {
                        guard let status = try await status(), status.tools == 3 else { return nil }
                        return status
                    }
                    #expect(reported.path == path)
                    #expect(reported.members?.map(\.name) == ["weather", "maps"])
                    #expect(reported.members?.map(\.tools) == [1, 2])
                    let resolved = reported.conditions?[type: ConditionType.resolvedRefs]
                    #expect(resolved?.reason == Reason.serverNotFound.rawValue)
                    #expect(
                        resolved?.message.contains("\"missing\" does not exist") == true
                            && resolved?.message.contains("no tool \"nope\"") == true,
                        "\(String(describing: resolved))"
                    )
                    #expect(reported.conditions?[type: ConditionType.ready]?.status == .true)
                    #expect(routes.problems.map(\.reason) == [.notResolved, .notResolved])

                    // A server of its name takes the path over.
                    try await Self.apply(cluster, "assistant", tools: ["own"])
                    try await eventually("the server is served at the path") {
                        try await Self.tools(gateway, path) == ["own"]
                    }
                    try await eventually("the status says that the name is taken") {
                        try await status()?.conditions?[type: ConditionType.accepted]?.reason
                            == Reason.serverNameTaken.rawValue
                    }
                }
            }
        }
        let recorded = changes.withLock { $0 }.filter { $0.virtualServer == "assistant" }
        #expect(recorded.first?.reason == .virtualServerAdded && recorded.last?.reason == .virtualServerRemoved)
        #expect(recorded.contains { $0.reason == .virtualServerChanged })
    }

    @Test("a tool that a server adds while it runs is not published until it is approved")
    func approval() async throws {
        let platform = PlatformConfiguration(handshake: PlatformHandshake(mode: .enabled, periodSeconds: 10))
        try await withSandbox { cluster, sandbox in
            var options = OperatorOptions()
            options.clock = .scaled(by: 10)
            try await withOperator(cluster, platform: platform, options: options) { _ in
                try await Self.withGateway(cluster, sandbox, platform: platform) { gateway, _ in
                    try await Self.apply(cluster)
                    try await eventually("its tools are listed") {
                        try await Self.tools(gateway, "/default/weather/mcp") == ["forecast", "history"]
                    }
                    let first = try #require(
                        try await cluster.server(named: "weather", in: Self.namespace)?.status?.revision?.name
                    )
                    // The pods stay, and offer something else.
                    try await Self.apply(cluster, tools: ["forecast", "history", "wipe"])
                    let drifted: String = try await eventually("the drift is recorded") {
                        let revision = try await cluster.server(named: "weather", in: Self.namespace)?.status?.revision
                        return revision?.drift?.from == first ? revision?.name : nil
                    }
                    #expect(try await Self.tools(gateway, "/default/weather/mcp") == ["forecast", "history"])
                    _ = try await cluster.client.patch(
                        MCPServerRevision.resourceType,
                        name: drifted,
                        namespace: Self.namespace,
                        .merge(["spec": ["approval": ["decision": "Approved", "approver": "ada"]]])
                    )
                    try await eventually("the tool is published") {
                        try await Self.tools(gateway, "/default/weather/mcp") == ["forecast", "history", "wipe"]
                    }
                }
            }
        }
    }

    @Test("the gateway needs exactly what the chart allows it, also for a contract in parts")
    func permissions() async throws {
        let namespace = RouteDecisionTests.namespace
        try await withSandbox { cluster, sandbox in
            let client = cluster.client
            _ = try await client.create(
                .namespace,
                ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)]]
            )
            let server = try await cluster.apply(cluster.server("weather", in: namespace))
            var revision = try RouteDecisionTests.revision(
                [RouteDecisionTests.tool("forecast"), RouteDecisionTests.tool("history")],
                uid: try #require(server.metadata.uid)
            )
            // As the controller stores it if it is large.
            let text = String(decoding: try JSONValue(encoding: revision.spec.contract).serialized(), as: UTF8.self)
            let parts = [String(text.prefix(100)), String(text.dropFirst(100))]
            revision.spec.contract = nil
            revision.spec.parts = parts.enumerated().map {
                RevisionPart(name: "weather-1-\($0.offset)", digest: ContractDigest.of($0.element))
            }
            for (part, text) in zip(revision.spec.parts ?? [], parts) {
                _ = try await client.create(
                    .configMap,
                    [
                        "apiVersion": "v1", "kind": "ConfigMap",
                        "metadata": ["name": .string(part.name), "namespace": .string(namespace)],
                        "data": [RevisionPart.dataKey: .string(text)],
                    ]
                )
            }
            _ = try await client.create(MCPServerRevision.resourceType, JSONValue(encoding: revision))
            _ = try await client.patch(
                MCPServer.resourceType,
                name: "weather",
                namespace: namespace,
                subresource: "status",
                .merge([
                    "status": [
                        "revision": [
                            "name": "weather-1", "contractDigest": .string(revision.spec.contractDigest),
                            "image": "registry.example/weather:1", "tools": 2, "publishedTools": 2,
                        ]
                    ]
                ])
            )

            let rules = try await Chart.gatewayAccessRules()
            let access = AccessLog()
            let transport = try HTTPTransport(try await sandbox.clientConfiguration())
            let authorizing = AuthorizingTransport(transport, rules: rules, log: access) { request in
                // As older API servers, which have no streaming lists.
                guard request.query.contains(where: { $0.name == "sendInitialEvents" }) else { return nil }
                let status: JSONValue = ["kind": "Status", "status": "Failure", "reason": "Invalid", "code": 422]
                return APIResponse(status: .unprocessableContent, body: .bytes(status.serialized()))
            }
            let allowed = KubernetesClient(transport: authorizing)
            let replicas = ReplicaCount(
                client: allowed,
                service: Chart.gatewayServiceAccount,
                namespace: Chart.namespace,
                logger: RunningGateway.quiet
            ) { _ in }
            let routes = ClusterRoutes(
                client: allowed,
                platform: PlatformConfiguration(),
                logger: RunningGateway.quiet
            )
            let tables = Mutex<[RouteTable]>([])
            routes.onChange { table in tables.withLock { $0.append(table) } }
            let outcome: Result<Void, any Error>
            do {
                try await whileRunning([routes, replicas]) {
                    try await eventually("everything is read, and every permission was needed", within: .seconds(30)) {
                        if !access.missing.isEmpty { throw MissingPermissions(permissions: access.missing) }
                        return routes.readiness.allSatisfy { $0.problem() == nil }
                            && rules.unused(by: access.needed).atoms.isEmpty
                    }
                }
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            try await transport.shutdown()
            try outcome.get()
            // The first table is complete.
            let catalogue = tables.withLock { $0 }.first?["/team/weather/mcp"]?.single?.backend.catalogue
            #expect(catalogue?.entries.map(\.tool.name) == ["forecast", "history"])
        }
    }

    @Test("the gateways that share limits are the ready pods of all slices, each once")
    func replicas() throws {
        func slice(_ pods: [String], ready: Bool = true) throws -> EndpointFacts {
            try EndpointFacts([
                "metadata": ["name": "moorage-gateway-1", "namespace": "moorage-system"], "addressType": "IPv4",
                "endpoints": .array(
                    pods.map {
                        [
                            "addresses": ["10.0.0.1"], "conditions": ["ready": .bool(ready)],
                            "targetRef": ["kind": "Pod", "uid": .string($0)],
                        ]
                    }
                ),
            ])
        }
        #expect(ReplicaCount.count([]) == 1)
        #expect(ReplicaCount.count([try slice(["a"], ready: false)]) == 1)
        #expect(ReplicaCount.count([try slice(["a", "b"]), try slice(["b", "c"]), try slice([])]) == 3)
    }

    @Test("with 5,000 servers, a change of one is in force soon")
    func scale() async throws {
        let count = 5_000
        let contract: [ServerFacts] = (0..<count).map { index in
            var server = MCPServer(
                metadata: ObjectMeta(name: "server-\(index)", namespace: "team-\(index % 250)"),
                spec: MCPServerSpec()
            )
            server.metadata.uid = "uid-\(index)"
            return ServerFacts(server)
        }
        var input = RouteInput(servers: contract, platform: PlatformConfiguration(review: TenantReview(policy: .never)))
        input.endpoints = try contract.map { server in
            try EndpointFacts([
                "metadata": [
                    "name": .string(server.name), "namespace": .string(server.namespace),
                    "labels": ["kubernetes.io/service-name": .string(server.name)],
                ],
                "addressType": "IPv4", "ports": [["name": "http", "port": 8080]],
                "endpoints": [["addresses": ["10.0.0.1"], "targetRef": ["kind": "Pod", "uid": .string(server.uid)]]],
            ])
        }
        let exchange = try HTTPClientExchange()
        let gateway = GatewayServer(
            routes: RouteTable.decide(input).table,
            port: 0,
            exchange: exchange,
            now: { 0 },
            logger: RunningGateway.quiet
        )
        input.endpoints[0].pods[0].host = "10.0.0.2"
        let clock = ContinuousClock()
        // All namespaces are decided here; `ClusterRoutes` decides one.
        let decided = clock.measure { _ = RouteTable.decide(input) }
        let table = RouteTable.decide(input).table
        #expect(table.all.count == count + 250)
        let updated = clock.measure { gateway.update(table) }
        // Generous, because machines are sometimes slow.
        #expect(updated < .seconds(5))
        print("5,000 routes: decided in \(decided), in force in \(updated)")
        await exchange.shutdown()
    }
}
