/// The code of a JSON-RPC error (MCP 2026-07-28, Basic Protocol, Error Codes).
public struct ErrorCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The code as it is written.
    public var rawValue: Int64

    /// Any code.
    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// The body is not valid JSON.
    public static let parseError = ErrorCode(rawValue: -32700)
    /// The body is not a valid JSON-RPC message.
    public static let invalidRequest = ErrorCode(rawValue: -32600)
    /// The receiver does not implement the method.
    public static let methodNotFound = ErrorCode(rawValue: -32601)
    /// The parameters do not fit the method, or name something that does not exist.
    public static let invalidParams = ErrorCode(rawValue: -32602)
    /// The receiver failed.
    public static let internalError = ErrorCode(rawValue: -32603)
    /// The HTTP headers do not match the body (2026-07-28).
    public static let headerMismatch = ErrorCode(rawValue: -32020)
    /// The request needs a capability that the client did not declare (2026-07-28).
    public static let missingRequiredClientCapability = ErrorCode(rawValue: -32021)
    /// The server does not implement the protocol version of the request (2026-07-28).
    public static let unsupportedProtocolVersion = ErrorCode(rawValue: -32022)
    /// A resource does not exist (2025-11-25 and before). Accepted from servers of those revisions; never sent by those of
    /// 2026-07-28, which use ``invalidParams``.
    public static let legacyResourceNotFound = ErrorCode(rawValue: -32002)
    /// The user must visit a URL first (2025-11-25 only).
    public static let legacyURLElicitationRequired = ErrorCode(rawValue: -32042)

    /// Whether only the MCP specification gives meaning to this code: -32099 to -32020.
    public var isReservedForSpecification: Bool { (-32099 ... -32020).contains(rawValue) }

    /// Whether the code is from the range of old implementations, -32019 to -32000, in which a receiver assumes no meaning
    /// except for ``legacyResourceNotFound``.
    public var isLegacy: Bool { (-32019 ... -32000).contains(rawValue) }

    /// Whether an application can choose this code for purposes of its own: it lies outside -32768 to -32000.
    public var isForApplications: Bool { !(-32768 ... -32000).contains(rawValue) }

    /// Whether a sender of 2026-07-28 may use this code: JSON-RPC's own, those that the revision defines, and applications'.
    public var isAllowedInModernEra: Bool {
        switch self {
        case .parseError, .invalidRequest, .methodNotFound, .invalidParams, .internalError, .headerMismatch,
            .missingRequiredClientCapability, .unsupportedProtocolVersion:
            true
        default: isForApplications
        }
    }

    /// The HTTP status with which a server of 2026-07-28 sends a response with this error (M3, M5 to M7). Errors of the methods
    /// themselves, invalid parameters included, are answers like any other.
    public var httpStatusInModernEra: Int {
        switch self {
        case .parseError, .invalidRequest, .headerMismatch, .missingRequiredClientCapability,
            .unsupportedProtocolVersion:
            400
        case .methodNotFound: 404
        default: 200
        }
    }

    public var description: String { String(rawValue) }
}
