import ClusterTool
import CommandSupport
import Subprocess
import Synchronization

/// Forwards a local port to a pod with `kubectl port-forward`, which everybody who has a plug-in of kubectl has. The connection enters the
/// network namespace of the pod, so NetworkPolicies do not apply to it.
struct KubectlPortForward: Sendable {
    /// The kubeconfig; `nil` for kubectl's default.
    var kubeconfig: String?
    /// The context; `nil` for the current one.
    var context: String?
    /// Receives what kubectl writes to standard error, line by line.
    var log: @Sendable (String) -> Void = { _ in }

    /// The program.
    static let program = "kubectl"

    /// `kubectl port-forward` has ended.
    struct Ended: Error, CustomStringConvertible {
        /// What kubectl said at last.
        var description: String
    }

    /// The arguments of kubectl.
    ///
    /// - Parameter localPort: 0 for any that is free.
    func arguments(_ pod: ForwardedPod, localPort: Int) -> [String] {
        var arguments = [
            "port-forward", "--address", "127.0.0.1", "--namespace", pod.namespace, "pod/\(pod.name)",
            localPort == 0 ? ":\(pod.port)" : "\(localPort):\(pod.port)",
        ]
        if let kubeconfig { arguments += ["--kubeconfig", kubeconfig] }
        if let context { arguments += ["--context", context] }
        return arguments
    }

    /// Forwards a port while a body runs.
    ///
    /// - Parameters:
    ///   - localPort: 0 for any that is free.
    ///   - body: receives the local port, once it listens.
    /// - Throws: `Ended` if kubectl ends before the body does, `CommandFailure` if there is no kubectl, and what the body throws.
    func run<Value: Sendable>(
        _ pod: ForwardedPod,
        localPort: Int = 0,
        _ body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> Value {
        let errors = LastLines()
        do {
            let result = try await Subprocess.run(
                .name(Self.program),
                arguments: Arguments(arguments(pod, localPort: localPort)),
                input: .none,
                output: .sequence,
                error: .sequence
            ) { execution in
                // It also ends when the body is done.
                defer { try? execution.send(signal: .terminate) }
                let (output, messages) = (execution.standardOutput, execution.standardError)
                return try await withThrowingTaskGroup(of: Value?.self) { group in
                    defer { group.cancelAll() }
                    let (ports, port) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingOldest(1))
                    group.addTask {
                        for try await line in output.strings() {
                            if let number = Self.localPort(of: line) { port.yield(number) }
                        }
                        port.finish()
                        return nil
                    }
                    group.addTask {
                        for try await line in messages.strings() where !line.allSatisfy(\.isWhitespace) {
                            errors.add(line)
                            log(line)
                        }
                        return nil
                    }
                    group.addTask {
                        for await number in ports { return try await body(number) }
                        try Task.checkCancellation()
                        throw Ended(description: "")
                    }
                    var open = 2
                    while let value = try await group.next() {
                        if let value { return value }
                        open -= 1
                        // Both outputs have ended, and so has kubectl.
                        if open == 0 { throw Ended(description: "") }
                    }
                    throw Ended(description: "")
                }
            }
            return result.closureResult
        } catch is Ended {
            throw Ended(description: errors.text)
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw CommandFailure(
                "kubectl was not found in $PATH: it forwards the port to the pod; install it (https://kubernetes.io/docs/tasks/tools)"
            )
        }
    }

    /// The local port in what kubectl says when it listens: `Forwarding from 127.0.0.1:40001 -> 8080`.
    static func localPort(of line: String) -> Int? {
        guard let start = line.firstRange(of: "Forwarding from 127.0.0.1:") else { return nil }
        return Int(line[start.upperBound...].prefix { $0.isNumber })
    }
}

/// The last lines of an output.
private final class LastLines: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) {
        lines.withLock { lines in
            lines.append(String(line.prefix(1_000)))
            if lines.count > 5 { lines.removeFirst() }
        }
    }

    var text: String {
        let last = lines.withLock { $0.last.map { TerminalText.safe($0) } }
        return last.map { $0.hasPrefix("error: ") ? String($0.dropFirst(7)) : $0 } ?? "kubectl port-forward has ended"
    }
}

extension KubectlPortForward.Ended {
    /// The failure of a command, with a way out.
    var failure: CommandFailure {
        let hint =
            description.contains("forbidden")
            ? "; no role of a tenant allows this, because it bypasses the gateway and the NetworkPolicies: your account needs create "
                + "on pods/portforward in the namespace"
            : ""
        return CommandFailure("the port cannot be forwarded: \(description)\(hint)")
    }
}
