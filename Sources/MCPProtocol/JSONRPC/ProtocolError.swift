/// A message is refused: the JSON-RPC error to answer with, and the HTTP status that it is sent with.
public struct ProtocolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of error it is.
    public var code: ErrorCode
    /// What is wrong and how to fix it.
    public var message: String
    /// More about the error, in the form that the code prescribes.
    public var data: RawJSON?
    /// The id of the refused request; `nil` if it could not be read or the message is not a request.
    public var id: RequestID?
    /// The status of the HTTP response.
    public var httpStatus: Int

    public init(
        _ code: ErrorCode,
        _ message: String,
        data: RawJSON? = nil,
        id: RequestID? = nil,
        httpStatus: Int = 400
    ) {
        self.code = code
        self.message = message
        self.data = data
        self.id = id
        self.httpStatus = httpStatus
    }

    /// The response. It has no `id` where none is known, and never a `null` one.
    public var response: JSONRPCResponse {
        JSONRPCResponse(id: id, error: JSONRPCError(code: code, message: message, data: data))
    }

    public var description: String { "\(message) (\(code))" }

    /// This error with the id of the request that it is about.
    public func with(id: RequestID?) -> ProtocolError {
        var copy = self
        copy.id = id
        return copy
    }
}

extension ProtocolError {
    /// `-32602`: a parameter is missing or has the wrong form.
    public static func invalidParams(_ error: MessageFieldError, id: RequestID? = nil) -> ProtocolError {
        ProtocolError(.invalidParams, "Invalid params: \(error)", id: id)
    }

    /// `-32601` with 404 (M6): the receiver does not implement the method.
    public static func methodNotFound(_ method: String, id: RequestID?) -> ProtocolError {
        ProtocolError(.methodNotFound, "Method not found: \(method)", id: id, httpStatus: 404)
    }

    /// `-32022` with 400 (M5): the version is not supported. The data lists the versions that are.
    public static func unsupportedProtocolVersion(
        _ requested: String,
        supported: [ProtocolVersion],
        id: RequestID?
    ) -> ProtocolError {
        ProtocolError(
            .unsupportedProtocolVersion,
            "Unsupported protocol version \(requested.debugDescription). "
                + "Supported: \(supported.map(\.rawValue).joined(separator: ", "))",
            data: [
                "supported": .array(supported.map { .string($0.rawValue) }),
                "requested": .string(requested),
            ],
            id: id
        )
    }

    /// `-32021` with 400 (M7): the request needs capabilities that the client did not declare.
    ///
    /// - Parameter required: the missing capabilities in the form of `ClientCapabilities`, such as `{"elicitation": {}}`.
    public static func missingClientCapability(_ required: ClientCapabilities, id: RequestID?) -> ProtocolError {
        let names = (required.raw.members ?? []).map(\.name).joined(separator: ", ")
        return ProtocolError(
            .missingRequiredClientCapability,
            "The request needs a client with these capabilities: \(names)",
            data: ["requiredCapabilities": required.raw],
            id: id
        )
    }

    /// `-32020` with 400 (M3): a header is missing, malformed or different from the body.
    public static func headerMismatch(_ problem: String, id: RequestID?) -> ProtocolError {
        ProtocolError(.headerMismatch, "Header mismatch: \(problem)", id: id)
    }
}
