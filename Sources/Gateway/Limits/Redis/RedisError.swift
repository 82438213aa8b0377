/// Why a command has no answer.
public enum RedisError: Error, Sendable, CustomStringConvertible {
    /// There is no connection. The reason is that of the last attempt.
    case notConnected(String)
    /// The connection was closed before the answer arrived. The server may have run the command.
    case connectionClosed(String)
    /// The answer did not arrive in time. The server may have run the command.
    case timeout
    /// Too many commands wait for answers.
    case tooManyPending
    /// The server answered with an error.
    case reply(String)
    /// The server's answer does not fit the command.
    case unexpectedReply

    public var description: String {
        switch self {
        case .notConnected(let reason): "there is no connection to Redis: \(reason)"
        case .connectionClosed(let reason): "the connection to Redis was closed: \(reason)"
        case .timeout: "Redis did not answer in time"
        case .tooManyPending: "too many commands wait for answers of Redis"
        case .reply(let message): "Redis answered with an error: \(message)"
        case .unexpectedReply: "Redis gave an unexpected answer"
        }
    }

    /// Whether an error of the server concerns the whole connection, so that only a new one can help: the password has changed, the
    /// server has become a replica, or does not serve yet.
    static func endsConnection(_ message: String) -> Bool {
        ["NOAUTH", "WRONGPASS", "READONLY", "LOADING", "MASTERDOWN"].contains { message.hasPrefix($0 + " ") }
    }
}
