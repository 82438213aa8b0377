public import Logging
public import MCPProtocol

/// What a server offers, and who it says it is.
public struct ServerReading: Sendable {
    /// What server and client have agreed on: version, transport, capabilities, identity, instructions.
    public let agreement: ClientNegotiation.Agreement
    /// Tools, prompts, resources and resource templates.
    public let contract: ServerContract

    /// How many items of a kind there are.
    public func count(_ kind: ServerContract.Kind) -> Int {
        contract.items.reduce(0) { $0 + ($1.kind == kind ? 1 : 0) }
    }
}

/// Reads what a server offers.
///
/// In the modern era it takes one request, and one for each page of a list that the server's capabilities advertise; in the legacy era
/// three more, to open and end the session.
public struct ContractReader: Sendable {
    /// How to connect. ``MCPClientOptions/remembered`` saves requests to servers of the legacy era.
    public var options: MCPClientOptions
    /// Sends HTTP requests; `nil` for one for each reading.
    public var exchange: (any HTTPExchange)?
    /// Takes what the server sends meanwhile.
    public var handlers: MCPClientHandlers

    private let clock: any Clock<Duration>
    private let logger: Logger

    public init(
        options: MCPClientOptions = MCPClientOptions(),
        handlers: MCPClientHandlers = MCPClientHandlers(),
        exchange: (any HTTPExchange)? = nil,
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger = Logger(label: "moorage.mcp", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.options = options
        self.handlers = handlers
        self.exchange = exchange
        self.clock = clock
        self.logger = logger
    }

    /// Connects, reads, and closes the connection.
    ///
    /// - Throws: `MCPClientError`, or `CancellationError`.
    public func read(_ endpoint: MCPEndpoint) async throws -> ServerReading {
        try await MCPClient.withConnection(
            to: endpoint,
            options: options,
            handlers: handlers,
            exchange: exchange,
            clock: clock,
            logger: logger
        ) { client in
            var definitions: [ServerContract.Kind: [RawJSON]] = [:]
            for kind in client.agreement.capabilities.kinds { definitions[kind] = try await client.items(kind) }
            do {
                return ServerReading(agreement: client.agreement, contract: try ServerContract(definitions))
            } catch {
                throw MCPClientError.invalid("\(error)", client.core.name, underlying: error)
            }
        }
    }
}

extension ServerCapabilities {
    /// The kinds of items that the server has.
    var kinds: [ServerContract.Kind] {
        (tools ? [.tool] : []) + (prompts ? [.prompt] : []) + (resources ? [.resource, .resourceTemplate] : [])
    }
}

extension MCPClient {
    /// The items of a kind. A server without a list of templates answers that the method does not exist.
    fileprivate func items(_ kind: ServerContract.Kind) async throws -> [RawJSON] {
        do {
            return try await list(kind.listing)
        } catch  where kind == .resourceTemplate && Self.isUnknownMethod(error) {
            return []
        }
    }

    /// A function of its own: with the condition in the `catch`, the optimizer of Swift 6.3.1 crashes.
    private static func isUnknownMethod(_ error: any Error) -> Bool {
        guard let error = error as? MCPClientError, let refusal = error.jsonRPCError else { return false }
        return refusal.code == .methodNotFound
    }
}
