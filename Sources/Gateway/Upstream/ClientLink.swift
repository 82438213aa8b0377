internal import Logging
internal import MCPProtocol
internal import MCPTransport
internal import Synchronization

/// A session with a backend that speaks HTTP+SSE, the transport of 2024-11-05, in which all that the backend says arrives on one
/// stream. It lives in this process alone.
final class ClientLink: BackendLink {
    private enum Phase {
        case new
        case open(MCPClient, stop: Signal)
        case closed
    }

    private struct State {
        var phase = Phase.new
        /// Those who take what the backend says on its own account: the stream of the session, or the latest request.
        var takers: [(id: Int, messages: CallMessages)] = []
        var lastTaker = 0
        /// Requests of the backend that the client has not answered yet.
        var questions: [RequestID: AsyncStream<JSONRPCResponse>.Continuation] = [:]
        var lastQuestion: Int64 = 0
    }

    let agreement: ClientNegotiation.Agreement
    private let backend: Backend
    private let endpoint: @Sendable () throws -> String
    private let options: MCPClientOptions
    private let exchange: any HTTPExchange
    private let background: RequestRunner
    private let logger: Logger
    private let opening = SingleFlight()
    private let state = Mutex(State())

    init(
        backend: Backend,
        endpoint: @escaping @Sendable () throws -> String,
        agreement: ClientNegotiation.Agreement,
        options: MCPClientOptions,
        exchange: any HTTPExchange,
        background: RequestRunner,
        logger: Logger
    ) {
        self.backend = backend
        self.endpoint = endpoint
        self.agreement = agreement
        self.options = options
        self.exchange = exchange
        self.background = background
        self.logger = logger
    }

    private func client() async throws -> MCPClient {
        while true {
            switch state.withLock({ $0.phase }) {
            case .open(let client, stop: _): return client
            case .closed: throw UpstreamFailure(.lost, "\(backend.name): the session has ended")
            case .new: _ = try await opening.run { try await self.open() }
            }
        }
    }

    private func open() async throws {
        let (outcomes, outcome) = AsyncStream<Result<Void, any Error>>.makeStream()
        let isTaken = background.submit { [self] in
            let stop = Signal()
            do {
                try await MCPClient.withConnection(
                    to: .httpSSE(try endpoint()),
                    options: options,
                    handlers: MCPClientHandlers(
                        notification: { [weak self] in await self?.take($0) },
                        request: { [weak self] in await self?.ask($0) ?? .error(Self.nobody) }
                    ),
                    exchange: exchange,
                    logger: logger
                ) { client in
                    state.withLock { $0.phase = .open(client, stop: stop) }
                    outcome.yield(.success(()))
                    await stop.wait()
                }
            } catch {
                outcome.yield(.failure(error))
            }
            state.withLock { state in
                if case .open = state.phase { state.phase = .new }
            }
            outcome.finish()
        }
        guard isTaken else { throw CancellationError() }
        for await result in outcomes {
            do {
                return try result.get()
            } catch {
                throw UpstreamFailure.reading(error, backend.name)
            }
        }
        throw CancellationError()
    }

    private static let nobody = JSONRPCError(
        code: .methodNotFound,
        message: "The client of this session cannot answer requests",
        data: nil
    )

    func call(
        _ request: JSONRPCRequest,
        _ parameterHeaders: ParameterHeaders,
        _ messages: CallMessages
    ) async throws -> JSONRPCResponse {
        UpstreamAttempt.current?.send(to: nil)
        let client = try await client()
        let taker = add(messages)
        defer { state.withLock { state in state.takers.removeAll { $0.id == taker } } }
        let token = try request.progressToken()
        do {
            let result = try await client.request(
                Method(rawValue: request.method),
                params: request.params,
                timeout: options.limits.requestTime,
                onProgress: token.map { Self.passingOn(under: $0, messages) }
            )
            return JSONRPCResponse(id: request.id, result: result)
        } catch let error as MCPClientError {
            guard error.code == .refused, let refusal = error.jsonRPCError else { throw UpstreamFailure(error) }
            return JSONRPCResponse(id: request.id, error: refusal)
        }
    }

    /// Passes progress on under the client's own token.
    private static func passingOn(
        under token: ProgressToken,
        _ messages: CallMessages
    ) -> @Sendable (ProgressParams) async -> Void {
        { progress in
            let own = ProgressParams(
                token: token,
                progress: progress.progress,
                total: progress.total,
                message: progress.message
            )
            try? await messages.notify(own.notification)
        }
    }

    private func add(_ messages: CallMessages) -> Int {
        state.withLock { state in
            state.lastTaker += 1
            state.takers.append((state.lastTaker, messages))
            return state.lastTaker
        }
    }

    /// A notification other than progress. It does not say to which request it belongs; the latest is the best guess.
    private func take(_ notification: JSONRPCNotification) async {
        guard notification.method != Method.progress.rawValue else { return }
        let taker = state.withLock { $0.takers.last?.messages }
        try? await taker?.notify(notification)
    }

    private func ask(_ request: JSONRPCRequest) async -> JSONRPCResponse.Outcome {
        let (answers, answer) = AsyncStream<JSONRPCResponse>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let (id, ask) = state.withLock { state -> (RequestID, (@Sendable (JSONRPCRequest) async throws -> Void)?) in
            state.lastQuestion += 1
            let id = RequestID.integer(state.lastQuestion)
            guard let ask = state.takers.last(where: { $0.messages.ask != nil })?.messages.ask else { return (id, nil) }
            state.questions[id] = answer
            return (id, ask)
        }
        guard let ask else { return .error(Self.nobody) }
        defer { state.withLock { $0.questions[id] = nil } }
        do {
            try await ask(request.with(id: id))
        } catch {
            return .error(Self.nobody)
        }
        for await response in answers { return response.outcome }
        return .error(Self.nobody)
    }

    func notify(_ notification: JSONRPCNotification) async {
        guard notification.method != Method.initialized.rawValue,
            case .open(let client, stop: _) = state.withLock({ $0.phase })
        else { return }
        try? await client.notify(Method(rawValue: notification.method), params: notification.params)
    }

    func respond(_ response: JSONRPCResponse) async {
        guard let id = response.id else { return }
        state.withLock { $0.questions[id] }?.yield(response)
    }

    func listen(_ filter: SubscriptionFilter, _ messages: CallMessages) async throws {
        _ = try await client()
        let taker = add(messages)
        defer { state.withLock { state in state.takers.removeAll { $0.id == taker } } }
        try await Task.sleep(for: .seconds(86_400))
    }

    func close(endsSession: Bool) async {
        let phase = state.withLock { state in
            defer { state.phase = .closed }
            return state.phase
        }
        if case .open(_, let stop) = phase { stop.finish() }
    }
}
