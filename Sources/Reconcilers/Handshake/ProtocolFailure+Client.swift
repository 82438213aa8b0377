internal import CRDModels
internal import KubernetesAPI
internal import MCPTransport

extension MCPClientError {
    /// Whether the server can be at another path, or speak another transport.
    var isAboutLocation: Bool {
        switch code {
        case .notFound, .methodNotAllowed, .notMCP, .wrongTransport, .httpStatus: true
        default: false
        }
    }
}

extension ProtocolFailure {
    /// What a failed handshake means.
    ///
    /// - Parameter elsewhere: where the server answers instead.
    init(_ error: MCPClientError, target: HandshakeTarget, elsewhere: HandshakeLocation?) {
        if let elsewhere {
            self.init(elsewhere: elsewhere, target: target)
            return
        }
        let cause: Cause
        switch error.code {
        case .timedOut: cause = .timedOut
        case .certificateNotTrusted, .serverWithoutTLS, .serverRequiresTLS, .tls: cause = .tlsFailed
        case .notFound, .methodNotAllowed: cause = .endpointNotFound
        case .notMCP: cause = .notMCP
        case .wrongTransport: cause = .transportMismatch
        case .noCommonVersion: cause = .versionUnsupported
        case .invalidMessage, .limitExceeded, .invalidEndpoint, .invalidRequest: cause = .invalidAnswer
        case .forbidden, .httpStatus, .refused, .unauthorized: cause = .refused
        case .addressNotAllowed: cause = .addressNotAllowed
        case .connectionRefused, .nameNotResolved, .connectionLost, .closed, .processNotStarted, .processEnded:
            cause = .connectionFailed
        }
        let place = target.remote == nil ? "pod \(target.pod), " : ""
        self.init(cause, (place + error.message).printable(maximumLength: Self.maximumLength))
    }

    /// How long a message can be; a condition's can be longer.
    private static let maximumLength = 1_024

    private init(elsewhere: HandshakeLocation, target: HandshakeTarget) {
        let here = target.location
        var changes: [String] = []
        if elsewhere.transport != here.transport { changes.append("spec.transport to \(elsewhere.transport.rawValue)") }
        if elsewhere.path != here.path { changes.append("spec.path to \(elsewhere.path)") }
        let isTransport = elsewhere.transport != here.transport
        self.init(
            isTransport ? .transportMismatch : .endpointNotFound,
            "\(target) does not serve MCP over \(here.transport.rawValue), but \(elsewhere.path) does over "
                + "\(elsewhere.transport.rawValue): set \(changes.joined(separator: " and "))"
        )
    }
}
