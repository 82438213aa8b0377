internal import Logging
internal import MCPProtocol
internal import MCPTransport
internal import Synchronization

/// A session with a backend of the legacy era over Streamable HTTP. It is opened when it is first needed, and again when the backend has
/// ended it.
final class LegacyLink: BackendLink {
    /// Who the backend sees as its client.
    struct Identity: Sendable {
        var clientInfo: Implementation
        var capabilities: ClientCapabilities
    }

    /// The pods of the backend.
    struct Pods: Sendable {
        typealias Send = @Sendable (UpstreamHTTP) async throws -> UpstreamHTTP.Answer

        /// Sends the first request of a session to the pod whose turn it is, or to another one if there is no connection to that.
        let first: @Sendable (Send) async throws -> (Backend.PodEndpoint, UpstreamHTTP.Answer)
        let http: @Sendable (Backend.PodEndpoint) -> UpstreamHTTP
        /// The pod with this id; `nil` if it is gone.
        let named: @Sendable (String) -> Backend.PodEndpoint?
    }

    private struct State {
        /// The pod that has the session.
        var pod: Backend.PodEndpoint?
        /// `nil` before the session is opened.
        var session: LegacyClientSession?
        var ids = RequestIDSequence()
        /// What the client has chosen, to be repeated in a new session.
        var logLevel: JSONRPCRequest?
        var isClosed = false
    }

    private let pods: Pods
    /// Whether a session whose pod is gone is opened again at another pod.
    private let movesToOtherPods: Bool
    let agreement: ClientNegotiation.Agreement
    private let identity: Identity
    /// Whether several clients share the session, so that ids and progress tokens must be the link's own.
    private let isShared: Bool
    private let background: RequestRunner
    private let logger: Logger
    private let opening = SingleFlight()
    private let state = Mutex(State())

    init(
        pods: Pods,
        movesToOtherPods: Bool,
        agreement: ClientNegotiation.Agreement,
        identity: Identity,
        isShared: Bool,
        background: RequestRunner,
        logger: Logger
    ) {
        self.pods = pods
        self.movesToOtherPods = movesToOtherPods
        self.agreement = agreement
        self.identity = identity
        self.isShared = isShared
        self.background = background
        self.logger = logger
    }

    /// What another gateway needs to continue the session; `nil` if there is no session yet, or the backend keeps none.
    var continuation: Continuation.Session? {
        state.withLock { state in
            guard let session = state.session, let id = session.sessionID, let pod = state.pod else { return nil }
            return Continuation.Session(version: session.version, pod: pod.id, sessionID: id)
        }
    }

    /// Continues a session that another gateway has opened.
    func resume(_ known: Continuation.Session) {
        let headers: HeaderFields = [HeaderName.sessionID: known.sessionID]
        state.withLock { state in
            state.session = try? LegacyClientSession(version: known.version, headers: headers)
            // Where the pod is now is found out when it is needed.
            state.pod = Backend.PodEndpoint(id: known.pod, url: "")
        }
    }

    /// The pod that has the session.
    ///
    /// - Throws: `UpstreamFailure` if it is gone.
    private func http() throws -> UpstreamHTTP {
        let pod = state.withLock { $0.pod }
        guard let pod, let current = pods.named(pod.id) else {
            throw UpstreamFailure(.sessionGone, "the pod of the session is gone")
        }
        return pods.http(current)
    }

    // MARK: - Opening

    /// Opens the session, if it is not open.
    func open() async throws {
        while state.withLock({ $0.session == nil }) {
            _ = try await opening.run {
                guard self.state.withLock({ $0.session == nil }) else { return }
                try await self.initialize()
            }
        }
    }

