/// The response to a request.
public struct JSONRPCResponse: Sendable, Hashable {
    /// What became of the request.
    public enum Outcome: Sendable, Hashable {
        /// An object.
        case result(RawJSON)
        case error(JSONRPCError)
    }

    /// The whole message.
    public let json: RawJSON
    /// The id of the request; `nil` only for an error about a message whose id could not be read.
    public let id: RequestID?
    /// The result or the error.
    public let outcome: Outcome

    init(json: RawJSON, id: RequestID?, outcome: Outcome) {
        self.json = json
        self.id = id
        self.outcome = outcome
    }

    /// Makes a response with a result, which must be an object.
    public init(id: RequestID, result: RawJSON) {
        self.init(json: ["jsonrpc": "2.0", "id": id.json, "result": result], id: id, outcome: .result(result))
    }

    /// Makes a response with an error. Without an id it has no member `id`.
    public init(id: RequestID?, error: JSONRPCError) {
        self.init(json: ["jsonrpc": "2.0", "id": id?.json, "error": error.json], id: id, outcome: .error(error))
    }

    /// The bytes of the message.
    public var bytes: ArraySlice<UInt8> { json.bytes }

    /// The result, or `nil` if this is an error.
    public var result: RawJSON? {
        if case .result(let result) = outcome { result } else { nil }
    }

    /// The error, or `nil` if this is a result.
    public var error: JSONRPCError? {
        if case .error(let error) = outcome { error } else { nil }
    }

    /// This response under another id. All other bytes stay.
    public func with(id: RequestID) -> JSONRPCResponse {
        JSONRPCResponse(json: json.setting("id", to: id.json), id: id, outcome: outcome)
    }

    /// This response with another result. All other bytes stay. An error is returned as it is.
    public func with(result: RawJSON) -> JSONRPCResponse {
        guard case .result = outcome else { return self }
        return JSONRPCResponse(json: json.setting("result", to: result), id: id, outcome: .result(result))
    }
}
