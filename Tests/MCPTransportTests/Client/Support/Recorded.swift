import Synchronization

/// Values that something concurrent reports.
final class Recorded<Value: Sendable>: Sendable {
    private let state = Mutex<[Value]>([])
    func append(_ value: Value) { state.withLock { $0.append(value) } }
    var values: [Value] { state.withLock { $0 } }
}

/// An expected event did not occur.
struct NeverHappened: Error, CustomStringConvertible {
    let description: String
}

/// Waits until a condition holds that another process brings about, by polling.
func eventually(_ what: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool)
    async throws
{
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while try await !condition() {
        guard clock.now < deadline else { throw NeverHappened(description: "\(what), not within \(limit)") }
        try await clock.sleep(for: .milliseconds(10))
    }
}
