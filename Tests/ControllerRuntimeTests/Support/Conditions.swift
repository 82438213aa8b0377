import KubernetesAPI
import Testing

@testable import ControllerRuntime

/// The calendar of a test.
struct MicroTimestampSource: Sendable {
    var read: @Sendable (Duration) -> MicroTimestamp

    /// 2026-01-01T00:00:00Z, plus the time of the clock.
    static let fixed = skewed(by: .zero)

    static func skewed(by skew: Duration) -> MicroTimestampSource {
        MicroTimestampSource { elapsed in
            let microseconds = Int64((elapsed + skew).inSeconds * 1_000_000)
            return MicroTimestamp(microsecondsSinceEpoch: 1_767_225_600_000_000 + microseconds)
        }
    }
}

/// Yields to other tasks until `condition` holds. Returns whether it held within two minutes, because a busy machine
/// may not run a task for ten seconds.
func holds(_ condition: () -> Bool) async -> Bool {
    let end = ContinuousClock.now.advanced(by: .seconds(120))
    while !condition() {
        if ContinuousClock.now > end { return false }
        await Task.yield()
    }
    return true
}

/// Fails the test if `condition` does not hold in time.
func expectEventually(
    _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () -> Bool
) async {
    if await !holds(condition) { Issue.record("never came true: \(what)", sourceLocation: sourceLocation) }
}
