import KubernetesAPI

/// The decisions of a candidate, by client-go's rules (`tools/leaderelection/leaderelection.go`).
///
/// Times that others wrote are never compared with local times: a lease has expired if, by the local clock, it has not
/// changed for its duration. Clocks can therefore differ by any amount, but not in their rate.
struct LeaderElectionStateMachine: Sendable {
    typealias Instant = RuntimeClock.Instant

    /// The next request of an attempt, or its end.
    enum Step: Sendable, Equatable {
        case get
        case create(LeaseRecord)
        case update(LeaseRecord)
        /// The attempt failed.
        case failed
    }

    enum Verdict: Sendable, Equatable {
        /// Not the leader: try again after this time.
        case retry(Duration)
        /// The leader: renew after this time.
        case renew(Duration)
        /// Was the leader, and no longer is.
        case lost
    }

    let configuration: LeaderElectionConfiguration
    private(set) var isLeader = false
    /// When the last successful attempt started.
    private(set) var renewedAt: Instant?
    private(set) var observed: LeaseRecord?
    private var observedAt: Instant?
    private var attemptStartedAt = Instant()
    private var isFastPath = false

    init(configuration: LeaderElectionConfiguration) {
        self.configuration = configuration
    }

    /// The time until which the leadership is guaranteed.
    var validUntil: Instant? {
        isLeader ? renewedAt?.advanced(by: configuration.renewDeadline) : nil
    }

    /// Starts an attempt to acquire or renew the lease.
    mutating func beginAttempt(now: Instant, wallTime: MicroTimestamp) -> Step {
        attemptStartedAt = now
        isFastPath = false
        // A process that was suspended past the deadline must not resume its leadership, because another process may
        // have been the leader since.
        if let validUntil, validUntil <= now { return .failed }
        // The leader knows the stored lease and writes it directly; it only reads first after a conflict.
        if isLeader, let observed, isValid(observed, now: now) {
            isFastPath = true
            return .update(renewal(of: observed, wallTime: wallTime))
        }
        return .get
    }

    /// The lease was read.
    mutating func got(_ record: LeaseRecord?, now: Instant, wallTime: MicroTimestamp) -> Step {
        guard let record else {
            return .create(claim(over: nil, wallTime: wallTime))
        }
        observe(record, now: now)
        let isOurs = record.holderIdentity == configuration.identity
        if !isOurs, !record.holderIdentity.isEmpty, isValid(record, now: now) { return .failed }
        return .update(isOurs ? renewal(of: record, wallTime: wallTime) : claim(over: record, wallTime: wallTime))
    }

    /// The lease was written, and is now as stored.
    mutating func wrote(_ record: LeaseRecord, now: Instant) {
        observe(record, now: now)
        isLeader = true
        renewedAt = attemptStartedAt
    }

    /// A request failed. If it was the direct write of a leader, the attempt continues with a read.
    mutating func requestFailed() -> Step {
        guard isFastPath else { return .failed }
        isFastPath = false
        return .get
    }

    /// An attempt is over. `jitter` is a random number between 0 and 1.
    mutating func endAttempt(succeeded: Bool, now: Instant, jitter: Double) -> Verdict {
        let period = configuration.retryPeriod
        if isLeader {
            if succeeded { return .renew(period) }
            let holder = observed?.holderIdentity
            let remaining = validUntil.map { now.duration(to: $0) } ?? .zero
            if remaining <= .zero || (holder != nil && holder != configuration.identity) {
                isLeader = false
                return .lost
            }
            return .renew(min(period, remaining))
        }
        return .retry(period * (1 + LeaderElectionConfiguration.jitterFactor * jitter))
    }

    /// The record to write to release the lease, `nil` if this process does not hold it. `current` is the lease as just
    /// read: this process may hold it without knowing, if the answer to its write was lost.
    func release(of current: LeaseRecord?, wallTime: MicroTimestamp) -> LeaseRecord? {
        guard var record = current, record.holderIdentity == configuration.identity else { return nil }
        record.holderIdentity = ""
        record.leaseDurationSeconds = 1
        record.renewTime = wallTime
        record.acquireTime = wallTime
        return record
    }

    // MARK: Inside

    private mutating func observe(_ record: LeaseRecord, now: Instant) {
        if let observed, observed.hasSameContents(as: record), observed.resourceVersion == record.resourceVersion {
            return
        }
        observed = record
        observedAt = now
    }

    private func isValid(_ record: LeaseRecord, now: Instant) -> Bool {
        guard let observedAt else { return false }
        return now < observedAt.advanced(by: .seconds(record.leaseDurationSeconds))
    }

    private func renewal(of record: LeaseRecord, wallTime: MicroTimestamp) -> LeaseRecord {
        var renewed = record
        renewed.leaseDurationSeconds = Int(configuration.leaseDuration.components.seconds)
        renewed.renewTime = wallTime
        return renewed
    }

    private func claim(over record: LeaseRecord?, wallTime: MicroTimestamp) -> LeaseRecord {
        LeaseRecord(
            holderIdentity: configuration.identity,
            leaseDurationSeconds: Int(configuration.leaseDuration.components.seconds),
            acquireTime: wallTime,
            renewTime: wallTime,
            leaseTransitions: record.map { $0.leaseTransitions + 1 } ?? 0,
            resourceVersion: record?.resourceVersion
        )
    }
}
