/// An expected event did not occur.
public struct NeverHappened: Error, CustomStringConvertible {
    /// What was expected, and the actual state.
    public let description: String

    public init(description: String) {
        self.description = description
    }
}

/// Waits until a condition holds, by polling every few milliseconds, because it depends on another process or task that
/// sends no notification.
///
/// - Throws: `NeverHappened` after the limit, which is generous, because machines are sometimes slow.
public func eventually(
    _ what: String,
    within limit: Duration = .seconds(120),
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while true {
        if try await condition() { return }
        guard clock.now < deadline else { throw NeverHappened(description: "\(what), not within \(limit)") }
        try await clock.sleep(for: .milliseconds(10))
    }
}

/// Waits until there is a value. Returns it.
public func eventually<Value>(
    _ what: String,
    within limit: Duration = .seconds(120),
    get value: () async throws -> Value?
) async throws -> Value {
    var found: Value?
    try await eventually(what, within: limit) {
        found = try await value()
        return found != nil
    }
    guard let found else { throw NeverHappened(description: what) }
    return found
}
