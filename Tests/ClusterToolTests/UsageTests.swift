import ClusterTool
import CommandSupport
import KubernetesAPI
import Testing

@Suite("Usage of servers")
struct UsageTests {
    @Test(
        "lines of the text format are read",
        arguments: [
            ("up 1", [:], 1), ("up{} 1", [:], 1), (#"up{a="b"} 2 1700000000"#, ["a": "b"], 2),
            (#"up{a="b",} 2.5e3"#, ["a": "b"], 2_500), (#"up { a = "x" , b="" } 0"#, ["a": "x", "b": ""], 0),
            (#"up{a="\"\\\n}",b="ü"} -1"#, ["a": "\"\\\n}", "b": "ü"], -1), ("up +Inf\r", [:], .infinity),
            (#"up{le="1"} 3 # {trace_id="a b"} 0.5"#, ["le": "1"], 3), ("  up\t7", [:], 7),
        ] as [(String, [String: String], Double)]
    )
    func parse(line: String, labels: [String: String], value: Double) throws {
        #expect(
            try MetricSample.parse("# HELP up x\n\n\(line)\nother{ 5\n", names: ["up"])
                == [MetricSample(name: "up", labels: labels, value: value)]
        )
    }

    @Test(
        "a line that is not valid is refused with its number",
        arguments: ["up", "up{", "up{a} 1", #"up{a="b} 1"#, #"up{a="b"c="d"} 1"#, "up one", "{} 1", "up{=\"\"} 1"]
    )
    func invalid(line: String) {
        let error = #expect(throws: CommandFailure.self) { try MetricSample.parse("up 1\n\(line)\n", names: ["up"]) }
        #expect(error?.message == "line 2 of the metrics is not in the text format of Prometheus")
    }

    static func metrics(success: Int, failed: Int = 0, refused: Int = 0, buckets: [(String, Int)] = []) -> String {
        func labels(_ more: String) -> String {
            #"{tenant="acme",namespace="mcp-acme",server="weather",tool="t","# + more + "}"
        }
        var text = ""
        for (result, count) in [("Success", success), ("BackendError", failed), ("RateLimited", refused)] {
            text += "moorage_gateway_calls_total\(labels("result=\"\(result)\"")) \(count)\n"
        }
        for (bound, count) in buckets {
            text += "moorage_gateway_call_duration_seconds_bucket\(labels("le=\"\(bound)\"")) \(count)\n"
        }
        return text
    }

    static func reading(_ text: String) throws -> GatewayUsage.Reading {
        GatewayUsage.Reading(try MetricSample.parse(text, names: GatewayUsage.Metric.all))
    }

    @Test("what was added between two readings is counted, and a counter that started again counts from 0")
    func increase() throws {
        let before = try Self.reading(Self.metrics(success: 100, failed: 9))
        let after = try Self.reading(Self.metrics(success: 130, failed: 4, refused: 2))
        let usage = GatewayUsage(after.increase(since: before), period: .seconds(10), namespace: nil)
        let row = try #require(usage.rows.first)
        #expect((row.calls, row.failed, row.refused) == (36, 4, 2))
        #expect(usage.json["servers"]?.arrayValue?.first?["callsPerSecond"] == 3.6)
    }

    @Test(
        "quantiles are interpolated in their bucket, as Prometheus does",
        arguments: [
            // Half of 10 calls are in the first bucket.
            ([("0.1", 5), ("0.2", 10), ("+Inf", 10)], 0.1, 0.19), ([("0.1", 10), ("+Inf", 10)], 0.05, 0.095),
            // What is above the last bound is reported as the bound.
            ([("0.1", 0), ("0.5", 1), ("+Inf", 100)], 0.5, 0.5), ([("+Inf", 3)], nil, nil),
            ([("0.1", 0), ("+Inf", 0)], nil, nil),
        ] as [([(String, Int)], Double?, Double?)]
    )
    func quantiles(buckets: [(String, Int)], median: Double?, p95: Double?) throws {
        let reading = try Self.reading(Self.metrics(success: 1, buckets: buckets))
        let rows = GatewayUsage(reading.increase(since: .init([])), period: .seconds(1), namespace: nil).rows
        let row = try #require(rows.first)
        #expect(Self.isNear(row.median, median) && Self.isNear(row.p95, p95), "\(String(describing: row.p95))")
    }

    private static func isNear(_ left: Double?, _ right: Double?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return abs(left - right) < 1e-9
    }

    static func sample(_ namespace: String, _ server: String, _ count: Double, result: String = "Success")
        -> MetricSample
    {
        MetricSample(
            name: GatewayUsage.Metric.calls,
            labels: ["namespace": namespace, "server": server, "result": result],
            value: count
        )
    }

    @Test("the table is sorted, and only has the servers that are wanted")
    func table() {
        let samples = [
            Self.sample("a", "one", 5), Self.sample("a", "two", 50), Self.sample("a", "one", 20, result: "ToolError"),
            Self.sample("b", "three", 500), MetricSample(name: GatewayUsage.Metric.calls, labels: [:], value: 1),
        ]
        #expect(
            GatewayUsage(samples, period: .seconds(10), namespace: "a").rendered(console: .plain) == """
                SERVER  CALLS  CALLS/S  FAILED  FAILED%  REFUSED  P50  P95
                a/two   50     5.00     0       0.0%     0        -    -
                a/one   25     2.50     20      80.0%    0        -    -

                """
        )
        let failed = GatewayUsage(samples, period: .seconds(10), namespace: nil, order: .failed)
        #expect(failed.rows.map(\.server) == ["one", "two", "three"])
        let named = GatewayUsage(samples, period: .seconds(10), namespace: nil, servers: ["three"], order: .name)
        #expect(named.rows.map(\.server) == ["three"])
        #expect(
            GatewayUsage([], period: .seconds(10), namespace: "a").rendered(console: .plain)
                == "The gateway has not been called for a server of the namespace a.\n"
        )
    }

    @Test("answers of Prometheus are read, and its errors are shown")
    func prometheus() throws {
        let body = #"""
            {"status":"success","data":{"resultType":"vector","result":[
              {"metric":{"namespace":"a","server":"one","result":"Success"},"value":[1700000000.1,"12.5"]},
              {"metric":{},"value":["odd"]}]}}
            """#
        #expect(
            try PrometheusVector.samples(of: Array(body.utf8), status: 200, metric: GatewayUsage.Metric.calls)
                == [Self.sample("a", "one", 12.5)]
        )
        for (body, message) in [
            (#"{"status":"error","error":"bad query"}"#, "Prometheus answers 400: bad query"),
            ("<html>", "Prometheus answers 400, and not with JSON: check its URL"),
            ("{}", "Prometheus answers 400: check its URL"),
        ] {
            let error = #expect(throws: CommandFailure.self) {
                try PrometheusVector.samples(of: Array(body.utf8), status: 400, metric: "x")
            }
            #expect(error?.message == message)
        }
    }
}
