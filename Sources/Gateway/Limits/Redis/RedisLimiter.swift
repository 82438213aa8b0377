import Crypto

/// Counts calls in a Redis or Valkey server, so that all replicas of the gateway count together.
public final class RedisLimiter: Limiter {
    private let client: RedisClient
    private let keyPrefix: String
    private let windowSeconds: Int
    /// The time in milliseconds for tests; `nil` for the server's clock.
    private let now: (@Sendable () -> Int64)?

    public convenience init(client: RedisClient, keyPrefix: String = "moorage", windowSeconds: Int = 60) {
        self.init(client: client, keyPrefix: keyPrefix, windowSeconds: windowSeconds, now: nil)
    }

    init(client: RedisClient, keyPrefix: String, windowSeconds: Int = 60, now: (@Sendable () -> Int64)?) {
        self.client = client
        self.keyPrefix = keyPrefix
        self.windowSeconds = windowSeconds
        self.now = now
    }

    /// - Throws: `RedisError`.
    public func take(_ request: LimitRequest) async throws -> LimitDecision {
        guard !request.limits.isEmpty else { return .allowed(breach: nil) }
        var arguments = [["\(request.limits.count)".bytes]]
        arguments.append(request.limits.map { Self.key($0, tenant: request.tenant, prefix: keyPrefix).bytes })
        arguments.append([
            "\(windowSeconds)".bytes, (request.mode == .enforced ? "1" : "0").bytes,
            (now.map { "\($0())" } ?? "").bytes,
        ])
        arguments.append(request.limits.map { "\($0.limit)".bytes })
        let reply = try await run(arguments.flatMap { $0 })
        guard case .array(let values?) = reply, values.count == 2, case .integer(let number) = values[0],
            case .integer(let wait) = values[1], (0...Int64(request.limits.count)).contains(number)
        else { throw RedisError.unexpectedReply }
        guard number > 0 else { return .allowed(breach: nil) }
        let limit = request.limits[Int(number) - 1]
        let breach = LimitBreach(
            reason: .toolCallsPerMinute,
            scope: limit.scope,
            key: limit.key,
            limit: limit.limit,
            windowSeconds: windowSeconds,
            retryAfterSeconds: LimitLedger.seconds(wait)
        )
        return request.mode == .enforced ? .refused(breach) : .allowed(breach: breach)
    }

    /// Runs the script by its digest, and by its text if the server does not have it, such as after a restart.
    private func run(_ arguments: [[UInt8]]) async throws -> RESPValue {
        do {
            return try await client.send(["EVALSHA".bytes, RedisLimitScript.sha1.bytes] + arguments)
        } catch RedisError.reply(let message) where message.hasPrefix("NOSCRIPT") {
            return try await client.send(["EVAL".bytes, RedisLimitScript.text.bytes] + arguments)
        }
    }

    /// The key of a limit. What is in braces decides where a cluster would keep it, so all keys of a tenant are in one place. A name is
    /// marked as written or as a digest, so that nobody can choose a name that is counted as another one.
    static func key(_ limit: RequestLimit, tenant: String, prefix: String) -> String {
        let name =
            limit.key.utf8.count <= 128
            ? "=\(limit.key)" : "#\(SHA256.hash(data: Array(limit.key.utf8)).hexadecimal)"
        return "\(prefix):limit:{\(tenant)}:\(limit.scope.rawValue):\(name)"
    }
}
