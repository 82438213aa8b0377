internal import HTTPTypes
internal import Logging
internal import MCPProtocol
internal import Synchronization

/// The session of a legacy client, which is opened again when the server has ended it. One request opens it; others wait for that.
final class ClientSessionHolder: Sendable {
    private struct State {
        var session: LegacyClientSession
        /// The session that is being opened again, as it was: if that fails, the next request tries again.
        var before: LegacyClientSession?
        var isOpening: Bool { before != nil }
        var waiters: [AsyncStream<Void>.Continuation] = []
    }

    /// What to do after a 404.
    enum Step {
        /// Open the session again, and report the end with ``opened(_:)``.
        case open
        /// Wait for this stream to end, and send the request again.
        case wait(AsyncStream<Void>)
        /// Send the request again.
        case retry
        /// The status is not about the session.
        case fail
    }

    private let state: Mutex<State>

    init(_ session: LegacyClientSession) { state = Mutex(State(session: session)) }

    var current: LegacyClientSession { state.withLock { $0.session } }

    func receive(status: Int, sentID: String?) -> Step {
        state.withLock { state in
            let before = state.session
            switch state.session.receive(status: status, sentID: sentID) {
            case .openAgain:
                state.before = before
                return .open
            case .retry: return .retry
            case .unchanged:
                guard state.isOpening, status == 404, sentID != nil, sentID == state.session.sessionID else {
                    return .fail
                }
                let (stream, continuation) = AsyncStream<Void>.makeStream()
                state.waiters.append(continuation)
                return .wait(stream)
            }
        }
    }

    /// The attempt to open the session is over.
    ///
    /// - Parameter headers: of the response to `initialize`; `nil` if it failed.
    func opened(_ headers: HeaderFields?) throws(MessageFieldError) {
        var failure: MessageFieldError?
        let waiters = state.withLock { state in
            if let headers {
                do throws(MessageFieldError) {
                    try state.session.opened(headers: headers)
                } catch {
                    failure = error
                }
            }
            if headers == nil || failure != nil, let before = state.before { state.session = before }
            state.before = nil
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.finish() }
        if let failure { throw failure }
    }
}

extension StreamableHTTPConnection {
    /// What became of a request within the session.
    enum Attempt<Value: Sendable>: Sendable {
        case done(Value)
        /// It failed with this status; the error to throw if that is not about the session.
        case status(Int, MCPClientError)
    }

    /// Sends something with the session's headers, and once more if the session has to be opened again.
    func inSession<Value: Sendable>(
        _ attempt: (HeaderFields) async throws -> Attempt<Value>
    ) async throws -> Value {
        guard let session else {
            assertionFailure("only the legacy era has sessions")
            throw MCPClientError(.closed, "\(core.name): there is no session")
        }
        var isSecond = false
        while true {
            let sentID = session.current.sessionID
            switch try await attempt(.legacyPost(version: version, sessionID: sentID)) {
            case .done(let value): return value
            case .status(let status, let error):
                guard !isSecond else { throw error }
                isSecond = true
                switch session.receive(status: status, sentID: sentID) {
                case .fail: throw error
                case .retry: break
                case .wait(let stream):
                    for await _ in stream {}
                    try Task.checkCancellation()
                case .open: try await openAgain(session)
                }
            }
        }
    }

    private func openAgain(_ session: ClientSessionHolder) async throws {
        core.logger.info("the server has ended the session; it is opened again")
        var headers: HeaderFields?
        do {
            let request = InitializeParams(
                protocolVersion: version,
                capabilities: core.options.capabilities,
                clientInfo: core.options.clientInfo
            ).request(id: core.nextID())
            let answer = try await post(request, headers: .legacyPost(version: nil, sessionID: nil))
            guard let response = answer.response else {
                throw MCPClientError.status(answer.status, core.name, headers: answer.headers)
            }
            if let error = response.error {
                throw MCPClientError.refused(error, request.method, core.name, status: answer.status)
            }
            let result = try InitializeResult(response.result ?? [:])
            guard result.protocolVersion == version else {
                throw MCPClientError(
                    .noCommonVersion,
                    "\(core.name): the server has changed its protocol version from \(version) to "
                        + "\(result.protocolVersion); connect again"
                )
            }
            headers = answer.headers
        } catch {
            try session.opened(nil)
            if let error = error as? MessageFieldError { throw MCPClientError.invalid("\(error)", core.name) }
            throw error
        }
        do {
            try session.opened(headers)
        } catch {
            throw MCPClientError.invalid("\(error)", core.name, underlying: error)
        }
        let sessionHeaders = HeaderFields.legacyPost(version: version, sessionID: session.current.sessionID)
        let body = Array(JSONRPCNotification.initialized.bytes)
        _ = try await messages.send(.post, url, headers: sessionHeaders, body: body)
    }
}
