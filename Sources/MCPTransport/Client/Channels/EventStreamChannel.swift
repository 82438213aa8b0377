internal import HTTPTypes
internal import Logging
internal import MCPProtocol
internal import Synchronization

/// The channel of HTTP+SSE (2024-11-05): a stream for what the server sends, and a POST for each message of the client.
final class EventStreamChannel: Sendable {
    /// What became of opening it.
    enum Opening: Sendable {
        /// The server has said where to post messages.
        case endpoint
        /// The response is not an event stream.
        case status(Int, HeaderFields)
    }

    let connection: DuplexConnection
    private let core: ClientCore
    private let url: String
    private let messages: HTTPMessages
    private let stopSignal: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)

    init(core: ClientCore, url: String, messages: HTTPMessages) {
        self.core = core
        self.url = url
        self.messages = messages
        let target = Target()
        self.target = target
        stopSignal = AsyncStream<Void>.makeStream()
        connection = DuplexConnection(core: core) { message in
            let response = try await messages.send(
                .post,
                target.url,
                headers: .legacyPost(version: nil, sessionID: nil),
                body: Array(message.bytes)
            )
            guard (200..<300).contains(response.status) else {
                throw MCPClientError.status(response.status, core.name, headers: response.headers)
            }
        } end: { [stopSignal] in
            stopSignal.continuation.finish()
        }
    }

    private let target: Target

    /// Where messages are posted; known before the first one is.
    private final class Target: Sendable {
        private let value = Mutex("")
        var url: String {
            get { value.withLock { $0 } }
            set { value.withLock { $0 = newValue } }
        }
    }

    /// Opens the stream, which is then read in the background.
    ///
    /// - Throws: `MCPClientError` if there is no `endpoint` event in time, or it is not valid.
    func open() async throws -> Opening {
        let (openings, continuation) = AsyncThrowingStream<Opening, any Error>.makeStream()
        core.background.add { [self] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [self] in await run(continuation) }
                group.addTask { [stopSignal] in for await _ in stopSignal.stream {} }
                await group.next()
                group.cancelAll()
            }
        }
        let limit = core.limits.requestTime
        do {
            let opening = try await TimeLimit.run(limit, clock: core.clock) {
                for try await opening in openings { return opening }
                throw CancellationError()
            }
            return opening
        } catch {
            stop()
            if error is TimeLimit.Passed { throw core.timedOut("no endpoint event on the stream", after: limit) }
            throw error
        }
    }

    func stop() { stopSignal.continuation.finish() }

    private func run(_ opened: AsyncThrowingStream<Opening, any Error>.Continuation) async {
        do {
            let response = try await messages.send(
                .get,
                url,
                headers: .legacyGet(version: nil, sessionID: nil)
            )
            let form = ResponseForm(status: response.status, headers: response.headers, toRequest: true)
            guard form == .eventStream else {
                opened.yield(.status(response.status, response.headers))
                return
            }
            var parser = messages.parser
            var isOpen = false
            try await messages.readEvents(response.body, &parser, maximumBytes: nil) { event in
                if !isOpen {
                    target.url = try resolve(event)
                    isOpen = true
                    opened.yield(.endpoint)
                } else if event.type == "message" {
                    try connection.receive(core.parse(event.data))
                }
                return false
            }
            throw MCPClientError(.connectionLost, "\(core.name): the server ended the stream; connect again")
        } catch {
            opened.finish(throwing: error)
            connection.fail(
                error as? MCPClientError ?? MCPClientError(.closed, "\(core.name): the connection is closed")
            )
        }
    }

    private func resolve(_ event: ServerSentEvent) throws -> String {
        do throws(MessageFieldError) {
            return try EventStreamEndpoint.resolve(event, against: url)
        } catch {
            throw MCPClientError.invalid("the first event of the stream: \(error)", core.name, underlying: error)
        }
    }
}
