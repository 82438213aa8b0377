import Observability
import Testing

@Suite("Process metrics")
struct ProcessMetricsTests {
    @Test("the process reports its memory, CPU time and start time")
    func exposition() throws {
        let registry = MetricsRegistry()
        ProcessMetrics.register(in: registry)
        let lines = registry.exposition().split(separator: "\n").filter { !$0.hasPrefix("#") }
        for name in ["process_resident_memory_bytes", "process_cpu_seconds_total", "process_start_time_seconds"] {
            let line = try #require(lines.first { $0.hasPrefix("\(name) ") }, "\(name) is missing")
            let value = try #require(line.split(separator: " ").last.flatMap { Double($0) })
            #expect(value > 0, "\(line)")
        }
    }
}
