import Logging
import Observability
import ServiceLifecycle
import Testing

@testable import ControllerRuntime

/// A candidate with its own calendar.
private struct Candidate {
    let elector: LeaderElector
    let group: ServiceGroup
    let run: Task<Void, any Error>
    let metrics = MetricsRegistry()

    init(_ identity: String, lease: FakeLease, clock: ManualClock, skew: Duration = .zero) throws {
        elector = LeaderElector(
            configuration: try LeaderElectionConfiguration(identity: identity, name: "moorage", namespace: "system"),
            lease: lease.access,
            metrics: metrics,
            clock: clock.runtimeClock(wallTime: .skewed(by: skew)),
            logger: .silent,
            random: { 0 }
        )
        group = ServiceGroup(services: [elector], logger: .silent)
        run = Task { [group] in try await group.run() }
    }

    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await run.value
    }
}

@Suite("Leader election: the elector", .timeLimit(.minutes(1)))
struct LeaderElectorTests {
    private let clock = ManualClock()
    private let lease = FakeLease()

    @Test("a candidate acquires a free lease, renews it every two seconds and releases it at the end")
    func lifeCycle() async throws {
        let candidate = try Candidate("one", lease: lease, clock: clock)
        try await candidate.elector.gate.waitUntilLeading()
        #expect(lease.record?.holderIdentity == "one")
        #expect(lease.record?.leaseDurationSeconds == 15)
        #expect(lease.record?.leaseTransitions == 0)
        #expect(candidate.elector.currentHolder == "one")
        #expect(candidate.metrics.exposition().contains("leader_election_master_status{name=\"moorage\"} 1\n"))
        let acquired = lease.record?.acquireTime
        for renewal in 2...8 {
            await clock.pass(.seconds(2))
            await expectEventually("renewal \(renewal)") { lease.writes == renewal }
            #expect(candidate.elector.isLeader)
        }
        #expect(lease.record?.acquireTime == acquired)
        #expect(lease.record?.renewTime != acquired)
        try await candidate.stop()
        #expect(lease.record?.holderIdentity == "")
        #expect(lease.record?.leaseDurationSeconds == 1)
        #expect(!candidate.elector.isLeader)
        #expect(candidate.metrics.exposition().contains("leader_election_master_status{name=\"moorage\"} 0\n"))
    }

    @Test("a released lease is acquired at the next attempt")
    func takesReleased() async throws {
        let first = try Candidate("one", lease: lease, clock: clock)
        try await first.elector.gate.waitUntilLeading()
        let second = try Candidate("two", lease: lease, clock: clock)
        await expectEventually("both sleep") { clock.pending.count == 2 }
        try await first.stop()
        await clock.pass(.seconds(2))
        try await second.elector.gate.waitUntilLeading()
        #expect(lease.record?.holderIdentity == "two")
        #expect(lease.record?.leaseTransitions == 1)
        try await second.stop()
    }

    @Test(
        "a lease whose holder is silent is acquired 15 s after it was first observed, however wrong the calendars are",
        arguments: [Duration.zero, .seconds(86_400), .seconds(-86_400)]
    )
    func takesExpired(skew: Duration) async throws {
        _ = try lease.create(
            LeaseRecord(
                holderIdentity: "dead",
                leaseDurationSeconds: 15,
                acquireTime: MicroTimestampSource.fixed.read(.zero),
                renewTime: MicroTimestampSource.fixed.read(.zero),
                leaseTransitions: 3
            )
        )
        let candidate = try Candidate("two", lease: lease, clock: clock, skew: skew)
        for _ in 0..<7 {
            await expectEventually("it waits") { clock.pending == [.seconds(2)] }
            #expect(lease.record?.holderIdentity == "dead")
            clock.advance(by: .seconds(2))
        }
        await clock.pass(.seconds(2))
        try await candidate.elector.gate.waitUntilLeading()
        #expect(clock.now.offset == .seconds(16))
        #expect(lease.record?.leaseTransitions == 4)
        try await candidate.stop()
    }

