internal import HTTPTypes
internal import MCPProtocol
internal import Synchronization

/// Finds out what a server speaks, and makes the connection for it: runs the actions of a `ClientNegotiation`.
struct Connector {
    let core: ClientCore
    let exchange: (any HTTPExchange)?

    typealias Connected = (ClientNegotiation.Agreement, any ClientConnection)

    func connect(to endpoint: MCPEndpoint) async throws -> Connected {
        switch endpoint {
        case .streamableHTTP(let url): return try await connect(to: url, .streamableHTTP)
        case .httpSSE(let url): return try await connect(to: url, .httpSSE)
        case .stdio(let command): return try await connect(to: command)
        }
    }

    private func connect(to url: String, _ transport: ClientNegotiation.Transport) async throws -> Connected {
        guard let exchange else {
            throw MCPClientError(.invalidEndpoint, "\(core.name): there is no HTTP exchange to reach it with")
        }
        let lowercased = url.lowercased()
        // http+unix is the scheme of async-http-client for the socket of a program on this machine.
        guard ["http://", "https://", "http+unix://"].contains(where: lowercased.hasPrefix) else {
            throw MCPClientError(.invalidEndpoint, "\(core.name): the URL must start with http:// or https://")
        }
        let messages = HTTPMessages(core: core, exchange: exchange)
        var negotiator = HTTPNegotiator(core: core, url: url, transport: transport, messages: messages)
        let connected = try await negotiator.run()
        core.agreed(connected.0)
        return connected
    }
}

/// A negotiation over HTTP.
struct HTTPNegotiator {
    let core: ClientCore
    let url: String
    let transport: ClientNegotiation.Transport
    let messages: HTTPMessages

    /// The head of the last response.
    private var lastStatus = 0
    private var lastHeaders = HeaderFields()
    /// Why the last action failed, if there was no response.
    private var lastError: MCPClientError?
    /// HTTP+SSE, once it is open.
    private var channel: DuplexConnection?

    init(core: ClientCore, url: String, transport: ClientNegotiation.Transport, messages: HTTPMessages) {
        self.core = core
        self.url = url
        self.transport = transport
        self.messages = messages
    }

    mutating func run() async throws -> Connector.Connected {
        let options = core.options
        var negotiation = ClientNegotiation(
            versions: options.versions,
            transport: transport,
            remembered: options.remembered
        )
        var action = negotiation.start()
        while true {
            switch action {
            case .discover(let version):
                let request = DiscoverResult.request(id: core.nextID(), metadata: core.metadata(version))
                let headers = try HeaderFields.modern(for: request)
                action = negotiation.receive(try await send(request, headers, .modern))
            case .initialize(let version):
                let request = InitializeParams(
                    protocolVersion: version,
                    capabilities: options.capabilities,
                    clientInfo: options.clientInfo
                ).request(id: core.nextID())
                let headers = HeaderFields.legacyPost(version: nil, sessionID: nil)
                action = negotiation.receive(try await send(request, headers, .legacy))
            case .openEventStream: action = negotiation.receive(try await openEventStream())
            case .ready(let agreement): return (agreement, try await finish(agreement))
            case .fail(let failure): throw error(failure)
            }
        }
    }

    private mutating func send(
        _ request: JSONRPCRequest,
        _ headers: HeaderFields,
        _ era: ProtocolVersion.Era
    ) async throws -> ClientNegotiation.Outcome {
        let limit = core.limits.requestTime
        do {
            if let channel {
                let response = try await TimeLimit.run(limit, clock: core.clock) {
                    try await channel.send(request, parameterHeaders: ParameterHeaders())
                }
                return .response(response)
            }
            let answer = try await TimeLimit.run(limit, clock: core.clock) { [url, messages, core] in
                try await StreamableHTTPConnection.post(
                    request,
                    to: url,
                    headers: headers,
                    era: era,
                    messages: messages
                ) {
                    _ in
                    throw MCPClientError(.connectionLost, "\(core.name): the stream ended without an answer")
                } reply: { _ in
                }
            }
            (lastStatus, lastHeaders) = (answer.status, answer.headers)
            guard let response = answer.response else { return .httpStatus(answer.status) }
            return .response(response, httpStatus: answer.status)
        } catch is TimeLimit.Passed {
            lastError = core.timedOut("no answer to \(request.method)", after: limit)
            return .timedOut
        } catch let error as MCPClientError {
            return try outcome(of: error)
        }
    }

