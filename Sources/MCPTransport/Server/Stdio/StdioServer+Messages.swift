import Logging
import MCPProtocol
import Synchronization

extension StdioServer {
    /// Takes a line of the input.
    func take(_ line: [UInt8]) async {
        do throws(ProtocolError) {
            try await take(JSONRPCMessage(parsing: line, limits: limits.message))
        } catch {
            logger.debug("a message is refused", metadata: ["error": "\(error)"])
            try? await output.send(.response(error.response))
        }
    }

    private func take(_ message: JSONRPCMessage) async throws(ProtocolError) {
        switch try rules.check(message) {
        case .modern(let request, let metadata): try start(request, metadata)
        case .legacy(let message): try await takeLegacy(message)
        case .notification(let notification):
            if notification.method == Method.cancelled.rawValue {
                session.cancel(notification)
                cancel(notification)
            }
            try await takeLegacy(.notification(notification))
        }
    }

    private func start(_ message: JSONRPCRequest, _ metadata: RequestMetadata) throws(ProtocolError) {
        let cancellation = Signal()
        try state.withLock { state throws(ProtocolError) in
            guard !session.state.withLock({ $0.incoming.inFlight.contains(message.id) }) else {
                throw ProtocolError(.invalidRequest, "Invalid request: id \(message.id) is in use")
            }
            try state.modern.receive(message)
            state.cancellations[message.id] = cancellation
        }
        let request = ServerRequest(
            message: message,
            version: metadata.protocolVersion,
            clientCapabilities: metadata.clientCapabilities,
            clientInfo: metadata.clientInfo,
            metadata: metadata,
            session: nil,
            headers: nil,
            principal: principal,
            attachment: nil,
            stream: output,
            head: ResponseHead(),
            acceptsMessages: true
        )
        run(request, cancellation) {
            self.state.withLock { state in
                state.cancellations[message.id] = nil
                return state.modern.complete(message.id)
            }
        }
    }

    private func cancel(_ notification: JSONRPCNotification) {
        guard let params = try? CancelledParams(of: notification) else { return }
        state.withLock { state in
            guard state.modern.cancel(params.requestID) else { return }
            state.cancellations[params.requestID]?.finish()
        }
    }

    private func run(
        _ request: ServerRequest,
        _ cancellation: Signal,
        complete: @escaping @Sendable () -> Bool
    ) {
        let isTaken = runner.submit {
            let response = await self.execution.answer(request, cancellation: cancellation)
            if request.method == .initialize, request.era == .legacy { await self.initialized(response) }
            guard complete(), let response else { return }
            try? await self.output.send(.response(response))
        }
        if !isTaken { _ = complete() }
    }

    // MARK: - The legacy era

    private func takeLegacy(_ message: JSONRPCMessage) async throws(ProtocolError) {
        let action = try session.state.withLock { state throws(ProtocolError) in
            let action = try state.machine.receive(message)
            if case .initialize(_, let params, let version) = action {
                state.client = params
                state.version = version
            }
            return action
        }
        switch action {
        case .initialize(let request, _, _):
            state.withLock { $0.isOpened = true }
            await handler.sessionOpened(session)
            try startLegacy(request)
        case .handle(let request): try startLegacy(request)
        case .pong(let id): try? await output.send(.response(.pong(id: id)))
        case .notify(let notification): await handler.receive(notification, session: session)
        case .deliver(let response):
            if !session.deliver(response) { await handler.receive(response, session: session) }
        case .opened: await handler.receive(.initialized, session: session)
        case .ignore: break
        }
    }

    private func startLegacy(_ message: JSONRPCRequest) throws(ProtocolError) {
        guard !state.withLock({ $0.modern.inFlight.contains(message.id) }) else {
            throw ProtocolError(.invalidRequest, "Invalid request: id \(message.id) is in use")
        }
        let cancellation = Signal()
        try session.begin(message, cancellation: cancellation)
        let request = ServerRequest(
            message: message,
            version: session.version,
            clientCapabilities: session.clientCapabilities,
            clientInfo: session.clientInfo,
            metadata: nil,
            session: session,
            headers: nil,
            principal: principal,
            attachment: nil,
            stream: output,
            head: ResponseHead(),
            acceptsMessages: true
        )
        run(request, cancellation) { self.session.complete(message.id) }
    }

    private func initialized(_ response: JSONRPCResponse?) async {
        guard let chosen = response?.result?["protocolVersion"]?.stringValue.map(ProtocolVersion.init(rawValue:)),
            rules.versions.legacy.contains(chosen)
        else { return }
        session.state.withLock { $0.version = chosen }
    }
}
