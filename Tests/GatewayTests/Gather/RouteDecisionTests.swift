import CRDModels
import KubernetesAPI
import MCPProtocol
import Policy
import Testing

@testable import Gateway

/// The routes of a cluster, from what is known of it.
@Suite("Decided routes")
struct RouteDecisionTests {
    static let namespace = "team"

    // MARK: - What is decided about

    static func tool(
        _ name: String,
        published: Bool = true,
        scope: String? = nil,
        title: String? = nil
    ) -> RevisionTool {
        let definition: RawJSON = ["inputSchema": ["type": "object"], "name": .string(name)]
        return RevisionTool(
            name: name,
            definition: definition.text,
            digest: ContractDigest.of(definition),
            published: published,
            scope: scope,
            title: title
        )
    }

    /// A revision as the controller stores it.
    static func revision(
        _ tools: [RevisionTool],
        named name: String = "weather-1",
        of server: String = "weather",
        uid: String = "uid-weather",
        path: String? = nil,
        _ change: (inout MCPServerRevisionSpec) -> Void = { $0.acceptance = .firstVersion }
    ) throws -> MCPServerRevision {
        let contract = RevisionContract(tools: tools)
        let canonical = try contract.serverContract.canonical
        let curated = tools.map {
            CuratedTool(
                name: $0.name,
                isPublished: $0.published,
                scope: $0.scope,
                title: $0.title
            )
        }
        var spec = MCPServerRevisionSpec(
            server: server,
            image: RevisionImage(reference: "registry.example/weather:1"),
            digest: ContractDigest.of(canonical, curated: curated),
            contractDigest: ContractDigest.of(canonical),
            counts: RevisionCounts(
                tools: tools.count,
                publishedTools: 0,
                prompts: 0,
                resources: 0,
                resourceTemplates: 0
            ),
            provenance: RevisionProvenance(time: try #require(Timestamp("2026-11-27T06:00:00Z")), pod: "weather-0"),
            contract: contract,
            template: RevisionTemplate(
                digest: String(repeating: "a", count: 64),
                spec: path.map { ["path": .string($0)] } ?? [:]
            )
        )
        change(&spec)
        var metadata = ObjectMeta(name: name, namespace: namespace)
        metadata.ownerReferences = [
            OwnerReference(apiVersion: Moorage.apiVersion, kind: "MCPServer", name: server, uid: uid, controller: true)
        ]
        return MCPServerRevision(metadata: metadata, spec: spec)
    }

    private static func server(
        _ name: String = "weather",
        _ spec: MCPServerSpec = MCPServerSpec(),
        revision: String? = nil,
        driftedFrom origin: String? = nil,
        conditions: [(type: String, status: Condition.Status, reason: Reason)] = [
            (ConditionType.accepted, .true, .accepted), (ConditionType.ready, .true, .serving),
        ]
    ) throws -> MCPServer {
        let now = try #require(Timestamp("2026-11-27T06:00:00Z"))
        var server = MCPServer(
            metadata: ObjectMeta(name: name, namespace: namespace, labels: ["app": name]),
            spec: spec
        )
        server.metadata.uid = "uid-\(name)"
        server.status = MCPServerStatus(
            conditions: conditions.map {
                Condition(
                    type: $0.type,
                    status: $0.status,
                    reason: $0.reason.rawValue,
                    message: "the message of \($0.reason.rawValue)",
                    lastTransitionTime: now
                )
            },
            revision: revision.map {
                ServingRevision(
                    name: $0,
                    contractDigest: "sha256:0",
                    image: "registry.example/weather:1",
                    tools: 1,
                    publishedTools: 1,
                    drift: origin.map { ContractDrift(from: $0, contractDigest: "sha256:1", difference: []) }
                )
            }
        )
        return server
    }

    private static func slice(
        _ server: String = "weather",
        pods: [(uid: String, address: String)] = [("pod-1", "10.0.0.1")],
        addressType: String = "IPv4",
        appProtocol: String = "http",
        conditions: JSONValue = ["ready": true]
    ) throws -> EndpointFacts {
        try EndpointFacts([
            "metadata": [
                "name": .string("\(server)-\(addressType)"), "namespace": .string(namespace),
                "labels": ["kubernetes.io/service-name": .string(server)],
            ],
            "addressType": .string(addressType),
            "ports": [
                ["name": "metrics", "port": 9090],
                ["name": "http", "port": 8080, "appProtocol": .string(appProtocol)],
            ],
            "endpoints": .array(
                pods.map {
                    [
                        "addresses": [.string($0.address)], "conditions": conditions,
                        "targetRef": ["kind": "Pod", "uid": .string($0.uid), "namespace": .string(namespace)],
                    ]
                }
            ),
        ])
    }

    private static func tenant(_ spec: MCPTenantSpec = MCPTenantSpec(), name: String = "acme") -> MCPTenant {
        var spec = spec
        spec.namespace = TenantNamespace(name: namespace, adopt: true)
        return MCPTenant(metadata: ObjectMeta(name: name), spec: spec)
    }

    private static func input(
        _ servers: [MCPServer],
        _ revisions: [MCPServerRevision] = [],
        _ endpoints: [EndpointFacts]? = nil,
        tenants: [MCPTenant] = [],
        platform: PlatformConfiguration = PlatformConfiguration()
    ) throws -> RouteInput {
        var input = RouteInput(
            servers: servers.map(ServerFacts.init),
            endpoints: try endpoints ?? servers.map { try slice($0.metadata.name ?? "") },
            tenants: tenants,
            namespaces: [NamespaceFacts(name: namespace)],
            platform: platform
        )
        for revision in revisions {
            input.revisions[NamespacedName(namespace: namespace, name: revision.metadata.name ?? "")] = RevisionFacts(
                revision,
                contract: revision.spec.contract
            )
        }
        return input
    }

    private static let unreviewed = PlatformConfiguration(review: TenantReview(policy: .never))

    private func backend(_ input: RouteInput) throws -> (Backend, [RouteProblem.Reason]) {
        let (table, problems) = RouteTable.decide(input)
        let route = try #require(table["/team/weather/mcp"])
        return (try #require(route.single).backend, problems.map(\.reason))
    }

    private func tools(_ backend: Backend) -> [String]? { backend.catalogue?.entries.map(\.tool.name) }

    // MARK: - Routes and pods

    @Test("each server has a route, and each namespace one for all of its servers")
    func paths() throws {
        let servers = [try Self.server("weather"), try Self.server("maps")]
        let (table, problems) = RouteTable.decide(try Self.input(servers, platform: Self.unreviewed))
        #expect(table.all.map(\.path) == ["/team/maps/mcp", "/team/mcp", "/team/weather/mcp"])
        #expect(table["/team/mcp"]?.members.map(\.prefix) == ["maps", "weather"])
        #expect(table["/team/mcp"]?.members.map(\.backend.id) == ["team/maps", "team/weather"])
        #expect(table["/team/weather/mcp"]?.single?.backend.labels == ["app": "weather"])
        #expect(table["/team/weather/mcp"]?.single?.backend.namespace == "team")
        #expect(table["/team/weather/mcp"]?.rules?.namespace == "team")
        #expect(problems == [])
    }

    @Test("the pods of a server are those of its Service that are ready, each once, by UID")
    func pods() throws {
        let weather = try Self.server("weather")
        let slices = [
            try Self.slice(pods: [("pod-2", "fd00::2"), ("pod-3", "fd00::3")], addressType: "IPv6"),
            try Self.slice(pods: [("pod-2", "10.0.0.2"), ("pod-1", "10.0.0.1")]),
            try Self.slice(pods: [("pod-4", "10.0.0.4")], conditions: ["ready": false]),
            try Self.slice(pods: [("pod-5", "10.0.0.5")], conditions: ["ready": true, "terminating": true]),
            try Self.slice(pods: [("pod-6", "example.com")], addressType: "FQDN"),
            try Self.slice("maps", pods: [("pod-7", "10.0.0.7")]),
        ]
        let (backend, _) = try backend(try Self.input([weather], [], slices, platform: Self.unreviewed))
        #expect(
            backend.target
                == .pods([
                    .init(id: "pod-1", url: "http://10.0.0.1:8080/mcp"),
                    .init(id: "pod-2", url: "http://10.0.0.2:8080/mcp"),
                    .init(id: "pod-3", url: "http://[fd00::3]:8080/mcp"),
                ])
        )
    }

    @Test(
        "the URL of a pod has the path of the spec, or of the transport, and the scheme of the Service's port",
        arguments: [
            (MCPServerSpec(transport: .sse), "http", "http://10.0.0.1:8080/sse"),
            (MCPServerSpec(transport: .stdio), "http", "http://10.0.0.1:8080/mcp"),
            (MCPServerSpec(path: "/api"), "https", "https://10.0.0.1:8080/api"),
        ]
    )
    func urls(spec: MCPServerSpec, appProtocol: String, url: String) throws {
        let slices = [try Self.slice(appProtocol: appProtocol)]
        let (backend, _) = try backend(
            try Self.input([try Self.server("weather", spec)], [], slices, platform: Self.unreviewed)
        )
        #expect(backend.target == .pods([.init(id: "pod-1", url: url)]))
    }

    @Test("an endpoint that is not a pod of the namespace is not reached")
    func foreignEndpoints() throws {
        let slice = try EndpointFacts([
            "metadata": [
                "name": "weather-x", "namespace": "team", "labels": ["kubernetes.io/service-name": "weather"],
            ],
            "addressType": "IPv4", "ports": [["name": "http", "port": 8080]],
            "endpoints": [
                ["addresses": ["169.254.169.254"]],
                [
                    "addresses": ["10.0.0.9"],
                    "targetRef": ["kind": "Pod", "uid": "pod-9", "namespace": "another"],
                ],
            ],
        ])
        #expect(slice.pods == [])
    }

    @Test("a server that is being deleted has no route")
    func deleting() throws {
        var server = try Self.server()
        server.metadata.deletionTimestamp = Timestamp("2026-11-27T06:00:00Z")
        #expect(RouteTable.decide(try Self.input([server])).table.all == [])
    }

    @Test("a namespace of Kubernetes or of the controller has no routes")
    func protected() throws {
        var server = try Self.server()
        server.metadata.namespace = "kube-system"
        let (table, problems) = RouteTable.decide(RouteInput(servers: [ServerFacts(server)]))
        #expect(table.all == [])
        #expect(problems.map(\.reason) == [.namespaceProtected])
    }

    // MARK: - Servers that cannot be called

    @Test("a server that cannot be called keeps its route, which says why")
    func obstacles() throws {
        func decide(_ server: MCPServer, hasPods: Bool) throws -> (Backend, [RouteProblem.Reason]) {
            try backend(
                try Self.input([server], [], hasPods ? nil : [], platform: Self.unreviewed)
            )
        }
        let accepted = (ConditionType.accepted, Condition.Status.true, Reason.accepted)
        var suspended = MCPServerSpec()
        suspended.suspend = true
        let cases: [(MCPServer, Bool, RouteProblem.Reason, String)] = [
            (try Self.server("weather", suspended), true, .suspended, "it is suspended"),
            (
                try Self.server(conditions: [accepted, (ConditionType.ready, .false, .quarantined)]), true,
                .quarantined, "it is out of service until what it offers is approved"
            ),
            (
                try Self.server(conditions: [accepted, (ConditionType.ready, .false, .toolQuotaExceeded)]), true,
                .toolQuotaExceeded, "it offers more tools than the quota allows"
            ),
            (try Self.server(conditions: []), false, .pending, "it was just created"),
            (
                try Self.server(conditions: [(ConditionType.accepted, .false, .quotaExceeded)]), false, .refused,
                "it is not accepted (QuotaExceeded)"
            ),
            (
                try Self.server(conditions: [accepted, (ConditionType.ready, .false, .containerCrashing)]), false,
                .noPods, "none of its pods is ready"
            ),
        ]
        for (server, hasPods, reason, text) in cases {
            let (backend, reasons) = try decide(server, hasPods: hasPods)
            #expect(backend.target == .pods([]), "\(reason)")
            #expect(backend.unavailable == text)
            #expect(reasons == [reason])
        }
    }

    @Test("a server whose new spec is refused keeps serving with its old pods")
    func refusedUpdate() throws {
        let server = try Self.server(conditions: [
            (ConditionType.accepted, .false, .imageDigestRequired), (ConditionType.ready, .false, .updateRefused),
        ])
        let (backend, reasons) = try backend(try Self.input([server], platform: Self.unreviewed))
        #expect(backend.target == .pods([.init(id: "pod-1", url: "http://10.0.0.1:8080/mcp")]))
        #expect(reasons == [])
    }

    @Test("the joined route has servers without ready pods, and not those that are suspended")
    func joined() throws {
        var suspended = MCPServerSpec()
        suspended.suspend = true
        let servers = [
            try Self.server("weather"), try Self.server("maps", suspended), try Self.server("down"),
        ]
        let slices = [try Self.slice("weather"), try Self.slice("maps")]
        let (table, _) = RouteTable.decide(try Self.input(servers, [], slices, platform: Self.unreviewed))
        #expect(table["/team/mcp"]?.members.map(\.backend.name) == ["down", "weather"])
    }

    // MARK: - Catalogues

    @Test("a reviewed server publishes what the approved revision publishes, with its terms")
    func catalogue() throws {
        let revision = try Self.revision([
            Self.tool("delete", published: false), Self.tool("forecast", scope: "weather:read", title: "Forecast"),
        ])
        let (backend, reasons) = try backend(
            try Self.input([try Self.server(revision: "weather-1")], [revision])
        )
        #expect(tools(backend) == ["forecast"])
        #expect(backend.catalogue?.entries[0].requiredScopes == ["weather:read"])
        #expect(backend.catalogue?.entries[0].tool.title == "Forecast")
        #expect(backend.catalogue?.revisionDigest == revision.spec.digest)
        #expect(reasons == [])
    }

    @Test("a server that offers something else than was approved publishes what was approved")
    func drift() throws {
        let approved = try Self.revision([Self.tool("forecast")])
        let drifted = try Self.revision([Self.tool("forecast"), Self.tool("wipe")], named: "weather-2") { _ in }
        let server = try Self.server(revision: "weather-2", driftedFrom: "weather-1")
        let (backend, reasons) = try backend(try Self.input([server], [approved, drifted]))
        #expect(tools(backend) == ["forecast"])
        #expect(reasons == [])
        // Once it is approved, that is what is published.
        let decided = try Self.revision([Self.tool("forecast"), Self.tool("wipe")], named: "weather-2") {
            $0.approval = RevisionApproval(decision: .approved, approver: "ada")
        }
        #expect(tools(try self.backend(try Self.input([server], [approved, decided])).0) == ["forecast", "wipe"])
    }

    @Test("what is reviewed or curated and not known is not published at all")
    func missing() throws {
        let tools = [Self.tool("forecast")]
        var changed = try Self.revision(tools)
        changed.spec.contract?.tools?[0].published = true
        changed.spec.contract?.tools?[0].scope = "none"
        var curated = MCPServerSpec()
        curated.tools = [ToolCuration(name: "forecast", enabled: false)]
        let cases: [(String, RouteInput)] = [
            ("nothing was read", try Self.input([try Self.server()])),
            ("the revision is not known", try Self.input([try Self.server(revision: "weather-1")])),
            (
                "it waits for an approval",
                try Self.input([try Self.server(revision: "weather-1")], [try Self.revision(tools) { _ in }])
            ),
            (
                "it was rejected",
                try Self.input(
                    [try Self.server(revision: "weather-1")],
                    [
                        try Self.revision(tools) {
                            $0.acceptance = .firstVersion
                            $0.approval = RevisionApproval(decision: .rejected, approver: "ada")
                        }
                    ]
                )
            ),
            (
                "it is of a server that was deleted",
                try Self.input([try Self.server(revision: "weather-1")], [try Self.revision(tools, uid: "uid-old")])
            ),
            (
                "it is of another server",
                try Self.input([try Self.server(revision: "weather-1")], [try Self.revision(tools, of: "maps")])
            ),
            (
                "its curation was changed",
                try Self.input([try Self.server(revision: "weather-1")], [changed])
            ),
            (
                "it is curated, and not read",
                try Self.input(
                    [
                        try Self.server(
                            "weather",
                            curated,
                            conditions: [(ConditionType.protocolVerified, .unknown, .handshakeDisabled)]
                        )
                    ],
                    platform: Self.unreviewed
                )
            ),
            (
                "it must be reviewed, and is not read",
                try Self.input(
                    [try Self.server(conditions: [(ConditionType.protocolVerified, .unknown, .handshakeDisabled)])],
                    platform: PlatformConfiguration(review: TenantReview(policy: .onContractChange))
                )
            ),
        ]
        for (text, input) in cases {
            let (backend, reasons) = try backend(input)
            #expect(self.tools(backend) == [], "\(text)")
            #expect(reasons == [.catalogueMissing], "\(text)")
        }
    }

    @Test("what is neither reviewed nor curated is what the server says")
    func unreviewed() throws {
        let revision = try Self.revision([Self.tool("forecast")])
        let reviewedNever = try Self.input(
            [try Self.server(revision: "weather-1")],
            [revision],
            platform: Self.unreviewed
        )
        let unread = try Self.input([
            try Self.server(conditions: [(ConditionType.protocolVerified, .unknown, .handshakeDisabled)])
        ])
        for input in [reviewedNever, unread] {
            let (backend, reasons) = try backend(input)
            #expect(backend.catalogue == nil)
            #expect(reasons == [])
        }
    }

    @Test("a curated server without reviews publishes the revision that its pods offer now")
    func curatedUnreviewed() throws {
        var spec = MCPServerSpec()
        spec.tools = [ToolCuration(name: "wipe", enabled: false)]
        let first = try Self.revision([Self.tool("forecast")])
        let now = try Self.revision(
            [Self.tool("forecast"), Self.tool("wipe", published: false)],
            named: "weather-2"
        ) { _ in }
        let server = try Self.server("weather", spec, revision: "weather-2", driftedFrom: "weather-1")
        let (backend, _) = try backend(try Self.input([server], [first, now], platform: Self.unreviewed))
        #expect(tools(backend) == ["forecast"])
        #expect(backend.catalogue?.revisionDigest == now.spec.digest)
    }

    @Test("while a new path is reviewed, pods are called at the approved one")
    func reviewedPath() throws {
        let revision = try Self.revision([Self.tool("forecast")], path: "/old")
        let server = try Self.server("weather", MCPServerSpec(path: "/new"), revision: "weather-1")
        let (backend, _) = try backend(try Self.input([server], [revision]))
        #expect(backend.target == .pods([.init(id: "pod-1", url: "http://10.0.0.1:8080/old")]))
    }

    @Test("a server whose revision is being read publishes what it did, and a new one has no route yet")
    func unread() throws {
        let server = ServerFacts(try Self.server(revision: "weather-2"))
        var input = NamespaceRouteInput(namespace: "team", servers: [server], endpoints: [try Self.slice()])
        input.unread["weather"] = .some(nil)
        #expect(NamespaceRoutes(input, platform: PlatformConfiguration()).routes == [])
        let revision = try Self.revision([Self.tool("forecast")])
        let before = Backend(
            id: "team/weather",
            target: .pods([]),
            catalogue: RevisionFacts(revision, contract: revision.spec.contract).catalogue
        )
        input.unread["weather"] = before
        let decided = NamespaceRoutes(input, platform: PlatformConfiguration())
        #expect(decided.backend(named: "weather", in: "team")?.catalogue == before.catalogue)
        #expect(decided.backend(named: "weather", in: "team")?.target != before.target)
        #expect(decided.problems == [])
    }

    // MARK: - Tenants

    @Test("the rules are those of the tenant that holds the namespace")
    func rules() throws {
        var spec = MCPTenantSpec()
        spec.access = TenantAccess(allow: [])
        spec.quotas = TenantQuotas(
            plan: "free",
            overrides: QuotaOverrides(toolCallsPerMinutePerServer: 7)
        )
        let (table, problems) = RouteTable.decide(
            try Self.input([try Self.server()], tenants: [Self.tenant(spec)], platform: Self.unreviewed)
        )
        #expect(
            table["/team/weather/mcp"]?.rules
                == RouteRules(
                    namespace: "team",
                    tenant: "acme",
                    access: AccessRules(TenantAccess(allow: [])),
                    mode: .enforced,
                    callsPerMinutePerServer: 7,
                    callsPerMinutePerClient: 60
                )
        )
        #expect(table["/team/mcp"]?.rules == table["/team/weather/mcp"]?.rules)
        #expect(problems == [])
    }

