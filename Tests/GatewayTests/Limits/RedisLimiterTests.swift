import ControllerRuntime
import Foundation
import KubernetesAPI
import NIOCore
import NIOPosix
import Observability
import Policy
import Subprocess
import Synchronization
import TestSupport
import Testing

@testable import Gateway

@Suite("Limits in Redis", .serialized)
struct RedisLimiterTests {
    private static func request(_ key: String = "time", limit: Int) -> LimitRequest {
        LimitRequest(tenant: "acme", limits: [RequestLimit(.server, key, limit: limit)])
    }

    private static func limiter(_ client: RedisClient, now: (@Sendable () -> Int64)? = nil) -> RedisLimiter {
        RedisLimiter(client: client, keyPrefix: "test-\(UInt32.random(in: .min ... .max))", now: now)
    }

    @Test("random requests get the same answers as without Redis")
    func sameAnswers() async throws {
        try await RedisServer.run { server in
            try await withRedisClient(server.configuration) { client in
                for seed in 0..<40 as Range<UInt64> {
                    var random = SeededGenerator(seed: seed)
                    let now = Mutex(Int64.random(in: 0...4_000_000_000_000, using: &random))
                    let limiter = Self.limiter(client) { now.withLock { $0 } }
                    var ledger = LimitLedger()
                    var refusals = 0
                    let scopes = LimitScope.allCases
                    // Few values, so that the same limit refuses several calls.
                    let limits = [0, 1, 3, 10, 10, 10, 25, 40]
                    var latest: Int64 = 0
                    for step in 0..<200 {
                        // Clocks of servers are also set back.
                        let elapsed =
                            switch Int.random(in: 0..<50, using: &random) {
                            case 0: -Int64.random(in: 0...60_000, using: &random)
                            case 1: Int64.random(in: 0...130_000, using: &random)
                            default: Int64.random(in: 0...4_000, using: &random)
                            }
                        let time = now.withLock { now in
                            now = max(now + elapsed, latest - 60_000)
                            latest = max(latest, now)
                            return now
                        }
                        let request = LimitRequest(
                            tenant: "tenant-\(Int.random(in: 0...1, using: &random))",
                            limits: scopes.prefix(Int.random(in: 0...4, using: &random)).map { scope in
                                let key = Int.random(in: 0...1, using: &random)
                                return RequestLimit(
                                    scope,
                                    "key-\(key)",
                                    limit: limits.randomElement(using: &random) ?? 1
                                )
                            },
                            mode: Int.random(in: 0..<10, using: &random) == 0 ? .unbounded : .enforced
                        )
                        let expected = ledger.take(request, at: time)
                        let actual = try await limiter.take(request)
                        #expect(actual == expected, "seed \(seed), step \(step): \(request)")
                        if !expected.isAllowed { refusals += 1 }
                    }
                    #expect(refusals > 0, "seed \(seed)")
                }
            }
        }
    }

    @Test("a clock of Redis that is set back far forgets what lies in the future")
    func clockSetBack() async throws {
        try await RedisServer.run { server in
            try await withRedisClient(server.configuration) { client in
                let now = Mutex(Int64(1_000_000))
                let limiter = Self.limiter(client) { now.withLock { $0 } }
                for (time, expected) in [(1_000_000, true), (999_000, false), (900_000, true), (900_000, false)] {
                    now.withLock { $0 = Int64(time) }
                    let isAllowed = try await limiter.take(Self.request(limit: 1)).isAllowed
                    #expect(isAllowed == expected, "at \(time)")
                }
            }
        }
    }

    @Test("concurrent calls through two replicas are allowed exactly as often as the limit says")
    func exact() async throws {
        try await RedisServer.run { server in
            try await withRedisClient(server.configuration) { first in
                try await withRedisClient(server.configuration) { second in
                    let limiters = [first, second].map { RedisLimiter(client: $0, keyPrefix: "exact") }
                    let allowed = try await withThrowingTaskGroup(of: Bool.self) { tasks in
                        for index in 0..<400 {
                            tasks.addTask {
                                try await limiters[index % 2].take(Self.request(limit: 150)).isAllowed
                            }
                        }
                        return try await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
                    }
                    #expect(allowed == 150)
                    guard case .refused(let breach) = try await limiters[0].take(Self.request(limit: 150)) else {
                        Issue.record("a call over the limit was allowed")
                        return
                    }
                    #expect((55...61).contains(breach.retryAfterSeconds))
                }
            }
        }
    }

