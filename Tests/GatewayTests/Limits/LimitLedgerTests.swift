import ControllerRuntime
import KubernetesAPI
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// A clock for limiters that only moves when a test moves it. It cannot sleep.
struct LimitClock: Sendable {
    private final class Box: Sendable {
        let offset = Mutex(Duration.zero)
    }

    private struct Base: Clock {
        let box: Box
        var now: RuntimeClock.Instant { RuntimeClock.Instant(offset: box.offset.withLock { $0 }) }
        var minimumResolution: Duration { .milliseconds(1) }
        func sleep(until deadline: RuntimeClock.Instant, tolerance: Duration?) async throws { try await parked() }
    }

    private let box = Box()

    var clock: RuntimeClock { RuntimeClock(Base(box: box)) }

    func advance(by duration: Duration) { box.offset.withLock { $0 += duration } }
}

@Suite("Limits of calls")
struct LimitLedgerTests {
    /// Counts calls by a list of all of them.
    private struct Oracle {
        var calls: [Int64] = []

        func count(at now: Int64) -> Int { calls.filter { $0 / 1_000 >= now / 1_000 - 60 }.count }
    }

    private static func request(_ limits: RequestLimit..., mode: LimitRequest.Mode = .enforced) -> LimitRequest {
        LimitRequest(tenant: "acme", limits: limits, mode: mode)
    }

    @Test("in no minute, wherever it begins, are more calls allowed than the limit says", arguments: 0..<40)
    func neverOver(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let limit = Int.random(in: 1...30, using: &random)
        var ledger = LimitLedger()
        var oracle = Oracle()
        var now: Int64 = 0
        let request = Self.request(RequestLimit(.server, "time", limit: limit))
        for _ in 0..<600 {
            now +=
                Bool.random(using: &random)
                ? Int64.random(in: 0...50, using: &random) : .random(in: 0...9_000, using: &random)
            let decision = ledger.take(request, at: now)
            #expect(decision.isAllowed == (oracle.count(at: now) < limit), "seed \(seed), at \(now)")
            if decision.isAllowed { oracle.calls.append(now) }
        }
        #expect(oracle.calls.count > limit)
        for (index, start) in oracle.calls.enumerated() {
            let period = oracle.calls[index...].prefix { $0 < start + 60_000 }.count
            #expect(period <= limit, "seed \(seed), from \(start)")
        }
    }

    @Test("after the time to wait the call is allowed, and a second before it is not", arguments: 0..<40)
    func retryAfter(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let limits = [
            RequestLimit(.server, "time", limit: .random(in: 1...8, using: &random)),
            RequestLimit(.client, "agent", limit: .random(in: 1...8, using: &random)),
            RequestLimit(.tool, "time/now", limit: .random(in: 1...8, using: &random)),
        ]
        var ledger = LimitLedger()
        var now: Int64 = 0
        var refusals = 0
        for _ in 0..<100 {
            now += .random(in: 0...8_000, using: &random)
            var chosen = limits.filter { _ in Bool.random(using: &random) }
            if chosen.isEmpty { chosen = limits }
            let request = LimitRequest(tenant: "acme", limits: chosen)
            guard case .refused(let breach) = ledger.take(request, at: now) else { continue }
            refusals += 1
            #expect((1...61).contains(breach.retryAfterSeconds))
            var later = ledger
            #expect(later.check(request, at: now + Int64(breach.retryAfterSeconds) * 1_000).isAllowed, "seed \(seed)")
            if breach.retryAfterSeconds > 1 {
                var before = ledger
                let early = now + Int64(breach.retryAfterSeconds - 1) * 1_000
                #expect(!before.check(request, at: early).isAllowed, "seed \(seed)")
            }
        }
        #expect(refusals > 0, "seed \(seed)")
    }