    @Test("limits of single tools are in the routes, and say nothing about what is published")
    func toolLimits() throws {
        var spec = MCPServerSpec()
        spec.tools = [
            ToolCuration(name: "forecast", callsPerMinute: 5), ToolCuration(name: "history"),
            ToolCuration(name: "wipe", callsPerMinute: 0),
        ]
        let limits = [Array("forecast".utf8): 5, Array("wipe".utf8): 0]
        // The controller cannot read what it offers, so that a curation would publish nothing.
        let unread = try Self.server(
            "weather",
            spec,
            conditions: [(ConditionType.protocolVerified, .unknown, .handshakeDisabled)]
        )
        let (table, problems) = RouteTable.decide(try Self.input([unread], platform: Self.unreviewed))
        #expect(problems == [])
        for path in ["/team/weather/mcp", "/team/mcp"] {
            let backend = try #require(table[path]?.members.first?.backend)
            #expect(backend.toolCallsPerMinute == limits && backend.catalogue == nil, "\(path)")
        }
        // With a revision, they apply beside what it publishes.
        spec.tools?.append(ToolCuration(name: "secret", enabled: false))
        let revision = try Self.revision([Self.tool("forecast"), Self.tool("secret", published: false)])
        let curated = try Self.input(
            [try Self.server("weather", spec, revision: "weather-1")],
            [revision],
            platform: Self.unreviewed
        )
        let (backend, _) = try backend(curated)
        #expect(backend.toolCallsPerMinute == limits && tools(backend) == ["forecast"])
    }

