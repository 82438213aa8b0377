internal import Logging
internal import MCPProtocol
internal import MCPTransport
internal import Synchronization

/// Answers the requests of clients of both eras with what the backends of their routes say.
final class GatewayHandler: MCPServerHandler {
    let upstreams: Upstreams
    let shield: GatewayGuard
    let limits: UpstreamLimits
    let clock: any Clock<Duration>
    let logger: Logger
    /// What the gateway calls itself.
    let info: Implementation
    /// The words of tools, for clients that search for them.
    let toolTerms = ToolTermsCache()
    private let sessions = Mutex<[String: ClientSession]>([:])
    /// The ids of events that clients come back with.
    let events: EventSeal

    init(
        upstreams: Upstreams,
        shield: GatewayGuard,
        limits: UpstreamLimits,
        keys: SessionKeys,
        info: Implementation,
        clock: any Clock<Duration>,
        logger: Logger
    ) {
        self.upstreams = upstreams
        self.shield = shield
        self.limits = limits
        events = EventSeal(keys: keys)
        self.info = info
        self.clock = clock
        self.logger = logger
    }

    /// How many clients have a session here.
    var sessionCount: Int { sessions.withLock { $0.count } }

    func respond(to request: ServerRequest) async throws -> JSONRPCResponse {
        guard let call = request.attachment as? GatewayCall else {
            throw ProtocolError(.internalError, "The request has no route", id: request.id)
        }
        return try await traced(request) { try await respond(to: request, call) }
    }

    private func respond(to request: ServerRequest, _ call: GatewayCall) async throws -> JSONRPCResponse {
        do {
            return try await UpstreamCaller.$current.withValue(UpstreamCaller(caller: call.caller, token: call.token)) {
                request.method == .subscriptionsListen
                    ? try await subscribe(request, call) : try await answer(request, call)
            }
        } catch let error as ProtocolError {
            if error.httpStatus == 404, let session = request.session, error.code == .invalidRequest {
                request.setHead(status: 404)
                session.close()
            }
            if error.httpStatus >= 500 || error.httpStatus == 429 || error.httpStatus == 403 {
                let wait = error.data?["retryAfterSeconds"]?.integerValue
                request.setHead(
                    status: error.httpStatus,
                    headers: wait.map { ["Retry-After": String($0)] } ?? HeaderFields()
                )
            }
            throw error
        }
    }

    /// Answers a request that does not last. Not inlined, because a subscription would keep the memory for the calls of all methods.
    @inline(never)
    private func answer(_ request: ServerRequest, _ call: GatewayCall) async throws -> JSONRPCResponse {
        switch request.method {
        case .initialize: return try await initialize(request, call)
        case .discover: return try await discover(request, call)
        case .toolsList, .promptsList, .resourcesList, .resourceTemplatesList: return try await list(request, call)
        case .toolsCall: return try await callTool(request, call)
        case .promptsGet: return try await getPrompt(request, call)
        case .resourcesRead: return try await readResource(request, call)
        case .resourcesSubscribe: return try await follow(request, call, true)
        case .resourcesUnsubscribe: return try await follow(request, call, false)
        case .completionComplete: return try await complete(request, call)
        case .loggingSetLevel: return try await setLevel(request, call)
        default:
            guard let member = call.route.single else {
                throw ProtocolError.methodNotFound(request.message.method, id: request.id)
            }
            // What an extension adds is not in the contract of tools: it is allowed as prompts and resources are.
            return try await GuardedCall(shield, request, call, member).run {
                try await pass(request, request.message, to: member)
            }
        }
    }

    // MARK: - Sessions

    /// The session of a legacy client, which is continued if another gateway has opened it.
    ///
    /// - Parameter call: of the request that needs it; `nil` where the client only notifies or leaves.
    func clientSession(_ session: ServerSession, _ call: GatewayCall? = nil) -> ClientSession {
        sessions.withLock { sessions in
            if let known = sessions[session.id] { return known }
            let new = ClientSession(session, isJoined: call?.route.single == nil)
            sessions[session.id] = new
            return new
        }
    }

    func sessionEnded(_ session: ServerSession) async {
        // A session that was opened elsewhere ends there as well.
        let ended = sessions.withLock { $0.removeValue(forKey: session.id) } ?? ClientSession(session, isJoined: true)
        _ = await links(of: ended)
        await ended.end(endsSessions: true)
    }

    func sessionReleased(_ session: ServerSession) async {
        await sessions.withLock { $0.removeValue(forKey: session.id) }?.end(endsSessions: false)
    }

    func receive(_ notification: JSONRPCNotification, session: ServerSession?) async {
        guard let session else { return }
        // Each link has opened its own session, and requests are cancelled with their work.
        let method = Method(rawValue: notification.method)
        guard method != .initialized else { return }
        if method == .cancelled {
            // What is worked on here is cancelled with its work. A request whose stream was resumed, here or at another gateway, is not.
            guard let params = try? CancelledParams(of: notification), !session.isInFlight(params.requestID) else {
                return
            }
        }
        for link in await links(of: clientSession(session)).values { await link.notify(notification) }
    }

    /// The links of a session, by backend: those that are open here, and those that the session's id carries. No others: what a client
    /// sends must not reach backends that are not behind its session.
    private func links(of client: ClientSession) async -> [String: any BackendLink] {
        let carried = Continuation(client.session.continuation).sessions.keys
        for upstream in upstreams.all where carried.contains(upstream.backend.id) {
            _ = try? await client.link(to: upstream)
        }
        return client.links
    }

