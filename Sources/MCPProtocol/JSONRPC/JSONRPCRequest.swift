/// A request, which its receiver answers with one response.
public struct JSONRPCRequest: Sendable, Hashable {
    /// The whole message.
    public let json: RawJSON
    public let id: RequestID
    public let method: String
    /// An object, or `nil` if the request has no parameters.
    public let params: RawJSON?

    init(json: RawJSON, id: RequestID, method: String, params: RawJSON?) {
        self.json = json
        self.id = id
        self.method = method
        self.params = params
    }

    /// Makes a request.
    ///
    /// - Parameter params: an object, or `nil` for none.
    public init(id: RequestID, method: String, params: RawJSON? = nil) {
        let json: RawJSON = ["jsonrpc": "2.0", "id": id.json, "method": .string(method), "params": params]
        self.init(json: json, id: id, method: method, params: params)
    }

    /// The bytes of the message.
    public var bytes: ArraySlice<UInt8> { json.bytes }

    /// This request under another id. All other bytes stay.
    public func with(id: RequestID) -> JSONRPCRequest {
        JSONRPCRequest(json: json.setting("id", to: id.json), id: id, method: method, params: params)
    }

    /// This request with other parameters. All other bytes stay.
    public func with(params: RawJSON?) -> JSONRPCRequest {
        JSONRPCRequest(json: json.setting("params", to: params), id: id, method: method, params: params)
    }

    /// The token under which the requester wants progress notifications, or `nil`.
    ///
    /// - Throws: `MessageFieldError` if it is neither a string nor an integer.
    public func progressToken() throws(MessageFieldError) -> ProgressToken? {
        guard let params, let meta = try ObjectReader(params, at: "params").optionalReader("_meta"),
            let raw = try meta.value("progressToken")
        else { return nil }
        do throws(MessageFieldError) {
            return try ProgressToken(raw)
        } catch {
            throw meta.error("progressToken", error.problem)
        }
    }
}

/// A notification, which nobody answers.
public struct JSONRPCNotification: Sendable, Hashable {
    /// The whole message.
    public let json: RawJSON
    public let method: String
    /// An object, or `nil` if the notification has no parameters.
    public let params: RawJSON?

    init(json: RawJSON, method: String, params: RawJSON?) {
        self.json = json
        self.method = method
        self.params = params
    }

    /// Makes a notification.
    ///
    /// - Parameter params: an object, or `nil` for none.
    public init(method: String, params: RawJSON? = nil) {
        let json: RawJSON = ["jsonrpc": "2.0", "method": .string(method), "params": params]
        self.init(json: json, method: method, params: params)
    }

    /// The bytes of the message.
    public var bytes: ArraySlice<UInt8> { json.bytes }

    /// This notification with other parameters. All other bytes stay.
    public func with(params: RawJSON?) -> JSONRPCNotification {
        JSONRPCNotification(json: json.setting("params", to: params), method: method, params: params)
    }
}

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

/// The error of a response.
public struct JSONRPCError: Sendable, Hashable {
    /// The whole error.
    public let json: RawJSON
    public let code: ErrorCode
    public let message: String
    /// More about the error, of any type, or `nil`.
    public let data: RawJSON?

    /// Makes an error.
    public init(code: ErrorCode, message: String, data: RawJSON? = nil) {
        self.code = code
        self.message = message
        self.data = data
        json = ["code": .integer(code.rawValue), "message": .string(message), "data": data]
    }

    /// Reads an error.
    ///
    /// - Throws: `MessageFieldError` if the code is not an integer, or the message not a string.
    public init(_ raw: RawJSON) throws(MessageFieldError) {
        let reader = try ObjectReader(raw, at: "error")
        guard let code = try reader.optionalInteger("code") else { throw reader.error("code", "is missing") }
        json = raw
        self.code = ErrorCode(rawValue: code)
        message = try reader.string("message")
        data = try reader.value("data")
    }
}
