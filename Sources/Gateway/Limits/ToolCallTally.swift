public import ControllerRuntime
public import Policy
internal import Synchronization

/// Counts the tool calls of tenants by minute, for their status. Servers come from routes, so that callers cannot make up counts.
public final class ToolCallTally: Sendable {
    struct Key: Sendable, Hashable {
        var tenant: String
        var namespace: String
        var server: String
    }

    /// The counts of the minute that runs, and of the one before. Pure.
    struct Minutes: Sendable {
        struct Counts: Sendable, Hashable {
            var calls: Int64 = 0
            var overLimit: Int64 = 0
        }

        private var minute: Int64 = 0
        private var running: [Key: Counts] = [:]
        private var before: [Key: Counts] = [:]

        /// - Parameter minute: the number of the minute, which must not decrease; an earlier one counts as the latest.
        mutating func count(_ key: Key, calls: Int64 = 0, overLimit: Int64 = 0, at minute: Int64) {
            advance(to: minute)
            running[key, default: Counts()].calls += calls
            running[key, default: Counts()].overLimit += overLimit
        }

        /// The counts of the last whole minute.
        mutating func whole(at minute: Int64) -> [Key: Counts] {
            advance(to: minute)
            return before
        }

        private mutating func advance(to minute: Int64) {
            guard minute > self.minute else { return }
            before = minute == self.minute + 1 ? running : [:]
            running = [:]
            self.minute = minute
        }
    }

    private let minutes = Mutex(Minutes())
    private let clock: RuntimeClock

    public init(clock: RuntimeClock = .system) { self.clock = clock }

    private var minute: Int64 { clock.now.offset.components.seconds / 60 }

    /// Counts a call that is sent to a server.
    func countCall(_ key: Key) {
        let minute = minute
        minutes.withLock { $0.count(key, calls: 1, at: minute) }
    }

    /// Counts a call over a limit.
    func countOverLimit(_ key: Key) {
        let minute = minute
        minutes.withLock { $0.count(key, overLimit: 1, at: minute) }
    }

    /// What was counted in the last whole minute.
    public var report: ToolCallReport {
        let minute = minute
        let counts = minutes.withLock { $0.whole(at: minute) }
        return ToolCallReport(
            servers: counts.map { key, counts in
                ToolCallReport.Server(
                    tenant: key.tenant,
                    namespace: key.namespace,
                    server: key.server,
                    calls: counts.calls,
                    overLimit: counts.overLimit
                )
            }
            .sorted { ($0.tenant, $0.namespace, $0.server) < ($1.tenant, $1.namespace, $1.server) }
        )
    }
}
