internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// When the protocol of one server is checked, and which result is reported. A state machine without a clock: `now` is the
/// time since any fixed point, and only grows.
struct HandshakeSchedule: Sendable {
    /// The times of checks.
    struct Timing: Sendable, Hashable {
        /// How often a server that did not change is checked.
        var period: Duration = .seconds(600)
        /// The delay after a first failure. It doubles with each further one, up to the period.
        var firstRetry: Duration = .seconds(2)
        /// How many checks in a row must fail before a server that was verified counts as failed.
        var tolerance = 3
        /// How old the reported time of the last check can be.
        var reportPeriod: Duration = .seconds(3_600)
    }

    private let timing: Timing
    /// The pod to check, `nil` if none is ready.
    private var target: HandshakeTarget?
    /// The last verdict that is reported.
    private var verdict: ProtocolVerdict?
    /// The target that the verdict is about.
    private var checked: HandshakeTarget?
    /// The UID of the pod and the path that a verdict from an earlier process is about.
    private var restored: (uid: String, path: String)?
    private var failures = 0
    /// When the next check is due, `nil` if there is nothing to check.
    private var due: Duration?
    private var inProgress: HandshakeTarget?

    init(timing: Timing = Timing()) { self.timing = timing }

    /// Continues from what an earlier process has reported.
    ///
    /// - Parameter verdict: from the server's status, with the pod that it is about.
    init(timing: Timing = Timing(), restoring verdict: ProtocolVerdict) {
        self.init(timing: timing)
        self.verdict = verdict
        if let uid = verdict.status?.podUID, let path = verdict.status?.path { restored = (uid, path) }
    }

    /// What is known.
    var state: ProtocolState {
        guard let target else { return .noPod(last: verdict) }
        guard let verdict, checked == target else { return .pending(last: verdict) }
        return .settled(verdict)
    }

    /// Takes the pod that is to be checked. Another pod, another endpoint, or a restart is checked immediately.
    ///
    /// - Parameter untilRegular: the time until the server's regular check.
    mutating func observe(_ target: HandshakeTarget?, now: Duration, untilRegular: Duration) {
        guard target != self.target else { return }
        self.target = target
        failures = 0
        guard let target else {
            due = nil
            return
        }
        if let restored, restored == (target.podUID, target.endpoint.path) {
            checked = target
            due = now + untilRegular
        } else {
            due = checked == target ? now + untilRegular : now
        }
        restored = nil
    }

    /// Starts a check if one is due.
    ///
    /// - Returns: the pod to check, `nil` if no check is due or one is in progress.
    mutating func begin(now: Duration) -> HandshakeTarget? {
        guard let due, due <= now, inProgress == nil, let target else { return nil }
        inProgress = target
        return target
    }

    /// Brings the next check forward, because what the last one found is needed again.
    ///
    /// - Parameter delay: when to check, unless a check is due before.
    mutating func checkAgain(now: Duration, after delay: Duration) {
        guard inProgress == nil, let due else { return }
        self.due = min(due, now + delay)
    }

    /// The time until the next check, `nil` if there is nothing to check.
    func delay(now: Duration) -> Duration? {
        guard inProgress == nil else { return nil }
        return due.map { max(.zero, $0 - now) }
    }

    /// Takes the result of a check.
    ///
    /// - Parameters:
    ///   - found: the result; `nil` if the check was interrupted.
    ///   - untilRegular: the time until the server's next regular check.
    /// - Returns: whether what is reported has changed.
    mutating func finish(_ found: ProtocolVerdict?, now: Duration, untilRegular: Duration) -> Bool {
        guard let target = inProgress else { return false }
        inProgress = nil
        // The pod was replaced meanwhile, and the next check is due already.
        guard let found, target == self.target else { return false }
        let before = state
        switch found {
        case .failed:
            failures += 1
            let wasVerified = checked == target && verdict?.status != nil
            if !wasVerified || failures >= timing.tolerance {
                verdict = found
                checked = target
            }
            due = now + backoff
        case .verified, .credentialsRequired:
            failures = 0
            verdict = keepingTime(of: found)
            checked = target
            due = now + untilRegular
        }
        return state != before
    }

    private var backoff: Duration {
        var delay = timing.firstRetry
        for _ in 1..<max(failures, 1) where delay < timing.period { delay = delay * 2 }
        return min(delay, timing.period)
    }

    /// A check that found the same again is reported only from time to time, because each report is a write.
    private func keepingTime(of found: ProtocolVerdict) -> ProtocolVerdict {
        guard let old = verdict?.status?.lastCheckTime, let new = found.status?.lastCheckTime else { return found }
        let age = new.secondsSinceEpoch - old.secondsSinceEpoch
        guard (0..<timing.reportPeriod.components.seconds).contains(age) else { return found }
        let same = found.withStatus { $0.lastCheckTime = old }
        return same == verdict ? same : found
    }
}

extension HandshakeSchedule {
    /// The time until a server's next regular check. Every server has a moment of its own within the period, so that the
    /// checks of many servers are spread evenly, after a restart too.
    ///
    /// - Parameters:
    ///   - uid: of the server.
    ///   - wallTime: the calendar time, in microseconds.
    static func untilRegular(uid: String, wallTime: Int64, period: Duration) -> Duration {
        let length = max(1, period.components.seconds * 1_000_000)
        // FNV-1a: the same in every process.
        let hash = uid.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let moment = Int64(hash % UInt64(length))
        let passed = ((wallTime - moment) % length + length) % length
        let rest = length - passed
        // A server that was checked a moment ago waits for the next period.
        return .microseconds(rest < length / 10 ? rest + length : rest)
    }
}
