import Synchronization

/// This process is not the leader, and must not write.
public struct LeadershipLostError: Error, Sendable, CustomStringConvertible {
    public init() {}

    public var description: String {
        "this process does not hold the leader election lease; another process may be writing, so this one ends"
    }
}

/// Opens when this process becomes the leader, and closes permanently when it stops being the leader.
///
/// The gate also knows until when leadership is guaranteed: in a process that was suspended, it is closed even before
/// the elector runs again.
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

    /// A gate that is always open, for use without leader election.
    public static func alwaysOpen() -> LeadershipGate {
        let gate = LeadershipGate()
        gate.open(until: nil)
        return gate
    }

    /// Whether this process can write now.
    public var isLeading: Bool {
        let (isLeading, validUntil) = state.withLock { ($0.isLeading, $0.validUntil) }
        guard isLeading else { return false }
        guard let validUntil else { return true }
        return clock.now < validUntil
    }

    /// Returns if this process can write. Call it before each write.
    ///
    /// - Throws: `LeadershipLostError`.
    public func check() throws {
        guard isLeading else { throw LeadershipLostError() }
    }

    /// Returns once this process is the leader.
    ///
    /// - Throws: `CancellationError`.
    public func waitUntilLeading() async throws {
        try await opened.wait()
    }

    /// Returns once this process is no longer the leader.
    ///
    /// - Throws: `CancellationError`.
    public func waitUntilLost() async throws {
        try await closed.wait()
    }

    /// Opens the gate, or keeps it open for longer. A closed gate is not opened again.
    func open(until validUntil: RuntimeClock.Instant?) {
        guard !closed.isRaised else { return }
        state.withLock { state in
            state.isLeading = true
            state.validUntil = validUntil
        }
        opened.raise()
    }

    /// Closes the gate permanently.
    func close() {
        state.withLock { $0.isLeading = false }
        closed.raise()
    }
}
