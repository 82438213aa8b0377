import Testing

@testable import MCPTransport

@Suite("Signals and the runner of requests")
struct SignalTests {
    @Test("a wake-up is kept until somebody waits, and several count as one")
    func kept() async {
        let signal = Signal()
        signal.fire()
        signal.fire()
        #expect(await signal.wait())
        signal.fire()
        signal.finish()
        #expect(await signal.wait())
        #expect(await !signal.wait())
        signal.fire()
        #expect(await !signal.wait())
    }

    @Test("one wake-up wakes one task, and the end wakes all")
    func several() async {
        let signal = Signal()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<10 { group.addTask { await signal.wait() } }
            for _ in 0..<4 {
                signal.fire()
                #expect(await group.next() == true)
            }
            signal.finish()
            for await isFired in group { #expect(!isFired) }
        }
    }

    @Test("a task that is cancelled waits no longer, and others go on")
    func cancelled() async {
        let signal = Signal()
        let patient = Task { await signal.wait() }
        let impatient = Task { await signal.wait() }
        impatient.cancel()
        #expect(await !impatient.value)
        signal.fire()
        #expect(await patient.value)
    }

    @Test("no wake-up is lost between many tasks that fire, wait and are cancelled")
    func many() async {
        for _ in 0..<200 {
            let signal = Signal()
            let cancelled = Task { await signal.wait() }
            let waiting = Task { await signal.wait() }
            async let fired: Void = signal.fire()
            cancelled.cancel()
            await fired
            // One of the two got it, or nobody yet.
            if await cancelled.value { signal.fire() }
            #expect(await waiting.value)
        }
    }

    @Test("jobs that were taken are done, also those that nobody has started when no more are taken")
    func jobs() async {
        let runner = RequestRunner()
        let done = Recorded<Int>()
        #expect(runner.submit { done.append(1) })
        runner.finish()
        #expect(!runner.submit { done.append(2) })
        await runner.run()
        #expect(done.values == [1])
    }

    @Test("jobs that were taken before the runner is cancelled are done, and no more are taken after it")
    func cancelledRunner() async {
        let runner = RequestRunner()
        let done = Recorded<Int>()
        #expect(runner.submit { done.append(1) })
        let running = Task { await runner.run() }
        running.cancel()
        await running.value
        #expect(done.values == [1])
        #expect(!runner.submit { done.append(2) })
    }
}
