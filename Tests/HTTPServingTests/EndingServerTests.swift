import HTTPServing
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

/// Connections that are accepted while the server ends once ended the whole process.
@Suite("A server ends while clients connect")
struct EndingServerTests {
    @Test("a server of HTTP/1.1 that is cancelled")
    func cancelled() async throws {
        try await repeated { group, _ in group.cancelAll() }
    }

    @Test("a server of HTTP/1.1 that shuts down")
    func shutDown() async throws {
        try await repeated { group, services in
            await services.triggerGracefulShutdown()
            try await group.next()
        }
    }

    @Test("a connection that nobody takes is closed, one that is taken is not")
    func dropped() async throws {
        let (accepted, continuation) = AsyncStream<AcceptedConnection<ByteBuffer, ByteBuffer>>.makeStream()
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    _ = continuation.yield(try AcceptedConnection(wrapping: channel))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let client = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        let port = listener.localAddress?.port ?? 0
        var connections = accepted.makeAsyncIterator()

        let first = try await client.connect(host: "127.0.0.1", port: port).get()
        _ = await connections.next()
        try await first.closeFuture.get()

        let second = try await client.connect(host: "127.0.0.1", port: port).get()
        try await connections.next()?.take().executeThenClose { _, outbound in
            try await outbound.write(ByteBuffer(string: "x"))
            #expect(second.isActive)
        }
        try await second.closeFuture.get()
        try await listener.close()
    }

    private func repeated(
        _ end: @escaping @Sendable (inout ThrowingTaskGroup<Void, any Error>, ServiceGroup) async throws -> Void
    ) async throws {
        for _ in 0..<100 {
            let (ports, continuation) = AsyncStream<Int>.makeStream()
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let application = Application(
                router: Router(),
                server: .http1Server(),
                configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
                onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) },
                logger: logger
            )
            let services = ServiceGroup(services: [application], logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try? await services.run() }
                var iterator = ports.makeAsyncIterator()
                let port = await iterator.next() ?? 0
                let client = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                for _ in 0..<20 {
                    client.connect(host: "127.0.0.1", port: port).whenSuccess { $0.close(promise: nil) }
                }
                try await end(&group, services)
            }
        }
    }
}