    @Test("a leader that cannot renew stops at its deadline, before others can take over", arguments: [false, true])
    func losesLead(isSilent: Bool) async throws {
        let candidate = try Candidate("one", lease: lease, clock: clock)
        try await candidate.elector.gate.waitUntilLeading()
        if isSilent { lease.fallSilent() } else { lease.fail() }
        let lost = Task { try await candidate.elector.gate.waitUntilLost() }
        // Second by second, so that every timeout fires in order.
        for second in 1...10 {
            await expectEventually("someone waits") { !clock.pending.isEmpty }
            #expect(candidate.elector.isLeader, "at \(second - 1) s")
            await clock.passStepwise(.seconds(1))
        }
        // The gate closes on its own.
        #expect(!candidate.elector.isLeader)
        try await lost.value
        await #expect(throws: LeadershipLostError.self) { try await candidate.run.value }
        #expect(throws: LeadershipLostError.self) { try candidate.elector.gate.check() }
        #expect(lease.record?.holderIdentity == "one")
    }

    @Test("a process that was suspended past its deadline is no longer the leader, and writes nothing")
    func sleptTooLong() async throws {
        let candidate = try Candidate("one", lease: lease, clock: clock)
        try await candidate.elector.gate.waitUntilLeading()
        await expectEventually("it sleeps") { clock.pending == [.seconds(2)] }
        clock.advance(by: .seconds(60))
        await #expect(throws: LeadershipLostError.self) { try await candidate.run.value }
        #expect(lease.writes == 1)
        #expect(!candidate.elector.isLeader)
    }

    @Test("if someone else changes the Lease, the leader reads it and stays the leader")
    func conflict() async throws {
        let candidate = try Candidate("one", lease: lease, clock: clock)
        try await candidate.elector.gate.waitUntilLeading()
        lease.touch()
        await clock.pass(.seconds(2))
        await expectEventually("the renewal") { lease.writes == 2 }
        #expect(candidate.elector.isLeader)
        #expect(candidate.metrics.exposition().contains("leader_election_slowpath_total{name=\"moorage\"} 1\n"))
        try await candidate.stop()
    }

    @Test("a few failures have no effect")
    func recovers() async throws {
        let candidate = try Candidate("one", lease: lease, clock: clock)
        try await candidate.elector.gate.waitUntilLeading()
        lease.fail()
        for _ in 0..<3 { await clock.pass(.seconds(2)) }
        await expectEventually("it waits") { clock.pending == [.seconds(2)] }
        lease.fail(false)
        await clock.pass(.seconds(2))
        await expectEventually("the renewal") { lease.writes == 2 }
        // At the first deadline, after ten seconds, the leadership continues.
        for _ in 0..<4 {
            await clock.passStepwise(.seconds(1))
        }
        await expectEventually("the next renewal") { lease.writes >= 3 }
        #expect(candidate.elector.isLeader)
        try await candidate.stop()
    }

    @Test("a candidate that never was the leader releases nothing")
    func standbyStops() async throws {
        let first = try Candidate("one", lease: lease, clock: clock)
        try await first.elector.gate.waitUntilLeading()
        let second = try Candidate("two", lease: lease, clock: clock)
        await expectEventually("both sleep") { clock.pending.count == 2 }
        try await second.stop()
        #expect(lease.record?.holderIdentity == "one")
        #expect(!second.elector.isLeader)
        try await first.stop()
    }

    @Test(
        "durations that would allow two leaders are rejected",
        arguments: [
            (15, 10, 2, nil), (15, 15, 2, "must be longer than the renew deadline"),
            (15, 10, 9, "1.2 times"), (0.5, 0.2, 0.1, "at least one second"), (15, 10, 0, "more than zero"),
            (1.9, 1.5, 0.5, "whole number of seconds"),
        ] as [(Double, Double, Double, String?)]
    )
    func validation(lease: Double, renew: Double, retry: Double, problem: String?) {
        let result = Result {
            try LeaderElectionConfiguration(
                identity: "one",
                name: "moorage",
                namespace: "system",
                leaseDuration: .seconds(lease),
                renewDeadline: .seconds(renew),
                retryPeriod: .seconds(retry)
            )
        }
        switch (result, problem) {
        case (.success, nil): break
        case (.failure(let error), let problem?): #expect("\(error)".contains(problem))
        default: Issue.record("\(result)")
        }
    }

    @Test("a missing identity is rejected")
    func noIdentity() {
        #expect(throws: LeaderElectionConfigurationError.self) {
            try LeaderElectionConfiguration(identity: "", name: "moorage", namespace: "system")
        }
    }
}
