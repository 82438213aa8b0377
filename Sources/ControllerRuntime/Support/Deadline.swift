/// An operation exceeded its time limit.
public struct TimeoutError: Error, Sendable, CustomStringConvertible {
    /// The operation.
    public var operation: String
    /// The limit.
    public var limit: Duration

    public init(operation: String, limit: Duration) {
        self.operation = operation
        self.limit = limit
    }

    public var description: String { "\(operation) took longer than \(limit)" }
}

/// Runs `body`, and cancels it after `limit`.
///
/// - Throws: `TimeoutError` if the limit is exceeded, otherwise what `body` throws.
public func withTimeout<Result: Sendable>(
    _ limit: Duration,
    clock: RuntimeClock,
    operation: String,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await clock.sleep(until: clock.now.advanced(by: limit))
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let result = first else {
            throw TimeoutError(operation: operation, limit: limit)
        }
        return result
    }
}