    func receive(_ response: JSONRPCResponse, session: ServerSession) async {
        guard let id = response.id, let (backend, original) = ForwardedID.read(id),
            let link = await links(of: clientSession(session))[backend]
        else { return }
        await link.respond(response.with(id: original))
    }

    func shutDown() async {
        for session in sessions.withLock({ Array($0.values) }) { session.stopListening() }
    }

    // MARK: - Links

    /// The backend's state.
    ///
    /// - Throws: `ProtocolError` if the route was removed meanwhile.
    func upstream(_ member: Route.Member) throws -> Upstream {
        guard let upstream = upstreams[member.backend] else {
            throw ProtocolError(
                .internalError,
                "The server \(member.backend.name) is not served any more",
                httpStatus: 503
            )
        }
        return upstream
    }

    /// The link for a request: that of its session, or of its principal.
    func link(_ request: ServerRequest, _ upstream: Upstream) async throws -> any BackendLink {
        if let session = request.session {
            let call = request.attachment as? GatewayCall
            return try await clientSession(session, call).link(to: upstream)
        }
        return try await upstream.sharedLink(for: request.principal.id)
    }

    /// Passes a request on to a backend of either era, and makes of the answer one for the client's era.
    func pass(
        _ request: ServerRequest,
        _ message: JSONRPCRequest,
        to member: Route.Member,
        parameterHeaders: ParameterHeaders = ParameterHeaders()
    ) async throws -> JSONRPCResponse {
        let upstream = try upstream(member)
        let message = message.inTrace(.current)
        return try await reaching(upstream, request) {
            let link = try await link(request, upstream)
            let response = try await translate(request, message, member, link, parameterHeaders)
            if !upstream.isConnected { upstream.note(nil) }
            return response
        }
    }

    /// Runs work that needs a backend, notes when it fails, and makes of the failure what the client gets to read.
    ///
    /// - Throws: `ProtocolError` in place of `UpstreamFailure`.
    func reaching<Value>(
        _ upstream: Upstream,
        _ request: ServerRequest,
        _ work: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await upstream.attempt(work)
        } catch let failure as UpstreamFailure {
            let backend = upstream.backend
            if case .credentials = failure.kind {
                logger.info(
                    "a caller gets no token for a backend",
                    metadata: ["backend": "\(backend.id)", "error": "\(failure)"]
                )
            } else if failure.kind == .sessionGone {
                // The backend is well; its pods were replaced.
                logger.info("the pod of a session is gone", metadata: ["backend": "\(backend.id)"])
            } else if case .circuitOpen = failure.kind {
                logger.debug(
                    "a request is not sent: the circuit breaker is open",
                    metadata: ["backend": "\(backend.id)"]
                )
            } else {
                upstream.note(failure)
                logger.warning(
                    "a backend has not answered",
                    metadata: [
                        "backend": "\(backend.id)", "method": "\(request.message.method)", "error": "\(failure)",
                    ]
                )
            }
            throw failure.refusal(backend.name, id: request.id)
        }
    }

    private func translate(
        _ request: ServerRequest,
        _ message: JSONRPCRequest,
        _ member: Route.Member,
        _ link: any BackendLink,
        _ parameterHeaders: ParameterHeaders
    ) async throws -> JSONRPCResponse {
        let isModern = link.agreement.version.era == .modern
        switch (request.era, isModern) {
        case (.modern, true):
            return try await limited(limits.requestTime) {
                try await link.call(message, parameterHeaders, CallMessages(notify: { try await request.notify($0) }))
            }
        case (.modern, false):
            let response = try await limited(limits.requestTime) {
                try await link.call(
                    message.withoutModernMetadata(),
                    parameterHeaders,
                    CallMessages(notify: { notification in
                        // A legacy server logs what it wants; a client of 2026-07-28 gets what it has asked for.
                        guard LogLevel.isWanted(notification, from: request.metadata?.logLevel) else { return }
                        try await request.notify(notification)
                    })
                )
            }
            return EraTranslation.modern(response, to: request.method, serverInfo: link.agreement.serverInfo)
        case (.legacy, true):
            let metadata = RequestMetadata(
                protocolVersion: link.agreement.version,
                clientCapabilities: request.clientCapabilities,
                clientInfo: request.clientInfo,
                logLevel: request.session.flatMap { clientSession($0).logLevelName }
            )
            return try await EraTranslation.complete(
                request,
                message.with(metadata: metadata),
                nextID: { .string("retry-\(UInt64.random(in: .min ... .max))") },
                call: { message in
                    try await self.limited(limits.requestTime) {
                        try await link.call(
                            message,
                            parameterHeaders,
                            CallMessages(notify: { try await request.notify(EraTranslation.legacy($0)) })
                        )
                    }
                }
            )
        case (.legacy, false):
            return try await pass(request, message, member.backend.id, link, parameterHeaders)
        }
    }

    /// Runs work for at most a time.
    ///
    /// - Throws: `UpstreamFailure` when the time is over; the work is cancelled then.
    func limited<Value: Sendable>(
        _ limit: Duration,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask(operation: work)
            group.addTask { [clock] in
                try await clock.sleep(forLimit: limit)
                throw UpstreamFailure(.timedOut, "no answer within \(limit)")
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