    @Test("a server that has lost the script gets it again, and its keys expire")
    func scriptIsGone() async throws {
        try await RedisServer.run { server in
            try await withRedisClient(server.configuration) { client in
                let limiter = RedisLimiter(client: client, keyPrefix: "script")
                #expect(try await limiter.take(Self.request(limit: 2)).isAllowed)
                _ = try await client.send(["SCRIPT".bytes, "FLUSH".bytes])
                #expect(try await limiter.take(Self.request(limit: 2)).isAllowed)
                #expect(try await !limiter.take(Self.request(limit: 2)).isAllowed)
                let life = try await client.send(["PTTL".bytes, "script:limit:{acme}:server:=time".bytes])
                guard case .integer(let milliseconds) = life else {
                    Issue.record("\(life)")
                    return
                }
                #expect((60_000...121_000).contains(milliseconds))
            }
        }
    }

    @Test("no name is counted as another one, however long it is")
    func keys() {
        let long = String(repeating: "a", count: 4_000)
        let keys = ["a", "=a", "#a", long, long + "b", ""].map {
            RedisLimiter.key(RequestLimit(.client, $0, limit: 1), tenant: "acme", prefix: "moorage")
        }
        #expect(Set(keys).count == keys.count)
        #expect(keys.allSatisfy { $0.utf8.count < 200 && $0.hasPrefix("moorage:limit:{acme}:client:") })
        let digest = String(keys[3].dropFirst("moorage:limit:{acme}:client:".count))
        #expect(
            RedisLimiter.key(RequestLimit(.client, digest, limit: 1), tenant: "acme", prefix: "moorage") != keys[3]
        )
    }

    @Test("a password is required, read for each connection, and never shown")
    func password() async throws {
        let options = ["--requirepass", "secret-of-redis", "--user", "gateway", "on", ">other-secret", "~*", "+@all"]
        try await RedisServer.run(options: options) { server in
            var configuration = server.configuration
            configuration.backoff = ExponentialBackoff(initial: .milliseconds(20), maximum: .milliseconds(20))
            let password = Mutex("wrong")
            let reads = Mutex(0)
            configuration.credentials = {
                reads.withLock { $0 += 1 }
                return .init(password: password.withLock { $0 })
            }
            try await withRedisClient(configuration, waits: false) { client in
                try await eventually("the password was refused twice") { reads.withLock { $0 } > 2 }
                #expect(!client.isConnected)
                await #expect(throws: RedisError.self) { try await Self.limiter(client).take(Self.request(limit: 1)) }
                password.withLock { $0 = "secret-of-redis" }
                try await eventually("the client is connected") { client.isConnected }
                let isAllowed = try await Self.limiter(client).take(Self.request(limit: 1)).isAllowed
                #expect(isAllowed)
            }
            configuration.credentials = { .init(username: "gateway", password: "other-secret") }
            try await withRedisClient(configuration) { client in
                let isAllowed = try await Self.limiter(client).take(Self.request(limit: 1)).isAllowed
                #expect(isAllowed)
            }
            let credentials = RedisConfiguration.Credentials(username: "gateway", password: "other-secret")
            #expect(!"\(credentials) \(String(reflecting: credentials))".contains("secret"))
        }
    }

    @Test("with TLS, only a server whose certificate is trusted and has its name is used")
    func tls() async throws {
        let folder = FileManager.default.temporaryDirectory.path() + "moorage-redis-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["server", "other"] {
            let made = try await Subprocess.run(
                .name("openssl"),
                arguments: [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=redis", "-addext", "subjectAltName=DNS:redis.test", "-keyout",
                    "\(folder)/\(name).key", "-out", "\(folder)/\(name).crt",
                ],
                output: .discarded,
                error: .string(limit: 1 << 16)
            )
            try #require(made.terminationStatus.isSuccess, "openssl: \(made.standardError)")
        }
        let port = RedisServer.freePort()
        let options = [
            "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", "\(folder)/server.crt", "--tls-key-file",
            "\(folder)/server.key", "--tls-ca-cert-file", "\(folder)/server.crt", "--tls-auth-clients", "no",
        ]
        try await RedisServer.run(port: port, options: options) { server in
            var configuration = server.configuration
            configuration.backoff = ExponentialBackoff(initial: .milliseconds(20), maximum: .milliseconds(20))
            configuration.tls = .init(caFile: "\(folder)/server.crt", serverName: "redis.test")
            try await withRedisClient(configuration) { client in
                let isAllowed = try await Self.limiter(client).take(Self.request(limit: 1)).isAllowed
                #expect(isAllowed)
            }
            for tls in [
                RedisConfiguration.TLS(caFile: "\(folder)/other.crt", serverName: "redis.test"),
                .init(serverName: "redis.test"), .init(caFile: "\(folder)/server.crt"),
                .init(caFile: "\(folder)/server.crt", serverName: "elsewhere.test"),
                .init(caFile: "\(folder)/missing.crt"),
            ] {
                configuration.tls = tls
                try await withRedisClient(configuration, waits: false) { client in
                    let reason =
                        try await eventually("the certificate is refused", within: .seconds(30)) {
                            do {
                                _ = try await client.send(["PING".bytes])
                                return "it was not"
                            } catch {
                                let text = "\(error)"
                                return text.contains("not been made") ? nil : text
                            }
                        } as String
                    #expect(reason.contains("there is no connection to Redis"), "\(tls)")
                }
            }
        }
    }

    /// Calls while the store is there, killed, and back. Returns the metrics at the end.
    private func lifecycle(
        _ policy: StoreUnavailablePolicy,
        whileGone: @Sendable @escaping (FallbackLimiter) async throws -> Void
    ) async throws -> String {
        let port = RedisServer.freePort()
        let registry = MetricsRegistry()
        var configuration = RedisConfiguration(host: "127.0.0.1", port: port)
        configuration.backoff = ExponentialBackoff(initial: .milliseconds(20), maximum: .milliseconds(50))
        let client = RedisClient(configuration, logger: quietLogger)
        let limiter = FallbackLimiter(
            store: RedisLimiter(client: client),
            local: LocalLimiter(),
            policy: policy,
            metrics: GatewayMetrics(registry: registry),
            logger: quietLogger
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await client.run() }
            defer { tasks.cancelAll() }
            try await RedisServer.run(port: port) { _ in
                try await eventually("the client is connected") { client.isConnected }
                for expected in [true, true, false] {
                    #expect(try await limiter.take(Self.request(limit: 2)).isAllowed == expected)
                }
                #expect(registry.exposition().contains("moorage_gateway_limit_store_available 1"))
            }
            // The server is killed.
            try await eventually("the connection is lost") { !client.isConnected }
            try await whileGone(limiter)
            #expect(registry.exposition().contains("moorage_gateway_limit_store_available 0"))
            try await RedisServer.run(port: port) { _ in
                try await eventually("the client is connected again") { client.isConnected }
                // The new server has counted nothing, and does not have the script.
                for expected in [true, true, false] {
                    #expect(try await limiter.take(Self.request(limit: 2)).isAllowed == expected)
                }
            }
        }
        return registry.exposition()
    }

    @Test("with Local, calls are counted in the replica while Redis is gone")
    func local() async throws {
        let metrics = try await lifecycle(.local) { limiter in
            for expected in [true, true, false, false] {
                let isAllowed = try await limiter.take(Self.request(limit: 2)).isAllowed
                #expect(isAllowed == expected)
            }
        }
        #expect(metrics.contains("moorage_gateway_limit_store_available 1"))
        #expect(metrics.contains(#"moorage_gateway_limit_fallbacks_total{policy="Local"} 4"#))
    }

    @Test("with Deny, calls are refused while Redis is gone")
    func deny() async throws {
        let metrics = try await lifecycle(.deny) { limiter in
            for _ in 0..<3 {
                await #expect(throws: LimiterUnavailable.self) { try await limiter.take(Self.request(limit: 2)) }
            }
        }
        #expect(metrics.contains(#"moorage_gateway_limit_fallbacks_total{policy="Deny"} 3"#))
    }

    @Test("with Allow, calls are served while Redis is gone")
    func allow() async throws {
        let metrics = try await lifecycle(.allow) { limiter in
            for _ in 0..<5 {
                let decision = try await limiter.take(Self.request(limit: 2))
                #expect(decision == .allowed(breach: nil))
            }
        }
        #expect(metrics.contains(#"moorage_gateway_limit_fallbacks_total{policy="Allow"} 5"#))
    }

    @Test("a server that does not answer costs one timeout, and is used again when it answers")
    func suspended() async throws {
        try await RedisServer.run { server in
            var configuration = server.configuration
            configuration.timeout = .milliseconds(100)
            configuration.connectTimeout = .milliseconds(300)
            configuration.backoff = ExponentialBackoff(initial: .milliseconds(20), maximum: .milliseconds(50))
            try await withRedisClient(configuration) { client in
                let limiter = Self.limiter(client)
                #expect(try await limiter.take(Self.request(limit: 5)).isAllowed)
                server.suspend()
                let errors = await withTaskGroup(of: String.self) { tasks in
                    for _ in 0..<20 {
                        tasks.addTask {
                            do {
                                _ = try await limiter.take(Self.request(limit: 5))
                                return "allowed"
                            } catch {
                                return "\(error)"
                            }
                        }
                    }
                    return await tasks.reduce(into: Set<String>()) { $0.insert($1) }
                }
                #expect(errors.contains(RedisError.timeout.description))
                #expect(!errors.contains("allowed"))
                try await eventually("the connection is given up") { !client.isConnected }
                server.resume()
                try await eventually("the client is connected again") { client.isConnected }
                _ = try await limiter.take(Self.request(limit: 5))
            }
        }
    }

    @Test(
        "answers without a command, and what is not an answer, end the connection",
        arguments: ["+OK\r\n+OK\r\n+OK\r\n", "HTTP/1.1 400\r\n"]
    )
    func strangeServer(answer: String) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answerer(answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        defer { server.close(promise: nil) }
        var configuration = RedisConfiguration(host: "127.0.0.1", port: server.localAddress?.port ?? 0)
        configuration.backoff = ExponentialBackoff(initial: .milliseconds(20), maximum: .milliseconds(50))
        try await withRedisClient(configuration, waits: false) { client in
            let error =
                try await eventually("the connection is refused", within: .seconds(30)) {
                    do {
                        _ = try await client.send(["PING".bytes])
                        return nil
                    } catch {
                        let text = "\(error)"
                        return text.contains("not been made") ? nil : text
                    }
                } as String
            #expect(error.contains("closed") || error.contains("not a valid answer"), "\(error)")
        }
    }

    /// Answers everything with the same bytes.
    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let answer: String

        init(answer: String) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }
    }

    @Test("commands over the maximum that waits are refused at once")
    func pending() async throws {
        try await RedisServer.run { server in
            var configuration = server.configuration
            configuration.maximumPending = 10
            configuration.timeout = .seconds(5)
            try await withRedisClient(configuration) { client in
                server.suspend()
                let refused = await withTaskGroup(of: Bool.self) { tasks in
                    for _ in 0..<50 {
                        tasks.addTask {
                            do {
                                _ = try await client.send(["PING".bytes])
                                return false
                            } catch RedisError.tooManyPending {
                                return true
                            } catch {
                                return false
                            }
                        }
                    }
                    var count = 0
                    for await isRefused in tasks {
                        if isRefused { count += 1 }
                        if count == 40 { server.resume() }
                    }
                    return count
                }
                #expect(refused == 40)
            }
        }
    }
}
