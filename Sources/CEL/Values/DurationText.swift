/// Durations as text, such as `1h30m` or `5.5s`.
enum DurationText {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// The nanoseconds, or `nil` if the text is not a duration or too large.
    static func parse(_ text: String) -> Int64? {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            var fraction = Substring()
            if rest.first == "." {
                rest.removeFirst()
                fraction = rest.prefix { $0.isASCII && $0.isNumber }
                rest = rest.dropFirst(fraction.count)
            }
            guard !digits.isEmpty || !fraction.isEmpty else { return nil }
            let name = rest.prefix { !$0.isASCII || !$0.isNumber && $0 != "." }
            rest = rest.dropFirst(name.count)
            guard let unit = units.first(where: { $0.name == name })?.nanoseconds,
                let amount = amount(digits, fraction, unit: unit)
            else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(amount)
            if overflow { return nil }
            total = sum
        }
        return isNegative ? -total : total
    }

    private static func amount(_ digits: Substring, _ fraction: Substring, unit: Int64) -> Int64? {
        guard let whole = digits.isEmpty ? 0 : Int64(digits) else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        if overflow { return nil }
        var rest = 0.0
        var scale = Double(unit)
        for digit in fraction.prefix(18) {
            scale /= 10
            rest += Double(digit.wholeNumberValue ?? 0) * scale
        }
        // The product of a fraction such as 0.3 and a unit can be just below a whole number.
        let (sum, isTooLarge) = product.addingReportingOverflow(Int64(rest + 0.000_01))
        return isTooLarge ? nil : sum
    }

    /// Seconds with as many decimals as are needed.
    static func text(_ nanoseconds: Int64) -> String {
        let magnitude = nanoseconds.magnitude
        var text = "\(nanoseconds < 0 ? "-" : "")\(magnitude / 1_000_000_000)"
        let rest = magnitude % 1_000_000_000
        if rest > 0 {
            let digits = String(rest)
            text += "." + String(repeating: "0", count: 9 - digits.count) + digits
            while text.hasSuffix("0") { text.removeLast() }
        }
        return text + "s"
    }
}
