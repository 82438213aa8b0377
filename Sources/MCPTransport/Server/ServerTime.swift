/// A clock whose instants are the time since the server was made.
struct ServerTime: Sendable {
    private let read: @Sendable () -> Duration
    private let wait: @Sendable (Duration) async throws -> Void
    private let waitForLimit: @Sendable (Duration) async throws -> Void

    init(_ clock: some Clock<Duration>) {
        let start = clock.now
        read = { start.duration(to: clock.now) }
        wait = { duration in try await clock.sleep(for: duration) }
        waitForLimit = { limit in try await clock.sleep(forLimit: limit) }
    }

    var now: Duration { read() }

    func sleep(for duration: Duration) async throws { try await wait(duration) }

    /// Waits for a limit of time, which is rarely reached.
    func sleep(forLimit limit: Duration) async throws { try await waitForLimit(limit) }

    /// Runs work for at most a time.
    ///
    /// - Throws: `TimeLimitExceeded` when the time is over; the work is cancelled then.
    func limit<Value: Sendable>(
        _ limit: Duration,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask(operation: work)
            group.addTask {
                try await sleep(forLimit: limit)
                throw TimeLimitExceeded(limit: limit)
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}

/// Something took longer than it may.
struct TimeLimitExceeded: Error, CustomStringConvertible {
    let limit: Duration

    var description: String { "it took longer than \(limit)" }
}
