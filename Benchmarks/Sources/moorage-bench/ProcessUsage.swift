import Foundation

/// The resources that a process has used, from `/proc`.
struct ProcessUsage: Codable, Sendable {
    /// CPU time, in user and kernel mode, in seconds.
    var cpu: Double
    /// Current resident memory, in MiB.
    var resident: Double
    /// The maximum of resident memory, in MiB.
    var peak: Double

    /// - Parameter process: the process ID, `nil` for this process.
    init(of process: Int32? = nil) {
        let directory = "/proc/\(process.map { String($0) } ?? "self")"
        let stat = (try? String(contentsOfFile: "\(directory)/stat", encoding: .utf8)) ?? ""
        // The second field is the program's name in parentheses, which can contain spaces.
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
    /// The median, or the lower of the two middle values; 0 if there are none.
    var median: Double { isEmpty ? 0 : sorted()[(count - 1) / 2] }
}

extension Double {
    /// The number with a fixed number of decimals.
    func text(_ decimals: Int = 1) -> String { String(format: "%.\(decimals)f", self) }
}
