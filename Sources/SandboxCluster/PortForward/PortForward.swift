internal import HTTPServing
internal import NIOCore
internal import Synchronization

/// Forwards ports of a pod to a client over one connection.
struct PortForward: Sendable {
    /// Finds the port of this machine for a port of the pod.
    let target: @Sendable (Int) async -> Int?
    /// The name of the pod, for errors.
    let pod: String

    /// How many pieces of data wait for a pod that does not read, of 32 KiB as kubectl sends them.
    private static let queueLimit = 1_000
    /// How large the frames to the client are.
    private static let frameSize = 32 << 10

    private typealias Output = NIOAsyncChannelOutboundWriter<ByteBuffer>

    /// How the tasks of one connection reach each other.
    private final class State: Sendable {
        let streams = Mutex(ForwardedStreams())
        let live = Mutex<[UInt32: Live]>([:])
        let writer = FrameWriter()
    }

    /// One forwarded connection, by its data stream.
    private struct Live {
        /// Bytes for the pod.
        var input: AsyncStream<[UInt8]>.Continuation
        /// Ends when the client wants no more.
        var wanted: AsyncStream<Void>.Continuation
    }

    /// Serves until one side ends the connection.
    func run(_ connection: ByteRelay.Connection) async {
        let state = State()
        _ = try? await connection.take().executeThenClose { inbound, output in
            try await withThrowingDiscardingTaskGroup { group in
                defer { group.cancelAll() }
                var parser = SPDYParser()
                for try await buffer in inbound {
                    for frame in try parser.feed(buffer.readableBytesView) {
                        for action in state.streams.withLock({ $0.receive(frame) }) {
                            if action == .close { return }
                            // Answers are written before what they announce: a client ignores data of a stream without one.
                            try await carryOut(action, state, output, in: &group)
                        }
                    }
                }
            }
        }
    }

    private func carryOut(
        _ action: ForwardedStreams.Action,
        _ state: State,
        _ output: Output,
        in group: inout ThrowingDiscardingTaskGroup<any Error>
    ) async throws {
        switch action {
        case .send(let frame): try await state.writer.write(frame, to: output)
        case .open(let forward):
            let (input, inputContinuation) = AsyncStream<[UInt8]>.makeStream(
                bufferingPolicy: .bufferingOldest(Self.queueLimit)
            )
            let (wanted, wantedContinuation) = AsyncStream<Void>.makeStream()
            state.live.withLock { $0[forward.data] = Live(input: inputContinuation, wanted: wantedContinuation) }
            group.addTask { await serve(forward, input, wanted, state, output) }
        case .deliver(let id, let bytes):
            guard let live = state.live.withLock({ $0[id] }) else { return }
            if case .dropped = live.input.yield(bytes) { live.wanted.finish() }
        case .finish(let id): state.live.withLock { $0[id] }?.input.finish()
        case .cancel(let id): state.live.withLock { $0[id] }?.wanted.finish()
        case .close: break
        }
    }

    /// Forwards one connection until the pod or the client ends it.
    private func serve(
        _ forward: ForwardedStreams.Forward,
        _ input: AsyncStream<[UInt8]>,
        _ wanted: AsyncStream<Void>,
        _ state: State,
        _ output: Output
    ) async {
        let failure = await withTaskGroup(of: String?.self) { group in
            group.addTask { await relay(forward, input, state.writer, output) }
            group.addTask {
                for await _ in wanted {}
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        state.live.withLock { $0[forward.data] = nil }
        state.streams.withLock { $0.ended(forward) }
        let text = Array((failure ?? "").utf8)
        // The client reads the error to its end when the data has ended.
        try? await state.writer.write(.data(id: forward.error, bytes: text, isLast: true), to: output)
        try? await state.writer.write(.data(id: forward.data, bytes: [], isLast: true), to: output)
    }

    /// - Returns: why nothing can be forwarded.
    private func relay(
        _ forward: ForwardedStreams.Forward,
        _ input: AsyncStream<[UInt8]>,
        _ writer: FrameWriter,
        _ output: Output
    ) async -> String? {
        guard let port = await target(forward.port),
            let connection = try? await PodDialer.connect(
                port,
                { channel in channel.eventLoop.makeCompletedFuture { try ByteRelay.wrap(channel) } }
            )
        else {
            return "error forwarding port \(forward.port) to pod \(pod): connection refused: nothing listens there"
        }
        _ = try? await connection.take().executeThenClose { fromPod, toPod in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await bytes in input { try await toPod.write(ByteBuffer(bytes: bytes)) }
                    toPod.finish()
                }
                defer { group.cancelAll() }
                for try await var buffer in fromPod {
                    while let bytes = buffer.readBytes(length: min(buffer.readableBytes, Self.frameSize)),
                        !bytes.isEmpty
                    {
                        try await writer.write(.data(id: forward.data, bytes: bytes, isLast: false), to: output)
                    }
                }
            }
        }
        return nil
    }
}

/// Writes the frames of a connection. Frames are encoded and handed on one at a time, since the headers of replies are one
/// compressed stream.
private final class FrameWriter: Sendable {
    private let writer = Mutex(SPDYWriter())

    func write(_ frame: SPDYFrame, to output: NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws {
        // Only the task that reads sends replies, so that they are sent in the order of their encoding.
        let bytes = writer.withLock { $0.bytes(frame) }
        try await output.write(ByteBuffer(bytes: bytes))
    }
}
