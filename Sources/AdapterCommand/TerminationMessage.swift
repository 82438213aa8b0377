package import MCPTransport

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why the command of a pod does not work, for the kubelet: it reads the file when the container ends, and puts what it finds into the pod's
/// status. What the command itself has written is not in it.
package enum TerminationMessage {
    /// `terminationMessagePath` of a container. Elsewhere the file does not exist, and is not created.
    package static let path = "/dev/termination-log"
    /// What the message begins with, so that it is not taken for one of the server's program.
    package static let prefix = "moorage-adapter: "

    /// The message.
    ///
    /// - Parameter health: of the command when the adapter stops.
    /// - Returns: `nil` if the command works.
    package static func text(_ health: StdioAdapter.Health) -> String? {
        switch health {
        case .ready: nil
        case .starting: prefix + "the server's process has not answered"
        case .failing(let reason): prefix + reason
        }
    }

    /// Writes the message, if there is one and the file exists.
    package static func store(_ health: StdioAdapter.Health, in path: String = path) {
        guard let text = text(health) else { return }
        let file = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
        guard file >= 0 else { return }
        let bytes = Array(text.utf8)
        // A message that cannot be written is in the log too.
        _ = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        _ = close(file)
    }
}
