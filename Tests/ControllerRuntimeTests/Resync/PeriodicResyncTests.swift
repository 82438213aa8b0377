import Testing

@testable import ControllerRuntime

@Suite("Periodic resync", .timeLimit(.minutes(1)))
struct PeriodicResyncTests {
    static let interval = Duration.seconds(36_000)

    @Test(
        "each wait is up to a tenth longer than the interval, and waits differ",
        arguments: 1...20 as ClosedRange<UInt64>
    )
    func jitter(seed: UInt64) {
        var schedule = ResyncSchedule(interval: Self.interval, seed: seed)
        var now = RuntimeClock.Instant()
        var waits: Set<Duration> = []
        for _ in 0..<20 {
            guard case .wait(let due) = schedule.next(now: now) else {
                Issue.record("a resync that is not due, seed \(seed)")
                return
            }
            let wait = now.duration(to: due)
            #expect(wait >= Self.interval && wait <= Self.interval * 1.1, "seed \(seed)")
            waits.insert(wait)
            now = due
            #expect(schedule.next(now: now) == .resync, "seed \(seed)")
        }
        #expect(waits.count > 10, "seed \(seed)")
    }

    @Test("two replicas with different seeds do not resync at the same time")
    func spread() {
        var first = ResyncSchedule(interval: Self.interval, seed: 1)
        var second = ResyncSchedule(interval: Self.interval, seed: 2)
        #expect(first.next(now: .init()) != second.next(now: .init()))
    }

    @Test("an early wake-up waits again, and a clock that jumps far ahead causes one resync")
    func wakeUps() {
        var schedule = ResyncSchedule(interval: Self.interval, seed: 7)
        guard case .wait(let due) = schedule.next(now: .init()) else {
            Issue.record("the first step is not a wait")
            return
        }
        #expect(schedule.next(now: .init(offset: .seconds(1))) == .wait(until: due))
        let late = due.advanced(by: Self.interval * 10)
        #expect(schedule.next(now: late) == .resync)
        guard case .wait(let next) = schedule.next(now: late) else {
            Issue.record("a second resync immediately")
            return
        }
        #expect(next >= late.advanced(by: Self.interval))
    }

    @Test("the closure runs once for each interval, not before the first, and not after the end")
    func service() async throws {
        let clock = ManualClock()
        let queue = Recorder<Int>()
        let resync = PeriodicResync(
            name: "servers",
            interval: Self.interval,
            seed: 3,
            clock: clock.runtimeClock(),
            logger: .silent
        ) { queue.record(queue.count) }
        let run = Task { try await resync.run() }
        for round in 0..<3 {
            await expectEventually("it waits") { clock.pending.count == 1 }
            #expect(queue.count == round)
            clock.advance(by: Self.interval - .seconds(1))
            #expect(clock.pending.count == 1, "woken before the interval")
            clock.advance(by: Self.interval * 0.1 + .seconds(1))
            await expectEventually("a resync") { queue.count == round + 1 }
        }
        await expectEventually("it waits") { clock.pending.count == 1 }
        run.cancel()
        try await run.value
        #expect(queue.count == 3)
        #expect(clock.pending.isEmpty)
    }

    @Test("without an interval it only waits for the shutdown", arguments: [nil, .zero, .seconds(-1)] as [Duration?])
    func off(interval: Duration?) async throws {
        let clock = ManualClock()
        let queue = Recorder<Int>()
        let resync = PeriodicResync(
            name: "servers",
            interval: interval,
            seed: 3,
            clock: clock.runtimeClock(),
            logger: .silent
        ) { queue.record(0) }
        let ended = Signal()
        let run = Task {
            try await resync.run()
            ended.raise()
        }
        clock.advance(by: .seconds(1_000_000))
        #expect(!ended.isRaised)
        run.cancel()
        try await run.value
        #expect(ended.isRaised)
        #expect(queue.count == 0)
    }
}
