public import MCPProtocol

/// How ``StdioAdapter`` runs a command that speaks MCP on its standard input and output.
public struct AdapterConfiguration: Sendable {
    /// Which clients share a process.
    public enum Processes: String, Sendable, Hashable, CaseIterable {
        /// Each session has a process of its own. Requests of 2026-07-28, which has no sessions, share one process for each
        /// principal.
        case perSession = "PerSession"
        /// All clients share one process.
        case shared = "Shared"
    }

    /// The command.
    public var command: MCPCommand
    /// Which clients share a process. One for each session by default.
    public var processes = Processes.perSession
    /// Processes at the same time: 100. When all are in use, new sessions are refused until one ends.
    public var maximumProcesses = Self.defaultMaximumProcesses
    /// How long a process without requests, sessions and subscriptions is kept: 10 minutes. A session that its client does not use
    /// ends after this time too.
    public var idleTime = Duration.seconds(600)
    /// How long a process may take to answer `initialize`: 60 seconds. One that does not answer `server/discover` within a sixth of
    /// this time gets `initialize` instead.
    public var startTime = Duration.seconds(60)
    /// After how many starts that fail ``StdioAdapter/run()`` gives up, if the command has never worked; by default it does not.
    public var maximumFailedStarts: Int?
    /// How long a process may take to end after its input is closed, and again after SIGTERM; then it gets SIGKILL: 2 seconds.
    public var closeTime = Duration.seconds(2)
    /// How long a request of a process waits for its client to open a stream; then it is answered with an error: 10 seconds.
    public var deliveryTime = Duration.seconds(10)
    /// Limits of one message, and with them of one line that a process writes: 4 MiB, 128 levels.
    public var message = MessageLimits()
    /// Bytes of one line of standard error; a longer one is cut: 16 KiB.
    public var maximumErrorLineBytes = 16 << 10
    /// Who the adapter says it is to processes that it opens a session with itself.
    public var clientInfo = Implementation(name: "moorage", version: "1")
    /// The revisions that clients are offered.
    public var versions = SupportedVersions.all

    /// The default of ``maximumProcesses``.
    public static let defaultMaximumProcesses = 100

    public init(command: MCPCommand) { self.command = command }

    /// How long a process may take to answer `server/discover`, which an old one may ignore.
    var discoverTime: Duration { startTime / 6 }
}
