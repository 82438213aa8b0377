import ArgumentParser

/// A duration in the format of Kubernetes tools: `500ms`, `15s`, `1m30s`, `2h`.
package struct DurationArgument: ExpressibleByArgument, Sendable, Hashable, CustomStringConvertible {
    /// The duration.
    package var duration: Duration

    package init(_ duration: Duration) {
        self.duration = duration
    }

    /// Parses Go's notation: one or more decimal numbers with a unit, without a sign. A bare `0` is also allowed.
    package init?(argument: String) {
        if argument == "0" {
            self.init(.zero)
            return
        }
        var rest = argument[...]
        var nanoseconds = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            guard !number.isEmpty, let value = Double(number) else { return nil }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !($0.isASCII && $0.isNumber) && $0 != "." }
            guard let scale = DurationArgument.nanoseconds[String(unit)] else { return nil }
            rest = rest.dropFirst(unit.count)
            nanoseconds += value * scale
        }
        // A century is longer than any setting needs, and far below the limit of the arithmetic.
        guard nanoseconds <= 3.2e18 else { return nil }
        self.init(.nanoseconds(Int64(nanoseconds.rounded())))
    }

    private static let nanoseconds: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
    ]

    package var defaultValueDescription: String { description }

    package var description: String {
        let (seconds, attoseconds) = duration.components
        if attoseconds != 0 {
            return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms"
        }
        if seconds == 0 { return "0s" }
        if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        if seconds % 60 == 0 { return "\(seconds / 60)m" }
        return "\(seconds)s"
    }
}
