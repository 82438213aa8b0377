package import CommandSupport
package import KubernetesAPI

/// What the gateway did for each server in a period: calls, failures and latencies.
package struct GatewayUsage: Sendable {
    /// The metrics that it is computed from.
    package enum Metric {
        /// Calls by result.
        package static let calls = "moorage_gateway_calls_total"
        /// The latencies, by upper bound.
        package static let buckets = "moorage_gateway_call_duration_seconds_bucket"
        /// Both.
        package static let all: Set<String> = [calls, buckets]
    }

    /// The values of one gateway at one time, by series.
    package struct Reading: Sendable, Hashable {
        fileprivate struct Series: Sendable, Hashable {
            var name: String
            var labels: [String: String]
        }

        fileprivate var values: [Series: Double] = [:]

        package init(_ samples: [MetricSample]) {
            for sample in samples where sample.value.isFinite {
                values[Series(name: sample.name, labels: sample.labels), default: 0] += sample.value
            }
        }

        /// What was added since a reading before. A counter that is less than before has started again at 0.
        package func increase(since before: Reading) -> [MetricSample] {
            values.map { series, value in
                let old = before.values[series] ?? 0
                return MetricSample(
                    name: series.name,
                    labels: series.labels,
                    value: value >= old ? value - old : value
                )
            }
        }
    }

    /// How rows are ordered, the largest value first.
    package enum Order: String, Sendable, Hashable, CaseIterable {
        case calls, failed, p95, name
    }

    /// One server.
    package struct Row: Sendable, Hashable {
        package var namespace: String
        package var server: String
        /// Calls that have ended.
        package var calls: Double = 0
        /// Calls that the server answered with an error, late or not at all.
        package var failed: Double = 0
        /// Calls that the gateway refused.
        package var refused: Double = 0
        fileprivate var buckets = LatencyBuckets()

        /// Half of the calls took at most this long, in seconds; `nil` without calls.
        package var median: Double? { buckets.quantile(0.5) }
        /// 95 of 100 calls took at most this long, in seconds; `nil` without calls.
        package var p95: Double? { buckets.quantile(0.95) }
    }

    /// The results of calls, as the gateway counts them, that are failures of the server.
    private static let failures: Set<String> = ["ToolError", "ProtocolError", "Timeout", "BackendError", "Unavailable"]
    /// Those that are refusals of the gateway.
    private static let refusals: Set<String> = [
        "InvalidRequest", "Unauthenticated", "Forbidden", "NotFound", "RateLimited",
    ]

    /// The servers.
    package let rows: [Row]
    private let seconds: Double
    private let place: String

    /// - Parameters:
    ///   - increases: what was added to the series of all gateways.
    ///   - period: in which time.
    ///   - namespace: `nil` for all.
    ///   - servers: the names of servers; empty for all.
    package init(
        _ increases: [MetricSample],
        period: Duration,
        namespace: String?,
        servers: Set<String> = [],
        order: Order = .calls
    ) {
        var rows: [[String]: Row] = [:]
        for sample in increases {
            guard let own = sample.labels["namespace"], let server = sample.labels["server"],
                namespace == nil || namespace == own, servers.isEmpty || servers.contains(server)
            else { continue }
            var row = rows[[own, server]] ?? Row(namespace: own, server: server)
            switch sample.name {
            case Metric.calls:
                let result = sample.labels["result"] ?? ""
                row.calls += sample.value
                if Self.failures.contains(result) { row.failed += sample.value }
                if Self.refusals.contains(result) { row.refused += sample.value }
            case Metric.buckets:
                guard let bound = sample.labels["le"].flatMap(Self.bound) else { continue }
                row.buckets.add(sample.value, bound: bound)
            default: continue
            }
            rows[[own, server]] = row
        }
        self.rows = Self.sorted(Array(rows.values), by: order)
        let (whole, attoseconds) = period.components
        seconds = Double(whole) + Double(attoseconds) / 1e18
        place = namespace.map { "the namespace \($0)" } ?? "any namespace"
    }

    private static func bound(_ text: String) -> Double? { text == "+Inf" ? .infinity : Double(text) }

    private static func sorted(_ rows: [Row], by order: Order) -> [Row] {
        rows.sorted { left, right in
            let values: [Double] = [left, right].map { row in
                switch order {
                case .calls: row.calls
                case .failed: row.failed
                case .p95: row.p95 ?? 0
                case .name: 0
                }
            }
            return values[0] == values[1]
                ? (left.namespace, left.server) < (right.namespace, right.server) : values[0] > values[1]
        }
    }
}

extension GatewayUsage {
    /// As a table.
    package func rendered(console: Console) -> String {
        guard !rows.isEmpty else {
            return TextLayout.safe("The gateway has not been called for a server of \(place).") + "\n"
        }
        let cells = rows.map { row in
            [
                "\(row.namespace)/\(row.server)", Self.number(row.calls), Self.decimals(rate(row.calls), 2),
                Self.number(row.failed), row.calls > 0 ? Self.decimals(100 * row.failed / row.calls, 1) + "%" : "-",
                Self.number(row.refused), Self.time(row.median), Self.time(row.p95),
            ]
        }
        var lines = TextLayout.table(
            [["SERVER", "CALLS", "CALLS/S", "FAILED", "FAILED%", "REFUSED", "P50", "P95"]] + cells
        )
        for (index, row) in rows.enumerated() where row.failed > 0 {
            lines[index + 1] = console.styled(lines[index + 1], row.failed * 10 > row.calls ? .red : .yellow)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same facts as data. Times are in seconds.
    package var json: JSONValue {
        [
            "periodSeconds": .number(seconds),
            "servers": .array(
                rows.map { row in
                    .fields(
                        ("namespace", .string(row.namespace)),
                        ("server", .string(row.server)),
                        ("calls", .number(row.calls)),
                        ("callsPerSecond", .number(rate(row.calls))),
                        ("failed", .number(row.failed)),
                        ("refused", .number(row.refused)),
                        ("p50Seconds", row.median.map { .number($0) }),
                        ("p95Seconds", row.p95.map { .number($0) })
                    )
                }
            ),
        ]
    }

    private func rate(_ count: Double) -> Double { seconds > 0 ? count / seconds : 0 }

    /// A count, which Prometheus extrapolates, so that it need not be whole.
    private static func number(_ value: Double) -> String { decimals(value, 0) }

    private static func time(_ seconds: Double?) -> String {
        guard let seconds else { return "-" }
        return seconds < 1 ? decimals(seconds * 1_000, seconds < 0.01 ? 1 : 0) + "ms" : decimals(seconds, 2) + "s"
    }

    /// A number with a fixed count of decimals.
    private static func decimals(_ value: Double, _ count: Int) -> String {
        let scale = count == 0 ? 1.0 : count == 1 ? 10.0 : 100.0
        guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
        let scaled = Int64((value * scale).rounded())
        guard count > 0 else { return "\(scaled)" }
        let whole = scaled / Int64(scale)
        let fraction = String(abs(scaled % Int64(scale)))
        return "\(whole)." + String(repeating: "0", count: max(0, count - fraction.count)) + fraction
    }
}
