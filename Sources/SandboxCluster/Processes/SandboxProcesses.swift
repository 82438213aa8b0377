/// How the sandbox runs the commands of containers as processes on this machine.
///
/// The processes run as the user who runs the sandbox, with everything that this user may do.
public struct SandboxProcesses: Sendable, Hashable {
    /// A program of this machine that is run instead of one that only exists in a pod.
    public struct Replacement: Sendable, Hashable {
        /// The start of the container's command.
        public var command: [String]
        /// The program that is run in its place, with the rest of the command and the arguments.
        public var program: String
        /// The argument after which another command follows, which must exist too.
        public var separator: String?

        public init(command: [String], program: String, separator: String? = nil) {
            self.command = command
            self.program = program
            self.separator = separator
        }
    }

    /// The programs that are replaced.
    public var replacements: [Replacement] = []
    /// The variables that every process gets. Those of its container take precedence.
    public var environment: [String: String]
    /// How much of the output of each run of a container is kept, in bytes.
    public var logLimit = PodLogs.standardLimit

    /// - Parameter environment: the variables that every process gets; they need `PATH` to find programs.
    public init(environment: [String: String]) { self.environment = environment }

    /// The variables of this process that others need to run at all. All others may contain credentials, which the commands of
    /// manifests do not get.
    public static func inheritable(_ environment: [String: String]) -> [String: String] {
        environment.filter { name, _ in inherited.contains(name) || name.hasPrefix("LC_") }
    }

    private static let inherited: Set = [
        "HOME", "LANG", "LD_LIBRARY_PATH", "LOGNAME", "NODE_PATH", "PATH", "PYTHONPATH", "SHELL", "TMPDIR", "TZ",
        "USER",
        "VIRTUAL_ENV",
    ]
}
