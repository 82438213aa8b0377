/// Why something could not be read from a registry. The message contains no secret, and nothing of an answer but its status and
/// its error codes.
public struct RegistryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of an error.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The registry cannot be reached, does not answer in time, or answers 429 or 5xx.
        case unavailable
        /// The registry refuses the request, with or without credentials.
        case denied
        /// The registry has no such image.
        case notFound
        /// What the registry sends is not valid, does not match its digest, or is too large.
        case invalid
        /// The image has no entry point.
        case entryPointMissing
        /// The platforms of the image have different entry points.
        case entryPointsDiffer
    }

    /// The kind of the error.
    public let code: Code
    /// What happened, with the registry and the cause.
    public let message: String
    /// Whether the registry does not support a request of this kind, for requests that it may not support.
    var isUnsupportedRequest = false

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
