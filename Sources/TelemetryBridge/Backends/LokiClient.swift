internal import KubernetesAPI

/// Loki's HTTP API (Grafana Loki, HTTP API, Query logs within a range of time).
struct LokiClient: Sendable {
    let client: BackendClient

    /// Which end of the range is kept, if there are more lines than the limit.
    enum Direction: String, Sendable, CaseIterable {
        case backward, forward
    }

    func query(
        _ query: String,
        from start: MicroTimestamp,
        to end: MicroTimestamp,
        limit: Int,
        direction: Direction,
        step: PrometheusDuration?
    ) async throws -> LokiAnswer {
        var parameters = [
            ("query", query), ("start", Self.nanoseconds(start)), ("end", Self.nanoseconds(end)),
            ("limit", String(limit)), ("direction", direction.rawValue),
        ]
        if let step { parameters.append(("step", step.description)) }
        let (status, body) = try await client.get("/loki/api/v1/query_range", parameters)
        return try LokiAnswer(body, status: status)
    }

    private static func nanoseconds(_ time: MicroTimestamp) -> String {
        time.microsecondsSinceEpoch == 0 ? "0" : "\(time.microsecondsSinceEpoch)000"
    }
}

/// The result of a LogQL query: lines of logs, or series.
enum LokiAnswer: Sendable, Hashable {
    case streams([Stream])
    case metrics(PrometheusAnswer)

    /// The lines with the same labels.
    struct Stream: Sendable, Hashable {
        var labels: [String: String]
        var entries: [Entry]
    }

    struct Entry: Sendable, Hashable {
        var time: MicroTimestamp
        var line: String
    }

    /// Reads an answer. Pure.
    ///
    /// - Throws: `BackendError` with the error of Loki.
    init(_ body: JSONValue, status: Int) throws(BackendError) {
        guard body["status"]?.stringValue == "success", let data = body["data"] else {
            let text = (body["message"] ?? body["error"])?.stringValue?.printable(maximumLength: 1_000)
            guard let text else {
                throw BackendError(
                    .unexpected,
                    "Loki answers \(status) without a result; the administrator must check its URL"
                )
            }
            throw BackendError(
                status < 500 ? .rejected : .unexpected,
                status < 500 ? "Loki does not accept the query: \(text)" : "Loki answers \(status): \(text)"
            )
        }
        guard data["resultType"]?.stringValue == "streams" else {
            self = .metrics(try PrometheusAnswer(data, warnings: []))
            return
        }
        self = .streams(
            data.array("result").map { stream in
                Stream(
                    labels: stream["stream"]?.texts ?? [:],
                    entries: stream.array("values").compactMap(Entry.init)
                )
            }
        )
    }
}

extension LokiAnswer.Entry {
    /// Reads `[ "<nanoseconds>", "<line>" ]`; structured metadata may follow.
    init?(_ json: JSONValue) {
        guard let parts = json.arrayValue, parts.count >= 2,
            let nanoseconds = parts[0].stringValue.flatMap({ Int64($0) }),
            let line = parts[1].stringValue
        else { return nil }
        self.init(time: MicroTimestamp(microsecondsSinceEpoch: nanoseconds / 1_000), line: line)
    }
}
