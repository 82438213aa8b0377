import CRDModels
import ControllerRuntime
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import MCPProtocol
import Policy
import Synchronization
import Testing

@testable import Gateway

/// The routes to remote servers, from what is known of a cluster.
@Suite("Decided routes to remote servers")
struct RemoteRouteTests {
    private static let namespace = "team"
    private static let key = NamespacedName(namespace: namespace, name: "weather")
    private static let remote = RemoteServer(
        url: "https://mcp.example.com/mcp",
        headers: [RemoteHeader(name: "Authorization", secretKeyRef: SecretKeySelector(name: "s", key: "token"))],
        requestTimeoutSeconds: 30
    )
    private static let accepted = AcceptedRemoteServer(server: remote, transport: .sse, contentVersion: "1")

    private static func condition(_ type: String, _ status: Condition.Status, _ reason: Reason) -> Condition {
        Condition(
            type: type,
            status: status,
            reason: reason.rawValue,
            message: "the message of \(reason.rawValue)",
            lastTransitionTime: Timestamp(secondsSinceEpoch: 0)
        )
    }

    private static func server(_ change: (inout MCPServer) -> Void = { _ in }) -> MCPServer {
        var server = MCPServer(
            metadata: ObjectMeta(name: "weather", namespace: namespace),
            spec: MCPServerSpec(remote: remote)
        )
        server.metadata.uid = "uid-weather"
        server.status = MCPServerStatus(
            conditions: [
                condition(ConditionType.accepted, .true, .accepted), condition(ConditionType.ready, .true, .serving),
            ],
            remote: accepted,
            revision: ServingRevision(
                name: "weather-1",
                contractDigest: "sha256:0",
                image: remote.url,
                tools: 1,
                publishedTools: 1
            )
        )
        change(&server)
        return server
    }

    private static func input(
        _ server: MCPServer = server(),
        _ change: (inout RouteInput) throws -> Void = { _ in }
    ) throws -> RouteInput {
        let revision = try RouteDecisionTests.revision([RouteDecisionTests.tool("forecast")])
        var input = RouteInput(
            servers: [ServerFacts(server)],
            revisions: [
                NamespacedName(namespace: namespace, name: "weather-1"): RevisionFacts(
                    revision,
                    contract: revision.spec.contract
                )
            ]
        )
        // "Bearer hush"
        let secret: JSONValue = ["data": ["token": "QmVhcmVyIGh1c2g="]]
        input.remotes[key] = RemoteFacts(
            accepted: accepted,
            objects: Dictionary(uniqueKeysWithValues: RemoteCredentials.sources(of: remote).map { ($0, secret) })
        )
        try change(&input)
        return input
    }

    private static func backend(_ input: RouteInput) throws -> Backend {
        try #require(RouteTable.decide(input).table["/team/weather/mcp"]?.members.first?.backend)
    }

