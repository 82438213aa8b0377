import Testing

@testable import Dashboards

@Suite("Reading queries")
struct QueryReaderTests {
    @Test("series, matchers and groupings are found, and nothing else")
    func read() {
        let reader = QueryReader(
            #"label_replace(sum by (result, le) (rate(moorage_gateway_calls_total{result=~"a|b",x="y"}[5m])), "tool", "z", "tool", "") / on (pod) up > 0.5 and a:b offset 5m"#
        )
        #expect(reader.series.map(\.name) == ["moorage_gateway_calls_total", "up", "a:b"])
        #expect(reader.series.first?.labels == ["result", "x"])
        #expect(reader.grouping == ["result", "le", "pod"])
    }

    @Test("an unknown series and an unknown label are reported")
    func problems() {
        #expect(QueryCheck.problems(QueryReader("sum(moorage_nothing)")) == ["moorage_nothing is not in the table"])
        #expect(
            QueryCheck.problems(QueryReader(#"sum by (tool) (moorage_servers{server="a"})"#))
                == ["moorage_servers has no label server", "no series has the label tool"]
        )
    }
}
