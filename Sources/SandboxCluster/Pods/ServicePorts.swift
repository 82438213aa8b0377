internal import HTTPServing
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Ports of the loopback address that lead to Services: each connection goes to the first ready pod, as through the API's proxy.
final class ServicePorts: Sendable {
    private typealias Connections = NIOAsyncChannel<Connection, Never>
    private typealias Connection = ByteRelay.Connection

    /// The port of a pod that a connection leads to.
    typealias Target = @Sendable () async -> Int?

    private let opened: AsyncStream<(Connections, Target)>
    private let openedContinuation: AsyncStream<(Connections, Target)>.Continuation

    init() { (opened, openedContinuation) = AsyncStream.makeStream() }

    /// Serves until ``stop()``.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await (connections, target) in opened {
                group.addTask { await Self.serve(connections, target) }
            }
            group.cancelAll()
        }
    }

    func stop() { openedContinuation.finish() }

    /// Opens a port.
    ///
    /// - Parameter target: finds the port that each connection is passed on to.
    /// - Returns: its number.
    func open(_ target: @escaping Target) async throws -> Int {
        let connections = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { try ByteRelay.wrap(channel) }
            }
        if case .terminated = openedContinuation.yield((connections, target)) {
            try? await connections.channel.close()
            throw SandboxCluster.NotRunning()
        }
        return connections.channel.localAddress?.port ?? 0
    }

    private static func serve(_ connections: Connections, _ target: @escaping Target) async {
        try? await connections.executeThenClose { inbound in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in inbound {
                    group.addTask {
                        if let port = await target() { await ByteRelay.run(connection, to: port) }
                    }
                }
            }
        }
    }
}

/// Copies bytes between two connections until both have ended.
enum ByteRelay {
    typealias Connection = AcceptedConnection<ByteBuffer, ByteBuffer>

    static func wrap(_ channel: any Channel) throws -> Connection {
        try Connection(wrapping: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }

    /// Passes a connection on to a port of this machine.
    static func run(_ connection: Connection, to port: Int) async {
        let pod = try? await PodDialer.connect(port) { channel in
            channel.eventLoop.makeCompletedFuture { try wrap(channel) }
        }
        guard let pod else { return }
        _ = try? await connection.take().executeThenClose { fromClient, toClient in
            try await pod.take().executeThenClose { fromPod, toPod in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await copy(fromClient, toPod) }
                    group.addTask { try await copy(fromPod, toClient) }
                    // When one side fails, the other has nobody to talk to.
                    defer { group.cancelAll() }
                    try await group.next()
                    try await group.next()
                }
            }
        }
    }

    private static func copy(
        _ input: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ output: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        for try await buffer in input { try await output.write(buffer) }
        output.finish()
    }
}
