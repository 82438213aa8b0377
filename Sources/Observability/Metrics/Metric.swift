import Synchronization

/// A value that never decreases.
public final class Counter: Sendable {
    private let value = Mutex(0.0)

    init() {}

    /// Increases the value. A negative amount, or one that is not a number, is ignored.
    public func increment(by amount: Double = 1) {
        guard amount > 0 else { return }
        value.withLock { $0 += amount }
    }

    /// The current value.
    public var total: Double { value.withLock { $0 } }

    /// Sets a count that is kept elsewhere and copied when metrics are read. A smaller value is ignored.
    public func set(total: Double) {
        value.withLock { $0 = max($0, total) }
    }
}

/// A value that can increase and decrease.
public final class Gauge: Sendable {
    private let value = Mutex(0.0)

    init() {}

    /// Sets the value.
    public func set(_ newValue: Double) {
        value.withLock { $0 = newValue }
    }

    /// Adds a positive or negative amount to the value.
    public func add(_ amount: Double) {
        value.withLock { $0 += amount }
    }

    /// The current value.
    public var current: Double { value.withLock { $0 } }
}

/// A request that is an example of the values of a bucket, by its trace.
public struct Exemplar: Sendable, Equatable {
    /// The id of the trace.
    public var traceID: String
    /// The value of the request.
    public var value: Double
    /// When it ended, in seconds since 1970.
    public var time: Double

    public init(traceID: String, value: Double, time: Double) {
        self.traceID = traceID
        self.value = value
        self.time = time
    }
}

/// A distribution of values, counted in buckets.
public final class Histogram: Sendable {
    /// The state of a histogram.
    public struct Snapshot: Sendable, Equatable {
        /// The number of values in each bucket alone. The last bucket has no bound.
        public var counts: [UInt64]
        /// The sum of all values.
        public var sum: Double
        /// The latest exemplar of each bucket; empty if there was none.
        public var exemplars: [Exemplar?] = []

        /// The number of values.
        public var count: UInt64 { counts.reduce(0, +) }
    }

    /// The upper bounds in ascending order, without infinity.
    let bounds: [Double]
    private let state: Mutex<Snapshot>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(Snapshot(counts: Array(repeating: 0, count: bounds.count + 1), sum: 0))
    }

    /// Counts one value.
    ///
    /// - Parameters:
    ///   - traceID: the trace that the value belongs to, if it is recorded.
    ///   - time: when the value was measured, in seconds since 1970; of values with a trace.
    public func observe(_ value: Double, traceID: String? = nil, at time: Double = 0) {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if value <= bounds[middle] { high = middle } else { low = middle + 1 }
        }
        state.withLock { state in
            state.counts[low] += 1
            state.sum += value
            guard let traceID else { return }
            if state.exemplars.isEmpty { state.exemplars = Array(repeating: nil, count: state.counts.count) }
            state.exemplars[low] = Exemplar(traceID: traceID, value: value, time: time)
        }
    }

    /// The current state.
    public var snapshot: Snapshot { state.withLock { $0 } }
}