    @Test("a call that one limit refuses is counted by none")
    func allOrNothing() {
        var ledger = LimitLedger()
        let server = RequestLimit(.server, "time", limit: 2)
        let client = RequestLimit(.client, "agent", limit: 1)
        #expect(ledger.take(Self.request(server, client), at: 0).isAllowed)
        for _ in 0..<10 {
            let decision = ledger.take(Self.request(server, client), at: 5_500)
            #expect(
                decision
                    == .refused(
                        LimitBreach(
                            reason: .toolCallsPerMinute,
                            scope: .client,
                            key: "agent",
                            limit: 1,
                            windowSeconds: 60,
                            retryAfterSeconds: 56
                        )
                    )
            )
        }
        #expect(ledger.take(Self.request(server), at: 5_500).isAllowed)
        #expect(!ledger.take(Self.request(server), at: 5_500).isAllowed)
    }

    @Test("without enforcement every call is counted and allowed, and the breach is reported")
    func unbounded() {
        var ledger = LimitLedger()
        let request = Self.request(RequestLimit(.server, "time", limit: 1), mode: .unbounded)
        #expect(ledger.take(request, at: 0) == .allowed(breach: nil))
        let over = ledger.take(request, at: 0)
        #expect(over.isAllowed)
        #expect(over.breach?.limit == 1)
        // What was allowed counts when limits are enforced again.
        #expect(!ledger.take(Self.request(RequestLimit(.server, "time", limit: 2)), at: 0).isAllowed)
    }

    @Test("a limit of zero allows nothing")
    func zero() {
        var ledger = LimitLedger()
        let decision = ledger.take(Self.request(RequestLimit(.tool, "time/now", limit: 0)), at: 0)
        #expect(!decision.isAllowed)
        #expect(decision.breach?.retryAfterSeconds == 60)
    }

    @Test("a clock that is set back far forgets what lies in the future, and one that is set back a little does not")
    func clockSetBack() {
        let request = Self.request(RequestLimit(.server, "time", limit: 1))
        var ledger = LimitLedger()
        #expect(ledger.take(request, at: 1_000_000).isAllowed)
        #expect(!ledger.take(request, at: 999_000).isAllowed)
        #expect(ledger.take(request, at: 900_000).isAllowed)
        #expect(ledger.take(request, at: -900_000).isAllowed)
    }

    @Test("what is not used any more needs no memory")
    func idleKeys() {
        var ledger = LimitLedger()
        for index in 0..<5_000 {
            let request = LimitRequest(
                tenant: "tenant-\(index % 100)",
                limits: [RequestLimit(.client, "client-\(index)", limit: 10)]
            )
            #expect(ledger.take(request, at: Int64(index)).isAllowed)
        }
        #expect(ledger.keyCount == 5_000)
        let request = Self.request(RequestLimit(.client, "last", limit: 10))
        _ = ledger.take(request, at: 130_000)
        _ = ledger.take(request, at: 260_000)
        #expect(ledger.keyCount == 1)
    }

    @Test("a tenant with too many clients shares one count among the further ones, and other tenants lose nothing")
    func tooManyKeys() {
        var ledger = LimitLedger(maximumKeysPerTenant: 100)
        func take(_ tenant: String, _ client: Int) -> Bool {
            ledger.take(
                LimitRequest(tenant: tenant, limits: [RequestLimit(.client, "client-\(client)", limit: 3)]),
                at: 0
            ).isAllowed
        }
        for client in 0..<100 { #expect(take("noisy", client)) }
        #expect((100..<10_000).filter { take("noisy", $0) }.count == 3)
        #expect(ledger.keyCount <= 101)
        #expect(take("noisy", 0))
        for client in 0..<50 { #expect(take("quiet", client)) }
    }

    @Test("replicas share the limits, each at least one call")
    func replicas() {
        let clock = LimitClock()
        let limiter = LocalLimiter(clock: clock.clock)
        limiter.replicas = 3
        let request = Self.request(RequestLimit(.server, "time", limit: 10))
        #expect((0..<10).filter { _ in limiter.take(request).isAllowed }.count == 3)
        #expect(limiter.take(request).breach?.limit == 3)
        #expect(limiter.take(Self.request(RequestLimit(.server, "small", limit: 2))).isAllowed)
        #expect(!limiter.take(Self.request(RequestLimit(.server, "none", limit: 0))).isAllowed)
        limiter.replicas = 1
        #expect((0..<10).filter { _ in limiter.take(request).isAllowed }.count == 7)
        clock.advance(by: .seconds(61))
        #expect((0..<20).filter { _ in limiter.take(request).isAllowed }.count == 10)
    }
}

@Suite("Limits of concurrent requests and of bytes")
struct OtherLimitTests {
    private static func request(server: Int, principal: Int, mode: LimitRequest.Mode = .enforced) -> LimitRequest {
        LimitRequest(
            tenant: "acme",
            limits: [
                RequestLimit(.server, "time", limit: server), RequestLimit(.principal, "alice", limit: principal),
            ],
            mode: mode
        )
    }

    @Test("requests in progress are limited, and each that ends makes room")
    func concurrency() throws {
        let limiter = ConcurrencyLimiter()
        func enter(_ request: LimitRequest) -> ConcurrencyPermit? {
            if case .entered(let permit, _) = limiter.enter(request) { permit } else { nil }
        }
        let request = Self.request(server: 3, principal: 2)
        let first = try #require(enter(request))
        var second = enter(request)
        #expect(second != nil)
        guard case .refused(let breach) = limiter.enter(request) else {
            Issue.record("a third request was allowed")
            return
        }
        #expect(breach.reason == .concurrentRequests)
        #expect(breach.scope == .principal)
        #expect(breach.windowSeconds == nil)
        first.end()
        first.end()
        let third = try #require(enter(request))
        #expect(enter(request) == nil)
        second = nil
        let fourth = try #require(enter(request))
        withExtendedLifetime((third, fourth)) {}
        third.end()
        fourth.end()
        #expect(second == nil)
        #expect(limiter.keyCount == 0)
    }

    @Test("without enforcement a request over the limit is counted and reported")
    func concurrencyUnbounded() {
        var ledger = ConcurrencyLedger()
        let request = Self.request(server: 1, principal: 5, mode: .unbounded)
        #expect(ledger.enter(request) == .allowed(breach: nil))
        let over = ledger.enter(request)
        #expect(over.isAllowed)
        #expect(over.breach?.scope == .server)
        ledger.leave(request)
        ledger.leave(request)
        #expect(ledger.keyCount == 0)
    }

    @Test("the request after too many bytes waits until they no longer count")
    func bytes() {
        let clock = LimitClock()
        let limiter = ByteLimiter(clock: clock.clock)
        let request = Self.request(server: 5_000, principal: 1_000)
        #expect(limiter.check(request).isAllowed)
        limiter.count(900, for: request)
        #expect(limiter.check(request).isAllowed)
        limiter.count(600, for: request)
        let breach = limiter.check(request).breach
        #expect(breach?.reason == .bytesPerMinute)
        #expect(breach?.scope == .principal)
        #expect(breach?.retryAfterSeconds == 61)
        clock.advance(by: .seconds(60))
        #expect(!limiter.check(request).isAllowed)
        clock.advance(by: .seconds(1))
        #expect(limiter.check(request).isAllowed)
    }
}
