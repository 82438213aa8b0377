internal import FoundationEssentials

/// A time as RFC 3339 writes it, such as `2026-01-31T00:00:00Z`.
enum InternetTime {
    /// Reads a time, with an offset and with any number of digits after the second.
    ///
    /// Foundation alone would ignore what follows the time, and read 30 February as 2 March.
    static func date(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard (20...64).contains(bytes.count) else { return nil }
        let whole = String(decoding: bytes[..<19], as: UTF8.self) + "Z"
        guard let date = try? Date.ISO8601FormatStyle().parse(whole), date.formatted(.iso8601) == whole else {
            return nil
        }
        var rest = bytes[19...]
        var fraction = 0.0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix(while: \.isDigit)
            guard let value = Double("0.\(String(decoding: digits, as: UTF8.self))"), !digits.isEmpty else {
                return nil
            }
            fraction = value
            rest = rest.dropFirst(1 + digits.count)
        }
        return offset(Array(rest)).map { date.addingTimeInterval(fraction - $0) }
    }

    /// The offset from UTC in seconds: `Z`, or such as `+01:00`.
    private static func offset(_ bytes: [UInt8]) -> Double? {
        if bytes == [UInt8(ascii: "Z")] { return 0 }
        guard bytes.count == 6, bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-"),
            bytes[3] == UInt8(ascii: ":"), (bytes[1...2] + bytes[4...5]).allSatisfy(\.isDigit),
            let hours = Int(String(decoding: bytes[1...2], as: UTF8.self)),
            let minutes = Int(String(decoding: bytes[4...5], as: UTF8.self)), hours < 24, minutes < 60
        else { return nil }
        return Double(hours * 3_600 + minutes * 60) * (bytes[0] == UInt8(ascii: "-") ? -1 : 1)
    }
}
