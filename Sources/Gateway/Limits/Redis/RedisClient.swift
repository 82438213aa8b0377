import ControllerRuntime
import KubernetesAPI
public import Logging
import NIOCore
import NIOPosix
import NIOSSL
public import ServiceLifecycle
import Synchronization

/// A client of a Redis or Valkey server with one connection, which is made again when it is lost. Commands fail at once while there is
/// none, so that callers can do without.
///
/// Redis Cluster and Sentinel are not supported.
public final class RedisClient: Service, CustomStringConvertible {
    private enum State {
        case disconnected(String)
        case connected(any Channel)
    }

    private let configuration: RedisConfiguration
    private let logger: Logger
    private let clock: RuntimeClock
    private let state = Mutex(State.disconnected("it has not been made yet"))

    public init(_ configuration: RedisConfiguration, logger: Logger = Logger(label: "gateway.redis")) {
        self.configuration = configuration
        self.logger = logger
        clock = .system
    }

    public var description: String { "RedisClient" }

    /// Whether there is a connection.
    public var isConnected: Bool {
        state.withLock { if case .connected = $0 { true } else { false } }
    }

    /// Sends a command. Returns its answer, which is not an error.
    ///
    /// - Throws: `RedisError`.
    func send(_ command: [[UInt8]]) async throws -> RESPValue {
        let channel: any Channel
        switch state.withLock({ $0 }) {
        case .disconnected(let reason): throw RedisError.notConnected(reason)
        case .connected(let connection): channel = connection
        }
        return try await Self.send(command, on: channel, timeout: configuration.timeout)
    }

    private static func send(
        _ command: [[UInt8]],
        on channel: any Channel,
        timeout: Duration
    ) async throws -> RESPValue {
        var bytes = channel.allocator.buffer(capacity: 64 + command.reduce(0) { $0 + $1.count + 16 })
        RESPValue.write(command: command, to: &bytes)
        let reply = channel.eventLoop.makePromise(of: RESPValue.self)
        // If the channel is closed already, the write never reaches the handler.
        channel.writeAndFlush(RedisCommand(bytes: bytes, timeout: TimeAmount(timeout), reply: reply)).whenFailure {
            reply.fail(RedisError.connectionClosed("\($0)"))
        }
        return try await reply.futureResult.get()
    }

    /// Keeps the connection until shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await self.keepConnected()
        }
        state.withLock { $0 = .disconnected("the gateway stops") }
    }

    private func keepConnected() async {
        var backoff = Backoff(schedule: configuration.backoff, jitter: 0.5, resetAfter: .seconds(60))
        var random = SystemRandomNumberGenerator()
        var lastReason: String?
        while !Task.isCancelled {
            let reason: String
            do {
                let channel = try await connect()
                lastReason = nil
                logger.info("connected to Redis", metadata: ["address": "\(address)"])
                state.withLock { $0 = .connected(channel) }
                await withTaskCancellationHandler {
                    try? await channel.closeFuture.get()
                } onCancel: {
                    channel.close(promise: nil)
                }
                reason = "it was closed"
            } catch {
                reason = "\(error)"
            }
            state.withLock { $0 = .disconnected(reason) }
            if Task.isCancelled { return }
            if reason != lastReason {
                logger.warning(
                    "there is no connection to Redis",
                    metadata: ["address": "\(address)", "reason": "\(reason)"]
                )
                lastReason = reason
            }
            let delay = backoff.delay(afterFailureAt: clock.now, using: &random)
            try? await clock.sleep(until: clock.now.advanced(by: delay))
        }
    }

    private var address: String { "\(configuration.host):\(configuration.port)" }

    /// Makes a connection that can be used.
    private func connect() async throws -> any Channel {
        let configuration = configuration
        let limit = TimeAmount(configuration.connectTimeout)
        let tls = try configuration.tls.map { try Self.tlsContext($0) }
        let credentials = try configuration.credentials?()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(limit)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let name = configuration.tls?.serverName ?? configuration.host
                        let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
                        // Without a name, the certificate must have the address that is connected to.
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : name)
                        )
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        RedisChannelHandler(maximumPending: configuration.maximumPending)
                    )
                }
            }
            .connect(host: configuration.host, port: configuration.port)
            .get()
        do {
            // The first answer comes after the handshake of TLS.
            let timeout = configuration.connectTimeout
            if let credentials {
                let user = credentials.username.map { [$0.bytes] } ?? []
                _ = try await Self.send(
                    ["AUTH".bytes] + user + [credentials.password.bytes],
                    on: channel,
                    timeout: timeout
                )
            }
            _ = try await Self.send(["SELECT".bytes, "\(configuration.database)".bytes], on: channel, timeout: timeout)
            return channel
        } catch {
            try? await channel.close().get()
            throw error
        }
    }

    private static func tlsContext(_ settings: RedisConfiguration.TLS) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .fullVerification
        configuration.minimumTLSVersion = .tlsv12
        if let file = settings.caFile { configuration.trustRoots = .file(file) }
        return try NIOSSLContext(configuration: configuration)
    }
}

extension String {
    /// The UTF-8 bytes.
    var bytes: [UInt8] { Array(utf8) }
}
