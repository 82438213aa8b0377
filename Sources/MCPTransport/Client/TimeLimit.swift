internal import Synchronization

/// Runs something, and cancels it when it takes too long.
package enum TimeLimit {
    /// A time limit has passed.
    package struct Passed: Error {}

    /// - Throws: `Passed`, or what the operation throws.
    package static func run<Value: Sendable>(
        _ limit: Duration?,
        clock: any Clock<Duration> = ContinuousClock(),
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let limit else { return try await operation() }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                try await clock.sleep(forLimit: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else {
                // What the operation throws once it is cancelled says nothing.
                throw Passed()
            }
            return value
        }
    }

    /// Runs something that reports activity, and cancels it when there is none for too long.
    ///
    /// - Throws: `Passed`, or what the operation throws.
    static func runWhileActive<Value: Sendable>(
        idle limit: Duration,
        clock: any Clock<Duration>,
        _ operation: @escaping @Sendable (ActivityCounter) async throws -> Value
    ) async throws -> Value {
        let activity = ActivityCounter()
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await operation(activity) }
            group.addTask {
                var seen = -1
                while true {
                    let count = activity.count
                    if count == seen { return nil }
                    seen = count
                    try await clock.sleep(for: limit)
                }
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else { throw Passed() }
            return value
        }
    }
}

/// Counts signs of life.
final class ActivityCounter: Sendable {
    private let value = Atomic<Int>(0)

    var count: Int { value.load(ordering: .relaxed) }

    func mark() { value.add(1, ordering: .relaxed) }
}

/// Runs something to its end even if the task that waits for it is cancelled: cleaning up must reach the server. The operation has to be
/// bounded in time.
func withoutCancellation<Value: Sendable>(_ operation: @escaping @Sendable () async -> Value) async -> Value {
    await Task { await operation() }.value
}
