/// Why a server gets no token for a caller. The text can be sent to the caller: it contains no secret.
public struct TokenExchangeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Sendable, Hashable {
        /// The platform does not exchange tokens of the caller's issuer, or not for this target and tenant.
        case notConfigured
        /// The issuer refuses the exchange for this caller.
        case refused
        /// The issuer cannot be reached, or its answer cannot be used.
        case unavailable
    }

    /// What kind of failure it is.
    public var code: Code
    /// What is wrong, and what to do about it.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The status of the response to the caller.
    public var httpStatus: Int {
        switch code {
        case .notConfigured, .refused: 403
        case .unavailable: 503
        }
    }

    public var description: String { message }
}
