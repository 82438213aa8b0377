import Synchronization

/// All series of one metric name, one for each combination of label values.
public final class MetricFamily<Metric: Sendable>: Sendable {
    let name: String
    let help: String
    let labels: [String]
    private let make: @Sendable () -> Metric
    private let series = Mutex<[[String]: Metric]>([:])

    init(name: String, help: String, labels: [String], make: @escaping @Sendable () -> Metric) {
        self.name = name
        self.help = help
        self.labels = labels
        self.make = make
    }

    /// The series with these label values, in the order of the label names. Store it if it is used often.
    ///
    /// Missing values are empty, and additional values are dropped: a metric must never interrupt the work that it
    /// counts.
    public func with(_ values: [String]) -> Metric {
        var values = values
        if values.count != labels.count {
            assertionFailure("\(name) has the labels \(labels), not \(values.count) values")
            values = labels.indices.map { $0 < values.count ? values[$0] : "" }
        }
        return series.withLock { series in
            if let metric = series[values] { return metric }
            let metric = make()
            series[values] = metric
            return metric
        }
    }

    /// Removes the series with these label values, because the object that they describe was deleted.
    public func remove(_ values: [String]) {
        series.withLock { _ = $0.removeValue(forKey: values) }
    }

    /// Removes all series whose label `label` has this value.
    public func removeAll(where label: String, is value: String) {
        guard let index = labels.firstIndex(of: label) else { return }
        series.withLock { series in
            series = series.filter { $0.key[index] != value }
        }
    }

    /// All series, sorted by label values.
    var all: [(values: [String], metric: Metric)] {
        series.withLock { series in
            series.map { (values: $0.key, metric: $0.value) }
                .sorted { $0.values.lexicographicallyPrecedes($1.values) }
        }
    }
}

/// All series of a counter.
public typealias CounterFamily = MetricFamily<Counter>
/// All series of a gauge.
public typealias GaugeFamily = MetricFamily<Gauge>
/// All series of a histogram.
public typealias HistogramFamily = MetricFamily<Histogram>
