/// The buckets of a histogram: how many observations are at most as large as each bound.
struct LatencyBuckets: Sendable, Hashable {
    private var counts: [Double: Double] = [:]

    /// Adds observations to a bucket, whose bound is `+Inf` for the last one.
    mutating func add(_ count: Double, bound: Double) {
        guard count.isFinite, !bound.isNaN else { return }
        counts[bound, default: 0] += count
    }

    /// A quantile, from 0 to 1, in the unit of the bounds. Observations are assumed to be spread evenly in a bucket, and the first one to
    /// begin at 0, as `histogram_quantile` of Prometheus does. What is above the last finite bound is reported as that bound.
    ///
    /// - Returns: `nil` without observations.
    func quantile(_ share: Double) -> Double? {
        let sorted = counts.sorted { $0.key < $1.key }
        guard let total = sorted.last?.value, total > 0 else { return nil }
        let rank = min(max(share, 0), 1) * total
        var (lower, below) = (0.0, 0.0)
        for (bound, count) in sorted {
            if count >= rank {
                guard bound.isFinite else { return sorted.count > 1 ? lower : nil }
                let inside = count - below
                return inside > 0 ? lower + (bound - lower) * (rank - below) / inside : bound
            }
            (lower, below) = (bound, max(below, count))
        }
        return lower.isFinite ? lower : nil
    }
}
