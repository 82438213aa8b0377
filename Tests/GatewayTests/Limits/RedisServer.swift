import Foundation
import Subprocess
import TestSupport

@testable import Gateway

/// The server of Debian's package redis-server, on this machine.
struct RedisServer: Sendable {
    let port: Int
    private let processIdentifier: Int32

    /// A port that is probably free.
    static func freePort() -> Int { TestPort.random() }

    /// Runs a server during a body, and kills it afterwards.
    ///
    /// - Throws: an error if `redis-server` is not installed; `scripts/install-test-packages` installs it.
    static func run<Result: Sendable>(
        port: Int = freePort(),
        options: [String] = [],
        _ body: @Sendable (RedisServer) async throws -> Result
    ) async throws -> Result {
        let listening = options.contains("--tls-port") ? [] : ["--port", "\(port)"]
        return try await Subprocess.run(
            .name("redis-server"),
            arguments: Arguments(
                listening + ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning"]
                    + options
            ),
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            defer { try? execution.send(signal: .kill) }
            return try await body(RedisServer(port: port, processIdentifier: execution.processIdentifier.value))
        }.closureResult
    }

    /// The server neither answers nor closes connections.
    func suspend() { kill(processIdentifier, SIGSTOP) }

    /// The server continues.
    func resume() { kill(processIdentifier, SIGCONT) }

    /// How a client reaches it.
    var configuration: RedisConfiguration { RedisConfiguration(host: "127.0.0.1", port: port) }
}

/// Runs a client during a body, which begins when the client is connected.
func withRedisClient<Result: Sendable>(
    _ configuration: RedisConfiguration,
    waits: Bool = true,
    _ body: @Sendable (RedisClient) async throws -> Result
) async throws -> Result {
    let client = RedisClient(configuration, logger: quietLogger)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await client.run() }
        defer { tasks.cancelAll() }
        if waits { try await eventually("the client is connected", within: .seconds(30)) { client.isConnected } }
        return try await body(client)
    }
}
