import CRDModels
import Gateway
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Policy
import Synchronization
import Testing

/// Rules and gateways that change while calls are made.
@Suite("Changes under load")
struct ChangingRulesTests {
    private struct Tokens: Authenticator {
        func authenticate(_ credentials: Credentials) async throws(AuthenticationFailure) -> Caller {
            Caller(issuer: "https://issuer.example", subject: "ann", clientID: "app", tenants: ["acme"])
        }
    }

    /// Rules that allow one of two tools.
    private static func routes(_ backend: Backend, version: Int) -> RouteTable {
        let tool = version.isMultiple(of: 2) ? "add" : "echo"
        let rule = AccessRule(
            from: [AccessSource(clients: ["app"])],
            to: [AccessTarget(tools: [tool])]
        )
        let rules = RouteRules(
            namespace: "mcp-acme",
            tenant: "acme",
            access: AccessRules(TenantAccess(allow: [rule])),
            mode: .enforced
        )
        return RouteTable([Route(path: "/mcp-acme/demo/mcp", backend: backend, rules: rules)])
    }

    /// What the workers know and find.
    private final class Observation: Sendable {
        private struct State {
            var inForce = 0
            var begun = 0
            var certain = 0
            var failures = 0
        }

        private let state = Mutex(State())

        /// The last version of the rules that is known to be in force.
        var inForce: Int { state.withLock { $0.inForce } }
        /// The last version that may be.
        var begun: Int { state.withLock { $0.begun } }
        /// The calls whose answer is certain, and those whose answer is wrong.
        var counts: (certain: Int, failures: Int) { state.withLock { ($0.certain, $0.failures) } }

        func begin(_ version: Int) { state.withLock { $0.begun = version } }
        func end(_ version: Int) { state.withLock { $0.inForce = version } }

        func note(isCertain: Bool, isWrong: Bool) {
            state.withLock { state in
                if isCertain { state.certain += 1 }
                if isWrong { state.failures += 1 }
            }
        }
    }

    @Test("rules change 100 times under load: no call is decided by rules that were not in force while it was made")
    func rules() async throws {
        var shield = GatewayGuard()
        shield.authenticator = Tokens()
        let guarded = shield
        let made = Mutex<Backend?>(nil)
        try await RunningGateway.run([.init("mcp-acme/demo", try DemoService.make())], shield: guarded) { backends in
            var backend = backends[0]
            backend.namespace = "mcp-acme"
            made.withLock { $0 = backend }
            return Self.routes(backend, version: 0)
        } body: { gateway in
            let backend = try #require(made.withLock { $0 })
            let observation = Observation()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    let tool = worker.isMultiple(of: 2) ? "add" : "echo"
                    group.addTask { try await Self.callWhileRulesChange(tool, gateway, observation) }
                }
                for version in 1...100 {
                    observation.begin(version)
                    gateway.gateway.update(Self.routes(backend, version: version))
                    observation.end(version)
                    // Until enough calls were made under these rules.
                    let target = observation.counts.certain + 4
                    while observation.counts.certain < target, observation.counts.failures == 0 {
                        try await Task.sleep(for: .milliseconds(1))
                    }
                }
                group.cancelAll()
            }
            let (certain, failures) = observation.counts
            #expect(failures == 0 && certain >= 400, "\(failures) of \(certain) calls")
        }
    }

    private static func callWhileRulesChange(
        _ tool: String,
        _ gateway: RunningGateway,
        _ observation: Observation
    ) async throws {
        while !Task.isCancelled {
            let before = observation.inForce
            let answer = try await gateway.modern(
                "/mcp-acme/demo/mcp",
                "tools/call",
                ["name": .string(tool), "arguments": ["text": "hi", "a": 1, "b": 2]],
                token: "any"
            )
            let after = observation.begun
            let allowed = Set((before...after).map { $0.isMultiple(of: 2) == (tool == "add") })
            let isExpected = [200, 403].contains(answer.status) && allowed.contains(answer.status == 200)
            observation.note(isCertain: allowed.count == 1, isWrong: !isExpected)
        }
    }

    @Test("a gateway goes away under 1,000 sessions: all of them continue at another one, without initialize")
    func replicaGone() async throws {
        var options = GatewayOptions()
        options.sessionKeys = try SessionKeys(secrets: [[UInt8](repeating: 9, count: 32)])
        let settings = options
        let legacy = SupportedVersions(SupportedVersions.all.legacy)
        let service = try DemoService.make(versions: legacy)
        try await RunningGateway.run([.init("demo", service, versions: legacy)], options: settings) { backends in
            RouteTable([Route(path: "/demo/mcp", backend: backends[0])])
        } body: { one in
            try await RunningGateway.run(one.routes, options: settings) { two in
                let sessions = try await Self.inTurn(1_000) { _ in try await Self.open(one) }
                #expect(Set(sessions).count == 1_000)
                await one.stop()
                let statuses = try await Self.inTurn(1_000) { index in
                    try await Self.call(two, sessions[index])
                }
                #expect(statuses.allSatisfy { $0 == 200 }, "\(statuses.count { $0 != 200 }) are lost")
            }
        }
    }

    /// The results of many pieces of work, of which 32 are worked on at the same time.
    private static func inTurn<Value: Sendable>(
        _ count: Int,
        _ work: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: [(Int, Value)].self) { group in
            for worker in 0..<32 {
                group.addTask {
                    var values: [(Int, Value)] = []
                    for index in stride(from: worker, to: count, by: 32) {
                        values.append((index, try await work(index)))
                    }
                    return values
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func open(_ gateway: RunningGateway) async throws -> String {
        let request = InitializeParams(
            protocolVersion: .v2025_11_25,
            capabilities: ClientCapabilities(),
            clientInfo: Implementation(name: "test", version: "1")
        ).request(id: 1)
        let answer = try await gateway.post(
            "/demo/mcp",
            .request(request),
            .legacyPost(version: nil, sessionID: nil)
        )
        return try #require(answer.headers[all: HeaderName.sessionID].first, "\(answer)")
    }

    private static func call(_ gateway: RunningGateway, _ session: String) async throws -> Int {
        let request = JSONRPCRequest(
            id: 2,
            method: "tools/call",
            params: ["name": "add", "arguments": ["a": 1, "b": 2]]
        )
        let headers = HeaderFields.legacyPost(version: .v2025_11_25, sessionID: session)
        let answer = try await gateway.post("/demo/mcp", .request(request), headers)
        return answer.body.contains("\"sum\":3") ? answer.status : -answer.status
    }
}
