internal import KubernetesAPI

/// Prometheus's HTTP API (Prometheus, HTTP API), as far as the bridge uses it.
struct PrometheusClient: Sendable {
    let client: BackendClient

    /// A query at one point in time.
    func query(_ expression: String, time: MicroTimestamp?) async throws -> PrometheusAnswer {
        var parameters = [("query", expression), ("timeout", timeout)]
        if let time { parameters.append(("time", time.description)) }
        return try await answer("/api/v1/query", parameters)
    }

    /// A query over a range.
    func query(
        _ expression: String,
        from start: MicroTimestamp,
        to end: MicroTimestamp,
        step: PrometheusDuration
    ) async throws -> PrometheusAnswer {
        try await answer(
            "/api/v1/query_range",
            [
                ("query", expression), ("start", start.description), ("end", end.description),
                ("step", step.description), ("timeout", timeout),
            ]
        )
    }

    /// The names of all metrics that there were in the last hour.
    func metricNames(now: MicroTimestamp) async throws -> [String] {
        let start = MicroTimestamp(microsecondsSinceEpoch: now.microsecondsSinceEpoch - 3_600_000_000)
        let data = try await data(
            "/api/v1/label/__name__/values",
            [("start", start.description), ("end", now.description)]
        ).data
        return (data.arrayValue ?? []).compactMap(\.stringValue)
    }

    /// What targets say about a metric: type, help and unit.
    func metadata(of metric: String) async throws -> JSONValue {
        try await data("/api/v1/metadata", [("metric", metric), ("limit", "1")]).data[metric] ?? .array([])
    }

    /// The alerts of Prometheus's own rules.
    func alerts() async throws -> [JSONValue] { try await data("/api/v1/alerts", []).data.array("alerts") }

    private var timeout: String { "\(max(1, client.limits.backendTime.components.seconds))s" }

    private func answer(_ path: String, _ parameters: [BackendClient.Parameter]) async throws -> PrometheusAnswer {
        let (data, warnings) = try await data(path, parameters)
        return try PrometheusAnswer(data, warnings: warnings)
    }

    private func data(
        _ path: String,
        _ parameters: [BackendClient.Parameter]
    ) async throws -> (data: JSONValue, warnings: [String]) {
        let (status, body) = try await client.get(path, parameters)
        return try Self.data(of: body, status: status)
    }

    /// What is in the envelope of an answer. Pure.
    ///
    /// - Throws: `BackendError` with the error of Prometheus, and what to change.
    static func data(of body: JSONValue, status: Int) throws(BackendError) -> (data: JSONValue, warnings: [String]) {
        if body["status"]?.stringValue == "success", let data = body["data"] {
            return (data, (body.array("warnings") + body.array("infos")).compactMap(\.stringValue))
        }
        guard let error = body["error"]?.stringValue else {
            throw BackendError(
                .unexpected,
                "Prometheus answers \(status) without a result; the administrator must check its URL"
            )
        }
        let shown = error.printable(maximumLength: 1_000)
        switch body["errorType"]?.stringValue {
        case "bad_data": throw BackendError(.rejected, "Prometheus does not accept the query: \(shown)")
        case "timeout", "canceled":
            throw BackendError(
                .rejected,
                "the query takes Prometheus too long: \(shown); shorten the range, enlarge the step or add label matchers"
            )
        case "execution":
            let hint =
                shown.contains("maximum resolution")
                ? "; enlarge step" : "; change the query, for example aggregate earlier"
            throw BackendError(.rejected, "Prometheus cannot run the query: \(shown)\(hint)")
        default: throw BackendError(.unexpected, "Prometheus answers \(status): \(shown)")
        }
    }
}

/// The result of a query.
struct PrometheusAnswer: Sendable, Hashable {
    /// A series, or a scalar as a series without labels.
    struct Series: Sendable, Hashable {
        var labels: [String: String]
        /// Seconds since the epoch, and the value as Prometheus writes it: also `NaN` and `+Inf`.
        var samples: [Sample]
        /// Whether it has native histograms, which are not in `samples`.
        var hasHistograms = false
    }

    struct Sample: Sendable, Hashable {
        var time: Double
        var value: String

        init(time: Double, value: String) {
            self.time = time
            self.value = value
        }

        /// Reads `[ <seconds>, "<value>" ]`.
        init?(_ json: JSONValue) {
            guard let parts = json.arrayValue, parts.count == 2, let time = parts[0].numberValue,
                let value = parts[1].stringValue
            else { return nil }
            self.init(time: time, value: value)
        }

        /// The value as a number; `nil` for what is not finite.
        var number: Double? { Double(value).flatMap { $0.isFinite ? $0 : nil } }
    }

    /// The kinds of results.
    enum Kind: String, Sendable, Hashable, CaseIterable {
        case vector, matrix, scalar, string
    }

    var kind: Kind
    var series: [Series]
    /// What Prometheus says about the query.
    var warnings: [String]

    init(kind: Kind, series: [Series], warnings: [String] = []) {
        self.kind = kind
        self.series = series
        self.warnings = warnings
    }

    /// Reads `data` of an answer.
    init(_ data: JSONValue, warnings: [String]) throws(BackendError) {
        guard let kind = data["resultType"]?.stringValue.flatMap(Kind.init), let result = data["result"] else {
            throw BackendError(.unexpected, "the answer has no result of a type that the bridge knows")
        }
        self.kind = kind
        self.warnings = warnings
        switch kind {
        case .scalar, .string: series = [Series(labels: [:], samples: Sample(result).map { [$0] } ?? [])]
        case .vector, .matrix:
            series = (result.arrayValue ?? []).map { item in
                let values = kind == .matrix ? item.array("values") : item["value"].map { [$0] } ?? []
                return Series(
                    labels: item["metric"]?.texts ?? [:],
                    samples: values.compactMap(Sample.init),
                    hasHistograms: item["histogram"] != nil || item["histograms"] != nil
                )
            }
        }
    }

    /// The samples of a vector: one for each series.
    var vector: [(labels: [String: String], value: Double)] {
        series.compactMap { series in series.samples.last?.number.map { (series.labels, $0) } }
    }
}
