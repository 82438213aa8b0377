import KubernetesAPI
import MCPProtocol
import Testing

@testable import TelemetryBridge

@Suite("Bounds of results")
struct ResultTests {
    @Test(
        "rows are limited in number and bytes, and the note says how many are left out",
        arguments: [
            (3, 10, 1_000, 3, nil), (30, 10, 1_000, 10, "20 of 30 series are left out, because the limit is 10"),
            (30, 30, 50, 4, "26 of 30 series are left out, because the result would be too large"), (0, 10, 0, 0, nil),
        ] as [(Int, Int, Int, Int, String?)]
    )
    func rows(count: Int, limit: Int, bytes: Int, kept: Int, note: String?) {
        var budget = ResultBudget(bytes: bytes)
        let rows = Array(repeating: RawJSON.string("12345678"), count: count)
        #expect(budget.take(rows, limit: limit, what: "series", narrow: "narrow it").count == kept)
        #expect(budget.leftOut.count == (note == nil ? 0 : 1))
        if let note { #expect(budget.leftOut[0].hasPrefix(note) && budget.leftOut[0].hasSuffix("; narrow it.")) }
        #expect(budget.remainingBytes >= 0)
    }

    @Test("several lists share the bytes")
    func shared() {
        var budget = ResultBudget(bytes: 25)
        let rows = Array(repeating: RawJSON.string("12345678"), count: 2)
        #expect(budget.take(rows, limit: 9, what: "a", narrow: "n").count == 2)
        #expect(budget.take(rows, limit: 9, what: "b", narrow: "n").isEmpty)
        #expect(budget.leftOut.count == 1)
    }

    @Test("the end of a log is kept, without control characters")
    func log() {
        let text = (1...100).map { "line \($0)\u{1B}[31m\ttab\r" }.joined(separator: "\n") + "\n"
        let log = PodLog(Array(text.utf8), tail: 50, maximumBytes: 200)
        #expect(log.lines.last == "line 100[31m\ttab")
        #expect(log.lines.count < 50 && log.leftOut[0].contains("the oldest ones"))
        let long = PodLog(Array(String(repeating: "x", count: 5_000).utf8), tail: 5, maximumBytes: 100_000)
        #expect(long.lines[0].utf8.count < 2_100 && long.leftOut == ["1 lines are shortened to 2048 bytes."])
    }

    @Test("bytes that are not UTF-8 do no harm")
    func invalid() {
        #expect(PodLog([0xFF, 0xFE, 0x0A, 0x41], tail: 5, maximumBytes: 100).lines == ["\u{FFFD}\u{FFFD}", "A"])
    }

    @Test("lines of several streams are limited by their time over all streams")
    func lines() {
        func entry(_ second: Int64) -> LokiAnswer.Entry {
            LokiAnswer.Entry(time: MicroTimestamp(microsecondsSinceEpoch: second * 1_000_000), line: "at \(second)")
        }
        let streams = [
            LokiAnswer.Stream(labels: ["a": "1"], entries: [entry(1), entry(4)]),
            LokiAnswer.Stream(labels: ["a": "2"], entries: [entry(2), entry(3)]),
        ]
        var budget = ResultBudget(bytes: 10_000)
        let newest = LogLines(streams, limit: 2, direction: .backward, &budget)
        #expect(newest.rows.map { $0["entries"]?.elements?.first?["line"]?.stringValue } == ["at 4", "at 3"])
        #expect(budget.leftOut.count == 1 && budget.leftOut[0].hasPrefix("2 of 4 lines"))
        let oldest = LogLines(streams, limit: 3, direction: .forward, &budget)
        #expect(oldest.rows.map { $0["entries"]?.elements?.count } == [1, 2])
    }
}

@Suite("Answers of backends")
struct BackendAnswerTests {
    private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    @Test(
        "errors of Prometheus say what to change",
        arguments: [
            (
                #"{"status":"error","errorType":"bad_data","error":"parse error"}"#, 400, BackendError.Code.rejected,
                "does not accept"
            ),
            (#"{"status":"error","errorType":"timeout","error":"t"}"#, 503, .rejected, "shorten the range"),
            (
                #"{"status":"error","errorType":"execution","error":"exceeded maximum resolution"}"#, 422, .rejected,
                "enlarge step"
            ),
            (#"{"status":"error","errorType":"internal","error":"x"}"#, 500, .unexpected, "answers 500"),
            (#"{"hello":1}"#, 200, .unexpected, "check its URL"), (#"[]"#, 200, .unexpected, "check its URL"),
        ]
    )
    func prometheusErrors(body: String, status: Int, code: BackendError.Code, message: String) throws {
        let error = try #require(throws: BackendError.self) {
            try PrometheusClient.data(of: json(body), status: status)
        }
        #expect(error.code == code && error.message.contains(message), "\(error)")
    }

    @Test("all types of results are read, and what is malformed is skipped")
    func results() throws {
        let matrix = try PrometheusAnswer(
            json(#"{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1.5,"2"],[2,"NaN"],["x"],7]}]}"#),
            warnings: []
        )
        #expect(matrix.series[0].samples == [.init(time: 1.5, value: "2"), .init(time: 2, value: "NaN")])
        #expect(matrix.vector.isEmpty)
        let scalar = try PrometheusAnswer(json(#"{"resultType":"scalar","result":[1,"3"]}"#), warnings: [])
        #expect(scalar.vector.first?.value == 3)
        let histogram = try PrometheusAnswer(
            json(#"{"resultType":"vector","result":[{"metric":{},"histogram":[1,{}]}]}"#),
            warnings: ["w"]
        )
        #expect(SeriesOutput.notes(of: histogram).count == 2)
        #expect(throws: BackendError.self) {
            try PrometheusAnswer(json(#"{"resultType":"tensor","result":[]}"#), warnings: [])
        }
    }

    @Test("times outside of the calendar do no harm")
    func times() {
        #expect(SeriesOutput.time(0) == "1970-01-01T00:00:00Z")
        for time in [Double.infinity, -.infinity, .nan, 1e300, -1e300] { _ = SeriesOutput.time(time) }
    }

    @Test("Loki's lines, metrics and errors are read")
    func loki() throws {
        let lines = try LokiAnswer(
            json(
                #"{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[["1000000000","x",{}],["no","y"]]}]}}"#
            ),
            status: 200
        )
        guard case .streams(let streams) = lines else { throw BackendError(.unexpected, "no streams") }
        #expect(streams[0].entries == [.init(time: MicroTimestamp(microsecondsSinceEpoch: 1_000_000), line: "x")])
        let error = try #require(throws: BackendError.self) {
            try LokiAnswer(json(#"{"status":"error","message":"bad"}"#), status: 400)
        }
        #expect(error.code == .rejected && error.message.contains("bad"))
    }

    @Test("alerts are ordered by severity and age, and show only the annotations that are texts for people")
    func alerts() throws {
        let alerts =
            try json(
                """
                [{"labels":{"alertname":"B","severity":"warning"},"startsAt":"2026-01-01T00:00:00Z","status":{"state":"active"}},
                 {"labels":{"alertname":"A","severity":"warning"},"startsAt":"2026-01-02T00:00:00Z"},
                 {"labels":{"alertname":"C","severity":"critical"},"annotations":{"summary":"s","secret":"x"}},{}]
                """
            ).arrayValue?.map(ActiveAlert.init(alertmanager:)).sorted(by: ActiveAlert.areInOrder) ?? []
        #expect(alerts.map(\.name) == ["C", "B", "A", "(no name)"])
        #expect(alerts[0].annotations == ["summary": "s"])
    }
}