    @Test("a tenant whose claim is not accepted governs nothing")
    func refusedTenant() throws {
        var spec = MCPTenantSpec()
        spec.namespace = TenantNamespace(name: "team")
        spec.access = TenantAccess(allow: [])
        let intruder = MCPTenant(metadata: ObjectMeta(name: "intruder"), spec: spec)
        let (table, _) = RouteTable.decide(
            try Self.input([try Self.server()], tenants: [intruder], platform: Self.unreviewed)
        )
        let rules = try #require(table["/team/weather/mcp"]?.rules)
        #expect(rules.tenant == nil)
        #expect(rules.access == AccessRules(nil))
        #expect(rules.callsPerMinutePerServer == 600)
    }

    @Test("in a namespace that a deleted tenant retained, nobody may call")
    func retained() throws {
        var input = try Self.input([try Self.server()], platform: Self.unreviewed)
        input.namespaces = [NamespaceFacts(name: "team", tenantLabel: "acme")]
        let (table, problems) = RouteTable.decide(input)
        #expect(table["/team/weather/mcp"]?.rules?.access == AccessRules(TenantAccess(allow: [])))
        #expect(problems.map(\.reason) == [.namespaceRetained, .catalogueMissing])
    }

    @Test("with an unknown plan, the access rules count, and the limits of the default plan")
    func invalidTenant() throws {
        var spec = MCPTenantSpec()
        spec.access = TenantAccess(allow: [])
        spec.quotas = TenantQuotas(mode: .unbounded, plan: "missing")
        let (table, problems) = RouteTable.decide(
            try Self.input([try Self.server()], tenants: [Self.tenant(spec)], platform: Self.unreviewed)
        )
        let rules = try #require(table["/team/weather/mcp"]?.rules)
        #expect(rules.access == AccessRules(TenantAccess(allow: [])))
        #expect(rules.mode == .enforced)
        #expect(rules.callsPerMinutePerServer == 600)
        // It is not known whether its servers are reviewed.
        #expect(problems.map(\.reason) == [.tenantInvalid, .catalogueMissing])
    }

