import TestSupport
import Testing

@Suite("Chart")
struct GoldenChartTests {
    @Test("helm finds nothing to complain of")
    func lint() async throws {
        try await Tool.helm()("lint", "--strict", Chart.path)
    }
}
