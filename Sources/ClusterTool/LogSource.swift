package import CommandSupport
internal import CRDModels
package import KubernetesAPI

/// One container whose log is shown. Pure.
package struct LogSource: Sendable, Hashable {
    /// The pod.
    package var pod: String
    /// The pod's identity: a new pod can have the name of one that was deleted.
    package var uid: String
    /// The container.
    package var container: String
    /// How often the container was restarted before.
    package var run: Int64

    /// What is written before each line.
    package func prefix(isAlone: Bool) -> String { isAlone ? "" : "[\(pod)/\(container)] " }

    /// The containers of pods whose log can be shown.
    ///
    /// - Parameters:
    ///   - pods: the pods of a server.
    ///   - container: the name of a container; `nil` for the server's own.
    ///   - isPrevious: whether the log of the run before is shown.
    package static func find(_ pods: [JSONValue], container: String?, isPrevious: Bool) -> [LogSource] {
        let wanted = container ?? Moorage.containerName
        return pods.compactMap { pod in
            runWithLog(pod, container: wanted, isPrevious: isPrevious).map { run in
                LogSource(pod: pod.name, uid: pod.text("metadata", "uid") ?? "", container: wanted, run: run)
            }
        }
        .sorted { ($0.pod, $0.uid) < ($1.pod, $1.uid) }
    }

    /// The containers that pods have, by name.
    package static func containers(_ pods: [JSONValue]) -> [String] {
        let names = pods.flatMap { pod in
            (pod.list("spec", "initContainers") + pod.list("spec", "containers")).compactMap { $0.text("name") }
        }
        return Set(names).sorted()
    }

    /// The run of a container that has a log; `nil` for a container that was never started, for which the API server refuses
    /// the request.
    private static func runWithLog(_ pod: JSONValue, container: String, isPrevious: Bool) -> Int64? {
        let statuses = pod.list("status", "initContainerStatuses") + pod.list("status", "containerStatuses")
        guard let status = statuses.first(where: { $0.text("name") == container }) else { return nil }
        let hasEnded = status[path: ["lastState", "terminated"]]?.objectValue != nil
        let isKnown = ["running", "terminated"].contains { status[path: ["state", $0]]?.objectValue != nil }
        guard hasEnded || isKnown && !isPrevious else { return nil }
        return status.integer("restartCount") ?? 0
    }

    /// Why no log can be shown, and what to do.
    ///
    /// - Parameters:
    ///   - server: the server, as messages name it.
    ///   - pods: its pods.
    package static func problem(
        server: String,
        pods: [JSONValue],
        container: String?,
        isPrevious: Bool,
        program: String
    ) -> CommandFailure {
        guard !pods.isEmpty else {
            return CommandFailure("MCPServer \(server) has no pods: \(program) status says why")
        }
        let names = containers(pods)
        let wanted = container ?? Moorage.containerName
        if !names.isEmpty, !names.contains(wanted) {
            return CommandFailure(
                TerminalText.safe(
                    "no pod of MCPServer \(server) has a container \(wanted): use one of \(names.joined(separator: ", "))"
                )
            )
        }
        return CommandFailure(
            isPrevious
                ? "container \(wanted) has not been restarted in any pod of MCPServer \(server): use logs without --previous"
                : "container \(wanted) has not started in any pod of MCPServer \(server): \(program) status says why"
        )
    }
}

/// Lines of a log that arrives in pieces, each with a prefix and safe for a terminal. Pure.
package struct LogLines: Sendable {
    private let prefix: String
    private var rest: [UInt8] = []
    /// Longer lines are broken, so that the memory has a limit.
    private let maximumLength: Int

    /// - Parameters:
    ///   - prefix: what is written before each line.
    ///   - maximumLength: the longest line, in bytes.
    package init(prefix: String, maximumLength: Int = 1 << 20) {
        self.prefix = prefix
        self.maximumLength = max(1, maximumLength)
    }

    /// Adds a piece.
    ///
    /// - Returns: the lines that it completes, each with its end.
    package mutating func add(_ bytes: [UInt8]) -> String {
        var output = ""
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                output += line()
            } else {
                rest.append(byte)
                if rest.count >= maximumLength { output += line() }
            }
        }
        return output
    }

    /// The line without an end that is left when the log ends.
    package mutating func finish() -> String { rest.isEmpty ? "" : line() }

    private mutating func line() -> String {
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        defer { rest.removeAll(keepingCapacity: true) }
        return prefix + TerminalText.safe(String(decoding: rest, as: UTF8.self)) + "\n"
    }
}