    @Test("changes of rules are those of tenant, access, limits, servers and what they publish")
    func changes() throws {
        func routes(
            _ spec: MCPTenantSpec?,
            _ servers: [MCPServer],
            _ revisions: [MCPServerRevision] = []
        ) throws -> NamespaceRoutes {
            var input = NamespaceRouteInput(
                namespace: Self.namespace,
                holder: spec.map { .tenant(Self.tenant($0)) },
                servers: servers.map(ServerFacts.init)
            )
            for revision in revisions {
                input.revisions[revision.metadata.name ?? ""] = RevisionFacts(
                    revision,
                    contract: revision.spec.contract
                )
            }
            return NamespaceRoutes(input, platform: PlatformConfiguration())
        }
        let (weather, maps) = (try Self.server(revision: "weather-1"), try Self.server("maps"))
        var strict = MCPTenantSpec()
        strict.access = TenantAccess(allow: [])
        strict.quotas = TenantQuotas(plan: "free")
        let first = try routes(nil, [weather])
        #expect(first.changes(since: first, of: "team") == [])
        // Pods and readiness are no rules.
        #expect(
            try routes(nil, [try Self.server(revision: "weather-1", conditions: [])]).changes(since: first, of: "team")
                == []
        )
        let governed = try routes(strict, [weather, maps])
        #expect(
            governed.changes(since: first, of: "team").map(\.reason)
                == [.tenantChanged, .accessChanged, .limitsChanged, .serverAdded]
        )
        #expect(governed.changes(since: first, of: "team").map(\.tenant) == ["acme", "acme", "acme", "acme"])
        #expect(governed.changes(since: first, of: "team").last?.server == "maps")
        let revision = try Self.revision([Self.tool("forecast")])
        #expect(
            try routes(strict, [weather], [revision]).changes(since: governed, of: "team")
                == [
                    RuleChange(namespace: "team", tenant: "acme", server: "maps", reason: .serverRemoved),
                    RuleChange(
                        namespace: "team",
                        tenant: "acme",
                        server: "weather",
                        revisionDigest: revision.spec.digest,
                        reason: .contractChanged
                    ),
                ]
        )
        #expect(NamespaceRoutes().changes(since: first, of: "team").map(\.reason) == [.serverRemoved])
        let settings = MCPServerSpec(
            tools: [ToolCuration(name: "forecast", callsPerMinute: 5)],
            toolPolicy: ToolPolicy(validateArguments: true)
        )
        let checked = try routes(strict, [try Self.server("weather", settings, revision: "weather-1")], [revision])
        let unchecked = try routes(strict, [weather], [revision])
        #expect(checked.changes(since: unchecked, of: "team").map(\.reason).contains(.validationChanged))
        #expect(checked.routes.first?.members.first?.backend.validatesArguments == true)
        #expect(unchecked.routes.first?.members.first?.backend.validatesArguments == false)
    }

    // MARK: - The registry

    @Test(
        "only an approved version is in the registry, with the description of the server and the time of the approval"
    )
    func publications() throws {
        let tools = [Self.tool("forecast")]
        func publication(
            _ platform: PlatformConfiguration = PlatformConfiguration(review: TenantReview(policy: .always)),
            _ change: @escaping (inout MCPServerRevisionSpec) -> Void,
            server edit: (inout MCPServer) -> Void = { _ in }
        ) throws -> Publication? {
            var server = try Self.server(revision: "weather-1a2b3c4d5e")
            edit(&server)
            let revision = try Self.revision(tools, named: "weather-1a2b3c4d5e", change)
            let (table, _) = RouteTable.decide(try Self.input([server], [revision], platform: platform))
            #expect(table["/team/mcp"]?.publication == nil)
            return table["/team/weather/mcp"]?.publication
        }
        #expect(try publication { _ in } == nil)
        #expect(try publication { $0.approval = RevisionApproval(decision: .rejected) } == nil)
        // Not even where nobody reviews what the gateway publishes.
        #expect(try publication(Self.unreviewed) { $0.approval = RevisionApproval(decision: .rejected) } == nil)
        let accepted = try publication { $0.acceptance = .firstVersion }
        #expect(accepted?.version == "1a2b3c4d5e")
        #expect(accepted?.description == "MCP server weather of namespace team")
        #expect(accepted?.recorded == Timestamp("2026-11-27T06:00:00Z") && accepted?.updated == accepted?.recorded)
        let approved = try publication {
            $0.approval = RevisionApproval(decision: .approved, approver: "ada")
            $0.provenance.serverVersion = "1.4.0"
        } server: {
            $0.metadata.annotations = ["kubernetes.io/description": "Says whether it rains"]
            $0.status?.conditions?.append(
                Condition(
                    type: ConditionType.reconciling,
                    status: .false,
                    reason: "Done",
                    message: "",
                    lastTransitionTime: Timestamp(secondsSinceEpoch: 1_795_856_400)
                )
            )
        }
        #expect(approved?.version == "1.4.0+1a2b3c4d5e")
        #expect(approved?.description == "Says whether it rains")
        #expect(approved?.updated == Timestamp(secondsSinceEpoch: 1_795_856_400))
    }
}
