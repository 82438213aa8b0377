import CRDModels
import Foundation
import KubernetesAPI
import MCPProtocol
import MCPTransport
import Policy
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// `TestSupport` has another one.
private typealias AccessRules = Gateway.AccessRules

/// Calls over HTTP through a running gateway, in random worlds of tenants, callers, rules, curations and virtual servers. What is expected is
/// decided by an evaluator that is written for simplicity and shares no code with the gateway.
@Suite("Isolation in random worlds, over HTTP")
struct HTTPWorldTests {
    private static let tenants = ["acme", "globex"]
    private static let servers = ["search", "files"]
    private static let tools = ["find", "find_docs", "delete"]

    /// One tenant: who may call what.
    private struct Tenant {
        /// `nil` for no rules: all of its callers may call everything.
        var rules: [Rule]?
        /// What each server publishes, and the scope that each tool needs.
        var published: [String: [String: String?]]
        /// The tools of its virtual server: the name, and where it leads.
        var virtual: [String: (server: String, tool: String)]
    }

    /// Lets a client call tools of a server.
    private struct Rule {
        var client: String?
        var server: String?
        var tools: Set<String>?
    }

    private struct Person {
        var name: String
        var tenants: Set<String>
        var client: String
        var scopes: Set<String>
    }

    private struct World {
        var tenants: [String: Tenant] = [:]
        var people: [Person] = []

        /// Whether a call reaches the tool.
        func allows(_ person: Person, _ tenant: String, _ server: String, _ tool: String) -> Bool {
            guard person.tenants.contains(tenant), let rules = tenants[tenant] else { return false }
            // `nil` if it is not published, and `.some(nil)` if it needs no scope.
            guard case .some(let scope) = rules.published[server]?[tool] else { return false }
            if let scope, !person.scopes.contains(scope) { return false }
            guard let list = rules.rules else { return true }
            return list.contains { rule in
                (rule.client == nil || rule.client == person.client) && (rule.server == nil || rule.server == server)
                    && (rule.tools?.contains(tool) ?? true)
            }
        }
    }

    /// What was called, as `TENANT/SERVER/TOOL`.
    private final class Reached: Sendable {
        let calls = Mutex<[String]>([])
        func take() -> [String] {
            calls.withLock { calls in
                defer { calls = [] }; return calls
            }
        }
    }

    /// Knows people by their names.
    private final class People: Authenticator {
        let callers = Mutex<[String: Caller]>([:])

        func authenticate(_ credentials: Credentials) async throws(AuthenticationFailure) -> Caller {
            guard let token = try credentials.bearerToken(maximumBytes: 1_000),
                let caller = callers.withLock({ $0[token] })
            else { throw AuthenticationFailure(.invalidToken, "the token is unknown") }
            return caller
        }
    }

    private func some<Element>(_ all: [Element], _ random: inout SeededGenerator) -> [Element] {
        all.filter { _ in Bool.random(using: &random) }
    }

