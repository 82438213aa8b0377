package import KubernetesAPI

/// The time between two moments in few characters, as in the tables of kubectl: `45s`, `12m`, `3h`, `6d`.
package enum Age {
    /// - Parameters:
    ///   - time: the earlier moment; a later one counts as now.
    ///   - now: the current time.
    package static func text(since time: Timestamp, now: Timestamp) -> String {
        let (difference, overflow) = now.secondsSinceEpoch.subtractingReportingOverflow(time.secondsSinceEpoch)
        guard !overflow else { return "?" }
        let seconds = max(0, difference)
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<7_200: return "\(seconds / 60)m"
        case ..<172_800: return "\(seconds / 3_600)h"
        case ..<63_072_000: return "\(seconds / 86_400)d"
        default: return "\(seconds / 31_536_000)y"
        }
    }
}
