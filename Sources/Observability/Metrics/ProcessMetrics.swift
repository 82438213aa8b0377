#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Metrics of the process, with the names that Prometheus' client libraries use. They are read from `/proc`, which only
/// exists on Linux.
public enum ProcessMetrics {
    /// Adds the metrics to a registry. They are read at each collection.
    public static func register(in registry: MetricsRegistry) {
        let memory = registry.gauges("process_resident_memory_bytes", help: "Resident memory size in bytes.").with([])
        let cpu = registry.counters(
            "process_cpu_seconds_total",
            help: "Total user and system CPU time spent in seconds."
        ).with([])
        let start = registry.gauges(
            "process_start_time_seconds",
            help: "Start time of the process since unix epoch in seconds."
        ).with([])
        registry.onCollect {
            if let bytes = residentBytes() { memory.set(bytes) }
            if let times = times() {
                cpu.set(total: times.cpu)
                start.set(times.start)
            }
        }
    }

    private static func residentBytes() -> Double? {
        guard let text = read("/proc/self/statm") else { return nil }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Double(fields[1]) else { return nil }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func times() -> (cpu: Double, start: Double)? {
        // The second field is the program's name in parentheses, which can contain any characters, so fields are
        // counted from its end.
        guard let text = read("/proc/self/stat"), let end = text.lastIndex(of: ")"),
            let bootLine = read("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let boot = Double(bootLine.dropFirst("btime ".count))
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        // proc(5): utime, stime and starttime are fields 14, 15 and 22; the first field here is field 3.
        guard fields.count > 19, let user = Double(fields[11]), let system = Double(fields[12]),
            let start = Double(fields[19])
        else { return nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        return ((user + system) / ticks, boot + start / ticks)
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let capacity = chunk.count
            let count = chunk.withUnsafeMutableBytes { buffer in
                #if canImport(Glibc)
                    Glibc.read(descriptor, buffer.baseAddress, capacity)
                #elseif canImport(Musl)
                    Musl.read(descriptor, buffer.baseAddress, capacity)
                #else
                    Darwin.read(descriptor, buffer.baseAddress, capacity)
                #endif
            }
            guard count > 0 else { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
