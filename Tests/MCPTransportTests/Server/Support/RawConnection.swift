import NIOCore
import NIOPosix

/// A TCP connection that sends any bytes.
enum RawConnection {
    /// Sends bytes and reads until the server closes the connection, or nothing comes for a while after the first byte.
    static func exchange(
        port: Int,
        _ bytes: [UInt8],
        closesAfterWriting: Bool = true
    ) async throws -> [UInt8] {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
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
}
