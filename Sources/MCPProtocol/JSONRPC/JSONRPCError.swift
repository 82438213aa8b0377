/// The error of a response.
public struct JSONRPCError: Sendable, Hashable {
    /// The whole error.
    public let json: RawJSON
    /// What kind of error it is.
    public let code: ErrorCode
    /// What is wrong, in one sentence.
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
