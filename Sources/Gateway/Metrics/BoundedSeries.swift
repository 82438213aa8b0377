import Observability
import Synchronization

/// The series of a metric, in a bounded number: label values that come when the maximum is reached are counted together, as `other`.
final class BoundedSeries<Metric: Sendable>: Sendable {
    /// The value of all labels of the series that counts the rest.
    static var rest: String { "other" }

    private let family: MetricFamily<Metric>
    private let labels: [String]
    private let maximum: Int
    private let known = Mutex<[[String]: Metric]>([:])

    init(_ family: MetricFamily<Metric>, labels: [String], maximum: Int) {
        self.family = family
        self.labels = labels
        self.maximum = maximum
    }

    /// The series with these label values, or the one of the rest.
    func with(_ values: [String]) -> Metric {
        known.withLock { known in
            if let metric = known[values] { return metric }
            guard known.count < maximum else {
                return family.with(labels.map { _ in Self.rest })
            }
            let metric = family.with(values)
            known[values] = metric
            return metric
        }
    }

    /// Removes the series whose labels have these values, because what they describe does not exist any more.
    func removeAll(where matches: [(label: String, value: String)]) {
        let wanted = matches.compactMap { match in
            labels.firstIndex(of: match.label).map { (index: $0, value: match.value) }
        }
        guard wanted.count == matches.count else { return }
        known.withLock { known in
            for values in known.keys where wanted.allSatisfy({ values[$0.index] == $0.value }) {
                known[values] = nil
                family.remove(values)
            }
        }
    }
}
