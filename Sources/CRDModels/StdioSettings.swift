public import KubernetesAPI

/// How the processes of a server with the transport stdio are run.
public struct StdioSettings: Sendable, Hashable, Codable {
    /// Whether each session has a process of its own, or all clients share one.
    public var processes: StdioProcesses?
    /// How many processes a pod runs at the same time. Defaults to 100.
    public var maxProcesses: Int?
    /// After how many seconds a session or a process that nobody uses ends. Defaults to 600.
    public var idleSeconds: Int?

    /// Creates a value from its fields.
    public init(processes: StdioProcesses? = nil, maxProcesses: Int? = nil, idleSeconds: Int? = nil) {
        self.processes = processes
        self.maxProcesses = maxProcesses
        self.idleSeconds = idleSeconds
    }
}

/// Which clients share a process of a server with the transport stdio.
public enum StdioProcesses: String, Sendable, Hashable, Codable, CaseIterable {
    /// Each session has a process of its own. Clients of 2026-07-28, which has no sessions, share one.
    case perSession = "PerSession"
    /// All clients of a pod share one process.
    case shared = "Shared"
}

extension StdioSettings: SchemaProviding {
    public static let schema = Schema.object(
        StdioSettings.self,
        "How the processes of a server with the transport stdio are run.",
        [
            "processes": .string(
                """
                Whether each session has a process of its own, or all clients of a pod share one. With PerSession, \
                clients of 2026-07-28, which has no sessions, share one process. Defaults to PerSession.
                """
            )
            .values(of: StdioProcesses.self),
            "maxProcesses": .integer(
                """
                How many processes a pod runs at the same time; more sessions are refused until one ends. Their memory \
                counts against the limit of the container. Defaults to 100.
                """
            )
            .range(1...10_000),
            "idleSeconds": .integer(
                "After how many seconds a session or a process that nobody uses ends. Defaults to 600."
            )
            .range(1...86_400),
        ]
    )
}
