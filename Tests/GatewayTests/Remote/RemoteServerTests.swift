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

/// Remote servers in a cluster: an operator, a gateway with the permissions that it has, and servers that somebody else runs.
@Suite("Remote servers in a cluster")
struct RemoteServerTests {
    private static let namespace = "mcp-acme"
    private static let name = "partner"
    private static let path = "/mcp-acme/partner/mcp"
    private static let platform = PlatformConfiguration(
        handshake: PlatformHandshake(mode: .enabled, periodSeconds: 86_400),
        gateway: GatewaySettings(serviceAccountName: "moorage-gateway")
    )

    /// What a test works with.
    private struct World: Sendable {
        let cluster: TestCluster
        let sandbox: SandboxCluster
        let gateway: RunningGateway
        let network: FakeNetwork
        let seen: GuardedService.Seen
        /// The ports of the two servers, which offer different tools.
        let ports: [Int]

        func url(_ index: Int = 0, host: String = "partner.example") -> String {
            "http://\(host):\(ports[index])/mcp"
        }

        /// Whether a tool of the server can be called.
        func isCalled() async throws -> Bool {
            let params: RawJSON = ["name": "forecast", "arguments": [:]]
            let answer = try await gateway.modern(RemoteServerTests.path, "tools/call", params)
            return answer.status == 200 && answer.body.contains("called forecast")
        }

        /// The tools that a client sees; `nil` if there is no route.
        func tools() async throws -> [String]? {
            let answer = try await gateway.modern(RemoteServerTests.path, "tools/list")
            guard answer.status == 200 else { return nil }
            return answer.json?["result"]?["tools"]?.elements?.compactMap { $0["name"]?.stringValue }
        }

        func status() async throws -> MCPServerStatus? {
            try await cluster.server(named: RemoteServerTests.name, in: RemoteServerTests.namespace)?.status
        }

        func secret(_ value: String) async throws {
            let secret: JSONValue = [
                "apiVersion": "v1", "kind": "Secret",
                "metadata": ["name": "partner-token", "namespace": .string(RemoteServerTests.namespace)],
                "stringData": ["header": .string(value)],
            ]
            _ = try await cluster.client.apply(
                .secret,
                secret,
                options: ApplyOptions(fieldManager: "gitops", force: true)
            )
        }

        func apply(
            _ url: String,
            secret: String? = "partner-token",
            _ change: (inout MCPServerSpec) -> Void = { _ in }
        ) async throws {
            let headers = secret.map {
                [RemoteHeader(name: "Authorization", secretKeyRef: SecretKeySelector(name: $0, key: "header"))]
            }
            var spec = MCPServerSpec(remote: RemoteServer(url: url, headers: headers))
            change(&spec)
            let metadata = ObjectMeta(name: RemoteServerTests.name, namespace: RemoteServerTests.namespace)
            try await cluster.apply(MCPServer(metadata: metadata, spec: spec))
        }

        func find(_ type: ResourceType, _ name: String = RemoteServerTests.name) async throws -> JSONValue? {
            try await cluster.find(type, name, in: RemoteServerTests.namespace)
        }
    }

    private static func serve(
        _ handlers: [any MCPServerHandler],
        _ body: @escaping @Sendable ([Int]) async throws -> Void
    ) async throws {
        var configuration = StreamableHTTPConfiguration()
        configuration.hosts = .all
        let servers = handlers.map {
            StreamableHTTPServer(handler: $0, port: 0, configuration: configuration, logger: RunningGateway.quiet)
        }
        try await whileRunning(servers) {
            var ports: [Int] = []
            for server in servers { ports.append(try await server.port()) }
            try await body(ports)
        }
    }

    private static func tenant(_ change: (inout MCPTenantSpec) -> Void = { _ in }) -> MCPTenant {
        var spec = MCPTenantSpec()
        spec.network = TenantNetwork(allow: [NetworkPeer(cidr: "10.1.2.0/24")])
        change(&spec)
        return MCPTenant(metadata: ObjectMeta(name: "acme"), spec: spec)
    }

