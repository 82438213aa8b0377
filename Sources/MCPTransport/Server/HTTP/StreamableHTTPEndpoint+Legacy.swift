import Hummingbird
import Logging
import MCPProtocol
import Observability
import Synchronization

extension StreamableHTTPEndpoint {
    /// Takes a message of the legacy era.
    func take(
        _ post: ServerRules.LegacyPost,
        _ headers: HeaderFields,
        _ caller: HTTPCaller
    ) async throws(ProtocolError) -> Response {
        if case .request(let request) = post.message, request.method == Method.initialize.rawValue,
            find(post.session.sessionID, caller.principal) == nil
        {
            return try await initialize(request, post, headers, caller)
        }
        var id: MCPProtocol.RequestID?
        if case .request(let request) = post.message { id = request.id }
        let session = try session(post.session, caller.principal, id: id)
        switch try session.state.withLock({ state throws(ProtocolError) in try state.machine.receive(post.message) }) {
        case .handle(let request):
            return try await answer(request, session, session.version, post.accepts, headers, caller)
        case .pong(let id):
            return json(.response(.pong(id: id)), status: .ok)
        case .notify(let notification):
            if notification.method == Method.cancelled.rawValue { session.cancel(notification) }
            await handler.receive(notification, session: session)
        case .deliver(let response):
            if !session.deliver(response) { await handler.receive(response, session: session) }
        case .opened: await handler.receive(.initialized, session: session)
        case .initialize, .ignore: break
        }
        return Response(status: .accepted)
    }

    private func find(_ id: String?, _ principal: Principal) -> ServerSession? {
        guard let id else { return nil }
        guard let sealer = configuration.sealer else { return known(id, principal) }
        guard let sealed = sealer.open(id, for: principal) else { return nil }
        return known(sealed.id, principal) ?? restore(sealed, principal)
    }

    private func known(_ id: String, _ principal: Principal) -> ServerSession? {
        guard let session = state.withLock({ $0.sessions[id] }), session.principal == principal, !session.isClosing
        else { return nil }
        return session
    }

    /// Continues a session that another server has opened, or this one in an earlier life.
    private func restore(_ sealed: SealedSession, _ principal: Principal) -> ServerSession? {
        state.withLock { state in
            if let session = state.sessions[sealed.id] { return session.principal == principal ? session : nil }
            guard !state.ended.contains(sealed.id), state.sessions.count < limits.maximumSessions else { return nil }
            let session = makeSession(id: sealed.id, principal, &state)
            session.restore(sealed, versions: configuration.versions)
            add(session, &state)
            return session
        }
    }

    /// The session that a request names.
    func session(
        _ headers: ServerRules.LegacySessionHeaders,
        _ principal: Principal,
        id: MCPProtocol.RequestID?
    ) throws(ProtocolError) -> ServerSession {
        guard headers.sessionID != nil else {
            throw ProtocolError(.invalidRequest, "\(HeaderName.sessionID) is missing; send initialize first", id: id)
        }
        guard let session = find(headers.sessionID, principal) else {
            throw ProtocolError(
                .invalidRequest,
                "The session does not exist or has ended; start a new one with initialize",
                id: id,
                httpStatus: 404
            )
        }
        if let version = headers.version, version != session.version {
            throw ProtocolError(
                .invalidRequest,
                "\(HeaderName.protocolVersion) is \(version), the session uses \(session.version)",
                id: id
            )
        }
        session.touch()
        return session
    }

    // MARK: - Initialize

    private func initialize(
        _ message: JSONRPCRequest,
        _ post: ServerRules.LegacyPost,
        _ headers: HeaderFields,
        _ caller: HTTPCaller
    ) async throws(ProtocolError) -> Response {
        let session = try openSession(caller.principal, id: message.id)
        do throws(ProtocolError) {
            let action = try session.state.withLock { state throws(ProtocolError) in
                let action = try state.machine.receive(.request(message))
                if case .initialize(_, let params, let version) = action {
                    state.client = params
                    state.version = version
                }
                return action
            }
            guard case .initialize(_, _, let version) = action else {
                throw ProtocolError(.invalidRequest, "Invalid request: initialize was expected", id: message.id)
            }
            await handler.sessionOpened(session)
            logger.debug(
                "a session is opened",
                metadata: [
                    "session": "\(session.logID)", "version": "\(version)",
                    "client": "\(session.clientInfo?.name.prefix(100) ?? "")",
                ]
            )
            return try await answer(message, session, version, post.accepts, headers, caller)
        } catch {
            await end(session)
            throw error
        }
    }

