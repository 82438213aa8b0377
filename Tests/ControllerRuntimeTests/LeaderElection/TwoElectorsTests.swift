import KubernetesAPI
import Testing

@testable import ControllerRuntime

/// An elector in a simulation with random delays and faults: requests that arrive late, even after the client has given
/// up, answers that are lost, and processes that are suspended.
private struct Participant {
    enum Phase {
        /// Until the next attempt.
        case resting(until: Duration)
        /// A request is in progress: the answer, and when it arrives; the client gives up at `timeout`.
        case waiting(answer: Result<LeaseRecord?, any Error>?, at: Duration, timeout: Duration)
        /// It lost leadership: the process ends, and another one replaces it.
        case ended(until: Duration)
    }

    var machine: LeaderElectionStateMachine
    /// The difference of its clock from the others.
    var offset: Duration
    var phase: Phase

    func local(_ time: Duration) -> RuntimeClock.Instant { RuntimeClock.Instant(offset: time + offset) }

    func leads(at time: Duration) -> Bool { machine.validUntil.map { local(time) < $0 } ?? false }

    var nextEvent: Duration {
        switch phase {
        case .resting(let time), .ended(let time): time
        case .waiting(_, let time, let timeout): min(time, timeout)
        }
    }
}

/// The simulation: a Lease, writes that have not arrived yet, and the participants.
private struct World {
    var random: SplitMix64
    let lease = FakeLease()
    /// Writes that have not arrived yet. For some of them, the client has already given up.
    var underWay: [(arrival: Duration, isCreation: Bool, record: LeaseRecord)] = []
    var participants: [Participant] = []
    var now = Duration.zero
    var isFaulty = true
    private var born = 0

    init(seed: UInt64, count: Int) throws {
        random = SplitMix64(seed: seed)
        for _ in 0..<count { participants.append(try newParticipant(restingUntil: .zero)) }
    }

    mutating func newParticipant(restingUntil time: Duration) throws -> Participant {
        born += 1
        let configuration = try LeaderElectionConfiguration(identity: "p\(born)", name: "l", namespace: "n")
        return Participant(
            machine: LeaderElectionStateMachine(configuration: configuration),
            offset: milliseconds(0...10_000_000),
            phase: .resting(until: time)
        )
    }

    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration {
        .milliseconds(Int.random(in: range, using: &random))
    }

    mutating func chance(_ percent: Int) -> Bool { isFaulty && Int.random(in: 0..<100, using: &random) < percent }

    /// Simulates the next event.
    mutating func step() throws {
        let index = participants.indices.min { participants[$0].nextEvent < participants[$1].nextEvent } ?? 0
        let next = participants[index].nextEvent
        if let arrival = underWay.indices.min(by: { underWay[$0].arrival < underWay[$1].arrival }),
            underWay[arrival].arrival <= next
        {
            let write = underWay.remove(at: arrival)
            now = max(now, write.arrival)
            // The client has given up, or its answer is lost: the client will notice when it reads.
            _ = try? write.isCreation ? lease.create(write.record) : lease.update(write.record)
            return
        }
        now = max(now, next)
        try act(index)
    }

    private mutating func act(_ index: Int) throws {
        let local = participants[index].local(now)
        let wall = MicroTimestampSource.fixed.read(participants[index].offset)
        switch participants[index].phase {
        case .ended:
            participants[index] = try newParticipant(restingUntil: now)
        case .resting:
            let step = participants[index].machine.beginAttempt(now: local, wallTime: wall)
            send(step, by: index)
        case .waiting(let answer, let time, let timeout):
            guard let answer, time <= timeout else {
                send(participants[index].machine.requestFailed(), by: index)
                return
            }
            switch answer {
            case .failure: send(participants[index].machine.requestFailed(), by: index)
            case .success(let record):
                // `answers` shows whether the result is that of a read or a write.
                if reads[index] == true {
                    send(participants[index].machine.got(record, now: local, wallTime: wall), by: index)
                } else if let record {
                    participants[index].machine.wrote(record, now: local)
                    finish(index, succeeded: true)
                }
            }
        }
    }

    private var reads: [Int: Bool] = [:]

    /// The request reaches the Lease now, late, or never; the answer arrives in time, late, or never.
    private mutating func send(_ step: LeaderElectionStateMachine.Step, by index: Int) {
        let machine = participants[index].machine
        var limit = machine.configuration.requestTimeout
        if let validUntil = machine.validUntil {
            limit = min(limit, max(.zero, participants[index].local(now).duration(to: validUntil)))
        }
        let timeout = now + limit
        let isSlow = chance(15)
        let answerAt = now + (isSlow ? milliseconds(1_000...9_000) : milliseconds(1...50))
        let isAnswerLost = chance(10)
        let answer: Result<LeaseRecord?, any Error>?
        reads[index] = step == .get
        switch step {
        case .failed:
            finish(index, succeeded: false)
            return
        case .get:
            answer = chance(10) ? .failure(FakeLease.Fault()) : Result { try lease.get() }
        case .create(let record), .update(let record):
            let isCreation = if case .create = step { true } else { false }
            if chance(10) {
                answer = .failure(FakeLease.Fault())
            } else if chance(10) {
                // It arrives after the client has given up.
                underWay.append((timeout + milliseconds(1...20_000), isCreation, record))
                answer = nil
            } else {
                answer = Result { try isCreation ? lease.create(record) : lease.update(record) }
            }
        }
        participants[index].phase = .waiting(answer: isAnswerLost ? nil : answer, at: answerAt, timeout: timeout)
    }

    private mutating func finish(_ index: Int, succeeded: Bool) {
        let jitter = Double.random(in: 0...1, using: &random)
        let local = participants[index].local(now)
        switch participants[index].machine.endAttempt(succeeded: succeeded, now: local, jitter: jitter) {
        case .lost: participants[index].phase = .ended(until: now + milliseconds(0...5_000))
        case .renew(let delay), .retry(let delay):
            // Sometimes a process is suspended.
            let pause = chance(3) ? milliseconds(0...60_000) : .zero
            participants[index].phase = .resting(until: now + delay + pause)
        }
    }
}

@Suite("Leader election: several candidates")
struct TwoElectorsTests {
    @Test(
        "with any failures, delays and suspensions, there are never two leaders at the same time",
        arguments: [UInt64](1...60)
    )
    func neverTwo(seed: UInt64) throws {
        var world = try World(seed: seed, count: seed % 2 == 0 ? 2 : 3)
        var terms: Set<String> = []
        for step in 0..<3_000 {
            try world.step()
            let leaders = world.participants.filter { $0.leads(at: world.now) }
            #expect(leaders.count <= 1, "seed \(seed), step \(step), at \(world.now)")
            for leader in leaders { terms.insert(leader.machine.configuration.identity) }
        }
        // The test is only meaningful if leadership was acquired and lost several times.
        #expect(terms.count > 3, "seed \(seed)")
        // After the faults end, there is soon a leader.
        world.isFaulty = false
        let end = world.now + .seconds(120)
        while world.now < end { try world.step() }
        #expect(world.participants.count { $0.leads(at: world.now) } == 1, "seed \(seed)")
    }
}
