/// `resource.Quantity`: an amount such as `400Mi`, `0.5` or `500m`. The text is kept as written; comparisons use the
/// amount, so `0.5` equals `500m`.
public struct Quantity: Sendable, Hashable, Comparable, Codable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The text as written.
    public let text: String
    /// The amount in billionths, the precision of Kubernetes. Smaller fractions are rounded up, as Kubernetes does.
    public let nanos: Int128

    /// Parses the Kubernetes format: a decimal number with a suffix (`n u m k M G T P E`, `Ki` to `Ei`) or an exponent.
    /// Returns `nil` for anything else, and for amounts beyond ±2^63 whole units.
    public init?(_ text: String) {
        guard let nanos = Quantity.parse(text) else { return nil }
        self.text = text
        self.nanos = nanos
    }

    /// An integer.
    public init(_ value: Int64) {
        self.text = String(value)
        self.nanos = Int128(value) * 1_000_000_000
    }

    /// A literal in code and tests that is known to be valid. An invalid text has the amount zero and keeps its text,
    /// which the API server then rejects.
    public init(stringLiteral value: String) {
        self.text = value
        self.nanos = Quantity.parse(value) ?? 0
    }

    public var description: String { text }

    public static func == (left: Quantity, right: Quantity) -> Bool { left.nanos == right.nanos }
    public static func < (left: Quantity, right: Quantity) -> Bool { left.nanos < right.nanos }
    public func hash(into hasher: inout Hasher) { hasher.combine(nanos) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text: String
        if let string = try? container.decode(String.self) {
            text = string
        } else if let integer = try? container.decode(Int64.self) {
            text = String(integer)
        } else {
            text = "\(try container.decode(Double.self))"
        }
        guard let value = Quantity(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\"\(text)\" is not a quantity such as 500m, 0.5 or 400Mi"
            )
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    private static func parse(_ text: String) -> Int128? {
        let bytes = Array(text.utf8)
        var position = 0
        var isNegative = false
        if let first = bytes.first, first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
            isNegative = first == UInt8(ascii: "-")
            position = 1
        }
        var digits: Int128 = 0
        var fractionDigits = 0
        var digitCount = 0
        var seenPoint = false
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "."), !seenPoint {
                seenPoint = true
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                digitCount += 1
                guard digitCount <= 30 else { return nil }
                digits = digits * 10 + Int128(byte - UInt8(ascii: "0"))
                if seenPoint { fractionDigits += 1 }
            } else {
                break
            }
            position += 1
        }
        guard digitCount > 0,
            let scale = Scale(suffix: String(decoding: bytes[position...], as: UTF8.self))
        else { return nil }
        guard let nanos = scale.nanos(of: digits, fractionDigits: fractionDigits) else { return nil }
        return isNegative ? -nanos : nanos
    }

    /// The factor of a suffix: a power of ten, or of 1,024.
    private enum Scale {
        case decimal(Int)
        case binary(Int)

        init?(suffix: String) {
            switch suffix {
            case "": self = .decimal(0)
            case "n": self = .decimal(-9)
            case "u": self = .decimal(-6)
            case "m": self = .decimal(-3)
            case "k": self = .decimal(3)
            case "M": self = .decimal(6)
            case "G": self = .decimal(9)
            case "T": self = .decimal(12)
            case "P": self = .decimal(15)
            case "E": self = .decimal(18)
            case "Ki": self = .binary(1)
            case "Mi": self = .binary(2)
            case "Gi": self = .binary(3)
            case "Ti": self = .binary(4)
            case "Pi": self = .binary(5)
            case "Ei": self = .binary(6)
            default:
                guard suffix.hasPrefix("e") || suffix.hasPrefix("E"), let exponent = Int(suffix.dropFirst()),
                    (-30...30).contains(exponent)
                else { return nil }
                self = .decimal(exponent)
            }
        }

        func nanos(of digits: Int128, fractionDigits: Int) -> Int128? {
            var value = digits
            var exponent = 9 - fractionDigits
            switch self {
            case .decimal(let power): exponent += power
            case .binary(let power):
                for _ in 0..<power {
                    let (product, overflow) = value.multipliedReportingOverflow(by: 1_024)
                    if overflow { return nil }
                    value = product
                }
            }
            while exponent > 0 {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                if overflow { return nil }
                value = product
                exponent -= 1
            }
            var hasRemainder = false
            while exponent < 0 {
                if value % 10 != 0 { hasRemainder = true }
                value /= 10
                exponent += 1
            }
            if hasRemainder { value += 1 }
            guard value <= Int128(Int64.max) * 1_000_000_000 else { return nil }
            return value
        }
    }
}
