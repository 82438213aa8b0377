internal import KubernetesAPI
internal import Policy

/// Where quota violations are reported: one line of JSON each, on standard output, separate from the logs.
public struct AuditLog: Sendable {
    private let write: @Sendable (String) -> Void
    private let now: @Sendable () -> String

    /// Makes a log.
    ///
    /// - Parameters:
    ///   - now: returns the current time as RFC 3339 text.
    ///   - write: writes one line, given without a line feed.
    public init(now: @escaping @Sendable () -> String, write: @escaping @Sendable (String) -> Void) {
        self.now = now
        self.write = write
    }

    /// Reports a violation.
    func record(_ breach: QuotaBreach) {
        var line = (try? JSONValue(encoding: breach)) ?? [:]
        line["time"] = .string(now())
        line["kind"] = "audit"
        write(String(decoding: line.serialized(), as: UTF8.self))
    }
}
