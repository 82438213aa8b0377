/// A server's answer that it needs input before it can complete a request (M11; 2026-07-28, Multi Round-Trip Requests).
public struct InputRequiredResult: Sendable, Hashable {
    /// A request that the client has to answer before it tries again.
    public struct InputRequest: Sendable, Hashable {
        /// The name under which the answer is returned.
        public let key: String
        /// `elicitation/create`, `sampling/createMessage` or `roots/list`.
        public let method: Method
        /// An object, or `nil`.
        public let params: RawJSON?
    }

    /// The whole result.
    public let raw: RawJSON
    /// What the client has to answer, in the server's order.
    public let inputRequests: [InputRequest]
    /// What the server wants returned as it is, byte for byte; never read or changed. `nil` if it wants nothing returned.
    public let requestState: RawJSON?

    /// Reads the result.
    ///
    /// - Throws: `MessageFieldError` if it has neither requests nor a state, or a request that MCP does not allow here.
    public init(_ raw: RawJSON) throws(MessageFieldError) {
        let reader = try ObjectReader(raw, at: "result")
        guard try reader.string("resultType") == ResultType.inputRequired.rawValue else {
            throw reader.error("resultType", "must be \"input_required\"")
        }
        self.raw = raw
        if let state = try reader.value("requestState"), state.kind != .string {
            throw reader.error("requestState", "must be a string, and is \(state.kind.withArticle)")
        }
        requestState = try reader.value("requestState")
        var requests: [InputRequest] = []
        for member in try reader.optionalObject("inputRequests")?.members ?? [] {
            let request = try ObjectReader(member.value, at: "result.inputRequests.\(member.name)")
            let method = Method(rawValue: try request.string("method"))
            guard [.elicitationCreate, .samplingCreateMessage, .rootsList].contains(method) else {
                throw request.error(
                    "method",
                    "is \(method.rawValue.debugDescription), which is not a request for input"
                )
            }
            requests.append(
                InputRequest(key: member.name, method: method, params: try request.optionalObject("params"))
            )
        }
        inputRequests = requests
        guard requestState != nil || reader.raw["inputRequests"] != nil else {
            throw MessageFieldError(field: "result", problem: "has neither inputRequests nor requestState")
        }
    }

    /// The capabilities that the requests need and the client did not declare; `nil` if it declared all.
    public func missingCapabilities(of client: ClientCapabilities) -> ClientCapabilities? {
        for request in inputRequests {
            if let missing = client.missing(for: request.method, params: request.params) { return missing }
        }
        return nil
    }
}

extension JSONRPCRequest {
    /// The retry of this request with what the server asked for. The state is returned byte for byte; without one there is none in
    /// the retry either.
    ///
    /// - Parameters:
    ///   - id: the retry's own id.
    ///   - interim: the server's answer to this request.
    ///   - responses: the result of each request for input, by its key.
    /// - Returns: `nil` if the id is that of this request, which the retry must not have.
    public func retry(
        id: RequestID,
        after interim: InputRequiredResult,
        responses: [(key: String, result: RawJSON)]
    ) -> JSONRPCRequest? {
        guard id != self.id else { return nil }
        let answers = responses.isEmpty ? nil : RawJSON.object(responses.map { ($0.key, $0.result) })
        let params = (params ?? [:])
            .setting("inputResponses", to: answers)
            .setting("requestState", to: interim.requestState)
        return with(id: id).with(params: params)
    }
}
