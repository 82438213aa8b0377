/// Why a request is not authenticated. Its text can be sent to the caller: it contains no secret and nothing about other callers.
public struct AuthenticationFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is. The raw value is that of the label `reason` of the metric.
    public enum Code: String, Sendable, Hashable {
        /// The request has no credentials.
        case missingCredentials = "MissingCredentials"
        /// The request carries credentials in a way that is not allowed, such as in the query (RFC 6750, section 2.3).
        case invalidRequest = "InvalidRequest"
        /// The credentials are not valid.
        case invalidToken = "InvalidToken"
        /// The credentials cannot be checked at the moment, because the issuer's keys cannot be read.
        case unavailable = "Unavailable"
        /// The platform accepts no credentials at all.
        case notConfigured = "NotConfigured"
    }

    /// What kind of failure it is.
    public var code: Code
    /// What is wrong, and what to do about it.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The status of the response.
    public var httpStatus: Int {
        switch code {
        case .missingCredentials, .invalidToken: 401
        case .invalidRequest: 400
        case .unavailable, .notConfigured: 503
        }
    }

    public var description: String { message }
}

extension String {
    /// This text for a message, quoted and shortened: it comes from whoever sends a token.
    var quotedForMessage: String {
        var text = ""
        for scalar in unicodeScalars.prefix(100) {
            text.unicodeScalars.append(scalar.value > 0x1F && scalar.value < 0x7F && scalar != "\"" ? scalar : "?")
        }
        return "\"\(text)\(unicodeScalars.count > 100 ? "…" : "")\""
    }
}