    private func world(_ random: inout SeededGenerator) -> World {
        var world = World()
        for tenant in Self.tenants {
            var published: [String: [String: String?]] = [:]
            var virtual: [String: (server: String, tool: String)] = [:]
            for server in Self.servers {
                published[server] = [:]
                for tool in some(Self.tools, &random) {
                    published[server]?[tool] = .some(Bool.random(using: &random) ? nil : "write")
                    if Bool.random(using: &random) { virtual["\(tool)-of-\(server)"] = (server, tool) }
                }
            }
            let rules = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                Rule(
                    client: Bool.random(using: &random) ? "client-\(Int.random(in: 0...1, using: &random))" : nil,
                    server: Bool.random(using: &random) ? Self.servers.randomElement(using: &random) : nil,
                    tools: Bool.random(using: &random) ? Set(some(Self.tools, &random)) : nil
                )
            }
            world.tenants[tenant] = Tenant(
                rules: Int.random(in: 0..<4, using: &random) == 0 ? nil : rules,
                published: published,
                virtual: virtual
            )
        }
        world.people = (0..<3).map { index in
            Person(
                name: "person-\(index)",
                tenants: Set(some(Self.tenants, &random)),
                client: "client-\(index % 2)",
                scopes: Set(some(["write"], &random))
            )
        }
        return world
    }

    private static func route(_ backends: [Backend], _ world: World) throws -> RouteTable {
        var routes: [Route] = []
        for (name, tenant) in world.tenants {
            let rules = RouteRules(
                namespace: name,
                tenant: name,
                access: AccessRules(
                    TenantAccess(
                        allow: tenant.rules?.map { rule in
                            AccessRule(
                                from: [
                                    rule.client.map { AccessSource(clients: [$0]) } ?? AccessSource(anyCaller: true)
                                ],
                                to: [
                                    AccessTarget(
                                        servers: rule.server.map { [$0] },
                                        tools: rule.tools.map { $0.sorted() }
                                    )
                                ]
                            )
                        }
                    )
                )
            )
            var own: [Backend] = []
            var offers: [VirtualServerPlan.Server] = []
            for server in servers {
                var backend = try #require(backends.first { $0.id == "\(name)/\(server)" })
                let published = tenant.published[server] ?? [:]
                backend.namespace = name
                backend.catalogue = Catalogue(
                    try published.sorted { $0.key < $1.key }.map { tool, scope in
                        try Catalogue.Entry(
                            definition: ["name": .string(tool), "inputSchema": ["type": "object"]],
                            requiredScopes: Set([scope].compactMap { $0 })
                        )
                    }
                )
                own.append(backend)
                offers.append(.init(name: server, offer: .recorded(tools: published.keys.sorted(), prompts: [])))
                routes.append(Route(path: "/\(name)/\(server)/mcp", backend: backend, rules: rules))
            }
            routes.append(Route(path: "/\(name)/mcp", joining: own, rules: rules))
            let plan = VirtualServerPlan(
                MCPVirtualServerSpec(
                    servers: servers.map { server in
                        VirtualServerMember(
                            name: server,
                            tools: tenant.virtual.filter { $0.value.server == server }.map {
                                VirtualTool(name: $0.value.tool, as: $0.key)
                            }
                        )
                    }
                ),
                servers: offers
            )
            var virtual = Route(
                path: "/\(name)/all/mcp",
                members: try plan.members.map { member in
                    let backend = try #require(own.first { $0.name == member.name })
                    return Route.Member(
                        backend: backend,
                        prefix: member.prefix,
                        selection: MemberSelection(member, catalogue: backend.catalogue)
                    )
                },
                rules: rules
            )
            virtual.virtualServer = "all"
            routes.append(virtual)
        }
        return RouteTable(routes)
    }

    private static func service(_ id: String, _ reached: Reached) throws -> MCPService {
        MCPService(
            info: Implementation(name: id, version: "1"),
            versions: .all,
            content: ServiceContent(
                tools: try tools.map { tool in
                    try ServiceTool(Tool(name: tool, inputSchema: ["type": "object"])) { _ in
                        reached.calls.withLock { $0.append("\(id)/\(tool)") }
                        return .structured(["at": .string("\(id)/\(tool)")])
                    }
                }
            )
        )
    }

    @Test("no call reaches a tool that the rules forbid, and none is refused that they allow, in 1,000 worlds")
    func worlds() async throws {
        let base = ProcessInfo.processInfo.environment["MOORAGE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 0x4777_0000
        let count = ProcessInfo.processInfo.environment["MOORAGE_FUZZ_CASES"].flatMap { UInt64($0) } ?? 1_000
        let (reached, people) = (Reached(), People())
        var shield = GatewayGuard()
        shield.authenticator = people
        let guarded = shield
        let behind = try Self.tenants.flatMap { tenant in
            try Self.servers.map {
                RunningGateway.Behind("\(tenant)/\($0)", try Self.service("\(tenant)/\($0)", reached))
            }
        }
        let known = Mutex<[Backend]>([])
        try await RunningGateway.run(behind, shield: guarded) { backends in
            known.withLock { $0 = backends }
            return RouteTable()
        } body: { gateway in
            var answers = [true: 0, false: 0]
            for seed in base..<base + count {
                var random = SeededGenerator(seed: seed)
                let world = world(&random)
                people.callers.withLock { callers in
                    callers = Dictionary(
                        uniqueKeysWithValues: world.people.map { person in
                            (
                                person.name,
                                Caller(
                                    issuer: "https://issuer.example",
                                    subject: person.name,
                                    clientID: person.client,
                                    scopes: person.scopes,
                                    tenants: person.tenants
                                )
                            )
                        }
                    )
                }
                gateway.gateway.update(try Self.route(known.withLock { $0 }, world))
                for person in world.people {
                    let allowed = try await check(person, world, gateway, reached, &random, seed)
                    answers[allowed, default: 0] += 1
                }
            }
            #expect((answers[true] ?? 0) > count / 4 && (answers[false] ?? 0) > count / 4, "\(answers)")
        }
    }

    /// One call by one of the three ways, and one list.
    private func check(
        _ person: Person,
        _ world: World,
        _ gateway: RunningGateway,
        _ reached: Reached,
        _ random: inout SeededGenerator,
        _ seed: UInt64
    ) async throws -> Bool {
        let tenant = Self.tenants.randomElement(using: &random) ?? ""
        var (server, tool) = (
            Self.servers.randomElement(using: &random) ?? "", Self.tools.randomElement(using: &random) ?? ""
        )
        let path: String
        let name: String
        var exists = true
        switch Int.random(in: 0..<3, using: &random) {
        case 0: (path, name) = ("/\(tenant)/\(server)/mcp", tool)
        case 1: (path, name) = ("/\(tenant)/mcp", "\(server)_\(tool)")
        default:
            let virtual = world.tenants[tenant]?.virtual ?? [:]
            name = virtual.keys.sorted().randomElement(using: &random) ?? "find"
            path = "/\(tenant)/all/mcp"
            if let place = virtual[name] { (server, tool) = place } else { exists = false }
        }
        let expected = exists && world.allows(person, tenant, server, tool)
        let answer = try await gateway.modern(
            path,
            "tools/call",
            ["name": .string(name), "arguments": [:]],
            token: person.name
        )
        let place = "\(tenant)/\(server)/\(tool)"
        let calls = reached.take()
        #expect(calls == (expected ? [place] : []), "seed \(seed): \(person) calls \(name) at \(path): \(answer)")
        let said = answer.json?[path: ["result", "structuredContent", "at"]]
        #expect(
            said == (expected ? .string(place) : nil),
            "seed \(seed): \(person) calls \(name) at \(path): \(answer)"
        )

        // What is listed is what the rules allow, whatever scopes the caller has.
        let listed = try await gateway.modern("/\(tenant)/\(server)/mcp", "tools/list", token: person.name)
        let names = (listed.json?[path: ["result", "tools"]]?.elements ?? []).compactMap { $0["name"]?.stringValue }
        var privileged = person
        privileged.scopes = ["write"]
        let visible = Self.tools.filter { world.allows(privileged, tenant, server, $0) }.sorted()
        #expect(names == visible, "seed \(seed): \(person) lists \(server) of \(tenant): \(listed)")
        return expected
    }
}
