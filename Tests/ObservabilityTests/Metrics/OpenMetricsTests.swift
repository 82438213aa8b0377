import Testing

@testable import Observability

@Suite("Metrics in OpenMetrics")
struct OpenMetricsTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    private static func registry() -> MetricsRegistry {
        let registry = MetricsRegistry()
        registry.counters("requests_total", help: "Requests, \"all\" of\nthem \\.", labels: ["path"])
            .with(["a\"b"]).increment(by: 42)
        registry.counters("errors", help: "Errors.").with([]).increment()
        registry.gauges("temperature", help: "Now.").with([]).set(-1.5)
        let time = registry.histograms("time_seconds", help: "Time.", labels: ["verb"], buckets: [0.5, 1]).with(["get"])
        time.observe(0.25, traceID: "0123456789abcdef0123456789abcdef", at: 1_800_000_000)
        time.observe(0.125, traceID: trace, at: 1_800_000_001.5)
        time.observe(0.25)
        time.observe(7, traceID: trace, at: 1_800_000_002)
        return registry
    }

    @Test("the text is in the format of OpenMetrics, with the latest exemplar of each bucket")
    func golden() {
        #expect(
            Self.registry().exposition(.openMetrics) == #"""
                # HELP errors Errors.
                # TYPE errors counter
                errors_total 1
                # HELP requests Requests, \"all\" of\nthem \\.
                # TYPE requests counter
                requests_total{path="a\"b"} 42
                # HELP temperature Now.
                # TYPE temperature gauge
                temperature -1.5
                # HELP time_seconds Time.
                # TYPE time_seconds histogram
                time_seconds_bucket{verb="get",le="0.5"} 3 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.125 1800000001.5
                time_seconds_bucket{verb="get",le="1.0"} 3
                time_seconds_bucket{verb="get",le="+Inf"} 4 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 7 1800000002
                time_seconds_sum{verb="get"} 7.625
                time_seconds_count{verb="get"} 4
                # EOF

                """#
        )
    }

    @Test("Prometheus' format has no exemplars")
    func withoutExemplars() {
        let text = Self.registry().exposition()
        #expect(text.contains("time_seconds_bucket{verb=\"get\",le=\"0.5\"} 3\n"))
        #expect(text.contains("# TYPE requests_total counter\n") && text.contains("\nerrors 1\n"))
        #expect(!text.contains("trace_id") && !text.contains("EOF"))
    }

    @Test(
        "the client chooses the format, and gets Prometheus' if it does not ask for OpenMetrics 1.0.0",
        arguments: [
            (nil, ExpositionFormat.prometheus), ("", .prometheus), ("*/*", .prometheus), ("text/html", .prometheus),
            ("application/openmetrics-text", .openMetrics),
            ("Application/OpenMetrics-Text; version=1.0.0", .openMetrics),
            ("application/openmetrics-text;version=0.0.1", .prometheus),
            ("application/openmetrics-text;q=0", .prometheus),
            ("text/plain;q=0.5,application/openmetrics-text;q=0.4", .prometheus),
            ("text/plain;q=0.5,application/openmetrics-text;q=0.5", .openMetrics),
            // What Prometheus 3 sends.
            (
                """
                application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;\
                version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,\
                */*;q=0.1
                """, .openMetrics
            ),
        ]
    )
    func negotiation(accept: String?, format: ExpositionFormat) {
        #expect(ExpositionFormat(accept: accept) == format)
    }
}
