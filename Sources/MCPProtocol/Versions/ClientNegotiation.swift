/// How a client finds out what a server speaks: modern first, then the legacy handshake, then HTTP+SSE (2026-07-28, Versioning,
/// Backward Compatibility, and the pages of the two transports).
///
/// A state machine without I/O: run the action, report what came of it, until it is ``Action/ready(_:)`` or ``Action/fail(_:)``. Each
/// way is tried once, and a version that the server refuses and lists as supported once more, so it always ends.
public struct ClientNegotiation: Sendable {
    /// What messages travel over.
    public enum Transport: String, Sendable, Hashable {
        case streamableHTTP
        /// The transport of 2024-11-05: a GET for what the server sends, a POST for each message of the client.
        case httpSSE
        case stdio
    }

    /// What the client does next.
    public enum Action: Sendable, Hashable {
        /// Send `server/discover` in this version.
        case discover(ProtocolVersion)
        /// Send `initialize`, asking for this version.
        case initialize(ProtocolVersion)
        /// Open HTTP+SSE with a GET, and report the `endpoint` event or why there is none.
        case openEventStream
        /// It is settled. In the legacy era, send `notifications/initialized` first.
        case ready(Agreement)
        /// Server and client cannot talk to each other, or not now.
        case fail(Failure)
    }

    /// What came of an action.
    public enum Outcome: Sendable, Hashable {
        /// The response; over HTTP with the status that it came with.
        case response(JSONRPCResponse, httpStatus: Int? = nil)
        /// An HTTP response without a JSON-RPC response in it.
        case httpStatus(Int)
        /// The `endpoint` event of HTTP+SSE.
        case endpoint
        /// The time that the caller allows for an answer has passed.
        case timedOut
        /// There is no connection, or it broke.
        case connectionFailed

        /// What an HTTP response without an event stream means: the JSON-RPC response in its body, or its status alone.
        ///
        /// - Parameters:
        ///   - id: of the request.
        public init(
            httpStatus: Int,
            body: [UInt8],
            id: RequestID,
            limits: MessageLimits = MessageLimits()
        ) {
            guard let message = try? JSONRPCMessage(parsing: body, limits: limits),
                case .response(let response) = message,
                response.id == id || response.id == nil
            else {
                self = .httpStatus(httpStatus)
                return
            }
            self = .response(response, httpStatus: httpStatus)
        }
    }

    /// What server and client have agreed on. It is a property of the server and can be remembered for it.
    public struct Agreement: Sendable, Hashable {
        /// The version of all further messages.
        public let version: ProtocolVersion
        /// How the server was reached.
        public let transport: Transport
        /// What the server offers.
        public let capabilities: ServerCapabilities
        /// Who the server says it is, or `nil`.
        public let serverInfo: Implementation?
        /// How to use the server, or `nil`.
        public let instructions: String?
        /// What the server supports, as far as it has said.
        public let serverVersions: [ProtocolVersion]
    }

    /// Why there is no agreement.
    public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// The server supports other versions only.
        case noCommonVersion(server: [ProtocolVersion])
        /// The server needs the legacy handshake, and the client supports no version that has it.
        case legacyServer
        /// The server speaks MCP, and refuses the request.
        case refused(JSONRPCError)
        /// An HTTP status that says nothing about MCP, such as 401 or 503.
        case httpStatus(Int)
        /// The server answered, but not as a server of MCP does on any of the transports.
        case notMCP(httpStatus: Int?)
        /// The answer to `initialize` is not valid.
        case invalidAnswer(MessageFieldError)
        case timedOut
        case connectionFailed

