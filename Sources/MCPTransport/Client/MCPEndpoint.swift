/// Where a server is, and how it is reached.
public enum MCPEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// Streamable HTTP at this URL. A server that only offers HTTP+SSE there is found as well, unless
    /// ``MCPClientOptions/fallsBackToHTTPSSE`` is `false`.
    case streamableHTTP(String)
    /// HTTP+SSE, the transport of 2024-11-05, whose stream is at this URL.
    case httpSSE(String)
    /// A process, which is started for the connection and ends with it.
    case stdio(MCPCommand)

    /// The URL without what may be secret in it, or the command without its arguments.
    public var description: String {
        switch self {
        case .streamableHTTP(let url), .httpSSE(let url): Self.redacted(url)
        case .stdio(let command): command.command
        }
    }

    /// A URL without user information, query and fragment, which may contain credentials.
    static func redacted(_ url: String) -> String {
        let whole = url.prefix { $0 != "?" && $0 != "#" }
        let parts = whole.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, let at = parts[2].lastIndex(of: "@") else { return String(whole) }
        var shown = parts
        shown[2] = parts[2][parts[2].index(after: at)...]
        return shown.joined(separator: "/")
    }
}

/// A command that runs a server which speaks MCP on its standard input and output.
public struct MCPCommand: Sendable, Hashable {
    /// A path, or a name that is looked up in `PATH`. No shell is involved.
    public var command: String
    /// The arguments.
    public var arguments: [String]
    /// Environment variables that are set, or with `nil` unset, in addition to those of this process if ``inheritsEnvironment``.
    public var environment: [String: String?]
    /// Whether the process gets the environment of this one. `true`.
    public var inheritsEnvironment: Bool
    /// The working directory; `nil` for that of this process.
    public var workingDirectory: String?

    public init(
        _ command: String,
        arguments: [String] = [],
        environment: [String: String?] = [:],
        inheritsEnvironment: Bool = true,
        workingDirectory: String? = nil
    ) {
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.inheritsEnvironment = inheritsEnvironment
        self.workingDirectory = workingDirectory
    }
}
