internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import Policy
import Synchronization

/// What is known about the protocol of every server, and which checks are due. The server's reconciler says which pod
/// there is; the handshake's reconciler checks it.
final class HandshakeTable: Sendable {
    private struct Entry {
        var uid: String
        var schedule: HandshakeSchedule
    }

    private struct Queues {
        var checks: WorkQueue<NamespacedName>
        var servers: WorkQueue<NamespacedName>
    }

    private let timing: HandshakeSchedule.Timing
    private let clock: RuntimeClock
    private let entries = Mutex<[NamespacedName: Entry]>([:])
    private let queues = Mutex<Queues?>(nil)

    init(timing: HandshakeSchedule.Timing, clock: RuntimeClock) {
        self.timing = timing
        self.clock = clock
    }

    /// Connects the table to the queues. Call it once, before the controllers run.
    ///
    /// - Parameters:
    ///   - checks: where servers are added whose check is due.
    ///   - servers: where servers are added when something new is known about them.
    func connect(checks: WorkQueue<NamespacedName>, servers: WorkQueue<NamespacedName>) {
        queues.withLock { $0 = Queues(checks: checks, servers: servers) }
    }

    /// Takes the pod of a server that is to be checked.
    ///
    /// - Parameter key: the server, or the key of its candidate.
    /// - Parameter status: of the server, from which a new process continues.
    func observe(
        _ key: NamespacedName,
        uid: String,
        target: HandshakeTarget?,
        status: MCPServerStatus?
    ) -> ProtocolState {
        let now = clock.now.offset
        let untilRegular = untilRegular(uid)
        let (state, isDue) = entries.withLock { entries in
            var entry = entries[key].flatMap { $0.uid == uid ? $0 : nil } ?? start(uid: uid, status: status)
            entry.schedule.observe(target, now: now, untilRegular: untilRegular)
            entries[key] = entry
            return (entry.schedule.state, entry.schedule.delay(now: now))
        }
        if let isDue, let queue = queues.withLock({ $0?.checks }) {
            queue.add(key, after: isDue)
        }
        return state
    }

    /// What is known about a server; `nil` if it was never observed.
    func state(of key: NamespacedName, uid: String) -> ProtocolState? {
        entries.withLock { entries in
            entries[key].flatMap { $0.uid == uid ? $0.schedule.state : nil }
        }
    }

    /// Whether something is to be checked under a key.
    func isKnown(_ key: NamespacedName) -> Bool { entries.withLock { $0[key] != nil } }

    /// Starts a check, if one is due.
    func begin(_ key: NamespacedName) -> HandshakeTarget? {
        let now = clock.now.offset
        return entries.withLock { $0[key]?.schedule.begin(now: now) }
    }

    /// Takes the result of a check.
    ///
    /// - Parameters:
    ///   - key: the server.
    ///   - verdict: the result; `nil` if the check was interrupted.
    ///   - hasNews: whether the server is reconciled even if the result is the same.
    func finish(_ key: NamespacedName, _ verdict: ProtocolVerdict?, hasNews: Bool = false) {
        let now = clock.now.offset
        let hasChanged = entries.withLock { entries in
            guard var entry = entries[key] else { return false }
            let hasChanged = entry.schedule.finish(verdict, now: now, untilRegular: untilRegular(entry.uid))
            entries[key] = entry
            return hasChanged
        }
        if hasChanged || hasNews { queues.withLock { $0?.servers }?.add(HandshakeKey.server(of: key)) }
    }

    /// Checks a server again at once, because it has reported a change.
    func checkNow(_ key: NamespacedName) {
        let now = clock.now.offset
        let delay = entries.withLock { entries -> Duration? in
            entries[key]?.schedule.checkAgain(now: now, after: Self.changeDelay)
            return entries[key]?.schedule.delay(now: now)
        }
        if let delay { queues.withLock { $0?.checks }?.add(key, after: delay) }
    }

    /// How long a check waits after a change: several changes in a moment are one.
    private static let changeDelay = Duration.milliseconds(200)

    /// Checks a server again within half a minute. Every server has a moment of its own, because this can concern all of
    /// them.
    func checkAgain(_ key: NamespacedName) {
        let now = clock.now.offset
        let delay = entries.withLock { entries -> Duration? in
            guard var entry = entries[key] else { return nil }
            let delay = HandshakeSchedule.untilRegular(
                uid: entry.uid,
                wallTime: clock.wallTime.microsecondsSinceEpoch,
                period: .seconds(30)
            )
            entry.schedule.checkAgain(now: now, after: delay)
            entries[key] = entry
            return entry.schedule.delay(now: now)
        }
        if let delay { queues.withLock { $0?.checks }?.add(key, after: delay) }
    }

    /// The time until the next check, `nil` if there is nothing to check.
    func delay(_ key: NamespacedName) -> Duration? {
        let now = clock.now.offset
        return entries.withLock { $0[key]?.schedule.delay(now: now) }
    }

    /// Forgets a server that was deleted, or is not checked any more.
    func forget(_ key: NamespacedName) {
        entries.withLock { _ = $0.removeValue(forKey: key) }
    }

    /// Forgets a server that must not be called any more, and ends what still listens to it at once.
    func stop(_ key: NamespacedName) {
        let wasKnown = entries.withLock { $0.removeValue(forKey: key) != nil }
        if wasKnown { queues.withLock { $0?.checks }?.add(key) }
    }

    private func untilRegular(_ uid: String) -> Duration {
        HandshakeSchedule.untilRegular(
            uid: uid,
            wallTime: clock.wallTime.microsecondsSinceEpoch,
            period: timing.period
        )
    }

    private func start(uid: String, status: MCPServerStatus?) -> Entry {
        guard let known = ProtocolVerdict(status) else {
            return Entry(uid: uid, schedule: HandshakeSchedule(timing: timing))
        }
        return Entry(uid: uid, schedule: HandshakeSchedule(timing: timing, restoring: known))
    }
}

extension ProtocolVerdict {
    /// The good verdict that a status reports, `nil` if there is none.
    init?(_ status: MCPServerStatus?) {
        guard let mcp = status?.mcp, let condition = status?.conditions?[type: ConditionType.protocolVerified],
            condition.status == .true
        else { return nil }
        switch Reason(rawValue: condition.reason) {
        case .protocolVerified: self = .verified(mcp)
        case .credentialsRequired: self = .credentialsRequired(mcp, message: condition.message)
        default: return nil
        }
    }
}
