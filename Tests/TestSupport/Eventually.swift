/// What was waited for did not come.
public struct NeverHappened: Error, CustomStringConvertible {
    /// What was waited for, and what was there instead.
    public let description: String

    public init(description: String) {
        self.description = description
    }
}

/// Waits until a condition holds, looking every few milliseconds: what it waits for happens in another process or task, and
/// nothing tells of it.
///
/// - Throws: `NeverHappened` after the limit, which is generous, as machines are slow at times.
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

/// Waits until a value is there, and gives it.
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
