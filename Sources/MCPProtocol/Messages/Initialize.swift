/// The parameters of `initialize`, with which a legacy session starts (2025-11-25, Lifecycle, Initialization).
public struct InitializeParams: Sendable, Hashable {
    /// All of it, with the fields that this library does not know.
    public let raw: RawJSON
    /// The version that the client asks for, known or not.
    public let protocolVersion: ProtocolVersion
    /// What the client can do.
    public let capabilities: ClientCapabilities
    /// Who the client says it is.
    public let clientInfo: Implementation

    /// Reads the parameters of an `initialize` request.
    ///
    /// - Throws: `MessageFieldError` if a field is missing or has the wrong form.
    public init(of request: JSONRPCRequest) throws(MessageFieldError) {
        let reader = try ObjectReader(request.params ?? [:], at: "params")
        raw = reader.raw
        protocolVersion = ProtocolVersion(rawValue: try reader.string("protocolVersion"))
        capabilities = try ClientCapabilities(reader.object("capabilities"), at: "params.capabilities")
        clientInfo = try Implementation(ObjectReader(reader.object("clientInfo"), at: "params.clientInfo"))
    }

    public init(protocolVersion: ProtocolVersion, capabilities: ClientCapabilities, clientInfo: Implementation) {
        self.protocolVersion = protocolVersion
        self.capabilities = capabilities
        self.clientInfo = clientInfo
        raw = [
            "protocolVersion": .string(protocolVersion.rawValue), "capabilities": capabilities.raw,
            "clientInfo": clientInfo.raw,
        ]
    }

    /// The request.
    public func request(id: RequestID) -> JSONRPCRequest {
        JSONRPCRequest(id: id, method: Method.initialize.rawValue, params: raw)
    }
}

/// The result of `initialize`.
public struct InitializeResult: Sendable, Hashable {
    /// All of it, with the fields that this library does not know.
    public let raw: RawJSON
    /// The version that the session uses, chosen by the server.
    public let protocolVersion: ProtocolVersion
    /// What the server offers.
    public let capabilities: ServerCapabilities
    /// Who the server says it is.
    public let serverInfo: Implementation
    /// How to use the server, for a model, or `nil`.
    public let instructions: String?

    /// Reads the result.
    ///
    /// - Throws: `MessageFieldError` if a field is missing or has the wrong form.
    public init(_ raw: RawJSON) throws(MessageFieldError) {
        let reader = try ObjectReader(raw, at: "result")
        self.raw = raw
        protocolVersion = ProtocolVersion(rawValue: try reader.string("protocolVersion"))
        capabilities = try ServerCapabilities(reader.object("capabilities"), at: "result.capabilities")
        serverInfo = try Implementation(ObjectReader(reader.object("serverInfo"), at: "result.serverInfo"))
        instructions = try reader.optionalString("instructions")
    }

    public init(
        protocolVersion: ProtocolVersion,
        capabilities: ServerCapabilities,
        serverInfo: Implementation,
        instructions: String? = nil
    ) {
        self.protocolVersion = protocolVersion
        self.capabilities = capabilities
        self.serverInfo = serverInfo
        self.instructions = instructions
        raw = [
            "protocolVersion": .string(protocolVersion.rawValue), "capabilities": capabilities.raw,
            "serverInfo": serverInfo.raw, "instructions": instructions.map(RawJSON.string),
        ]
    }
}

extension JSONRPCNotification {
    /// What a legacy client sends after the result of `initialize`.
    public static let initialized = JSONRPCNotification(method: Method.initialized.rawValue)
}

extension JSONRPCRequest {
    /// A legacy peer's question whether the other side is there; the answer is an empty result.
    public static func ping(id: RequestID) -> JSONRPCRequest {
        JSONRPCRequest(id: id, method: Method.ping.rawValue)
    }
}

extension JSONRPCResponse {
    /// The answer of a legacy peer to `ping`.
    public static func pong(id: RequestID) -> JSONRPCResponse { JSONRPCResponse(id: id, result: [:]) }
}
