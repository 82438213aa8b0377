/// The parts of timestamps and durations.
extension FunctionTable {
    static let dates: [Function] = [
        part("getFullYear") { date, _ in date.year },
        part("getMonth") { date, _ in date.month - 1 },
        part("getDayOfYear") { date, _ in date.dayOfYear },
        part("getDayOfMonth") { date, _ in date.day - 1 },
        part("getDate") { date, _ in date.day },
        part("getDayOfWeek") { date, _ in date.weekday },
        part("getHours", ofDurations: { $0 / 3_600_000_000_000 }) { date, _ in date.secondOfDay / 3_600 },
        part("getMinutes", ofDurations: { $0 / 60_000_000_000 }) { date, _ in date.secondOfDay / 60 % 60 },
        part("getSeconds", ofDurations: { $0 / 1_000_000_000 }) { date, _ in date.secondOfDay % 60 },
        part("getMilliseconds", ofDurations: { $0 / 1_000_000 % 1_000 }) { _, instant in
            instant.nanoseconds / 1_000_000
        },
    ]

    private static func part(
        _ name: String,
        ofDurations duration: (@Sendable (Int64) -> Int64)? = nil,
        _ part: @escaping @Sendable (Instant.Calendar, Instant) -> Int64
    ) -> Function {
        var overloads: [Function.Overload] = [
            .member(.timestamp, returns: .int), .member(.timestamp, .string, returns: .int),
        ]
        if duration != nil { overloads.append(.member(.duration, returns: .int)) }
        return Function(name, overloads) { arguments, _ throws(EvaluationError) in
            switch arguments[0] {
            case .timestamp(let instant):
                let offset = arguments.count > 1 ? try zoneOffset(try arguments[...].text(1)) : 0
                return .int(part(instant.calendar(offset: offset), instant))
            case .duration(let nanoseconds):
                guard let duration, arguments.count == 1 else { throw .noSuchOverload }
                return .int(duration(nanoseconds))
            default: throw .noSuchOverload
            }
        }
    }

    /// The seconds of an offset such as `+01:00` or `-3:30`. Of the named zones only UTC is known: others are data of the
    /// system that an expression is evaluated on.
    private static func zoneOffset(_ zone: String) throws(EvaluationError) -> Int64 {
        if ["", "UTC", "GMT", "Etc/UTC", "Etc/GMT", "Z"].contains(zone) { return 0 }
        var text = Substring(zone)
        let isWest = text.first == "-"
        if isWest || text.first == "+" { text.removeFirst() }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let hours = Int64(parts[0]), let minutes = Int64(parts[1]) else {
            throw EvaluationError("unknown time zone \(zone)")
        }
        guard (0...23).contains(hours) else {
            throw EvaluationError("timezone offset hours out of range [-23, 23]: \(zone)")
        }
        guard (0...59).contains(minutes) else {
            throw EvaluationError("timezone offset minutes out of range [0, 59]: \(zone)")
        }
        return (hours * 60 + minutes) * (isWest ? -60 : 60)
    }
}
