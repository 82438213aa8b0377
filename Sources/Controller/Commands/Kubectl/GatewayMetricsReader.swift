import ClusterTool
import CommandSupport
import HTTPTypes
import KubernetesClient
import MCPTransport

/// Reads what the gateway counts, from its pods or from Prometheus.
struct GatewayMetricsReader: Sendable {
    /// Sends the requests.
    var exchange: HTTPClientExchange

    /// What one answer may have at most: 10,000 series with 19 buckets each, and more.
    private static let maximumBytes = 256 << 20
    /// The time limit of one answer.
    private static let timeout = Duration.seconds(20)

    /// The metrics of one gateway.
    ///
    /// - Throws: `CommandFailure`, or errors of the forwarding.
    func reading(of pod: ForwardedPod, _ forward: KubectlPortForward) async throws -> GatewayUsage.Reading {
        try await forward.run(pod) { port in
            let (status, body) = try await get("http://127.0.0.1:\(port)/metrics", name: "pod \(pod.name)")
            guard status == 200 else { throw CommandFailure("pod \(pod.name) answers \(status) at /metrics") }
            let samples = try MetricSample.parse(String(decoding: body, as: UTF8.self), names: GatewayUsage.Metric.all)
            return GatewayUsage.Reading(samples)
        }
    }

    /// What Prometheus says was added in a period.
    ///
    /// - Parameter url: its base URL, with or without a slash at the end.
    /// - Throws: `CommandFailure`.
    func increases(_ url: String, period: Duration) async throws -> [MetricSample] {
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        let seconds = max(1, period.components.seconds)
        var samples: [MetricSample] = []
        for (metric, labels) in [
            (GatewayUsage.Metric.calls, "namespace, server, result"),
            (GatewayUsage.Metric.buckets, "namespace, server, le"),
        ] {
            let query = PercentEncoding.encoded("sum by (\(labels)) (increase(\(metric)[\(seconds)s]))")
            let (status, body) = try await get("\(base)/api/v1/query?query=\(query)", name: "Prometheus")
            samples += try PrometheusVector.samples(of: body, status: status, metric: metric)
        }
        return samples
    }

    private func get(_ url: String, name: String) async throws -> (status: Int, body: [UInt8]) {
        do {
            return try await TimeLimit.run(Self.timeout) {
                let response = try await exchange.send(HTTPExchangeRequest(method: .get, url: url))
                var body: [UInt8] = []
                for try await chunk in response.body {
                    guard chunk.count <= Self.maximumBytes - body.count else {
                        throw CommandFailure("\(name) answers with more than \(Self.maximumBytes) bytes")
                    }
                    body += chunk
                }
                return (response.status, body)
            }
        } catch is TimeLimit.Passed {
            throw CommandFailure("\(name) has not answered within \(Self.timeout)")
        } catch let error as MCPClientError {
            throw CommandFailure("\(name) cannot be reached: \(TerminalText.safe(error.message))")
        }
    }
}
