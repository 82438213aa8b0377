/// Numbers as text, as `strconv.FormatFloat` of Go writes them in the format `g` with as few digits as are needed.
enum NumberText {
    static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        if number == 0 { return number.sign == .minus ? "-0" : "0" }
        let (digits, exponent) = decimal(number.magnitude)
        let sign = number < 0 ? "-" : ""
        if exponent < -4 || exponent >= 6 {
            let rest = digits.dropFirst()
            let power = exponent.magnitude
            return sign + digits.prefix(1) + (rest.isEmpty ? "" : ".\(rest)") + (exponent < 0 ? "e-" : "e+")
                + (power < 10 ? "0\(power)" : "\(power)")
        }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        if digits.count <= exponent + 1 {
            return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count)
        }
        return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }

    /// The power of ten of the first digit of a positive number.
    static func exponent(of number: Double) -> Int { decimal(number).exponent }

    /// The fewest digits that identify a positive number, and the power of ten of the first one.
    private static func decimal(_ number: Double) -> (digits: String, exponent: Int) {
        let text = "\(number)"
        let parts = text.split(separator: "e")
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let halves = parts[0].split(separator: ".")
        let whole = halves[0]
        var digits = String(whole) + (halves.count > 1 ? halves[1] : "")
        exponent += whole.count - 1
        while digits.hasPrefix("0"), digits.count > 1 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
        return (digits, exponent)
    }
}
