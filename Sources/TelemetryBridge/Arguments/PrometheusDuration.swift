/// A duration as Prometheus writes it: `5m`, `1h30m`, `250ms` (Prometheus, Querying basics, Float literals and time durations). A year has
/// 365 days.
public struct PrometheusDuration: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The duration in milliseconds.
    public let milliseconds: Int64

    /// A century, which is longer than anything that is stored.
    private static let maximum: Int64 = 100 * 365 * 86_400_000

    private static let units: [(name: String, milliseconds: Int64)] = [
        ("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000),
        ("s", 1_000), ("ms", 1),
    ]

    public init(milliseconds: Int64) {
        self.milliseconds = min(max(0, milliseconds), Self.maximum)
    }

    public init(seconds: Int64) {
        self.init(milliseconds: min(max(0, seconds), Self.maximum / 1_000) * 1_000)
    }

    /// Parses numbers with units, from the largest unit to the smallest, each at most once. Returns `nil` for anything else, and for more
    /// than a century.
    public init?(_ text: String) {
        var rest = text.utf8[...]
        var total: Int64 = 0
        var next = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard (1...12).contains(digits.count), let amount = Int64(String(Substring(digits))) else { return nil }
            rest = rest.dropFirst(digits.count)
            let name = String(Substring(rest.prefix { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }))
            guard let unit = Self.units.indices.first(where: { $0 >= next && Self.units[$0].name == name }) else {
                return nil
            }
            rest = rest.dropFirst(name.utf8.count)
            next = unit + 1
            let (part, overflow) = amount.multipliedReportingOverflow(by: Self.units[unit].milliseconds)
            guard !overflow, part <= Self.maximum, total + part <= Self.maximum else { return nil }
            total += part
        }
        milliseconds = total
    }

    /// The duration in seconds, rounded down.
    public var seconds: Int64 { milliseconds / 1_000 }

    public var description: String {
        guard milliseconds > 0 else { return "0s" }
        var rest = milliseconds
        var text = ""
        // Years and weeks are only read: `1w3d` is harder to compare than `10d`.
        for unit in Self.units where unit.name != "y" && unit.name != "w" && rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text
    }

    public static func < (left: PrometheusDuration, right: PrometheusDuration) -> Bool {
        left.milliseconds < right.milliseconds
    }
}
