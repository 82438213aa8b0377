public import Logging
public import MCPProtocol

/// A client of one MCP server, over Streamable HTTP, HTTP+SSE or stdio, in the version that both support.
///
/// ```swift
/// let tools = try await MCPClient.withConnection(to: .streamableHTTP("https://mcp.example.com/mcp")) { client in
///     try await client.list(.tools)
/// }
/// ```
///
/// Methods throw `MCPClientError`, or `CancellationError` if the calling task is cancelled, which also cancels the request at the
/// server.
public struct MCPClient: Sendable {
    /// What server and client have agreed on. It can be remembered for the server: ``MCPClientOptions/remembered``.
    public let agreement: ClientNegotiation.Agreement

    let core: ClientCore
    let connection: any ClientConnection

    /// Connects to a server, runs the body, and closes the connection: its session is ended, and its process stopped.
    ///
    /// - Parameters:
    ///   - exchange: sends HTTP requests. By default, one for this connection only.
    ///   - clock: measures the limits of time.
    public static func withConnection<Result: Sendable>(
        to endpoint: MCPEndpoint,
        options: MCPClientOptions = MCPClientOptions(),
        handlers: MCPClientHandlers = MCPClientHandlers(),
        exchange: (any HTTPExchange)? = nil,
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger = Logger(label: "moorage.mcp", factory: { _ in SwiftLogNoOpLogHandler() }),
        _ body: (MCPClient) async throws -> Result
    ) async throws -> Result {
        if exchange == nil, endpoint.isHTTP {
            var settings = HTTPClientExchange.Options()
            settings.connectTimeout = options.limits.connectTime
            let own = try HTTPClientExchange(settings)
            let outcome: Swift.Result<Result, any Error>
            do {
                outcome = .success(
                    try await withConnection(
                        to: endpoint,
                        options: options,
                        handlers: handlers,
                        exchange: own,
                        clock: clock,
                        logger: logger,
                        body
                    )
                )
            } catch {
                outcome = .failure(error)
            }
            await withoutCancellation { await own.shutdown() }
            return try outcome.get()
        }
        let core = ClientCore(endpoint, options: options, handlers: handlers, clock: clock, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await core.background.run() }
            defer { group.cancelAll() }
            let connector = Connector(core: core, exchange: exchange)
            let (agreement, connection) = try await connector.connect(to: endpoint)
            let outcome: Swift.Result<Result, any Error>
            do {
                outcome = .success(try await body(MCPClient(agreement: agreement, core: core, connection: connection)))
            } catch {
                outcome = .failure(error)
            }
            await withoutCancellation { await connection.close() }
            return try outcome.get()
        }
    }

    /// Sends a request and waits for its result, which is returned as it is: it may be an `InputRequiredResult`.
    ///
    /// - Parameters:
    ///   - params: without the metadata of 2026-07-28, which is added.
    ///   - parameterHeaders: for `tools/call`, what the tool's input schema asks for (M15).
    ///   - timeout: in place of ``ClientLimits/requestTime``.
    ///   - onProgress: if there is one, the server is asked for progress notifications.
    /// - Throws: `MCPClientError`, with `refused` if the server answers with an error.
    public func request(
        _ method: Method,
        params: RawJSON? = nil,
        parameterHeaders: ParameterHeaders = ParameterHeaders(),
        timeout: Duration? = nil,
        onProgress: (@Sendable (ProgressParams) async -> Void)? = nil
    ) async throws -> RawJSON {
        let response = try await respond(
            to: prepared(method, params, wantsProgress: onProgress != nil),
            parameterHeaders,
            timeout: timeout ?? core.limits.requestTime,
            onProgress
        )
        switch response.outcome {
        case .error(let error): throw MCPClientError.refused(error, method.rawValue, core.name)
        case .result(let result):
            guard agreement.version.era == .modern else { return result }
            do throws(MessageFieldError) {
                _ = try ResultType(of: result, to: method)
            } catch {
                throw MCPClientError.invalid("\(error)", core.name, underlying: error)
            }
            return result
        }
    }

    /// Sends a notification.
    public func notify(_ method: Method, params: RawJSON? = nil) async throws {
        let notification = JSONRPCNotification(method: method.rawValue, params: params)
        try await limited("the server did not take \(method)", core.limits.requestTime) {
            try await connection.notify(notification)
        }
    }

    func prepared(_ method: Method, _ params: RawJSON?, wantsProgress: Bool = false) -> JSONRPCRequest {
        let id = core.nextID()
        var request = JSONRPCRequest(id: id, method: method.rawValue, params: params)
        if agreement.version.era == .modern { request = request.with(metadata: core.metadata(agreement.version)) }
        if wantsProgress { request = request.with(metadataFields: [(MetadataKey.progressToken, id.json)]) }
        return request
    }

    private func respond(
        to request: JSONRPCRequest,
        _ parameterHeaders: ParameterHeaders,
        timeout: Duration,
        _ onProgress: (@Sendable (ProgressParams) async -> Void)?
    ) async throws -> JSONRPCResponse {
        try Task.checkCancellation()
        try core.start(request, onProgress: onProgress)
        do {
            let response = try await limited("no answer to \(request.method)", timeout) {
                try await connection.send(request, parameterHeaders: parameterHeaders)
            }
            core.finished(response.id == nil ? response.with(id: request.id) : response)
            return response
        } catch {
            let reason = error is CancellationError ? "cancelled" : "\((error as? MCPClientError)?.code ?? .closed)"
            let action = core.stop(request.id, reason: reason)
            if case .send(let notification) = action, Self.leavesServerWorking(error) {
                core.background.add { [connection, core] in
                    _ = try? await TimeLimit.run(core.limits.closeTime, clock: core.clock) {
                        try await connection.notify(notification)
                    }
                }
            }
            throw error
        }
    }

    /// Whether a server may still work on a request that failed this way.
    private static func leavesServerWorking(_ error: any Error) -> Bool {
        error is CancellationError || (error as? MCPClientError)?.code == .timedOut
    }

    func limited<Value: Sendable>(
        _ what: String,
        _ limit: Duration,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            return try await TimeLimit.run(limit, clock: core.clock, operation)
        } catch is TimeLimit.Passed {
            throw core.timedOut(what, after: limit)
        }
    }
}

extension MCPEndpoint {
    var isHTTP: Bool {
        switch self {
        case .streamableHTTP, .httpSSE: true
        case .stdio: false
        }
    }
}