    @Test("an accepted and approved server is called at its URL, with its credentials and the tenant's rules")
    func called() throws {
        let backend = try Self.backend(try Self.input())
        #expect(backend.unavailable == nil)
        #expect(backend.catalogue?.entries.map(\.originalName) == ["forecast"])
        #expect(backend.headers == [UpstreamHeader(name: "Authorization", value: "Bearer hush")])
        #expect(
            backend.target
                == .remote(
                    RemoteEndpoint(
                        url: "https://mcp.example.com/mcp",
                        isEventStream: true,
                        addresses: .publicOnly,
                        requestTime: .seconds(30)
                    )
                )
        )
        let joined = RouteTable.decide(try Self.input()).table["/team/mcp"]
        #expect(joined?.members.map(\.backend.name) == ["weather"])
    }

    private static let obstacles:
        [(String, RouteProblem.Reason, @Sendable (inout MCPServer, inout RouteInput) throws -> Void)] = [
            (
                "not accepted", .refused,
                { server, _ in
                    server.status?.conditions = [condition(ConditionType.accepted, .false, .referenceNotFound)]
                }
            ),
            ("not decided about", .pending, { server, _ in server.status?.conditions = nil }),
            ("suspended", .suspended, { server, _ in server.spec.suspend = true }),
            (
                "quarantined", .quarantined,
                { server, _ in server.status?.conditions?.merge([condition(ConditionType.ready, .false, .quarantined)])
                }
            ),
            ("without its credentials", .credentialsMissing, { _, input in input.remotes = [:] }),
            (
                "with credentials that cannot be used", .credentialsMissing,
                { _, input in input.remotes[key] = RemoteFacts(accepted: accepted, objects: [:]) }
            ),
            ("without a revision", .catalogueMissing, { _, input in input.revisions = [:] }),
            (
                "with a revision that is not approved", .catalogueMissing,
                { _, input in
                    let revision = try RouteDecisionTests.revision([RouteDecisionTests.tool("forecast")]) { _ in }
                    input.revisions[NamespacedName(namespace: namespace, name: "weather-1")] = RevisionFacts(
                        revision,
                        contract: revision.spec.contract
                    )
                }
            ),
            (
                "of which nothing is approved yet", .pending,
                { server, _ in server.status?.remote = nil }
            ),
        ]

    @Test(
        "a server that must not be called has no address, and its callers get the reason",
        arguments: obstacles.indices
    )
    func refused(index: Int) throws {
        let (name, reason, change) = Self.obstacles[index]
        var server = Self.server()
        var input = try Self.input()
        try change(&server, &input)
        input.servers = [ServerFacts(server)]
        let (table, problems) = RouteTable.decide(input)
        let backend = try #require(table["/team/weather/mcp"]?.members.first?.backend)
        #expect(backend.target == .pods([]) && backend.headers.isEmpty, "\(name)")
        #expect(backend.unavailable != nil, "\(name)")
        #expect(problems.contains { $0.reason == reason }, "\(name): \(problems)")
    }

    @Test("a server without reviews is called without a revision, and publishes what it offers")
    func notReviewed() throws {
        let input = try Self.input(Self.server { $0.spec.review = ServerReview(policy: .never) }) { input in
            input.revisions = [:]
            input.platform.review = TenantReview(policy: .never)
        }
        let backend = try Self.backend(input)
        #expect(backend.catalogue == nil && backend.unavailable == nil)
    }

    @Test("the rules of a tenant that are not valid let no address through")
    func invalidTenant() throws {
        var tenant = MCPTenant(metadata: ObjectMeta(name: "team"), spec: MCPTenantSpec())
        tenant.spec.namespace = TenantNamespace(name: Self.namespace, adopt: true)
        tenant.spec.network = TenantNetwork(blockedCIDRs: ["not a range"])
        let backend = try Self.backend(try Self.input { $0.tenants = [tenant] })
        guard case .remote(let remote) = backend.target else { return }
        #expect(remote.addresses == .none)
    }

    /// An API server that refuses everything.
    private struct Refusing: APITransport {
        func execute(_ request: APIRequest) async throws -> APIResponse {
            let status: JSONValue = ["kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403]
            return APIResponse(status: .forbidden, body: .bytes(status.serialized()))
        }
    }

    @Test(
        "credentials that cannot be read are reported once, so that failures do not lead to further attempts without a pause"
    )
    func failures() async throws {
        let client = KubernetesClient(transport: Refusing())
        let informers = RouteInformers(client: client, options: .init(), clock: .system, logger: quietLogger)
        let platform = PlatformConfiguration()
        let queue = WorkQueue<NamespacedName>(name: "remotes")
        let book = RouteBook(
            informers: informers,
            platform: platform,
            protected: ProtectedNamespaces(platform: platform),
            revisionQueue: WorkQueue(name: "revisions"),
            remoteQueue: queue,
            logger: quietLogger
        )
        informers.servers.assume(ServerFacts(Self.server()))
        let changes = Mutex(0)
        for _ in 0..<3 {
            await #expect(throws: (any Error).self) {
                try await book.readRemote(Self.key, RemoteFactsReader(client: client)) { changes.withLock { $0 += 1 } }
            }
        }
        #expect(changes.withLock { $0 } == 1)
        // What is known to fail is tried again by the controller, with its pauses, and not with each decision.
        _ = book.decide(Self.namespace)
        #expect(queue.count == 0)
    }
}
