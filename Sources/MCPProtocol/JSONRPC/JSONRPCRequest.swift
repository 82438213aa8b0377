/// A request, which its receiver answers with one response.
public struct JSONRPCRequest: Sendable, Hashable {
    /// The whole message.
    public let json: RawJSON
    /// The id, which the response repeats.
    public let id: RequestID
    /// What is requested.
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