    private func initialize() async throws {
        let request = InitializeParams(
            protocolVersion: agreement.version,
            capabilities: identity.capabilities,
            clientInfo: identity.clientInfo
        ).request(id: state.withLock { $0.ids.next() })
        let headers = HeaderFields.legacyPost(version: nil, sessionID: nil)
        let (pod, answer) = try await pods.first { http in
            try await http.post(request, headers, era: .legacy) { _ in }
        }
        let http = pods.http(pod)
        guard answer.status == 200, let response = answer.response else {
            throw UpstreamFailure(.status(answer.status), "\(http.name): HTTP status \(answer.status) to initialize")
        }
        guard let result = response.result, let initialized = try? InitializeResult(result),
            let session = try? LegacyClientSession(version: initialized.protocolVersion, headers: answer.headers)
        else {
            let reason = response.error.map { "\($0.message) (\($0.code))" } ?? "the result is not valid"
            throw UpstreamFailure(.invalid, "\(http.name): initialize failed: \(reason)")
        }
        state.withLock { state in
            state.pod = pod
            if state.session == nil {
                state.session = session
            } else {
                try? state.session?.opened(headers: answer.headers)
            }
        }
        _ = try await http.send(.notification(.initialized), postHeaders(of: session))
        if let level = state.withLock({ $0.logLevel }) {
            _ = try? await http.post(level, postHeaders(of: session), era: .legacy) { _ in }
        }
    }

    private func postHeaders(of session: LegacyClientSession) -> HeaderFields {
        .legacyPost(version: session.version, sessionID: session.sessionID)
    }

    /// Runs work in the session, and once more if the backend had ended it.
    private func inSession<Value>(
        _ work: (LegacyClientSession, UpstreamHTTP) async throws -> (status: Int, Value)
    ) async throws
        -> Value
    {
        for _ in 0..<3 {
            try await open()
            guard let session = state.withLock({ $0.session }) else { continue }
            let http: UpstreamHTTP
            do {
                http = try self.http()
            } catch {
                guard movesToOtherPods else { throw error }
                logger.info("the pod of a session with the backend is gone; the session is opened at another one")
                state.withLock { state in
                    if state.session == session { state.session = nil }
                }
                continue
            }
            let (status, value) = try await work(session, http)
            let verdict = state.withLock { state in
                state.session?.receive(status: status, sentID: session.sessionID) ?? .unchanged
            }
            switch verdict {
            case .unchanged: return value
            case .retry: continue
            case .openAgain:
                logger.info("the backend has ended its session; it is opened again")
                _ = try await opening.run { try await self.initialize() }
            }
        }
        throw UpstreamFailure(.status(404), "the backend ends each session at once")
    }

    // MARK: - Requests

    func call(
        _ request: JSONRPCRequest,
        _ parameterHeaders: ParameterHeaders,
        _ messages: CallMessages
    ) async throws -> JSONRPCResponse {
        let token = isShared ? try request.progressToken() : nil
        var own = request
        if isShared {
            let id = state.withLock { $0.ids.next() }
            own = request.with(id: id)
            if token != nil { own = own.with(metadataFields: [(MetadataKey.progressToken, id.json)]) }
        }
        if request.method == Method.loggingSetLevel.rawValue {
            let remembered = own
            state.withLock { $0.logLevel = remembered }
        }
        let sent = own
        do {
            let answer = try await inSession { session, http in
                let answer = try await http.post(sent, self.postHeaders(of: session), era: .legacy) { event in
                    try await self.take(event, token, messages)
                } note: {
                    try await messages.note($0, $1)
                } resume: { lastEventID in
                    .legacyGet(version: session.version, sessionID: session.sessionID, lastEventID: lastEventID)
                }
                return (answer.status, answer)
            }
            guard let response = answer.response, answer.status < 500, answer.status != 401, answer.status != 403 else {
                throw UpstreamFailure(.status(answer.status), "HTTP status \(answer.status)")
            }
            return isShared ? response.with(id: request.id) : response
        } catch {
            if Task.isCancelled, messages.trail?.isAbandoned != true { cancel(sent) }
            throw error
        }
    }

    /// A request is cancelled: in this era the backend has to be told.
    private func cancel(_ request: JSONRPCRequest) {
        guard request.method != Method.initialize.rawValue, let session = state.withLock({ $0.session }) else { return }
        let notification = CancelledParams(requestID: request.id).notification
        _ = background.submit { [self] in
            _ = try? await http().send(.notification(notification), postHeaders(of: session))
        }
    }

