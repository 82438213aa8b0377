/// Decides from the results of a container's probes whether it has started, is ready, and must be restarted. Times count from the
/// start of the container.
///
/// A probe that has not succeeded yet is repeated quickly, so that a pod is ready soon after its server is.
struct ContainerHealth: Sendable, Hashable {
    enum Kind: Sendable, Hashable, CaseIterable {
        case startup
        case readiness
        case liveness

        var name: String { "\(self)" }
    }

    private struct State: Sendable, Hashable {
        var probe: ContainerProbe
        var begin: Duration
        var next: Duration
        var failures = 0
        var hasSucceeded = false

        init(_ probe: ContainerProbe, begin: Duration) {
            self.probe = probe
            self.begin = begin
            next = begin + probe.initialDelay
        }

        mutating func record(_ isSuccess: Bool, at now: Duration) {
            failures = isSuccess ? 0 : failures + 1
            if isSuccess { hasSucceeded = true }
            next = now + (hasSucceeded ? probe.period : min(probe.period, ContainerHealth.firstPeriod))
        }

        /// Whether it has failed for as long, or as often, as it may.
        func hasFailed(at now: Duration) -> Bool {
            guard hasSucceeded else {
                return failures > 0 && now - begin >= probe.initialDelay + probe.period * probe.failureThreshold
            }
            return failures >= probe.failureThreshold
        }
    }

    static let firstPeriod = Duration.milliseconds(100)

    private var states: [Kind: State] = [:]
    private let probes: [Kind: ContainerProbe]
    /// Whether the startup probe has succeeded, if there is one.
    private(set) var isStarted: Bool
    private(set) var isReady: Bool
    /// The probe because of which the container must be restarted.
    private(set) var failed: Kind?

    init(startup: ContainerProbe?, readiness: ContainerProbe?, liveness: ContainerProbe?) {
        probes = [Kind.startup: startup, .readiness: readiness, .liveness: liveness].compactMapValues { $0 }
        isStarted = startup == nil
        isReady = false
        if let startup { states[.startup] = State(startup, begin: .zero) } else { begin(at: .zero) }
    }

    private mutating func begin(at now: Duration) {
        isStarted = true
        isReady = probes[.readiness] == nil
        states[.startup] = nil
        for kind in [Kind.readiness, .liveness] {
            if let probe = probes[kind] { states[kind] = State(probe, begin: now) }
        }
    }

    /// The probes that are due, in the order in which they are to be checked.
    func due(at now: Duration) -> [(kind: Kind, probe: ContainerProbe)] {
        Kind.allCases.compactMap { kind in
            guard let state = states[kind], state.next <= now else { return nil }
            return (kind, state.probe)
        }
    }

    /// When the next probe is due; `nil` if there is none.
    var next: Duration? { states.values.map(\.next).min() }

    /// Takes the result of a probe.
    mutating func record(_ kind: Kind, _ isSuccess: Bool, at now: Duration) {
        guard var state = states[kind] else { return }
        state.record(isSuccess, at: now)
        states[kind] = state
        switch kind {
        case .startup: if isSuccess { begin(at: now) } else if state.hasFailed(at: now) { failed = .startup }
        case .readiness: if isSuccess { isReady = true } else if state.hasFailed(at: now) { isReady = false }
        case .liveness: if state.hasFailed(at: now) { failed = .liveness }
        }
    }
}