    /// What a failure means for the negotiation.
    private mutating func outcome(of error: MCPClientError) throws -> ClientNegotiation.Outcome {
        switch error.code {
        case .timedOut:
            lastError = error
            return .timedOut
        case .connectionLost, .connectionRefused, .nameNotResolved, .certificateNotTrusted, .serverWithoutTLS,
            .serverRequiresTLS, .tls, .unauthorized, .forbidden, .closed:
            lastError = error
            return .connectionFailed
        default:
            // No other way of connecting makes this right.
            throw error
        }
    }

    private mutating func openEventStream() async throws -> ClientNegotiation.Outcome {
        do {
            let opening = EventStreamChannel(core: core, url: url, messages: messages)
            switch try await opening.open() {
            case .status(let status, let headers):
                (lastStatus, lastHeaders) = (status, headers)
                return .httpStatus(status)
            case .endpoint:
                guard transport == .httpSSE || core.options.fallsBackToHTTPSSE else {
                    opening.stop()
                    throw MCPClientError(
                        .wrongTransport,
                        "\(core.name): the server offers HTTP+SSE here, not Streamable HTTP; set the transport to HTTP+SSE"
                    )
                }
                channel = opening.connection
                return .endpoint
            }
        } catch let error as MCPClientError {
            return try outcome(of: error)
        }
    }

    private func finish(_ agreement: ClientNegotiation.Agreement) async throws -> any ClientConnection {
        let connection: any ClientConnection
        var streamable: StreamableHTTPConnection?
        if let channel {
            channel.agreed(agreement.version)
            connection = channel
        } else {
            let session: LegacyClientSession?
            do throws(MessageFieldError) {
                session =
                    agreement.version.era == .legacy
                    ? try LegacyClientSession(version: agreement.version, headers: lastHeaders) : nil
            } catch {
                throw MCPClientError.invalid("\(error)", core.name, underlying: error)
            }
            let http = StreamableHTTPConnection(
                core: core,
                url: url,
                messages: messages,
                version: agreement.version,
                session: session
            )
            streamable = http
            connection = http
        }
        guard agreement.version.era == .legacy else { return connection }
        let limit = core.limits.requestTime
        do {
            try await TimeLimit.run(limit, clock: core.clock) { try await connection.notify(.initialized) }
        } catch is TimeLimit.Passed {
            throw core.timedOut("the server did not take \(Method.initialized)", after: limit)
        }
        // A server can ask for nothing that the client does not offer.
        if core.options.capabilities.raw.members?.isEmpty == false { await streamable?.readSessionStreamInBackground() }
        return connection
    }

    private func error(_ failure: ClientNegotiation.Failure) -> MCPClientError {
        switch failure {
        case .httpStatus(let status): return .status(status, core.name, headers: lastHeaders)
        case .notMCP(let status):
            if transport == .httpSSE, let status, status != 404 {
                return MCPClientError(
                    .wrongTransport,
                    "\(core.name): the server does not offer HTTP+SSE here (HTTP status \(status)); if it speaks Streamable "
                        + "HTTP, set the transport to that",
                    httpStatus: status
                )
            }
            if let status, status == 404 || status == 405 {
                return .status(status, core.name, headers: lastHeaders)
            }
            return MCPClientError(
                .notMCP,
                "\(core.name): the server answers, but does not speak MCP here"
                    + (status.map { " (HTTP status \($0))" } ?? "") + "; check the host, the port and the path",
                httpStatus: status
            )
        case .timedOut, .connectionFailed:
            return lastError ?? MCPClientError(.connectionLost, "\(core.name): the connection failed")
        default: return .negotiation(failure, core.name, status: lastStatus == 0 ? nil : lastStatus)
        }
    }
}

extension MCPClientError {
    /// Why there is no agreement, for what is the same over all transports.
    static func negotiation(_ failure: ClientNegotiation.Failure, _ endpoint: String, status: Int?) -> MCPClientError {
        switch failure {
        case .noCommonVersion, .legacyServer:
            MCPClientError(.noCommonVersion, "\(endpoint): \(failure)", httpStatus: status, underlying: failure)
        case .refused(let error): .refused(error, "the first request", endpoint, status: status)
        case .invalidAnswer(let error): .invalid("the answer to initialize: \(error)", endpoint, underlying: failure)
        case .timedOut: MCPClientError(.timedOut, "\(endpoint): \(failure)", underlying: failure)
        case .connectionFailed: MCPClientError(.connectionLost, "\(endpoint): \(failure)", underlying: failure)
        case .notMCP, .httpStatus:
            MCPClientError(.notMCP, "\(endpoint): \(failure)", httpStatus: status, underlying: failure)
        }
    }
}
