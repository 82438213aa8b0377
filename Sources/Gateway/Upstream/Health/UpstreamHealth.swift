internal import MCPProtocol
internal import Synchronization

/// What the gateway knows of the health of one server and of its pods. Pure; `now` is a time of one clock.
struct UpstreamHealth: Sendable {
    private(set) var breaker: CircuitBreaker
    private(set) var pods: PodEjection

    init(_ limits: UpstreamLimits, _ endpoints: [Backend.PodEndpoint]) {
        breaker = CircuitBreaker(limits.breaker)
        pods = PodEjection(limits.ejection)
        pods.update(endpoints.map(\.id), at: .zero)
    }

    /// Takes the pods that there are now. If none of those before is left, what is known of the server does not apply to them.
    mutating func update(_ endpoints: [Backend.PodEndpoint], since before: [Backend.PodEndpoint], at now: Duration) {
        pods.update(endpoints.map(\.id), at: now)
        if Set(endpoints.map(\.id)).isDisjoint(with: before.map(\.id)) { breaker.reset() }
    }

    mutating func admit(at now: Duration) -> CircuitBreaker.Admission { breaker.admit(at: now) }

    mutating func allowTrial() { breaker.allowTrial() }

    /// Takes the result of a request.
    ///
    /// - Parameter pod: the pod that it was sent to, if any.
    /// - Returns: for how long the pod is ejected, if it is from now on.
    mutating func report(
        _ outcome: CircuitBreaker.Outcome,
        _ permit: CircuitBreaker.Permit,
        pod: String?,
        at now: Duration
    ) -> Duration? {
        breaker.report(outcome, permit, at: now)
        return pod.flatMap { note(outcome, pod: $0, at: now) }
    }

    /// Takes what became of a request at a pod that another pod gets instead.
    mutating func note(_ outcome: CircuitBreaker.Outcome, pod: String, at now: Duration) -> Duration? {
        switch outcome {
        case .succeeded: pods.succeeded(pod)
        case .failed: return pods.failed(pod, at: now)
        case .unknown: break
        }
        return nil
    }

    /// The endpoint for a new session or request: they take turns, ejected ones are left out.
    ///
    /// - Parameters:
    ///   - turn: counts the requests; it is set to the turn of the endpoint.
    ///   - tried: the pods that could not be reached for this request.
    func choose(
        from endpoints: [Backend.PodEndpoint],
        turn: inout Int,
        except tried: Set<String> = [],
        at now: Duration
    ) -> Backend.PodEndpoint? {
        guard !endpoints.isEmpty else { return nil }
        turn = (turn + 1) % endpoints.count
        let start = turn
        for offset in endpoints.indices {
            let index = (start + offset) % endpoints.count
            guard !tried.contains(endpoints[index].id), !pods.isEjected(endpoints[index].id, at: now) else { continue }
            turn = index
            return endpoints[index]
        }
        return endpoints.first { !tried.contains($0.id) } ?? endpoints[start]
    }
}

extension CircuitBreaker.Outcome {
    /// What an error says about the server.
    init(_ error: any Error) {
        guard let failure = error as? UpstreamFailure else {
            // Cancelled, or refused by the gateway itself.
            self = .unknown
            return
        }
        self =
            switch failure.kind {
            case .unreachable, .lost, .timedOut, .invalid: .failed
            case .status(let status): status >= 500 ? .failed : .succeeded
            case .refused: .succeeded
            case .noPods, .sessionGone, .circuitOpen, .credentials: .unknown
            }
    }
}

/// What is known of one request while it is worked on: whether it was sent, and to which pod.
final class UpstreamAttempt: Sendable {
    /// The attempt that the current task makes.
    @TaskLocal static var current: UpstreamAttempt?

    private let state = Mutex<(isSent: Bool, pod: String?)>((false, nil))

    /// A request is sent.
    func send(to pod: String?) { state.withLock { $0 = (true, pod) } }

    var isSent: Bool { state.withLock { $0.isSent } }
    var pod: String? { state.withLock { $0.pod } }
}