    private func openSession(_ principal: Principal, id: MCPProtocol.RequestID) throws(ProtocolError) -> ServerSession {
        try state.withLock { state throws(ProtocolError) in
            guard state.sessions.count < limits.maximumSessions else {
                throw .unavailable("\(limits.maximumSessions) sessions are open; try again later", id: id)
            }
            let session = makeSession(id: Self.makeSessionID(), principal, &state)
            add(session, &state)
            return session
        }
    }

    private func makeSession(id: String, _ principal: Principal, _ state: inout State) -> ServerSession {
        state.sessionCount += 1
        return ServerSession(
            id: id,
            logID: String(state.sessionCount),
            principal: principal,
            versions: configuration.versions,
            limits: limits,
            time: time,
            stream: OutboundStream(limits: limits.legacyStream),
            onClose: { [weak self] session in
                guard let self else { return }
                // When the server stops it ends all sessions itself.
                _ = runner.submit {
                    await session.idle()
                    await self.end(session)
                }
            }
        )
    }

    private func add(_ session: ServerSession, _ state: inout State) {
        state.sessions[session.id] = session
        metrics.sessions.set(Double(state.sessions.count))
    }

    /// 256 bits of the system's secure random numbers.
    private static func makeSessionID() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for _ in 0..<4 {
            var bits = generator.next()
            for _ in 0..<16 {
                text.append(digits[Int(bits & 0xF)])
                bits >>= 4
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: - Requests

    private func answer(
        _ message: JSONRPCRequest,
        _ session: ServerSession,
        _ version: ProtocolVersion,
        _ accepts: ServerRules.AcceptedForms,
        _ headers: HeaderFields,
        _ caller: HTTPCaller
    ) async throws(ProtocolError) -> Response {
        try reserve(stream: false, id: message.id)
        let cancellation = Signal()
        do throws(ProtocolError) {
            try session.begin(message, cancellation: cancellation)
        } catch {
            release(stream: false)
            throw error
        }
        let stream = session.makeAnswerStream()
        let head = ResponseHead()
        let request = ServerRequest(
            message: message,
            version: version,
            clientCapabilities: session.clientCapabilities,
            clientInfo: session.clientInfo,
            metadata: nil,
            session: session,
            headers: headers,
            principal: caller.principal,
            attachment: caller.attachment,
            stream: stream,
            head: head,
            acceptsMessages: accepts.eventStream
        )
        var delivery = Delivery(stream: stream, reader: stream.attach(), accepts: accepts, head: head)
        if limits.maximumReplayEvents > 0 {
            delivery.resumable = Delivery.Resumable(session: session, version: version)
        }
        if request.method == .initialize { delivery.sessionID = { self.sessionID(of: session) } }
        let isTaken = runner.submit(on: EventLoopExecutor.on(caller.channel.eventLoop)) {
            let response = await self.execution.answer(request, cancellation: cancellation)
            if request.method == .initialize { await self.initialized(session, response) }
            // Before the client has the answer, so that it can use the id again.
            let isWanted = session.complete(request.id)
            stream.finish(with: isWanted ? response.map(JSONRPCMessage.response) : nil, eventID: head.answerEventID)
            self.release(stream: false)
        }
        guard isTaken else {
            _ = session.complete(message.id)
            release(stream: false)
            throw .unavailable("The server stops", id: message.id)
        }
        return await deliver(delivery, caller) { _ in 200 }
    }

    /// The value of `Mcp-Session-Id` for the answer to `initialize`; `nil` if there is no session after all.
    private func sessionID(of session: ServerSession) -> String? {
        guard let sealer = configuration.sealer else { return session.id }
        guard let sealed = session.sealed else { return nil }
        do {
            return try sealer.seal(sealed, for: session.principal)
        } catch {
            logger.error(
                "a session cannot be sealed",
                metadata: ["session": "\(session.logID)", "error": "\(error)"]
            )
            return nil
        }
    }

    /// `initialize` is answered.
    private func initialized(_ session: ServerSession, _ response: JSONRPCResponse?) async {
        guard let result = response?.result else { return await end(session) }
        guard let chosen = result["protocolVersion"]?.stringValue.map(ProtocolVersion.init(rawValue:)),
            configuration.versions.legacy.contains(chosen)
        else { return }
        session.state.withLock { $0.version = chosen }
    }

    // MARK: - GET

    /// Opens the stream of a session, or resumes one.
    func openStream(
        _ headers: ServerRules.LegacySessionHeaders,
        _ lastEventID: String?,
        _ caller: HTTPCaller
    ) async throws(ProtocolError) -> Response {
        let session = try session(headers, caller.principal, id: nil)
        let stream: OutboundStream
        let reader: OutboundStream.Reader?
        var continuesSession = false
        if let lastEventID,
            let resumption = await handler.resume(
                after: lastEventID,
                session: session,
                attachment: caller.attachment
            )
        {
            switch resumption {
            case .session: continuesSession = true
            case .answer(let work): return try await resume(work, session, caller)
            }
        }
        try reserve(stream: true, id: nil)
        if let lastEventID, !continuesSession {
            guard let event = EventID(lastEventID), let found = session.stream(number: event.stream),
                let resumed = found.attach(after: event.received - 1)
            else {
                release(stream: true)
                throw ProtocolError(.invalidRequest, "\(HeaderName.lastEventID) names an event that is not kept")
            }
            stream = found
            reader = resumed
        } else {
            stream = session.stream
            reader = stream.attachIfFree()
        }
        guard let reader else {
            release(stream: true)
            throw ProtocolError(.invalidRequest, "The session has a stream already", httpStatus: 409)
        }
        session.use(1)
        var delivery = Delivery(
            stream: stream,
            reader: reader,
            accepts: ServerRules.AcceptedForms(json: false, eventStream: true)
        )
        if limits.maximumReplayEvents > 0 {
            delivery.resumable = Delivery.Resumable(session: session, version: session.version, isAnswer: false)
        }
        let isSessionStream = stream === session.stream
        delivery.onEnd = {
            session.use(-1)
            self.release(stream: true)
            if isSessionStream { self.handler.streamClosed(of: session) }
        }
        if isSessionStream { handler.streamOpened(of: session, attachment: caller.attachment) }
        return await deliver(delivery, caller) { _ in 200 }
    }

    /// Lets the handler write what follows of the answer to a request.
    private func resume(
        _ work: @escaping @Sendable (ResumedStream) async throws -> Void,
        _ session: ServerSession,
        _ caller: HTTPCaller
    ) async throws(ProtocolError) -> Response {
        try reserve(stream: true, id: nil)
        session.use(1)
        let stream = OutboundStream(limits: limits.passingStream)
        let reader = stream.attach()
        let isGone = Signal()
        let release: @Sendable () -> Void = {
            session.use(-1)
            self.release(stream: true)
        }
        let isTaken = runner.submit {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        try await work(ResumedStream(stream: stream, version: session.version))
                    } catch {
                        self.logger.debug(
                            "a resumed stream has ended",
                            metadata: ["session": "\(session.logID)", "error": "\(error)"]
                        )
                    }
                }
                group.addTask { while await isGone.wait() {} }
                await group.next()
                group.cancelAll()
            }
            stream.finish()
        }
        guard isTaken else {
            release()
            throw .unavailable("The server stops", id: nil)
        }
        var delivery = Delivery(
            stream: stream,
            reader: reader,
            accepts: ServerRules.AcceptedForms(json: false, eventStream: true)
        )
        delivery.onClose = { isGone.finish() }
        delivery.onEnd = {
            isGone.finish()
            release()
        }
        return await deliver(delivery, caller) { _ in 200 }
    }
}
