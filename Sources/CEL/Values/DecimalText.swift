/// Numbers with a fixed number of decimals. They are exact: a `Double` is a whole number times a power of two.
enum DecimalText {
    /// The digits of a finite number times a power of ten, rounded to the nearest whole number and to even.
    private static func scaled(_ number: Double, power: Int) -> [UInt8] {
        let isNormal = number.isNormal
        var digits = Digits(number.significandBitPattern | (isNormal ? 1 << 52 : 0))
        let exponent = (isNormal ? Int(number.exponent) : -1_022) - 52
        for _ in 0..<max(0, power) { digits.multiply(by: 10) }
        for _ in 0..<max(0, exponent) { digits.multiply(by: 2) }
        var steps: [(divisor: UInt8, count: Int)] = []
        if exponent < 0 { steps.append((2, -exponent)) }
        if power < 0 { steps.append((10, -power)) }
        digits.divide(steps)
        return digits.decimal
    }

    /// - isGrouped: whether a comma separates the thousands.
    static func fixed(_ number: Double, _ precision: Int, isGrouped: Bool = false) -> String {
        var digits = scaled(number, power: precision)
        while digits.count <= precision { digits.insert(0, at: 0) }
        let text = digits.map { String($0) }
        let whole = text.dropLast(precision)
        var shown = ""
        for (index, digit) in whole.enumerated() {
            if isGrouped, index > 0, (whole.count - index) % 3 == 0 { shown += "," }
            shown += digit
        }
        let sign = number.sign == .minus ? "-" : ""
        return precision == 0 ? sign + shown : "\(sign)\(shown).\(text.suffix(precision).joined())"
    }

    /// The API server writes powers of ten with raised digits, and always six decimals.
    static func scientific(_ number: Double) -> String {
        let precision = 6
        var exponent = 0
        var digits = [UInt8](repeating: 0, count: precision + 1)
        if number != 0 {
            exponent = NumberText.exponent(of: number.magnitude)
            digits = scaled(number, power: precision - exponent)
            // Rounding can raise the power of the first digit.
            if digits.count > precision + 1 {
                exponent += 1
                digits = scaled(number, power: precision - exponent)
            }
        }
        let text = digits.map { String($0) }
        let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
        let raised = power.compactMap { $0.wholeNumberValue.map { Array("⁰¹²³⁴⁵⁶⁷⁸⁹")[$0] } }
        let sign = number.sign == .minus ? "-" : ""
        return "\(sign)\(text[0]).\(text.dropFirst().joined())×10\(exponent < 0 ? "⁻" : "")\(String(raised))"
    }

    /// A large whole number in base 10^9, the least part first.
    private struct Digits {
        private var parts: [UInt64]
        private static let base: UInt64 = 1_000_000_000

        init(_ value: UInt64) {
            parts = [value % Digits.base, value / Digits.base % Digits.base, value / Digits.base / Digits.base]
        }

        mutating func multiply(by factor: UInt64) {
            var carry: UInt64 = 0
            for index in parts.indices {
                let product = parts[index] * factor + carry
                parts[index] = product % Digits.base
                carry = product / Digits.base
            }
            if carry > 0 { parts.append(carry) }
        }

        /// Divides by numbers, each some times, and rounds the result once.
        mutating func divide(_ steps: [(divisor: UInt8, count: Int)]) {
            var isInexact = false
            var last: (divisor: UInt64, rest: UInt64)?
            for (divisor, count) in steps {
                for _ in 0..<count {
                    if let last, last.rest != 0 { isInexact = true }
                    var rest: UInt64 = 0
                    for index in parts.indices.reversed() {
                        let value = rest * Digits.base + parts[index]
                        parts[index] = value / UInt64(divisor)
                        rest = value % UInt64(divisor)
                    }
                    last = (UInt64(divisor), rest)
                }
            }
            guard let last else { return }
            let doubled = last.rest * 2
            let isUp = doubled > last.divisor || doubled == last.divisor && (isInexact || parts[0] % 2 == 1)
            if isUp {
                var index = 0
                while index < parts.count, parts[index] == Digits.base - 1 {
                    parts[index] = 0
                    index += 1
                }
                if index < parts.count { parts[index] += 1 } else { parts.append(1) }
            }
        }

        var decimal: [UInt8] {
            var text = ""
            for part in parts.reversed() {
                let digits = String(part)
                text += String(repeating: "0", count: 9 - digits.count) + digits
            }
            let trimmed = text.drop { $0 == "0" }
            return trimmed.isEmpty ? [0] : trimmed.utf8.map { $0 - 0x30 }
        }
    }
}
