public import ControllerRuntime
internal import Crypto
public import Policy
internal import Synchronization

/// Counts the tool calls of tenants by minute, for their status. Servers come from routes, and clients from what has authenticated them,
/// so that callers cannot make up counts.
public final class ToolCallTally: Sendable {
    struct Key: Sendable, Hashable {
        var tenant: String
        var namespace: String
        var server: String
    }

    /// A client of a tenant, by a digest: names of clients can be long, and are nobody else's business.
    struct ClientKey: Sendable, Hashable {
        var tenant: String
        var digest: String

        init(tenant: String, digest: String) {
            self.tenant = tenant
            self.digest = digest
        }

        init(_ caller: Caller, of tenant: String) {
            let digest = SHA256.hash(data: Array("\(tenant)\n\(caller.clientKey)".utf8))
            self.init(tenant: tenant, digest: Base64URL.encode(Array(digest.prefix(16))))
        }
    }

    /// What is counted in one minute. Pure.
    struct Counts: Sendable, Hashable {
        struct Server: Sendable, Hashable {
            var calls: Int64 = 0
            var overLimit: Int64 = 0
        }

        /// How many clients are counted in a minute. With more, the clients of that minute are not known.
        static let maximumClients = 10_000

        var servers: [Key: Server] = [:]
        /// `nil` if there were too many.
        var clients: [ClientKey: Int64]? = [:]

        mutating func countCall(_ key: Key, _ client: ClientKey) {
            servers[key, default: Server()].calls += 1
            if let count = clients?.count, count >= Self.maximumClients, clients?[client] == nil {
                clients = nil
            } else {
                clients?[client, default: 0] += 1
            }
        }

        mutating func countOverLimit(_ key: Key) { servers[key, default: Server()].overLimit += 1 }
    }

    /// The counts of the minute that runs, and of the one before. Pure.
    struct Minutes: Sendable {
        private var minute: Int64 = 0
        private var running = Counts()
        private var before = Counts()

        /// - Parameter minute: the number of the minute, which must not decrease; an earlier one counts as the latest.
        mutating func count(at minute: Int64, _ count: (inout Counts) -> Void) {
            advance(to: minute)
            count(&running)
        }

        /// The counts of the last whole minute.
        mutating func whole(at minute: Int64) -> Counts {
            advance(to: minute)
            return before
        }

        private mutating func advance(to minute: Int64) {
            guard minute > self.minute else { return }
            before = minute == self.minute + 1 ? running : Counts()
            running = Counts()
            self.minute = minute
        }
    }

    private let minutes = Mutex(Minutes())
    private let clock: RuntimeClock

    public init(clock: RuntimeClock = .system) { self.clock = clock }

    private var minute: Int64 { clock.now.offset.components.seconds / 60 }

    /// Counts a call that is sent to a server.
    func countCall(_ key: Key, of caller: Caller) {
        let (minute, client) = (minute, ClientKey(caller, of: key.tenant))
        minutes.withLock { minutes in minutes.count(at: minute) { $0.countCall(key, client) } }
    }

    /// Counts a call over a limit.
    func countOverLimit(_ key: Key) {
        let minute = minute
        minutes.withLock { minutes in minutes.count(at: minute) { $0.countOverLimit(key) } }
    }

    /// What was counted in the last whole minute.
    public var report: ToolCallReport {
        let minute = minute
        let counts = minutes.withLock { $0.whole(at: minute) }
        return ToolCallReport(
            servers: counts.servers.map { key, counts in
                ToolCallReport.Server(
                    tenant: key.tenant,
                    namespace: key.namespace,
                    server: key.server,
                    calls: counts.calls,
                    overLimit: counts.overLimit
                )
            }
            .sorted { ($0.tenant, $0.namespace, $0.server) < ($1.tenant, $1.namespace, $1.server) },
            clients: counts.clients?.map { key, calls in
                ToolCallReport.Client(tenant: key.tenant, digest: key.digest, calls: calls)
            }
            .sorted { ($0.tenant, $0.digest) < ($1.tenant, $1.digest) }
        )
    }
}