    private static func run(
        answers: [String: [[String]]] = ["partner.example": [["10.1.2.3"]]],
        _ body: @escaping @Sendable (World) async throws -> Void
    ) async throws {
        let seen = GuardedService.Seen()
        let network = FakeNetwork(answers)
        let services: [any MCPServerHandler] = [
            try GuardedService(tools: ["forecast"], seen: seen),
            try GuardedService(tools: ["forecast", "shell"], seen: seen),
        ]
        try await serve(services) { ports in
            try await withSandbox { cluster, sandbox in
                var options = OperatorOptions()
                options.remoteNetwork = network.network
                try await withOperator(cluster, platform: platform, options: options) { _ in
                    try await cluster.apply(tenant())
                    try await eventually("the namespace exists") {
                        try await cluster.find(.namespace, namespace) != nil
                    }
                    try await withGateway(cluster, sandbox, network) { gateway in
                        try await body(
                            World(
                                cluster: cluster,
                                sandbox: sandbox,
                                gateway: gateway,
                                network: network,
                                seen: seen,
                                ports: ports
                            )
                        )
                    }
                }
            }
        }
    }

    /// Runs a gateway with the permissions of the chart, and those that the operator gives it.
    private static func withGateway(
        _ cluster: TestCluster,
        _ sandbox: SandboxCluster,
        _ network: FakeNetwork,
        _ body: @escaping @Sendable (RunningGateway) async throws -> Void
    ) async throws {
        let transport = try await gatewayTransport(cluster, sandbox)
        let exchange = try HTTPClientExchange()
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        let outcome: Result<Void, any Error>
        do {
            let routes = ClusterRoutes(
                client: KubernetesClient(transport: transport),
                platform: platform,
                options: ClusterRoutes.Options(),
                logger: RunningGateway.quiet
            )
            var options = GatewayOptions()
            options.remoteNetwork = network.network
            let gateway = GatewayServer(
                routes: RouteTable(),
                port: 0,
                options: options,
                exchange: exchange,
                now: { Int64(Date().timeIntervalSince1970) },
                logger: RunningGateway.quiet
            )
            routes.onChange { gateway.update($0) }
            try await whileRunning([routes, gateway]) {
                try await routes.waitUntilReady()
                try await body(
                    RunningGateway(
                        port: try await gateway.port(),
                        gateway: gateway,
                        routes: RouteTable(),
                        client: client,
                        stop: {}
                    )
                )
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try? await client.shutdown()
        await exchange.shutdown()
        try? await transport.shutdown()
        try outcome.get()
    }

    /// The gateway's own account, with the rules of the chart if Helm is installed.
    private static func gatewayTransport(
        _ cluster: TestCluster,
        _ sandbox: SandboxCluster
    ) async throws -> HTTPTransport {
        guard (try? Tool.helm()) != nil else { return try HTTPTransport(try await sandbox.clientConfiguration()) }
        let account: JSONValue = [
            "apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": ["name": "moorage-gateway", "namespace": "moorage-system"],
        ]
        _ = try await cluster.client.create(.serviceAccount, account)
        for document in try await Chart.documents() {
            guard let kind = document["kind"]?.stringValue,
                let name = document[path: ["metadata", "name"]]?.stringValue,
                name.hasPrefix("moorage-gateway"),
                let type = [
                    ResourceType.role, .roleBinding, .clusterRole, .clusterRoleBinding,
                ].first(where: { $0.kind == kind })
            else { continue }
            _ = try await cluster.client.create(type, document)
        }
        let request: JSONValue = ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": [:]]
        let answer = try JSONValue(
            parsing: try await cluster.client.data(
                APIRequest(
                    method: .post,
                    path: "/api/v1/namespaces/moorage-system/serviceaccounts/moorage-gateway/token",
                    headers: [.contentType: "application/json", .accept: "application/json"],
                    body: request.serialized()
                )
            ).body
        )
        let token = try #require(answer[path: ["status", "token"]]?.stringValue)
        let text = try await sandbox.kubeconfig(token: token)
        let file = FileManager.default.temporaryDirectory.appending(path: "kubeconfig-\(UUID().uuidString)").path()
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        return try HTTPTransport(try KubernetesClientConfiguration.load(kubeconfig: file))
    }

    // MARK: - Life

    @Test("a remote server is checked, recorded and called with its credentials, and has no pods")
    func life() async throws {
        try await Self.run { world in
            try await world.secret("Bearer one\n")
            try await world.apply(world.url())
            let ready = try await world.cluster.wait(
                for: ConditionType.ready,
                .true,
                of: Self.name,
                in: Self.namespace
            )
            let status = try #require(ready.status)
            #expect(status.url == world.url() && status.address == nil && status.image == nil)
            #expect(status.replicas == nil && status.selector == nil)
            #expect(status.mcp?.tools == 1 && status.mcp?.serverName == "partner" && status.mcp?.pod == nil)
            #expect(status.conditions?[type: ConditionType.available]?.status == .true)
            #expect(status.conditions?[type: ConditionType.imagePolicySatisfied] == nil)
            try await eventually("its tools are listed") { try await world.tools() == ["forecast"] }
            #expect(world.seen.all.allSatisfy { $0 == "Bearer one" })
            for type in [
                ResourceType.deployment, .service, .serviceAccount, .networkPolicy, .persistentVolumeClaim,
            ] { #expect(try await world.find(type) == nil, "\(type.kind)") }
            let role = try #require(try await world.find(.role, "partner-gateway"))
            #expect(
                role["rules"] == [
                    [
                        "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["partner-token"],
                        "verbs": ["get"],
                    ]
                ]
            )
            let revision = try await world.cluster.client.get(
                MCPServerRevision.self,
                name: try #require(status.revision?.name),
                namespace: Self.namespace
            )
            #expect(revision.spec.image.reference == world.url() && revision.spec.image.digest == nil)
            // The value is nowhere but in the Secret.
            for object in [try await world.find(MCPServer.resourceType), role] {
                #expect(object.map { !String(decoding: $0.serialized(), as: UTF8.self).contains("Bearer") } ?? false)
            }
        }
    }

    @Test("credentials that are rotated are in force within seconds")
    func rotation() async throws {
        try await Self.run { world in
            try await world.secret("Bearer one")
            try await world.apply(world.url())
            try await eventually("it is called") { try await world.isCalled() }
            try await world.secret("Bearer two")
            try await eventually("the new credentials are used", within: .seconds(10)) {
                try await world.isCalled() && world.seen.last == "Bearer two"
            }
            // What can be no header field is not sent, and the server is not called without it.
            try await world.secret("Bearer\nX-Admin: yes")
            try await eventually("it is not called") { try await !world.isCalled() }
            try await world.secret("Bearer three")
            try await eventually("it is called again") {
                try await world.isCalled() && world.seen.last == "Bearer three"
            }
        }
    }

    @Test("a server that loses its Secret, or its tenant's permission, is not called any more")
    func withdrawn() async throws {
        try await Self.run { world in
            try await world.secret("Bearer one")
            try await world.apply(world.url())
            try await eventually("it is called") { try await world.isCalled() }
            _ = try await world.cluster.client.delete(.secret, name: "partner-token", namespace: Self.namespace)
            let refused = try await world.cluster.wait(
                for: ConditionType.accepted,
                .false,
                reason: .referenceNotFound,
                of: Self.name,
                in: Self.namespace
            )
            #expect(refused.status?.remote == nil)
            try await eventually("it is not called") { try await !world.isCalled() }
            try await world.secret("Bearer two")
            try await eventually("it is called again") { try await world.isCalled() }
            try await world.cluster.apply(Self.tenant { $0.network = TenantNetwork(internet: true) })
            try await world.cluster.wait(
                for: ConditionType.accepted,
                .false,
                reason: .remoteNotSecure,
                of: Self.name,
                in: Self.namespace
            )
            try await eventually("it is not called") { try await !world.isCalled() }
        }
    }

    @Test("a name that leads to an address that is not allowed is refused by operator and gateway")
    func address() async throws {
        try await Self.run(answers: ["partner.example": [["10.9.9.9"]]]) { world in
            try await world.secret("Bearer one")
            try await world.apply(world.url())
            let failed = try await world.cluster.wait(
                for: ConditionType.ready,
                .false,
                reason: .remoteAddressNotAllowed,
                of: Self.name,
                in: Self.namespace
            )
            #expect(failed.status?.conditions?[type: ConditionType.stalled]?.status == .true)
            #expect(try await !world.isCalled())
            #expect(world.network.dialed.isEmpty && world.seen.all.isEmpty)
        }
    }

    @Test(
        "a server that rejects its credentials is not ready; one that wants some is, and is not called, as nothing was read"
    )
    func rejected() async throws {
        try await Self.run { world in
            try await world.secret("Bearer one")
            try await FixedServer.run(status: 401) { server in
                let url = "http://partner.example:\(server.port)/mcp"
                try await world.apply(url)
                let failed = try await world.cluster.wait(
                    for: ConditionType.ready,
                    .false,
                    reason: .handshakeRefused,
                    of: Self.name,
                    in: Self.namespace
                )
                let message = failed.status?.conditions?[type: ConditionType.ready]?.message ?? ""
                #expect(message.contains(url) && !message.contains("pod"), "\(message)")
                try await world.apply(url, secret: nil)
                let ready = try await world.cluster.wait(
                    for: ConditionType.ready,
                    .true,
                    of: Self.name,
                    in: Self.namespace
                )
                let condition = ready.status?.conditions?[type: ConditionType.protocolVerified]
                #expect(condition?.reason == Reason.credentialsRequired.rawValue)
                #expect(try await !world.isCalled())
                #expect(try await world.find(.role, "partner-gateway") == nil)
            }
        }
    }

    // MARK: - Review

    @Test("a server at another URL that offers something else is called only once it is approved")
    func review() async throws {
        try await Self.run { world in
            try await world.secret("Bearer one")
            try await world.apply(world.url())
            try await eventually("it is called") { try await world.isCalled() }
            try await world.apply(world.url(1))
            let held = try await eventually("it waits for an approval") { () -> CandidateStatus? in
                guard let candidate = try await world.status()?.candidate, candidate.state == .held else { return nil }
                return candidate
            }
            #expect(held.image == world.url(1))
            let status = try await world.status()
            #expect(status?.remote?.server.url == world.url() && status?.url == world.url())
            #expect(status?.conditions?[type: ConditionType.ready]?.status == .true)
            #expect(try await world.tools() == ["forecast"])
            _ = try await world.cluster.client.patch(
                MCPServerRevision.resourceType,
                name: try #require(held.revision),
                namespace: Self.namespace,
                .merge(["spec": ["approval": ["decision": "Approved", "reason": "a test"]]])
            )
            try await eventually("it is called") { try await world.tools() == ["forecast", "shell"] }
            #expect(try await world.status()?.url == world.url(1))
        }
    }

    @Test("an approved version that is not allowed any more is not called, and neither is the one that waits")
    func withdrawnDuringReview() async throws {
        try await Self.run(answers: ["partner.example": [["10.1.4.4"]]]) { world in
            try await world.secret("Bearer one")
            try await world.apply(world.url(host: "10.1.2.3"))
            try await eventually("it is called") { try await world.isCalled() }
            try await world.apply(world.url(1))
            // The address of the version that serves is no longer allowed; that of the other one is.
            try await world.cluster.apply(
                Self.tenant { $0.network = TenantNetwork(allow: [NetworkPeer(cidr: "10.1.4.0/24")]) }
            )
            try await eventually("nothing is called") {
                let status = try await world.status()
                guard status?.candidate?.state == .held, status?.remote == nil else { return false }
                return try await !world.isCalled()
            }
            let ready = try await world.status()?.conditions?[type: ConditionType.ready]
            #expect(
                ready?.status == .false && ready?.reason == Reason.reviewRequired.rawValue,
                "\(String(describing: ready))"
            )
        }
    }

    @Test("a first version that needs an approval is not called before")
    func firstVersion() async throws {
        try await Self.run { world in
            try await world.cluster.apply(Self.tenant { $0.review = TenantReview(policy: .always) })
            try await world.secret("Bearer one")
            try await world.apply(world.url())
            let held = try await eventually("it waits for an approval") { () -> CandidateStatus? in
                guard let candidate = try await world.status()?.candidate, candidate.state == .held else { return nil }
                return candidate
            }
            #expect(try await world.status()?.remote == nil)
            #expect(try await world.status()?.conditions?[type: ConditionType.ready]?.status == .false)
            #expect(try await !world.isCalled())
            _ = try await world.cluster.client.patch(
                MCPServerRevision.resourceType,
                name: try #require(held.revision),
                namespace: Self.namespace,
                .merge(["spec": ["approval": ["decision": "Approved", "reason": "a test"]]])
            )
            try await eventually("it is called") { try await world.isCalled() }
        }
    }

    @Test("a suspended server is neither checked nor called")
    func suspended() async throws {
        try await Self.run { world in
            try await world.secret("Bearer one")
            try await world.apply(world.url()) { $0.suspend = true }
            try await world.cluster.wait(
                for: ConditionType.ready,
                .true,
                reason: .suspended,
                of: Self.name,
                in: Self.namespace
            )
            #expect(try await !world.isCalled())
            #expect(world.network.dialed.isEmpty)
            try await world.apply(world.url()) { $0.suspend = false }
            try await eventually("it is called") { try await world.isCalled() }
        }
    }

    // MARK: - Changes of kind

    @Test("a server that becomes a remote one leaves no pods and no Service, and the reverse leaves no permissions")
    func switching() async throws {
        try await Self.run { world in
            try await world.secret("Bearer one")
            let metadata = ObjectMeta(name: Self.name, namespace: Self.namespace)
            // Nothing is read from pods here, so nothing is reviewed.
            func image() -> MCPServer {
                var spec = MCPServerSpec(image: TestCluster.image)
                spec.handshake = .disabled
                return MCPServer(metadata: metadata, spec: spec)
            }
            try await world.cluster.apply(
                Self.tenant { $0.review = TenantReview(policy: .never) }
            )
            try await world.cluster.apply(image())
            try await world.cluster.wait(for: ConditionType.ready, .true, of: Self.name, in: Self.namespace)
            #expect(try await world.find(.service) != nil)
            try await world.apply(world.url())
            try await eventually("it is called at its URL") { try await world.isCalled() }
            try await eventually("its pods and their objects are gone") {
                for type in [ResourceType.deployment, .service, .serviceAccount, .networkPolicy] {
                    guard try await world.find(type) == nil else { return false }
                }
                return true
            }
            #expect(try await world.status()?.conditions?[type: ConditionType.imagePolicySatisfied] == nil)
            try await world.cluster.apply(image())
            try await eventually("it runs as pods again") {
                let status = try await world.status()
                return status?.remote == nil && status?.conditions?[type: ConditionType.ready]?.reason == "Serving"
                    && status?.readyReplicas == 1
            }
            try await eventually("the gateway's permission is gone") {
                let (role, binding) = (
                    try await world.find(.role, "partner-gateway"),
                    try await world.find(.roleBinding, "partner-gateway")
                )
                return role == nil && binding == nil
            }
        }
    }
}
