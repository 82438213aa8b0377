package import NIOCore
import Synchronization

/// Notices that the client of a connection is gone while its request is worked on, when nothing else reads or writes.
///
/// A client of HTTP/1.1 that closes its side is taken to be gone. This is not for streams of HTTP/2, whose sides close after each
/// request.
package final class ConnectionWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    package typealias InboundIn = NIOAny
    package typealias Callback = @Sendable () -> Void

    private struct State {
        var isClosed = false
        var callbacks: [Int: Callback] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// The watch of a connection, which is added to its pipeline if it is not there. A connection that cannot be watched is closed.
    package static func on(_ channel: any Channel) async -> ConnectionWatch {
        let watch =
            channel.eventLoop.inEventLoop
            ? try? attach(to: channel)
            : try? await channel.eventLoop.submit { try attach(to: channel) }.get()
        if let watch { return watch }
        let closed = ConnectionWatch()
        closed.closed()
        return closed
    }

    private static func attach(to channel: any Channel) throws -> ConnectionWatch {
        let pipeline = channel.pipeline.syncOperations
        // It is the first one, if it is there.
        if let existing = try? pipeline.handler(type: ConnectionWatch.self) { return existing }
        let watch = ConnectionWatch()
        try pipeline.addHandler(watch, position: .first)
        if !channel.isActive { watch.closed() }
        return watch
    }

    /// Calls back when the client is gone; at once if it is.
    package func onClose(_ callback: @escaping Callback) -> Int {
        let (number, isClosed) = state.withLock { state in
            state.next += 1
            if !state.isClosed { state.callbacks[state.next] = callback }
            return (state.next, state.isClosed)
        }
        if isClosed { callback() }
        return number
    }

    /// Does not call back any more.
    package func remove(_ number: Int) { state.withLock { _ = $0.callbacks.removeValue(forKey: number) } }

    private func closed() {
        let callbacks = state.withLock { state in
            defer { state.callbacks = [:] }
            state.isClosed = true
            return state.callbacks.values.map { $0 }
        }
        for callback in callbacks { callback() }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { closed() }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        closed()
        context.fireChannelInactive()
    }
}
