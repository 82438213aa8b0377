import KubernetesAPI
import Testing

@testable import ControllerRuntime

/// How a test's calendar goes.
struct MicroTimestampSource: Sendable {
    var read: @Sendable (Duration) -> MicroTimestamp

    /// 2026-01-01T00:00:00Z, and on with the clock.
    static let fixed = skewed(by: .zero)

    static func skewed(by skew: Duration) -> MicroTimestampSource {
        MicroTimestampSource { elapsed in
            let microseconds = Int64((elapsed + skew).inSeconds * 1_000_000)
            return MicroTimestamp(microsecondsSinceEpoch: 1_767_225_600_000_000 + microseconds)
        }
    }
}

/// Gives other tasks the processor until `condition` holds. Returns whether it came to hold in two minutes: a busy
/// machine has been seen to give a task nothing for ten seconds.
func holds(_ condition: () -> Bool) async -> Bool {
    let end = ContinuousClock.now.advanced(by: .seconds(120))
    while !condition() {
        if ContinuousClock.now > end { return false }
        await Task.yield()
    }
    return true
}

/// Fails the test where `condition` does not come to hold.
func expectEventually(
    _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () -> Bool
) async {
    if await !holds(condition) { Issue.record("never came true: \(what)", sourceLocation: sourceLocation) }
}
