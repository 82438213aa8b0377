package import CommandSupport
internal import KubernetesAPI

/// The answer of Prometheus to a query at one point in time (Prometheus, HTTP API).
package enum PrometheusVector {
    /// The samples of an answer.
    ///
    /// - Parameters:
    ///   - status: of the answer.
    ///   - metric: the name that they get, because an aggregation has none.
    /// - Throws: `CommandFailure` with the error of Prometheus.
    package static func samples(
        of body: [UInt8],
        status: Int,
        metric: String
    ) throws(CommandFailure) -> [MetricSample] {
        guard let answer = try? JSONValue(parsing: body) else {
            throw CommandFailure("Prometheus answers \(status), and not with JSON: check its URL")
        }
        guard answer["status"] == "success", let result = answer[path: ["data", "result"]]?.arrayValue else {
            let reason = answer.text("error") ?? "check its URL"
            throw CommandFailure(TerminalText.safe("Prometheus answers \(status): \(reason)"))
        }
        return result.compactMap { series in
            let pair = series.list("value")
            guard pair.count == 2, let value = pair[1].stringValue.flatMap({ Double($0) }) else { return nil }
            let labels = (series["metric"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
            return MetricSample(name: metric, labels: labels, value: value)
        }
    }
}
