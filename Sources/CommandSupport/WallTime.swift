#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The time of log lines.
enum WallTime {
    /// The current time as RFC 3339 writes it, in UTC, with microseconds.
    static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return text(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    }

    /// - Parameter seconds: since 1970.
    static func text(seconds: Int, nanoseconds: Int) -> String {
        var (seconds, calendar) = (time_t(seconds), tm())
        guard gmtime_r(&seconds, &calendar) != nil else { return "" }
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let date = [
            digits(Int(calendar.tm_year) + 1900, 4), digits(Int(calendar.tm_mon) + 1, 2),
            digits(Int(calendar.tm_mday), 2),
        ]
        let clock = [calendar.tm_hour, calendar.tm_min, calendar.tm_sec].map { digits(Int($0), 2) }
        let micro = digits(nanoseconds / 1000, 6)
        return "\(date.joined(separator: "-"))T\(clock.joined(separator: ":")).\(micro)Z"
    }
}
