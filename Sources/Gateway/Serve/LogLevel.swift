internal import MCPProtocol

/// The levels of log messages (2026-07-28, Logging; RFC 5424, section 6.2.1).
enum LogLevel {
    private static let levels = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]

    /// Whether a client that wants log messages from a level on gets a notification. Notifications that are not log messages are always
    /// wanted; without a level no log message is.
    static func isWanted(_ notification: JSONRPCNotification, from level: String?) -> Bool {
        guard notification.method == Method.message.rawValue else { return true }
        guard let level, let least = levels.firstIndex(of: level) else { return false }
        // What has a level that MCP does not know is passed on.
        return notification.params?["level"]?.stringValue.flatMap(levels.firstIndex).map { $0 >= least } ?? true
    }
}
