internal import ControllerRuntime
internal import KubernetesAPI

/// Decides when writes that met a problem are tried again.
///
/// Objects of others are mostly not watched, so nothing reports that a name is free, or that a permission was granted. The
/// delay starts at 5 seconds and doubles up to 5 minutes while the problems stay the same, so that servers that wait for
/// somebody to act do not load the API server.
struct ProblemRetry: Sendable {
    private static let schedule = ExponentialBackoff(initial: .seconds(5), maximum: .seconds(300))

    private var problems: Set<WriteProblem> = []
    private var attempts = 0
    private var due: RuntimeClock.Instant?

    /// After how long to try again.
    ///
    /// - Parameters:
    ///   - problems: the problems of a pass.
    ///   - now: the end of the pass.
    /// - Returns: the delay, or `nil` if nothing is to be tried again.
    mutating func delay(after problems: [WriteProblem], now: RuntimeClock.Instant) -> Duration? {
        // Messages can differ from one attempt to the next, although the problem is the same.
        let current = Set(problems.filter(\.needsRetry).map { WriteProblem($0.kind, $0.reference) })
        if current != self.problems {
            self = ProblemRetry()
            self.problems = current
        }
        guard !current.isEmpty else { return nil }
        // A pass for another cause, such as a change of a pod, does not count.
        if let due, now < due { return now.duration(to: due) }
        attempts += 1
        let delay = Self.schedule.delay(afterFailures: attempts)
        due = now.advanced(by: delay)
        return delay
    }
}
