import NIOCore

/// A command on its way to the server, and who waits for the answer.
struct RedisCommand: Sendable {
    var bytes: ByteBuffer
    /// How long the answer may take.
    var timeout: TimeAmount
    var reply: EventLoopPromise<RESPValue>
}

/// Sends commands without waiting for the answers before, and hands each answer to the command that it is for: a server answers in the
/// order of the commands.
///
/// One answer that is late, or is not a valid reply, ends the connection, because all that follow would be assigned wrongly, or be
/// late as well.
final class RedisChannelHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = RedisCommand
    typealias OutboundOut = ByteBuffer

    private let maximumPending: Int
    private var parser = RESPParser()
    private var pending = CircularBuffer<(reply: EventLoopPromise<RESPValue>, deadline: NIODeadline)>()
    private var timer: Scheduled<Void>?
    private var isFlushScheduled = false
    private var failure: RedisError?

    init(maximumPending: Int) {
        self.maximumPending = maximumPending
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let command = unwrapOutboundIn(data)
        if let failure {
            promise?.succeed()
            command.reply.fail(failure)
            return
        }
        guard pending.count < maximumPending else {
            promise?.succeed()
            command.reply.fail(RedisError.tooManyPending)
            return
        }
        pending.append((command.reply, context.eventLoop.now + command.timeout))
        startTimer(context)
        context.write(wrapOutboundOut(command.bytes), promise: promise)
    }

    /// Commands that are written in the same turn of the event loop are sent at once.
    func flush(context: ChannelHandlerContext) {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            context.flush()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard failure == nil else { return }
        parser.append(unwrapInboundIn(data))
        do {
            while let value = try parser.next() {
                guard let (reply, _) = pending.popFirst() else {
                    close(context, .connectionClosed("it sent an answer without a command"))
                    return
                }
                if case .error(let text) = value {
                    let message = String(decoding: text, as: UTF8.self)
                    reply.fail(RedisError.reply(message))
                    if RedisError.endsConnection(message) {
                        close(context, .connectionClosed(message))
                        return
                    }
                } else {
                    reply.succeed(value)
                }
            }
        } catch {
            close(context, .connectionClosed("it sent what is not a valid answer (\(error))"))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        fail(failure ?? .connectionClosed("by the server"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(context, .connectionClosed("\(error)"))
    }

    private func close(_ context: ChannelHandlerContext, _ error: RedisError) {
        fail(error)
        context.close(promise: nil)
    }

    /// Fails everything that waits, and all that comes.
    private func fail(_ error: RedisError) {
        if failure == nil { failure = error }
        while let (reply, _) = pending.popFirst() { reply.fail(error) }
    }

    private func startTimer(_ context: ChannelHandlerContext) {
        guard timer == nil, let first = pending.first else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: first.deadline) {
            self.timer = nil
            guard let first = self.pending.first else { return }
            if first.deadline <= context.eventLoop.now {
                self.close(context, .timeout)
            } else {
                self.startTimer(context)
            }
        }
    }
}
