internal import KubernetesAPI

/// A point in time, of the years 1 to 9999.
package struct Instant: Sendable, Hashable, Comparable {
    /// Seconds since 1970-01-01T00:00:00Z.
    package var seconds: Int64
    /// The rest, from 0 to 999,999,999.
    package var nanoseconds: Int64
    /// The seconds east of Greenwich with which the time was written, and is written again. It makes no difference otherwise.
    var offset: Int64 = 0

    package static func == (left: Instant, right: Instant) -> Bool {
        left.seconds == right.seconds && left.nanoseconds == right.nanoseconds
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(seconds)
        hasher.combine(nanoseconds)
    }

    static let billion: Int64 = 1_000_000_000
    private static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    package init(seconds: Int64, nanoseconds: Int64) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Whether the year is one of those that timestamps can have.
    var isInRange: Bool { Instant.range.contains(seconds) }

    package static func < (left: Instant, right: Instant) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The point in time that is a number of nanoseconds later, or `nil` if it is out of range.
    func adding(_ duration: Int64) -> Instant? {
        var rest = nanoseconds + duration % Instant.billion
        var whole = seconds + duration / Instant.billion
        if rest < 0 {
            rest += Instant.billion
            whole -= 1
        } else if rest >= Instant.billion {
            rest -= Instant.billion
            whole += 1
        }
        var result = Instant(seconds: whole, nanoseconds: rest)
        result.offset = offset
        return result.isInRange ? result : nil
    }

    /// The nanoseconds since another point in time, or `nil` if there are too many.
    func since(_ other: Instant) -> Int64? {
        let (product, overflow) = (seconds - other.seconds).multipliedReportingOverflow(by: Instant.billion)
        if overflow { return nil }
        let (sum, isTooLarge) = product.addingReportingOverflow(nanoseconds - other.nanoseconds)
        return isTooLarge ? nil : sum
    }
}

extension Instant {
    /// The parts of a date.
    struct Calendar {
        var year: Int64
        var month: Int64
        var day: Int64
        /// From 0.
        var dayOfYear: Int64
        /// From 0, which is Sunday.
        var weekday: Int64
        var secondOfDay: Int64
    }

    /// The date in the proleptic Gregorian calendar, some seconds east of Greenwich.
    func calendar(offset: Int64) -> Calendar {
        let time = CalendarTime(secondsSinceEpoch: seconds + offset)
        let days = CalendarTime.daysSinceEpoch(year: time.year, month: time.month, day: time.day)
        return Calendar(
            year: time.year,
            month: time.month,
            day: time.day,
            dayOfYear: days - CalendarTime.daysSinceEpoch(year: time.year, month: 1, day: 1),
            weekday: ((days % 7) + 11) % 7,
            secondOfDay: time.second
        )
    }

    /// The time as RFC 3339 text.
    package var text: String {
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = calendar(offset: offset)
        let second = date.secondOfDay
        var text =
            "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T\(padded(second / 3_600, 2))"
        text += ":\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        if nanoseconds > 0 {
            var fraction = padded(nanoseconds, 9)
            while fraction.hasSuffix("0") { fraction.removeLast() }
            text += ".\(fraction)"
        }
        if offset == 0 { return text + "Z" }
        let minutes = Int64(offset.magnitude) / 60
        return text + "\(offset < 0 ? "-" : "+")\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))"
    }

    /// Parses RFC 3339 text with any offset.
    package init?(_ text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("T") || reader.skip("t"), let hour = reader.number(2),
            reader.skip(":"), let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var nanoseconds: Int64 = 0
        if reader.skip(".") {
            guard let fraction = reader.fraction() else { return nil }
            nanoseconds = fraction
        }
        guard let offset = reader.offset(), reader.isAtEnd else { return nil }
        let days = CalendarTime.daysSinceEpoch(year: year, month: month, day: day)
        let local = days * 86_400 + hour * 3_600 + minute * 60 + second
        // The computation takes April 31 for May 1.
        guard Instant(seconds: local, nanoseconds: 0).calendar(offset: 0).day == day else { return nil }
        self.init(seconds: local - offset, nanoseconds: nanoseconds)
        self.offset = offset
    }
}

/// Reads numbers with a fixed number of digits.
struct DigitReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position == bytes.count }

    private var digit: Int64? {
        guard position < bytes.count, (0x30...0x39).contains(bytes[position]) else { return nil }
        return Int64(bytes[position] - 0x30)
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    mutating func number(_ count: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<count {
            guard let digit else { return nil }
            value = value * 10 + digit
            position += 1
        }
        return value
    }

    /// Nanoseconds from the digits after a decimal point. Further digits are ignored.
    mutating func fraction() -> Int64? {
        guard digit != nil else { return nil }
        var value: Int64 = 0
        var scale = Instant.billion / 10
        while let digit {
            value += digit * scale
            scale /= 10
            position += 1
        }
        return value
    }

    /// `Z`, or seconds from an offset such as `+01:00`.
    mutating func offset() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let isEast = skip("+")
        guard isEast || skip("-"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * (isEast ? 60 : -60)
    }
}
