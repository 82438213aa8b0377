import Testing

@testable import Observability

@Suite("Metrics")
struct TextExpositionTests {
    @Test("the text is in Prometheus' format")
    func golden() {
        let registry = MetricsRegistry()
        let requests = registry.counters(
            "requests_total",
            help: "Requests, \"all\" of\nthem \\.",
            labels: ["code", "path"]
        )
        requests.with(["500", "a\"b\\c\nd"]).increment()
        requests.with(["200", "/"]).increment(by: 41)
        requests.with(["200", "/"]).increment()
        registry.gauges("temperature", help: "Now.").with([]).set(-1.5)
        let time = registry.histograms("time_seconds", help: "Time.", labels: ["verb"], buckets: [0.005, 0.1, 1])
        for value in [0.00390625, 0.00390625, 0.0625, 1, 7.5] { time.with(["get"]).observe(value) }
        registry.onCollect { registry.gauges("late", help: "Looked up.").with([]).set(.infinity) }
        #expect(
            registry.exposition() == #"""
                # HELP late Looked up.
                # TYPE late gauge
                late +Inf
                # HELP requests_total Requests, "all" of\nthem \\.
                # TYPE requests_total counter
                requests_total{code="200",path="/"} 42
                requests_total{code="500",path="a\"b\\c\nd"} 1
                # HELP temperature Now.
                # TYPE temperature gauge
                temperature -1.5
                # HELP time_seconds Time.
                # TYPE time_seconds histogram
                time_seconds_bucket{verb="get",le="0.005"} 2
                time_seconds_bucket{verb="get",le="0.1"} 3
                time_seconds_bucket{verb="get",le="1"} 4
                time_seconds_bucket{verb="get",le="+Inf"} 5
                time_seconds_sum{verb="get"} 8.5703125
                time_seconds_count{verb="get"} 5

                """#
        )
    }

    @Test("a counter never decreases, and the same name returns the same series")
    func counter() {
        let registry = MetricsRegistry()
        let counter = registry.counters("n", help: "N.").with([])
        counter.increment(by: -3)
        counter.increment(by: .nan)
        registry.counters("n", help: "N.").with([]).increment(by: 2)
        #expect(counter.total == 2)
    }

    @Test("series of deleted objects are removed")
    func forget() {
        let registry = MetricsRegistry()
        let family = registry.gauges("used", help: "Used.", labels: ["tenant", "quota"])
        for tenant in ["a", "b"] { for quota in ["x", "y"] { family.with([tenant, quota]).set(1) } }
        family.removeAll(where: "tenant", is: "a")
        family.remove(["b", "x"])
        #expect(family.all.map(\.values) == [["b", "y"]])
    }
}
