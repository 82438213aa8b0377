import MCPProtocol
import Synchronization

/// A stream of messages to one client, with at most one reader at a time: the connection that carries it now.
final class OutboundStream: Sendable {
    /// A connection that carries the stream.
    struct Reader: Sendable {
        fileprivate let number: Int
        fileprivate let signal: Signal
    }

    /// What a reader writes next.
    enum Next {
        case messages([OutboundQueue.Entry], isLast: Bool)
        /// Nothing new for a while: a comment keeps the connection open.
        case keepAlive
        /// The stream is over, another reader has taken over, or the task is cancelled.
        case ended
    }

    private struct State {
        var queue: OutboundQueue
        var reader: Reader?
        var readers = 0
        var needsKeepAlive = false
        var waitingSenders: [Signal] = []
    }

    /// Finishes when a connection that has carried the stream is gone.
    private let left = Signal()

    /// The name of the stream in its session's event ids.
    let number: Int
    private let state: Mutex<State>

    init(number: Int = 0, limits: OutboundQueue.Limits) {
        self.number = number
        state = Mutex(State(queue: OutboundQueue(limits: limits)))
    }

    var hasReader: Bool { state.withLock { $0.reader != nil } }

    // MARK: - Sending

    /// Waits until a connection that has carried the stream is gone, or the task is cancelled.
    func waitUntilLeft() async { while await left.wait() {} }

    /// Adds a message. While a client reads slowly, this waits.
    ///
    /// - Parameters:
    ///   - message: `nil` for a mark, which is an event id alone.
    ///   - eventID: the id of the event, instead of one that the server gives.
    /// - Throws: `CancellationError` if the task is cancelled.
    func send(_ message: JSONRPCMessage?, eventID: String? = nil) async throws {
        while true {
            try Task.checkCancellation()
            let room: Signal? = state.withLock { state in
                guard state.reader != nil, state.queue.isFull, !state.queue.isFinished else {
                    append(message, eventID, &state)
                    return nil
                }
                let signal = Signal()
                state.waitingSenders.append(signal)
                return signal
            }
            guard let room else { return }
            await room.wait()
        }
    }

    /// Adds a message without waiting.
    ///
    /// - Returns: `false` if the client reads so slowly that the message was not added.
    @discardableResult func offer(_ message: JSONRPCMessage) -> Bool {
        state.withLock { state in
            guard state.reader == nil || !state.queue.isFull else { return false }
            append(message, nil, &state)
            return true
        }
    }

    /// Ends the stream, after a last message if there is one.
    func finish(with message: JSONRPCMessage? = nil, eventID: String? = nil) {
        state.withLock { state in
            if let message { append(message, eventID, &state) }
            state.queue.finish()
            state.reader?.signal.fire()
            wakeSenders(&state)
        }
    }

    private func append(_ message: JSONRPCMessage?, _ eventID: String?, _ state: inout State) {
        state.queue.append(message, eventID: eventID, isRead: state.reader != nil)
        state.reader?.signal.fire()
    }

    private func wakeSenders(_ state: inout State) {
        for sender in state.waitingSenders { sender.finish() }
        state.waitingSenders = []
    }

    // MARK: - Reading

    /// Takes the stream over, from where the last reader stopped.
    func attach() -> Reader { state.withLock { attach(&$0) } }

    /// Takes the stream over, from a message on.
    ///
    /// - Returns: `nil` if there is no such message, or what follows it is not kept any more.
    func attach(after index: Int) -> Reader? {
        state.withLock { state in state.queue.rewind(after: index) ? attach(&state) : nil }
    }

    /// Takes the stream, from where the last reader stopped.
    ///
    /// - Returns: `nil` if it has a reader.
    func attachIfFree() -> Reader? {
        state.withLock { state in state.reader == nil ? attach(&state) : nil }
    }

    private func attach(_ state: inout State) -> Reader {
        state.reader?.signal.finish()
        state.readers += 1
        let reader = Reader(number: state.readers, signal: Signal())
        state.reader = reader
        return reader
    }

    /// The connection of a reader is gone.
    func detach(_ reader: Reader) {
        state.withLock { state in
            guard state.reader?.number == reader.number else { return }
            state.reader = nil
            wakeSenders(&state)
        }
        reader.signal.finish()
        left.finish()
    }

    /// Wakes the reader to write a comment.
    func keepAlive() {
        state.withLock { state in
            state.needsKeepAlive = true
            state.reader?.signal.fire()
        }
    }

    /// Waits for what is to be written next.
    func next(_ reader: Reader) async -> Next {
        while true {
            let next: Next? = state.withLock { state in
                guard state.reader?.number == reader.number else { return .ended }
                let needsKeepAlive = state.needsKeepAlive
                state.needsKeepAlive = false
                if state.queue.hasUnread {
                    let entries = state.queue.readAll()
                    wakeSenders(&state)
                    return .messages(entries, isLast: state.queue.isFinished)
                }
                if state.queue.isFinished { return .ended }
                return needsKeepAlive ? .keepAlive : nil
            }
            if let next { return next }
            guard await reader.signal.wait() else { return .ended }
        }
    }
}
