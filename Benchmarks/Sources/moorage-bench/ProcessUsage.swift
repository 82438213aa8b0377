import Foundation

/// What a process used of the machine so far, from `/proc`.
struct ProcessUsage: Codable, Sendable {
    /// Processor time, in user and kernel mode, in seconds.
    var cpu: Double
    /// Resident memory now, in MiB.
    var resident: Double
    /// The most resident memory that there ever was, in MiB.
    var peak: Double

    /// - Parameter process: the process, `nil` for this one.
    init(of process: Int32? = nil) {
        let directory = "/proc/\(process.map { String($0) } ?? "self")"
        let stat = (try? String(contentsOfFile: "\(directory)/stat", encoding: .utf8)) ?? ""
        // The second field is the program's name in parentheses, which may hold blanks.
        let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
        let ticks = fields.count > 12 ? (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0) : 0
        cpu = ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
        let status = (try? String(contentsOfFile: "\(directory)/status", encoding: .utf8)) ?? ""
        func mebibytes(_ name: String) -> Double {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
            return (kibibytes ?? 0) / 1024
        }
        resident = mebibytes("VmRSS")
        peak = mebibytes("VmHWM")
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension [Double] {
    /// The value in the middle, the lower of two; 0 where there is none.
    var median: Double { isEmpty ? 0 : sorted()[(count - 1) / 2] }
}

extension Double {
    /// The number with a fixed count of decimals.
    func text(_ decimals: Int = 1) -> String { String(format: "%.\(decimals)f", self) }
}
