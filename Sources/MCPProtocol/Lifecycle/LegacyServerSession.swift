/// A session of the legacy era on the server's side, from `initialize` to its end (2025-11-25, Lifecycle).
public struct LegacyServerSession: Sendable, Hashable {
    /// What the server does with a message.
    public enum Action: Sendable, Hashable {
        /// Answer `initialize` with this version.
        case initialize(JSONRPCRequest, InitializeParams, ProtocolVersion)
        /// Answer `ping`.
        case pong(RequestID)
        /// Work on a request.
        case handle(JSONRPCRequest)
        /// Take a notification.
        case notify(JSONRPCNotification)
        /// Take the response to a request of the server.
        case deliver(JSONRPCResponse)
        /// The client is ready: the server may send requests now.
        case opened
        /// Do nothing.
        case ignore
    }

    private enum Phase: Sendable, Hashable {
        case new
        case initialized(ProtocolVersion, isOpen: Bool)
        case ended
    }

    private let versions: SupportedVersions
    private var phase = Phase.new

    /// A session before its `initialize`.
    public init(versions: SupportedVersions = .all) { self.versions = versions }

    /// A session that another process has opened and this one continues.
    public init(resuming version: ProtocolVersion, versions: SupportedVersions = .all) {
        self.versions = versions
        phase = .initialized(version, isOpen: true)
    }

    /// The version of the session, once it is negotiated.
    public var version: ProtocolVersion? {
        if case .initialized(let version, _) = phase { version } else { nil }
    }

    /// Whether the server may send requests other than `ping`.
    public var isOpen: Bool {
        if case .initialized(_, let isOpen) = phase { isOpen } else { false }
    }

    /// Takes a message of the client.
    ///
    /// - Throws: `ProtocolError`: 404 after the end; `-32600` before `initialize` and at a second one; `-32602` for parameters of
    ///   `initialize` that are not valid.
    public mutating func receive(_ message: JSONRPCMessage) throws(ProtocolError) -> Action {
        if phase == .ended {
            // A response has an id of the server's, to which the client would expect no answer.
            let id: RequestID? = if case .request(let request) = message { request.id } else { nil }
            throw ProtocolError(
                .invalidRequest,
                "The session has ended; start a new one with initialize",
                id: id,
                httpStatus: 404
            )
        }
        switch message {
        case .request(let request): return try receive(request)
        case .notification(let notification):
            guard notification.method == Method.initialized.rawValue else {
                return version == nil ? .ignore : .notify(notification)
            }
            guard case .initialized(let version, false) = phase else { return .ignore }
            phase = .initialized(version, isOpen: true)
            return .opened
        case .response(let response): return version == nil ? .ignore : .deliver(response)
        }
    }

    private mutating func receive(_ request: JSONRPCRequest) throws(ProtocolError) -> Action {
        if request.method == Method.ping.rawValue { return .pong(request.id) }
        guard request.method == Method.initialize.rawValue else {
            guard version != nil else {
                throw ProtocolError(.invalidRequest, "Invalid request: send initialize first", id: request.id)
            }
            return .handle(request)
        }
        guard version == nil else {
            throw ProtocolError(.invalidRequest, "Invalid request: the session is initialized already", id: request.id)
        }
        let params: InitializeParams
        do throws(MessageFieldError) {
            params = try InitializeParams(of: request)
        } catch {
            throw .invalidParams(error, id: request.id)
        }
        guard let version = versions.answer(toInitialize: params.protocolVersion) else {
            throw .unsupportedProtocolVersion(
                params.protocolVersion.rawValue,
                supported: versions.versions,
                id: request.id
            )
        }
        phase = .initialized(version, isOpen: false)
        return .initialize(request, params, version)
    }

    /// The session ends: by a DELETE, by the server, or because it was idle for too long.
    ///
    /// - Returns: whether it was not over before.
    public mutating func end() -> Bool {
        guard phase != .ended else { return false }
        phase = .ended
        return true
    }
}
