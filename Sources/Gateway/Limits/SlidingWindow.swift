/// Counts what happened in the last seconds, in slots of one second.
///
/// A count ends with the second in which it becomes as old as the window, so it counts for 60 to 61 seconds if the window has 60.
/// Therefore no period as long as the window ever contains more than a limit allows, wherever it begins; a fixed window and a token
/// bucket admit up to twice as much. ``RedisLimitScript`` is the same algorithm in Lua.
public struct SlidingWindow: Sendable {
    private struct Slot {
        /// The second, counted from the clock's origin.
        var second: Int64
        var count: Int
    }

    /// The length of the window.
    public let seconds: Int
    /// The slots that count, the oldest first.
    private var slots: [Slot] = []
    /// How much counts at the moment, as of the last call of ``forget(at:)``.
    public private(set) var total = 0

    /// An empty window.
    public init(seconds: Int) { self.seconds = seconds }

    /// Removes what no longer counts.
    ///
    /// A clock can be set back. What then lies in the future counts, but not if it is further away than the window is long, so that
    /// an error of a clock is never in force for long.
    ///
    /// - Parameter now: the time in milliseconds.
    public mutating func forget(at now: Int64) {
        let second = Self.second(now)
        let valid = (second - Int64(seconds))...(second + Int64(seconds))
        guard let first = slots.first, let last = slots.last,
            !valid.contains(first.second) || !valid.contains(last.second)
        else { return }
        slots.removeAll { !valid.contains($0.second) }
        total = slots.reduce(0) { $0 + $1.count }
    }

    /// Counts something.
    public mutating func add(_ count: Int = 1, at now: Int64) {
        let second = Self.second(now)
        total += count
        if let index = slots.lastIndex(where: { $0.second <= second }) {
            if slots[index].second == second {
                slots[index].count += count
            } else {
                slots.insert(Slot(second: second, count: count), at: index + 1)
            }
        } else {
            slots.insert(Slot(second: second, count: count), at: 0)
        }
    }

    /// How long to wait, in milliseconds, until less than `limit` counts, if nothing is added; `nil` if that is so now. With a limit
    /// of zero, which no wait satisfies, it is the length of the window.
    public func wait(untilBelow limit: Int, at now: Int64) -> Int64? {
        guard total >= limit else { return nil }
        var rest = total
        for slot in slots {
            rest -= slot.count
            if rest < limit { return (slot.second + Int64(seconds) + 1) * 1_000 - now }
        }
        return Int64(seconds) * 1_000
    }

    private static func second(_ milliseconds: Int64) -> Int64 {
        // Rounded down, for times before the origin as well.
        milliseconds >= 0 ? milliseconds / 1_000 : -((-milliseconds + 999) / 1_000)
    }
}
