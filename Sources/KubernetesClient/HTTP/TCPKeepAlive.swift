internal import NIOCore
internal import NIOPosix

/// Makes the kernel detect peers that vanish without closing the connection: a request would otherwise use a dead connection
/// and time out.
enum TCPKeepAlive {
    static func configure(_ channel: any Channel) -> EventLoopFuture<Void> {
        var result = channel.setOption(.socketOption(.so_keepalive), value: 1)
        #if os(Linux)
            // Numbers from <netinet/tcp.h>: TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT. After 30 s of
            // silence, three probes follow, 5 s apart. Data that is not acknowledged within 45 s (in ms) closes the
            // connection, like client-go's ping.
            for (option, value) in [(4, 30), (5, 5), (6, 3), (18, 45_000)] as [(CInt, Int)] {
                result = result.flatMap {
                    channel.setOption(.tcpOption(NIOBSDSocket.Option(rawValue: option)), value: value)
                }
            }
        #endif
        // Not every channel is a socket, especially in tests.
        return result.flatMapError { _ in channel.eventLoop.makeSucceededVoidFuture() }
    }
}
