import NIOCore
import NIOPosix
import Synchronization

/// A TCP connection that sends any bytes.
package enum RawConnection {
    /// Sends bytes and reads until the server closes the connection, or nothing comes for a while after the first byte.
    package static func exchange(
        port: Int,
        _ bytes: [UInt8],
        closesAfterWriting: Bool = true
    ) async throws -> [UInt8] {
        try await connect(port: port).executeThenClose { inbound, outbound in
            var answer: [UInt8] = []
            do {
                try await outbound.write(ByteBuffer(bytes: bytes))
                if closesAfterWriting { outbound.finish() }
                for try await piece in inbound { answer += piece.readableBytesView }
            } catch is IOError {
                // The server has closed the connection before it had read everything.
            } catch is ChannelError {}
            return answer
        }
    }

    /// Sends pieces of bytes, one after the other with a pause between, until the server closes the connection.
    ///
    /// - Returns: how many pieces were sent before that, and what the server answered.
    package static func trickle(
        port: Int,
        _ pieces: [[UInt8]],
        every pause: Duration
    ) async throws -> (sent: Int, answer: [UInt8]) {
        let channel = try await connect(port: port)
        return try await channel.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
                group.addTask {
                    var answer: [UInt8] = []
                    do {
                        for try await piece in inbound { answer += piece.readableBytesView }
                    } catch is IOError {} catch is ChannelError {}
                    return answer
                }
                let sent = Mutex(0)
                group.addTask {
                    for piece in pieces {
                        do {
                            try await outbound.write(ByteBuffer(bytes: piece))
                        } catch {
                            break
                        }
                        sent.withLock { $0 += 1 }
                        try await Task.sleep(for: pause)
                    }
                    return nil
                }
                defer { group.cancelAll() }
                while let result = try await group.next() {
                    guard let answer = result else { continue }
                    return (sent.withLock { $0 }, answer)
                }
                return (sent.withLock { $0 }, [])
            }
        }
    }

    /// Opens connections, sends the same bytes on each, and keeps them open while the body runs.
    ///
    /// - Parameters:
    ///   - awaitsAnswers: whether the body only runs when something was answered on each connection.
    ///   - body: gets how many connections there are.
    package static func holding(
        _ count: Int,
        port: Int,
        _ bytes: [UInt8],
        awaitsAnswers: Bool = false,
        _ body: (_ connections: Int) async throws -> Void
    ) async throws {
        var channels: [any Channel] = []
        let outcome: Result<Void, any Error>
        do {
            var answers: [EventLoopFuture<Void>] = []
            for _ in 0..<count {
                let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connect(host: "127.0.0.1", port: port).get()
                channels.append(channel)
                if awaitsAnswers {
                    let answer = channel.eventLoop.makePromise(of: Void.self)
                    answers.append(answer.futureResult)
                    try await channel.pipeline.addHandler(FirstAnswer(answer)).get()
                }
                try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
            }
            for answer in answers { try await answer.get() }
            outcome = .success(try await body(channels.count(where: \.isActive)))
        } catch {
            outcome = .failure(error)
        }
        for channel in channels { try? await channel.close() }
        try outcome.get()
    }

    private static func connect(port: Int) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
    }
}

/// Says when something arrives on a connection, or the connection ends.
private final class FirstAnswer: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<Void>

    init(_ promise: EventLoopPromise<Void>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { promise.succeed() }

    func channelInactive(context: ChannelHandlerContext) {
        promise.succeed()
        context.fireChannelInactive()
    }
}
