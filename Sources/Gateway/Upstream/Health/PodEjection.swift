/// Keeps new sessions and requests away from pods that fail while others of the same server work. Pure.
///
/// A pod that fails some times in a row is ejected for a time, and each time for longer. At most half of the pods are ejected at the same
/// time: if more fail, the cause is not the pods.
public struct PodEjection: Sendable {
    /// When a pod is ejected, and for how long.
    public struct Options: Sendable, Hashable {
        /// How many requests to the pod must fail in a row.
        public var failures = 3
        /// How long a pod is ejected the first time. Each further time it is twice as long.
        public var time: Duration = .seconds(10)
        /// How long a pod is ejected at most. A pod that works that long after an ejection starts over.
        public var maximumTime: Duration = .seconds(300)

        public init() {}
    }

    private struct Pod: Hashable {
        /// Failures in a row.
        var failures = 0
        /// How often it was ejected in the last time.
        var ejections = 0
        /// The end of the last ejection.
        var until: Duration?
    }

    let options: Options
    /// The pods that there are.
    private var known: Set<String> = []
    /// Those of which there is something to remember.
    private var pods: [String: Pod] = [:]

    init(_ options: Options = Options()) { self.options = options }

    /// Takes the pods that there are now. What is known of others is forgotten.
    mutating func update(_ ids: some Sequence<String>, at now: Duration) {
        known = Set(ids)
        pods = pods.filter { known.contains($0.key) }
        // Pods that work may have gone.
        let ejected = pods.filter { isEjected($0.key, at: now) }
            .sorted { ($0.value.until ?? .zero, $0.key) < ($1.value.until ?? .zero, $1.key) }
        for (id, _) in ejected.dropLast(known.count / 2) { pods[id]?.until = nil }
    }

    /// Whether a pod gets no new sessions and requests.
    func isEjected(_ id: String, at now: Duration) -> Bool { pods[id]?.until.map { now < $0 } ?? false }

    /// How many pods are ejected.
    func count(at now: Duration) -> Int { pods.keys.count { isEjected($0, at: now) } }

    /// A pod answered.
    mutating func succeeded(_ id: String) {
        guard pods[id]?.failures ?? 0 > 0 else { return }
        pods[id]?.failures = 0
    }

    /// A pod failed.
    ///
    /// - Returns: for how long it is ejected now; `nil` if it is not.
    mutating func failed(_ id: String, at now: Duration) -> Duration? {
        guard known.contains(id), !isEjected(id, at: now) else { return nil }
        var pod = pods[id] ?? Pod()
        pod.failures += 1
        defer { pods[id] = pod }
        guard pod.failures >= options.failures, count(at: now) + 1 <= known.count / 2 else { return nil }
        if let until = pod.until, now - until >= options.maximumTime { pod.ejections = 0 }
        var time = options.time
        for _ in 0..<pod.ejections where time < options.maximumTime { time = time * 2 }
        time = min(time, options.maximumTime)
        pod = Pod(failures: 0, ejections: pod.ejections + 1, until: now + time)
        return time
    }
}
