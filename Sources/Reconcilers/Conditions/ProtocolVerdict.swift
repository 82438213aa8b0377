public import CRDModels
internal import Policy

/// What a handshake with a server found.
public enum ProtocolVerdict: Sendable, Hashable {
    /// The server speaks MCP.
    case verified(ServerProtocolStatus)
    /// The server wants credentials, which the controller does not have: it is reachable, and decides for itself who
    /// may call it.
    case credentialsRequired(ServerProtocolStatus, message: String)
    /// It could not be verified.
    case failed(ProtocolFailure)

    /// What the server said, with the pod and the time of the check; `nil` after a failure.
    public var status: ServerProtocolStatus? {
        switch self {
        case .verified(let status), .credentialsRequired(let status, _): status
        case .failed: nil
        }
    }

    /// The same verdict with another time of the last check.
    func withStatus(_ change: (inout ServerProtocolStatus) -> Void) -> ProtocolVerdict {
        switch self {
        case .verified(var status):
            change(&status)
            return .verified(status)
        case .credentialsRequired(var status, let message):
            change(&status)
            return .credentialsRequired(status, message: message)
        case .failed: return self
        }
    }
}

/// Why a server's protocol could not be verified.
public struct ProtocolFailure: Error, Sendable, Hashable {
    /// The cause.
    public enum Cause: Sendable, Hashable, CaseIterable {
        /// Nothing accepts connections, or the connection breaks.
        case connectionFailed
        /// There is no answer in time.
        case timedOut
        /// Nothing is served at the path.
        case endpointNotFound
        /// The server speaks another transport than the spec says.
        case transportMismatch
        /// One side speaks TLS and the other does not, or TLS fails.
        case tlsFailed
        /// The server answers, but not in MCP.
        case notMCP
        /// The server supports no protocol version that the controller supports.
        case versionUnsupported
        /// The server or a proxy refuses or fails: an HTTP status such as 403 or 503, or an error of the protocol.
        case refused
        /// What the server says violates the protocol or exceeds a limit.
        case invalidAnswer
        /// The remote server has an address that must not be called.
        case addressNotAllowed
    }

    /// The cause.
    public var cause: Cause
    /// What was tried, what happened, and the way out.
    public var message: String

    public init(_ cause: Cause, _ message: String) {
        self.cause = cause
        self.message = message
    }

    /// Whether another attempt can succeed without a change of the server.
    var isTransient: Bool { cause == .connectionFailed || cause == .timedOut || cause == .refused }

    var reason: Reason {
        switch cause {
        case .connectionFailed: .handshakeConnectionFailed
        case .timedOut: .handshakeTimedOut
        case .endpointNotFound: .endpointNotFound
        case .transportMismatch: .transportMismatch
        case .tlsFailed: .tlsFailed
        case .notMCP: .protocolNotSpoken
        case .versionUnsupported: .protocolVersionUnsupported
        case .refused: .handshakeRefused
        case .invalidAnswer: .protocolInvalid
        case .addressNotAllowed: .remoteAddressNotAllowed
        }
    }
}

/// What is known about a server's protocol.
public enum ProtocolState: Sendable, Hashable {
    /// Nothing is checked, because of this field.
    case disabled(by: String)
    /// There is no ready pod to check; what was found before.
    case noPod(last: ProtocolVerdict?)
    /// The current pod was not checked yet; what was found before.
    case pending(last: ProtocolVerdict?)
    /// The current pod was checked.
    case settled(ProtocolVerdict)

    /// What the server said last.
    var status: ServerProtocolStatus? {
        switch self {
        case .disabled: nil
        case .noPod(let last), .pending(let last): last?.status
        case .settled(let verdict): verdict.status
        }
    }
}
