internal import HTTPTypes
internal import Logging
internal import MCPProtocol

extension StreamableHTTPConnection {
    func listen(_ filter: SubscriptionFilter, _ report: @escaping @Sendable (MCPChange) throws -> Void) async throws {
        if era == .legacy, try await sessionStream.follow(filter, report) { return }
        do {
            try await TimeLimit.runWhileActive(idle: core.limits.idleTime, clock: core.clock) { [self] activity in
                if era == .modern {
                    try await subscribe(filter, activity, report)
                } else {
                    try await readSessionStream(activity, opened: { try report(.listening(filter)) }) { notification in
                        if filter.includes(notification) { try report(.changed(notification)) }
                    }
                }
            }
        } catch is TimeLimit.Passed {
            throw silence
        }
    }

    /// Has the stream of the session read in the background, because servers may make their requests there.
    ///
    /// Returns when the stream is open, or when there is none; a server that is slow to open it is not waited for.
    func readSessionStreamInBackground() async {
        sessionStream.start()
        let opening = Signal()
        core.background.add { [self] in
            await sessionStream.run { [self] in await keepSessionStreamOpen(opening) }
            opening.finish()
        }
        _ = try? await TimeLimit.run(Self.openingTime, clock: core.clock) { await opening.wait() }
    }

    /// How long a client waits for the stream of the session before it makes requests.
    private static let openingTime = Duration.seconds(2)

    /// Reads the stream until the server says that there is none. A failure is nobody's request, so it is tried again, less and less often.
    private func keepSessionStreamOpen(_ opening: Signal) async {
        var pause = Duration.milliseconds(500)
        while !Task.isCancelled {
            let failure: any Error
            do {
                try await TimeLimit.runWhileActive(idle: core.limits.idleTime, clock: core.clock) { [self] activity in
                    try await readSessionStream(activity) { [self] in
                        sessionStream.opened()
                        opening.finish()
                    } received: { [self] in
                        sessionStream.received($0)
                    }
                }
                return
            } catch is TimeLimit.Passed {
                failure = silence
            } catch {
                failure = error
            }
            opening.finish()
            core.logger.debug("the stream of the session cannot be read", metadata: ["error": "\(failure)"])
            pause = sessionStream.failed(failure) ? .seconds(1) : min(pause * 2, .seconds(60))
            try? await core.clock.sleep(for: pause)
        }
    }

    private var silence: MCPClientError {
        core.timedOut("nothing arrived on the stream of changes", after: core.limits.idleTime)
    }

    /// `subscriptions/listen`.
    private func subscribe(
        _ filter: SubscriptionFilter,
        _ activity: ActivityCounter,
        _ report: (MCPChange) throws -> Void
    ) async throws {
        let request = filter.request(id: core.nextID(), metadata: core.metadata(version))
        let headers = try HeaderFields.modern(for: request)
        let response = try await messages.send(.post, url, headers: headers, body: Array(request.bytes))
        activity.mark()
        var subscription = ClientSubscription(id: request.id, requested: filter)
        switch ResponseForm(status: response.status, headers: response.headers, toRequest: true) {
        case .message:
            let bytes = try await messages.collect(response.body)
            guard let message = try? core.parse(bytes), case .refused(let error) = try? subscription.receive(message)
            else {
                throw MCPClientError.status(response.status, core.name, headers: response.headers)
            }
            throw MCPClientError.refused(error, request.method, core.name, status: response.status)
        case .accepted, .status:
            throw MCPClientError.status(response.status, core.name, headers: response.headers)
        case .eventStream:
            var parser = messages.parser
            try await messages.readEvents(response.body, &parser, maximumBytes: nil, activity: activity) { event in
                guard event.type == "message" else { return false }
                return try await subscription.take(core.parse(event.data), core, report)
            }
            guard subscription.streamClosed() else {
                throw MCPClientError(.connectionLost, "\(core.name): the stream of changes broke; subscribe again")
            }
        }
    }

    /// The stream of a legacy session, on which the server sends what belongs to no request.
    private func readSessionStream(
        _ activity: ActivityCounter,
        opened: () throws -> Void,
        received: (JSONRPCNotification) throws -> Void
    ) async throws {
        var lastEventID: String?
        var retry: Int64?
        var attempts = 0
        while true {
            let response = try await open(lastEventID: lastEventID)
            activity.mark()
            // The server has no such stream.
            if response.status == 405 { return }
            let form = ResponseForm(status: response.status, headers: response.headers, toRequest: true)
            guard form == .eventStream else {
                throw MCPClientError.status(response.status, core.name, headers: response.headers)
            }
            try opened()
            var parser = messages.parser
            var hasProgressed = false
            do {
                try await messages.readEvents(response.body, &parser, maximumBytes: nil, activity: activity) { event in
                    guard event.type == "message" else { return false }
                    hasProgressed = true
                    try await take(core.parse(event.data), received)
                    return false
                }
            } catch let error as MCPClientError where error.code == .connectionLost {
                core.logger.debug("the stream of the session broke", metadata: ["error": "\(error)"])
            }
            lastEventID = parser.lastEventID ?? lastEventID
            retry = parser.retryMilliseconds ?? retry
            attempts = hasProgressed ? 1 : attempts + 1
            guard attempts <= core.limits.resumptions else {
                throw MCPClientError.limit(
                    .resumptions,
                    core.name,
                    "the stream of the session broke \(attempts) times without a new message"
                )
            }
            try await core.clock.sleep(for: HTTPMessages.retryTime(retry))
        }
    }

    private func take(
        _ message: JSONRPCMessage,
        _ received: (JSONRPCNotification) throws -> Void
    ) async throws {
        switch message {
        case .notification(let notification):
            try received(notification)
            await core.deliver(notification)
        case .request(let request): core.answer(request) { [self] in try await reply($0) }
        case .response: core.logger.debug("the server sent a response on the stream of the session")
        }
    }

    /// Opens the session's stream, or resumes one.
    func open(lastEventID: String?) async throws -> HTTPMessages.Response {
        try await inSession { _ -> Attempt<HTTPMessages.Response> in
            let id = session?.current.sessionID
            let headers = HeaderFields.legacyGet(version: version, sessionID: id, lastEventID: lastEventID)
            let response = try await messages.send(.get, url, headers: headers)
            if response.status == 200 || response.status == 405 { return .done(response) }
            return .status(
                response.status,
                MCPClientError.status(response.status, core.name, headers: response.headers)
            )
        }
    }
}

extension ClientSubscription {
    /// Takes a message of the subscription's stream.
    ///
    /// - Returns: whether the server has ended it.
    mutating func take(
        _ message: JSONRPCMessage,
        _ core: ClientCore,
        _ report: (MCPChange) throws -> Void
    ) async throws -> Bool {
        let event: ClientSubscription.Event
        do throws(MessageFieldError) {
            event = try receive(message)
        } catch {
            throw MCPClientError.invalid("on the stream of changes, \(error)", core.name, underlying: error)
        }
        switch event {
        case .acknowledged(let honored): try report(.listening(honored))
        case .changed(let notification):
            try report(.changed(notification))
            await core.deliver(notification)
        case .refused(let error):
            throw MCPClientError.refused(error, Method.subscriptionsListen.rawValue, core.name)
        case .ended: return true
        }
        return false
    }
}
