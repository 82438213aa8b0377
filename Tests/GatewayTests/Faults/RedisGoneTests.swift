import ControllerRuntime
import KubernetesAPI
import MCPProtocol
import MCPTestSupport
import Observability
import Policy
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// `TestSupport` has another one.
private typealias AccessRules = Gateway.AccessRules

/// The store of the limits is killed under load, and comes back.
@Suite("Redis gone under load")
struct RedisGoneTests {
    /// Lets everybody in.
    private struct Everybody: Authenticator {
        func authenticate(_ credentials: Credentials) async throws(AuthenticationFailure) -> Caller {
            Caller(issuer: "https://issuer.example", subject: "ann", clientID: "app", tenants: ["acme"])
        }
    }

    /// What callers get, by phase.
    private final class Answers: Sendable {
        private let state = Mutex<(phase: Int, statuses: [Int: [Int: Int]])>((0, [:]))

        var phase: Int {
            get { state.withLock { $0.phase } }
        }
        func next() { state.withLock { $0.phase += 1 } }
        func note(_ status: Int, in phase: Int) {
            // An answer that began in one phase and ended in another belongs to neither.
            state.withLock { if $0.phase == phase { $0.statuses[phase, default: [:]][status, default: 0] += 1 } }
        }
        func statuses(in phase: Int) -> [Int: Int] { state.withLock { $0.statuses[phase] ?? [:] } }
        func count(in phase: Int) -> Int { statuses(in: phase).values.reduce(0, +) }
    }

    @Test(
        "calls are answered all the time as configured: never with 500, and the session survives",
        arguments: [StoreUnavailablePolicy.local, .deny, .allow]
    )
    func killed(policy: StoreUnavailablePolicy) async throws {
        let port = RedisServer.freePort()
        var configuration = RedisConfiguration(host: "127.0.0.1", port: port)
        configuration.backoff = ExponentialBackoff(initial: .milliseconds(20), maximum: .milliseconds(50))
        let client = RedisClient(configuration, logger: quietLogger)
        var shield = GatewayGuard()
        shield.authenticator = Everybody()
        shield.limiter = FallbackLimiter(
            store: RedisLimiter(client: client),
            local: LocalLimiter(),
            policy: policy,
            metrics: GatewayMetrics(registry: MetricsRegistry()),
            logger: quietLogger
        )
        // The limit is never reached: what is tested is what becomes of calls that are allowed.
        let rules = RouteRules(
            namespace: "acme",
            tenant: "acme",
            access: AccessRules(nil),
            callsPerMinutePerServer: 1_000_000
        )
        let (answers, guarded) = (Answers(), shield)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await client.run() }
            defer { tasks.cancelAll() }
            try await RunningGateway.run([.init("acme/demo", try DemoService.make())], shield: guarded) { backends in
                RouteTable([Route(path: "/mcp", backend: backends[0], rules: rules)])
            } body: { gateway in
                try await withThrowingTaskGroup(of: Void.self) { callers in
                    for _ in 0..<16 {
                        callers.addTask {
                            while !Task.isCancelled {
                                let phase = answers.phase
                                let answer = try? await gateway.modern(
                                    "/mcp",
                                    "tools/call",
                                    ["name": "echo", "arguments": ["text": "hi"]],
                                    token: "any"
                                )
                                guard let answer else { continue }
                                answers.note(answer.status, in: phase)
                            }
                        }
                    }
                    defer { callers.cancelAll() }
                    @Sendable func enough() async throws {
                        let phase = answers.phase
                        try await eventually("calls are answered") { answers.count(in: phase) >= 100 }
                    }
                    try await RedisServer.run(port: port) { _ in
                        try await eventually("the client is connected") { client.isConnected }
                        answers.next()
                        try await enough()
                        // What is answered while it is killed belongs to no phase.
                        answers.next()
                    }
                    try await eventually("the connection is lost") { !client.isConnected }
                    answers.next()
                    try await enough()
                    answers.next()
                    try await RedisServer.run(port: port) { _ in
                        try await eventually("the client is connected again") { client.isConnected }
                        answers.next()
                        try await enough()
                        answers.next()
                    }
                }
            }
        }
        #expect(Set(answers.statuses(in: 1).keys) == [200])
        #expect(Set(answers.statuses(in: 3).keys) == [policy == .deny ? 503 : 200])
        #expect(Set(answers.statuses(in: 5).keys) == [200])
        let all = (0...6).flatMap { answers.statuses(in: $0).keys }
        #expect(Set(all).isSubset(of: [200, 503]), "\(all)")
    }
}
