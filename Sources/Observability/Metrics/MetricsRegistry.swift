import Synchronization

/// All metrics of the process, and their text for Prometheus.
public final class MetricsRegistry: Sendable {
    enum AnyFamily: Sendable {
        case counters(CounterFamily)
        case gauges(GaugeFamily)
        case histograms(HistogramFamily)
    }

    private struct State {
        var families: [String: AnyFamily] = [:]
        var collectors: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Returns the counter with this name, which is created by the first call.
    public func counters(_ name: String, help: String, labels: [String] = []) -> CounterFamily {
        let family = state.withLock { state -> CounterFamily? in
            let family: CounterFamily
            switch state.families[name] {
            case .counters(let existing): return existing
            case nil: family = CounterFamily(name: name, help: help, labels: labels) { Counter() }
            default: return nil
            }
            state.families[name] = .counters(family)
            return family
        }
        assert(family != nil, "\(name) is a metric of another type already")
        return family ?? CounterFamily(name: name, help: help, labels: labels) { Counter() }
    }

    /// Returns the gauge with this name, which is created by the first call.
    public func gauges(_ name: String, help: String, labels: [String] = []) -> GaugeFamily {
        let family = state.withLock { state -> GaugeFamily? in
            let family: GaugeFamily
            switch state.families[name] {
            case .gauges(let existing): return existing
            case nil: family = GaugeFamily(name: name, help: help, labels: labels) { Gauge() }
            default: return nil
            }
            state.families[name] = .gauges(family)
            return family
        }
        assert(family != nil, "\(name) is a metric of another type already")
        return family ?? GaugeFamily(name: name, help: help, labels: labels) { Gauge() }
    }

    /// Returns the histogram with this name, which is created by the first call.
    ///
    /// - Parameter buckets: the upper bounds in ascending order, without infinity.
    public func histograms(
        _ name: String,
        help: String,
        labels: [String] = [],
        buckets: [Double]
    ) -> HistogramFamily {
        let family = state.withLock { state -> HistogramFamily? in
            let family: HistogramFamily
            switch state.families[name] {
            case .histograms(let existing): return existing
            case nil:
                family = HistogramFamily(name: name, help: help, labels: labels) { Histogram(bounds: buckets) }
            default: return nil
            }
            state.families[name] = .histograms(family)
            return family
        }
        assert(family != nil, "\(name) is a metric of another type already")
        return family ?? HistogramFamily(name: name, help: help, labels: labels) { Histogram(bounds: buckets) }
    }

    /// Calls `body` each time before the metrics are read, for values that are not tracked all the time.
    public func onCollect(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.collectors.append(body) }
    }

    /// All metrics as text. Families are sorted by name, and series by label values.
    public func exposition(_ format: ExpositionFormat = .prometheus) -> String {
        let collectors = state.withLock { $0.collectors }
        for collector in collectors { collector() }
        var text = TextExposition(format)
        for (_, family) in state.withLock({ $0.families }).sorted(by: { $0.key < $1.key }) {
            text.append(family)
        }
        return text.finished
    }
}