        public var description: String {
            switch self {
            case .noCommonVersion(let versions):
                "no common protocol version; the server supports: \(versions.map(\.rawValue).joined(separator: ", "))"
            case .legacyServer: "the server needs the handshake of a protocol version that the client does not support"
            case .refused(let error): "the server refused the request: \(error.message) (\(error.code))"
            case .httpStatus(let status): "the server answered with HTTP status \(status)"
            case .notMCP(let status?): "the server does not speak MCP here; it answered with HTTP status \(status)"
            case .notMCP(nil): "the server does not speak MCP here"
            case .invalidAnswer(let error): "the server's answer to initialize is not valid: \(error)"
            case .timedOut: "the server did not answer in time"
            case .connectionFailed: "the connection to the server failed"
            }
        }
    }

    private enum Phase: Sendable, Hashable {
        case idle
        case discovering(ProtocolVersion)
        case initializing
        case openingEventStream
        case done
    }

    private let versions: SupportedVersions
    private let remembered: Agreement?
    private var transport: Transport
    private var phase = Phase.idle
    private var triedVersions: Set<ProtocolVersion> = []
    /// The server has refused a version that it lists as supported, as servers behind one address do while they are updated.
    private var hasRepeated = false
    /// The server has not answered `server/discover` in time.
    private var hasTimedOut = false
    private var hasInitialized = false
    private var hasOpenedEventStream = false

    /// - Parameters:
    ///   - transport: how the server is reached. With ``Transport/httpSSE`` nothing else is tried.
    ///   - remembered: from before; its way is tried first.
    public init(versions: SupportedVersions = .all, transport: Transport, remembered: Agreement? = nil) {
        self.versions = versions
        self.transport = transport
        self.remembered = remembered.flatMap { versions.contains($0.version) ? $0 : nil }
    }

    /// The first action.
    public mutating func start() -> Action {
        guard phase == .idle else {
            assertionFailure("a negotiation starts once")
            return .fail(.connectionFailed)
        }
        if transport == .httpSSE || (transport == .streamableHTTP && remembered?.transport == .httpSSE) {
            return openEventStream()
        }
        if remembered?.version.era == .legacy { return initialize() }
        guard let version = remembered?.version ?? versions.modern.first else { return initialize() }
        return discover(version)
    }

    /// Takes what came of the last action.
    public mutating func receive(_ outcome: Outcome) -> Action {
        switch phase {
        case .discovering(let version): return afterDiscover(outcome, version)
        case .initializing: return afterInitialize(outcome)
        case .openingEventStream: return afterOpening(outcome)
        case .idle, .done:
            assertionFailure("an outcome without an action")
            return .fail(.connectionFailed)
        }
    }

    // MARK: - Outcomes

    private mutating func afterDiscover(_ outcome: Outcome, _ version: ProtocolVersion) -> Action {
        switch outcome {
        case .response(let response, let status):
            if let status, Self.saysNothing(status) { return fail(.httpStatus(status)) }
            switch response.outcome {
            case .result(let raw):
                // A server that answers anything with something is not modern for it.
                guard let result = try? DiscoverResult(raw) else { return initialize() }
                return choose(result)
            case .error(let error):
                guard Self.isModern(error.code) else { return initialize() }
                guard error.code == .unsupportedProtocolVersion, let supported = Self.supportedVersions(in: error)
                else {
                    return fail(.refused(error))
                }
                return tryAnother(of: supported)
            }
        case .httpStatus(let status):
            return Self.saysNothing(status) ? fail(.httpStatus(status)) : initialize()
        case .timedOut:
            // A modern server that starts slowly refuses what comes next, and is asked again then.
            hasTimedOut = true
            return initialize()
        case .connectionFailed, .endpoint:
            // A legacy server over stdio may end at a request that it does not know; over HTTP it may not.
            return fail(.connectionFailed)
        }
    }

    private mutating func choose(_ result: DiscoverResult) -> Action {
        if let version = versions.best(of: result.supportedVersions, era: .modern) {
            phase = .done
            return .ready(
                Agreement(
                    version: version,
                    transport: transport,
                    capabilities: result.capabilities,
                    serverInfo: result.serverInfo,
                    instructions: result.instructions,
                    serverVersions: result.supportedVersions
                )
            )
        }
        return tryAnother(of: result.supportedVersions)
    }

    /// The server is modern, but not in the version that was tried.
    private mutating func tryAnother(of supported: [ProtocolVersion]) -> Action {
        let untried = supported.filter { !triedVersions.contains($0) }
        if let version = versions.best(of: untried, era: .modern) { return discover(version) }
        if let version = versions.best(of: supported, era: .legacy), !hasInitialized { return initialize(version) }
        if let version = versions.best(of: supported, era: .modern), !hasRepeated {
            hasRepeated = true
            return discover(version)
        }
        return fail(.noCommonVersion(server: supported))
    }

    private mutating func afterInitialize(_ outcome: Outcome) -> Action {
        switch outcome {
        case .response(let response, let status):
            if let status, Self.saysNothing(status) { return fail(.httpStatus(status)) }
            switch response.outcome {
            case .result(let raw): return finishHandshake(raw)
            case .error(let error): return afterRefusal(error, status)
            }
        case .httpStatus(let status):
            if Self.saysNothing(status) { return fail(.httpStatus(status)) }
            return tryWhatIsLeft(status: status) ?? fail(.notMCP(httpStatus: status))
        case .timedOut: return tryWhatIsLeft(status: nil) ?? fail(.timedOut)
        case .connectionFailed, .endpoint: return fail(.connectionFailed)
        }
    }

    private mutating func finishHandshake(_ raw: RawJSON) -> Action {
        let result: InitializeResult
        do throws(MessageFieldError) {
            result = try InitializeResult(raw)
        } catch {
            return fail(.invalidAnswer(error))
        }
        guard versions.legacy.contains(result.protocolVersion) else {
            return fail(.noCommonVersion(server: [result.protocolVersion]))
        }
        phase = .done
        return .ready(
            Agreement(
                version: result.protocolVersion,
                transport: transport,
                capabilities: result.capabilities,
                serverInfo: result.serverInfo,
                instructions: result.instructions,
                serverVersions: [result.protocolVersion]
            )
        )
    }

    private mutating func afterRefusal(_ error: JSONRPCError, _ status: Int?) -> Action {
        if Self.isModern(error.code) || (status == 404 && error.code == .methodNotFound) {
            let untried = (Self.supportedVersions(in: error) ?? versions.modern).filter { !triedVersions.contains($0) }
            if let version = versions.best(of: untried, era: .modern) { return discover(version) }
            if hasTimedOut, !hasRepeated, Self.isModern(error.code), let version = versions.modern.first {
                hasRepeated = true
                return discover(version)
            }
            return fail(.refused(error))
        }
        return tryWhatIsLeft(status: status) ?? fail(.refused(error))
    }

    /// After `initialize` failed: HTTP+SSE where the status points to it, and the modern way if what was remembered came first.
    private mutating func tryWhatIsLeft(status: Int?) -> Action? {
        guard transport != .httpSSE else { return nil }
        if triedVersions.isEmpty, let version = versions.modern.first { return discover(version) }
        if let status, [400, 404, 405].contains(status), transport == .streamableHTTP, !hasOpenedEventStream,
            versions.contains(.v2024_11_05)
        {
            return openEventStream()
        }
        return nil
    }

    private mutating func afterOpening(_ outcome: Outcome) -> Action {
        switch outcome {
        case .endpoint:
            transport = .httpSSE
            hasInitialized = false
            return initialize()
        case .httpStatus(let status):
            if Self.saysNothing(status) { return fail(.httpStatus(status)) }
            // The remembered transport is gone: the server may use Streamable HTTP now.
            if transport == .streamableHTTP, triedVersions.isEmpty, !hasInitialized {
                return versions.modern.first.map { discover($0) } ?? initialize()
            }
            return fail(.notMCP(httpStatus: status))
        case .response: return fail(.notMCP(httpStatus: nil))
        case .timedOut: return fail(.timedOut)
        case .connectionFailed: return fail(.connectionFailed)
        }
    }

    // MARK: - Actions

    private mutating func discover(_ version: ProtocolVersion) -> Action {
        triedVersions.insert(version)
        phase = .discovering(version)
        return .discover(version)
    }

    private mutating func initialize(_ version: ProtocolVersion? = nil) -> Action {
        guard let version = version ?? versions.legacy.first else { return fail(.legacyServer) }
        guard !hasInitialized else { return fail(.notMCP(httpStatus: nil)) }
        hasInitialized = true
        phase = .initializing
        return .initialize(version)
    }

    private mutating func openEventStream() -> Action {
        hasOpenedEventStream = true
        phase = .openingEventStream
        return .openEventStream
    }

    private mutating func fail(_ failure: Failure) -> Action {
        phase = .done
        return .fail(failure)
    }

    // MARK: - Reading answers

    /// Whether only a modern server uses a code.
    private static func isModern(_ code: ErrorCode) -> Bool {
        code == .headerMismatch || code == .missingRequiredClientCapability || code == .unsupportedProtocolVersion
    }

    /// Statuses of a proxy, or of a server that fails: they say nothing about the server's era.
    static func saysNothing(_ status: Int) -> Bool {
        switch status {
        case 401, 402, 403, 407, 408, 413, 421, 425, 429, 431, 451, 502, 503, 504: true
        case 300..<400: true
        default: false
        }
    }

    private static func supportedVersions(in error: JSONRPCError) -> [ProtocolVersion]? {
        guard let elements = error.data?["supported"]?.elements else { return nil }
        return elements.compactMap { $0.stringValue.map(ProtocolVersion.init(rawValue:)) }
    }
}
