import Testing

@testable import Gateway

@Suite("The circuit breaker and the ejection of pods")
struct UpstreamHealthTests {
    private static func options() -> CircuitBreaker.Options {
        var options = CircuitBreaker.Options()
        options.failures = 3
        options.openTime = .seconds(5)
        options.maximumOpenTime = .seconds(15)
        options.trialTime = .seconds(10)
        return options
    }

    private static func permit(_ breaker: inout CircuitBreaker, at now: Duration) throws -> CircuitBreaker.Permit {
        let admission = breaker.admit(at: now)
        guard case .allowed(let permit) = admission else {
            Issue.record("\(admission) at \(now)")
            throw CancellationError()
        }
        return permit
    }

    private static func fail(_ breaker: inout CircuitBreaker, at now: Duration) throws {
        let permit = try permit(&breaker, at: now)
        breaker.report(.failed, permit, at: now)
    }

    @Test("failures in a row open it; a success in between, a cancelled request, or one that is older does not count")
    func opens() throws {
        var breaker = CircuitBreaker(Self.options())
        let slow = try Self.permit(&breaker, at: .zero)
        for outcome in [CircuitBreaker.Outcome.failed, .failed, .succeeded, .failed, .unknown, .failed] {
            let permit = try Self.permit(&breaker, at: .zero)
            breaker.report(outcome, permit, at: .zero)
        }
        #expect(breaker.state == .closed)
        try Self.fail(&breaker, at: .zero)
        #expect(breaker.state == .open)
        breaker.report(.succeeded, slow, at: .zero)
        #expect(breaker.state == .open)
        #expect(breaker.admit(at: .seconds(2)) == .refused(retryAfter: .seconds(3)))
    }

    @Test("half open, one request is tried: it closes the breaker, or opens it for twice the time, up to a maximum")
    func trial() throws {
        var breaker = CircuitBreaker(Self.options())
        for _ in 0..<3 { try Self.fail(&breaker, at: .zero) }
        var now = Duration.seconds(5)
        for time in [10, 15, 15] {
            try Self.fail(&breaker, at: now)
            #expect(breaker.admit(at: now) == .refused(retryAfter: .seconds(time)))
            now += .seconds(time)
        }
        let trial = try Self.permit(&breaker, at: now)
        #expect(breaker.state == .halfOpen)
        #expect(breaker.admit(at: now + .seconds(9)) == .refused(retryAfter: .seconds(1)))
        // A trial that takes too long does not keep others out.
        let second = try Self.permit(&breaker, at: now + .seconds(10))
        breaker.report(.failed, trial, at: now + .seconds(11))
        #expect(breaker.state == .halfOpen)
        breaker.report(.unknown, second, at: now + .seconds(11))
        let third = try Self.permit(&breaker, at: now + .seconds(11))
        breaker.report(.succeeded, third, at: now + .seconds(12))
        #expect(breaker.state == .closed)
    }

    @Test("a server that was reached in another way is tried at once; with other pods it starts over")
    func recovery() throws {
        var breaker = CircuitBreaker(Self.options())
        for _ in 0..<3 { try Self.fail(&breaker, at: .zero) }
        breaker.allowTrial()
        try Self.fail(&breaker, at: .seconds(1))
        #expect(breaker.admit(at: .seconds(2)) == .refused(retryAfter: .seconds(9)))
        breaker.reset()
        #expect(breaker.state == .closed)
    }

    @Test("an ejected pod gets nothing for a time that grows, and starts over when it has worked for long")
    func ejection() {
        var pods = PodEjection()
        pods.update(["a", "b"], at: .zero)
        func eject(_ id: String, at now: Duration) -> Duration? {
            for _ in 0..<2 { #expect(pods.failed(id, at: now) == nil) }
            return pods.failed(id, at: now)
        }
        #expect(eject("a", at: .zero) == .seconds(10))
        #expect(pods.isEjected("a", at: .seconds(9)) && !pods.isEjected("a", at: .seconds(10)))
        #expect(eject("a", at: .seconds(10)) == .seconds(20))
        #expect(eject("a", at: .seconds(30)) == .seconds(40))
        #expect(eject("a", at: .seconds(370)) == .seconds(10))
        // The other one must stay, however it fails.
        for _ in 0..<10 { #expect(pods.failed("b", at: .seconds(371)) == nil) }
    }

    @Test("never more than half of the pods are ejected, and requests are never without a pod", arguments: 0..<50)
    func half(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var pods = PodEjection()
        var ids: [String] = []
        var now = Duration.zero
        for _ in 0..<400 {
            now += .milliseconds(Int64(random.next() % 3_000))
            switch random.next() % 10 {
            case 0:
                ids = (0..<Int(random.next() % 7)).map { "\($0 + Int(random.next() % 3) * 10)" }
                pods.update(ids, at: now)
            case 1...6: if let id = ids.randomElement(using: &random) { _ = pods.failed(id, at: now) }
            default: if let id = ids.randomElement(using: &random) { pods.succeeded(id) }
            }
            #expect(pods.count(at: now) <= Set(ids).count / 2, "seed \(seed)")
        }
    }

    @Test("endpoints take turns; ejected ones and those that were tried are left out")
    func turns() throws {
        let endpoints = ["a", "b", "c", "d"].map { Backend.PodEndpoint(id: $0, url: "http://\($0)/mcp") }
        var health = UpstreamHealth(UpstreamLimits(), endpoints)
        for _ in 0..<3 { _ = health.note(.failed, pod: "b", at: .zero) }
        var turn = 0
        func next(_ tried: Set<String> = []) -> String? {
            health.choose(from: endpoints, turn: &turn, except: tried, at: .seconds(1))?.id
        }
        #expect((0..<6).map { _ in next() } == ["c", "d", "a", "c", "d", "a"])
        #expect(next(["c", "d"]) == "a")
        // Better an ejected pod than none.
        #expect(next(["a", "c", "d"]) == "b")
        #expect(health.choose(from: [], turn: &turn, at: .zero) == nil)
    }
}

/// A small random number generator with a seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
