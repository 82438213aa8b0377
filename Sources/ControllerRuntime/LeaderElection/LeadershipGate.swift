import Synchronization

/// This process no longer leads, or never did, and must not write.
public struct LeadershipLostError: Error, Sendable, CustomStringConvertible {
    public init() {}

    public var description: String {
        "this process does not hold the leader election lease; another one may be writing, so it ends"
    }
}

/// Opens when this process becomes the leader, and closes for good when it no longer is.
///
/// Besides being told, the gate knows until when the lead can be relied on: a process that was suspended finds it closed even
/// before anyone could tell it so.
public final class LeadershipGate: Sendable {
    private struct State {
        var isLeading = false
        var validUntil: RuntimeClock.Instant?
    }

    private let state = Mutex(State())
    /// Raised when the gate opens.
    let opened = Signal()
    private let closed = Signal()
    private let clock: RuntimeClock

    public init(clock: RuntimeClock = .system) {
        self.clock = clock
    }

    /// A gate that is open for ever, where there is no leader election.
    public static func alwaysOpen() -> LeadershipGate {
        let gate = LeadershipGate()
        gate.open(until: nil)
        return gate
    }

    /// Whether this process may write now.
    public var isLeading: Bool {
        let (isLeading, validUntil) = state.withLock { ($0.isLeading, $0.validUntil) }
        guard isLeading else { return false }
        guard let validUntil else { return true }
        return clock.now < validUntil
    }

    /// Returns while this process may write. To be called before each write.
    ///
    /// - Throws: `LeadershipLostError`.
    public func check() throws {
        guard isLeading else { throw LeadershipLostError() }
    }

    /// Returns once this process leads.
    ///
    /// - Throws: `CancellationError`.
    public func waitUntilLeading() async throws {
        try await opened.wait()
    }

    /// Returns once this process no longer leads.
    ///
    /// - Throws: `CancellationError`.
    public func waitUntilLost() async throws {
        try await closed.wait()
    }

    /// Opens the gate, or keeps it open for longer. A closed gate stays closed.
    func open(until validUntil: RuntimeClock.Instant?) {
        guard !closed.isRaised else { return }
        state.withLock { state in
            state.isLeading = true
            state.validUntil = validUntil
        }
        opened.raise()
    }

    /// Closes the gate for good.
    func close() {
        state.withLock { $0.isLeading = false }
        closed.raise()
    }
}