    private func take(_ event: AnswerStream.Event, _ token: ProgressToken?, _ messages: CallMessages) async throws {
        switch event {
        case .response: break
        case .notification(let notification):
            guard let token, notification.method == Method.progress.rawValue, let params = notification.params else {
                return try await messages.notify(notification)
            }
            try await messages.notify(notification.with(params: params.setting("progressToken", to: token.json)))
        case .request(let request): try await take(request, messages)
        }
    }

    /// A request of the backend.
    private func take(_ request: JSONRPCRequest, _ messages: CallMessages) async throws {
        if request.method == Method.ping.rawValue { return await respond(.pong(id: request.id)) }
        if let ask = messages.ask { return try await ask(request) }
        let refusal = JSONRPCError(
            code: .methodNotFound,
            message: "The client of this request cannot answer \(request.method) (MCP \(ProtocolVersion.v2026_07_28))",
            data: nil
        )
        await respond(JSONRPCResponse(id: request.id, error: refusal))
    }

    func notify(_ notification: JSONRPCNotification) async { await send(.notification(notification)) }
    func respond(_ response: JSONRPCResponse) async { await send(.response(response)) }

    private func send(_ message: JSONRPCMessage) async {
        guard let session = state.withLock({ $0.session }) else { return }
        do {
            let status = try await http().send(message, postHeaders(of: session))
            guard status >= 300 else { return }
            logger.debug("the backend did not accept a message", metadata: ["status": "\(status)"])
        } catch {
            logger.debug("a message did not reach the backend", metadata: ["error": "\(error)"])
        }
    }

    // MARK: - Stream

    /// Opens the backend's stream after an event, to pass on what follows.
    ///
    /// - Returns: what reads the stream until its end; `nil` if the backend does not resume it.
    func resume(after eventID: String) async throws
        -> (
            @Sendable (_ take: @escaping @Sendable (JSONRPCMessage) async throws -> Void, EventTrail) async throws ->
                Void
        )?
    {
        guard let session = state.withLock({ $0.session }) else { return nil }
        let http = try http()
        let headers = HeaderFields.legacyGet(
            version: session.version,
            sessionID: session.sessionID,
            lastEventID: eventID
        )
        guard let body = try await http.openStream(headers) else { return nil }
        return { take, trail in
            _ = try await http.readMessages(body, note: { try await CallMessages(trail: trail).note($0, $1) }, take)
        }
    }

    func listen(_ filter: SubscriptionFilter, _ messages: CallMessages) async throws {
        var lastEventID = messages.trail?.start
        while !Task.isCancelled {
            let (body, http) = try await inSession { session, http in
                do {
                    let headers = HeaderFields.legacyGet(
                        version: session.version,
                        sessionID: session.sessionID,
                        lastEventID: lastEventID
                    )
                    return (200, (try await http.openStream(headers), http))
                } catch let failure as UpstreamFailure {
                    guard case .status(404) = failure.kind else { throw failure }
                    return (404, (nil, http))
                }
            }
            guard let body else { return }
            lastEventID =
                try await http.readMessages(body, note: { try await messages.note($0, $1) }) { message in
                    switch message {
                    case .notification(let notification): try await messages.notify(notification)
                    case .request(let request): try await self.take(request, messages)
                    case .response: break
                    }
                } ?? lastEventID
            try await Task.sleep(for: .seconds(1))
        }
    }

    func close(endsSession: Bool) async {
        let session = state.withLock { state -> LegacyClientSession? in
            defer { state.isClosed = true }
            return state.isClosed ? nil : state.session
        }
        guard endsSession, let session, session.sessionID != nil else { return }
        do {
            try await http().endSession(.legacyGet(version: session.version, sessionID: session.sessionID))
        } catch {
            logger.debug("the session was not ended at the backend", metadata: ["error": "\(error)"])
        }
    }
}
