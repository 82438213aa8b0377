internal import MCPProtocol
internal import MCPTransport

/// Why a backend has not answered a request.
struct UpstreamFailure: Error, Sendable, CustomStringConvertible {
    enum Kind: Sendable, Hashable {
        /// There is no connection. Nothing was sent.
        case unreachable
        /// There is no pod to send to. The description says why, for callers.
        case noPods
        /// The connection broke before the answer.
        case lost
        /// The backend has not answered in time.
        case timedOut
        /// The backend answered with an HTTP status that is not an answer of MCP.
        case status(Int)
        /// The pod that had the session is gone.
        case sessionGone
        /// The backend answered a request of the gateway with an error of JSON-RPC.
        case refused
        /// The backend has failed too often. Nothing was sent.
        case circuitOpen(retryAfterSeconds: Int)
        /// The backend sent what it must not send.
        case invalid
        /// There are no credentials for the backend on behalf of this caller. The description says why, for the caller; it says nothing about
        /// the backend, and nothing about other callers.
        case credentials(httpStatus: Int)
    }

    let kind: Kind
    let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// What a client of MCPTransport reports.
    init(_ error: MCPClientError) {
        description = error.message
        kind =
            switch error.code {
            case .connectionRefused, .nameNotResolved, .certificateNotTrusted, .serverWithoutTLS, .serverRequiresTLS,
                .tls, .invalidEndpoint, .processNotStarted, .addressNotAllowed:
                .unreachable
            case .timedOut: .timedOut
            case .connectionLost, .closed, .processEnded: .lost
            case .unauthorized, .forbidden, .notFound, .methodNotAllowed, .httpStatus:
                .status(error.httpStatus ?? 502)
            default: .invalid
            }
    }

    /// Any error of an exchange; cancellation stays what it is.
    static func reading(_ error: any Error, _ backend: String) -> any Error {
        switch error {
        case is CancellationError, is UpstreamFailure, is ProtocolError: error
        // A client of MCPTransport reports what its exchange has thrown as an error of its own.
        case let error as MCPClientError: error.underlying as? UpstreamFailure ?? UpstreamFailure(error)
        default: UpstreamFailure(.lost, "\(error)")
        }
    }

    /// What the client gets to read. Details, which may contain addresses inside the cluster, are for the log.
    func refusal(_ backend: String, id: RequestID?) -> ProtocolError {
        switch kind {
        case .unreachable:
            ProtocolError(.internalError, "The server \(backend) cannot be reached", id: id, httpStatus: 503)
        case .noPods:
            ProtocolError(
                .internalError,
                "The server \(backend) cannot be called now: \(description)",
                id: id,
                httpStatus: 503
            )
        case .lost:
            ProtocolError(
                .internalError,
                "The connection to the server \(backend) broke before it answered",
                id: id,
                httpStatus: 502
            )
        case .sessionGone:
            ProtocolError(
                .invalidRequest,
                "The session has ended, because its pod is gone; start a new one with initialize",
                id: id,
                httpStatus: 404
            )
        case .timedOut:
            ProtocolError(.internalError, "The server \(backend) did not answer in time", id: id, httpStatus: 504)
        case .credentials(let httpStatus):
            ProtocolError(
                .internalError,
                "The server \(backend) cannot be called on your behalf: \(description)",
                id: id,
                httpStatus: httpStatus
            )
        case .status(401), .status(403):
            ProtocolError(
                .internalError,
                "The server \(backend) rejects the gateway's credentials",
                id: id,
                httpStatus: 502
            )
        case .status(let status):
            ProtocolError(
                .internalError,
                "The server \(backend) answered with HTTP status \(status)",
                id: id,
                httpStatus: status == 503 ? 503 : 502
            )
        case .circuitOpen(let seconds):
            ProtocolError(
                .internalError,
                "The server \(backend) has failed repeatedly and gets no requests now; try again in \(seconds) s",
                data: ["reason": "CircuitOpen", "retryAfterSeconds": .integer(Int64(seconds))],
                id: id,
                httpStatus: 503
            )
        case .refused:
            ProtocolError(
                .internalError,
                "The server \(backend) refused a request of the gateway",
                id: id,
                httpStatus: 502
            )
        case .invalid:
            ProtocolError(
                .internalError,
                "The server \(backend) sent an answer that is not valid",
                id: id,
                httpStatus: 502
            )
        }
    }
}
