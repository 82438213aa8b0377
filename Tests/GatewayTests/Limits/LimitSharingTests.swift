import Logging
import Observability
import Synchronization
import Testing

@testable import Gateway

@Suite("Limits of several gateways without a store")
struct LimitSharingTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private struct Recorder: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(
            level: Logger.Level,
            message: Logger.Message,
            metadata: Logger.Metadata?,
            source: String,
            file: String,
            function: String,
            line: UInt
        ) {
            lines.all.withLock { $0.append("\(level) \(message) \(metadata?["gateways"] ?? "")") }
        }
    }

    private static func note(_ counts: [Int], hasStore: Bool) -> (lines: [String], metric: Substring?) {
        let (lines, registry) = (Lines(), MetricsRegistry())
        let logger = Logger(label: "test") { _ in Recorder(lines: lines) }
        let sharing = LimitSharing(hasStore: hasStore, metrics: GatewayMetrics(registry: registry), logger: logger)
        for count in counts { sharing.note(count) }
        let metric = registry.exposition().split(separator: "\n").first {
            $0.hasPrefix("moorage_gateway_limit_replicas ")
        }
        return (lines.all.withLock { $0 }, metric?.split(separator: " ").last)
    }

    @Test("each change is logged with the way out, and the number is a metric")
    func divided() {
        let (lines, metric) = Self.note([1, 2, 2, 3, 1], hasStore: false)
        #expect(lines.count == 3)
        #expect(
            lines.first?.hasPrefix("warning ") ?? false && lines.first?.contains("set gateway.limits.redis 2") ?? false
        )
        #expect(lines.last?.hasPrefix("notice ") ?? false && metric == "1")
        #expect(Self.note([1, 4], hasStore: false).metric == "4")
    }

    @Test("with a store, or with one gateway, limits are whole and nothing is logged")
    func whole() {
        for (counts, hasStore) in [([1, 2, 3], true), ([1, 1], false)] {
            let (lines, metric) = Self.note(counts, hasStore: hasStore)
            #expect(lines.isEmpty && metric == "1")
        }
    }
}
