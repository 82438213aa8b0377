import ControllerRuntime
import KubernetesAPI
import Testing

@testable import Reconcilers

@Suite("When writes that met a problem are tried again")
struct ProblemRetryTests {
    private static let service = ObjectReference(type: .service, namespace: "mcp-acme", name: "web")
    private static let secret = ObjectReference(type: .secret, namespace: "mcp-acme", name: "web")

    private func at(_ seconds: Int) -> RuntimeClock.Instant { RuntimeClock.Instant(offset: .seconds(seconds)) }

    @Test("after 5 seconds, then twice as long each time, up to 5 minutes")
    func schedule() {
        var retry = ProblemRetry()
        var now = at(0)
        var delays: [Duration] = []
        for attempt in 0..<9 {
            // The message is no part of the problem.
            let problem = WriteProblem(.forbidden, Self.service, message: "request \(attempt)")
            let delay = retry.delay(after: [problem], now: now) ?? .zero
            delays.append(delay)
            now = now.advanced(by: delay)
        }
        #expect(delays == [5, 10, 20, 40, 80, 160, 300, 300, 300].map { .seconds($0) })
    }

    @Test("passes for other causes neither put it off nor lengthen it")
    func otherPasses() {
        var retry = ProblemRetry()
        let problems = [WriteProblem(.nameTaken(owner: nil), Self.service)]
        #expect(retry.delay(after: problems, now: at(0)) == .seconds(5))
        for second in 1..<5 { #expect(retry.delay(after: problems, now: at(second)) == .seconds(5 - second)) }
        #expect(retry.delay(after: problems, now: at(5)) == .seconds(10))
    }

    @Test("other problems are tried again soon, and what the API server refuses for good is not")
    func otherProblems() {
        var retry = ProblemRetry()
        let first = WriteProblem(.nameTaken(owner: nil), Self.service)
        let refused = WriteProblem(.refused, Self.secret)
        #expect(retry.delay(after: [refused], now: at(0)) == nil)
        #expect(retry.delay(after: [first], now: at(0)) == .seconds(5))
        #expect(retry.delay(after: [first, refused], now: at(5)) == .seconds(10))
        let second = WriteProblem(.nameTaken(owner: nil), Self.secret)
        #expect(retry.delay(after: [first, second], now: at(15)) == .seconds(5))
        #expect(retry.delay(after: [], now: at(16)) == nil)
        #expect(retry.delay(after: [first], now: at(17)) == .seconds(5))
    }
}
