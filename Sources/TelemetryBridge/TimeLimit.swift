/// Runs something, and cancels it when it takes too long.
enum TimeLimit {
    /// The limit has passed.
    struct Passed: Error {}

    /// - Throws: `Passed`, or what the operation throws.
    static func run<Value: Sendable>(
        _ limit: Duration,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                try await ContinuousClock().sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else { throw Passed() }
            return value
        }
    }
}
