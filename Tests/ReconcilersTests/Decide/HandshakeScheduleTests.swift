import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

private func record(
    _ name: String,
    created: Int64 = 10,
    ready: Bool = true,
    address: String? = "10.0.0.1",
    port: Int? = 9_000,
    restarts: Int = 0,
    isDeleting: Bool = false
) -> PodRecord {
    var metadata = ObjectMeta(name: name, namespace: "mcp-acme")
    metadata.uid = "uid-\(name)"
    metadata.creationTimestamp = Timestamp(secondsSinceEpoch: created)
    if isDeleting { metadata.deletionTimestamp = Timestamp(secondsSinceEpoch: created) }
    let ports = port.map { [PodPorts.Port(name: "http", containerPort: $0)] }
    return PodRecord(
        Pod(
            metadata: metadata,
            spec: PodPorts(containers: [
                PodPorts.Container(name: "proxy"), PodPorts.Container(name: "mcp", ports: ports),
            ]),
            status: PodStatus(
                podIP: address,
                conditions: [PodCondition(type: "Ready", status: ready ? "True" : "False")],
                containerStatuses: [ContainerStatus(name: "mcp", ready: ready, restartCount: restarts)]
            )
        )
    )
}

private func endpoint(path: String = "/mcp") throws -> HandshakeEndpoint {
    let plan = try #require(decide(Sample.input(Sample.server { $0.path = path })).plan)
    return HandshakeEndpoint(plan.settings)
}

private func target(_ pods: PodRecord..., path: String = "/mcp") throws -> HandshakeTarget? {
    HandshakeTarget(pods: pods, endpoint: try endpoint(path: path))
}

private func verified(_ target: HandshakeTarget?, tools: Int = 3, at seconds: Int64 = 0) -> ProtocolVerdict {
    .verified(
        ServerProtocolStatus(
            tools: tools,
            path: target?.endpoint.path,
            podUID: target?.podUID,
            lastCheckTime: Timestamp(secondsSinceEpoch: seconds)
        )
    )
}

/// The state machine behind a reference, because the test macros cannot change a value.
private final class Machine {
    private var schedule: HandshakeSchedule

    init(_ schedule: HandshakeSchedule = HandshakeSchedule()) { self.schedule = schedule }

    var state: ProtocolState { schedule.state }

    func observe(_ target: HandshakeTarget?, now: Duration, untilRegular: Duration) {
        schedule.observe(target, now: now, untilRegular: untilRegular)
    }

    func checkAgain(now: Duration, after delay: Duration) { schedule.checkAgain(now: now, after: delay) }

    @discardableResult
    func begin(now: Duration) -> HandshakeTarget? { schedule.begin(now: now) }

    @discardableResult
    func finish(_ found: ProtocolVerdict?, now: Duration, untilRegular: Duration) -> Bool {
        schedule.finish(found, now: now, untilRegular: untilRegular)
    }

    func delay(now: Duration) -> Duration? { schedule.delay(now: now) }
}

private let refused = ProtocolVerdict.failed(ProtocolFailure(.connectionFailed, "connection refused"))

@Suite("The pod that is checked")
struct HandshakeTargetTests {
    @Test("it is the newest ready pod, at the port that the pod names")
    func newest() throws {
        let chosen = try target(
            record("old", created: 1),
            record("new", created: 3, port: 9_100),
            record("deleted", created: 5, isDeleting: true),
            record("starting", created: 6, ready: false),
            record("without-address", created: 7, address: nil)
        )
        #expect(chosen?.pod == "new")
        #expect(chosen?.port == 9_100)
        #expect(chosen?.address == "10.0.0.1")
        #expect(try target(record("starting", ready: false)) == nil)
    }

    @Test("a pod that names no port is checked at the server's")
    func port() throws {
        #expect(try target(record("a", port: nil))?.port == 8_080)
    }

    @Test(
        "the image has the digest of the spec, or else the one that the container runtime pulled",
        arguments: [
            ("r/a@sha256:1", "docker-pullable://r/a@sha256:2", "r/a@sha256:1"),
            ("r/a:1", "docker-pullable://r/a@sha256:2", "r/a:1@sha256:2"), ("r/a:1", "r/a@sha256:2", "r/a:1@sha256:2"),
            ("r/a:1", "sha256:3", "r/a:1"), ("r/a:1", "", "r/a:1"), ("r/a:1", nil, "r/a:1"),
        ] as [(String, String?, String)]
    )
    func image(spec: String, runtime: String?, expected: String) {
        var metadata = ObjectMeta(name: "a", namespace: "n")
        metadata.labels = ["pod-template-hash": "abc"]
        let pod = PodRecord(
            Pod(
                metadata: metadata,
                spec: PodPorts(containers: [
                    PodPorts.Container(name: "proxy", image: "r/proxy:1"), PodPorts.Container(name: "mcp", image: spec),
                ]),
                status: PodStatus(containerStatuses: [ContainerStatus(name: "mcp", imageID: runtime)])
            )
        )
        #expect(pod.image == expected)
        #expect(pod.templateHash == "abc")
    }

    @Test("the choice does not depend on the order of pods of the same second")
    func order() throws {
        let first = try target(record("a"), record("b"))
        let second = try target(record("b"), record("a"))
        #expect(first == second)
    }
}

@Suite("When a server's protocol is checked")
struct HandshakeScheduleTests {
    private let timing = HandshakeSchedule.Timing()

    @Test("a ready pod is checked at once, and again at the server's moment of the period")
    func first() throws {
        let schedule = Machine()
        #expect(schedule.state == .noPod(last: nil))
        let pod = try target(record("a"))
        schedule.observe(pod, now: .seconds(5), untilRegular: .seconds(400))
        #expect(schedule.state == .pending(last: nil))
        #expect(schedule.delay(now: .seconds(5)) == .zero)
        #expect(schedule.begin(now: .seconds(5)) == pod)
        #expect(schedule.begin(now: .seconds(5)) == nil, "one check at a time")
        #expect(schedule.finish(verified(pod), now: .seconds(6), untilRegular: .seconds(399)))
        #expect(schedule.state == .settled(verified(pod)))
        #expect(schedule.delay(now: .seconds(6)) == .seconds(399))
        #expect(schedule.begin(now: .seconds(404)) == nil)
        #expect(schedule.begin(now: .seconds(405)) == pod)
    }

    @Test("a check can be brought forward, and not put off")
    func again() throws {
        let schedule = Machine()
        schedule.checkAgain(now: .zero, after: .seconds(1))
        #expect(schedule.delay(now: .zero) == nil, "there is nothing to check")
        let pod = try target(record("a"))
        schedule.observe(pod, now: .zero, untilRegular: .seconds(400))
        schedule.begin(now: .zero)
        schedule.finish(verified(pod), now: .seconds(1), untilRegular: .seconds(399))
        schedule.checkAgain(now: .seconds(2), after: .seconds(30))
        #expect(schedule.delay(now: .seconds(2)) == .seconds(30))
        schedule.checkAgain(now: .seconds(3), after: .seconds(300))
        #expect(schedule.delay(now: .seconds(3)) == .seconds(29))
        #expect(schedule.state == .settled(verified(pod)))
        #expect(schedule.begin(now: .seconds(32)) == pod)
    }

    @Test("another pod, another path and a restart are checked at once", arguments: 0..<3)
    func changes(which: Int) throws {
        let schedule = Machine()
        let before = try target(record("a"))
        schedule.observe(before, now: .zero, untilRegular: .seconds(400))
        schedule.begin(now: .zero)
        schedule.finish(verified(before), now: .zero, untilRegular: .seconds(400))
        let after =
            switch which {
            case 0: try target(record("b", created: 20))
            case 1: try target(record("a"), path: "/other")
            default: try target(record("a", restarts: 1))
            }
        schedule.observe(after, now: .seconds(1), untilRegular: .seconds(399))
        #expect(schedule.state == .pending(last: verified(before)))
        #expect(schedule.begin(now: .seconds(1)) == after)
    }

    @Test("a pod that disappears is not checked, and what it said is remembered")
    func disappears() throws {
        let schedule = Machine()
        let pod = try target(record("a"))
        schedule.observe(pod, now: .zero, untilRegular: .seconds(400))
        schedule.begin(now: .zero)
        schedule.observe(nil, now: .seconds(1), untilRegular: .seconds(400))
        #expect(
            !schedule.finish(verified(pod), now: .seconds(2), untilRegular: .seconds(400)),
            "the result is about no pod"
        )
        #expect(schedule.state == .noPod(last: nil))
        #expect(schedule.delay(now: .seconds(2)) == nil)
        #expect(schedule.begin(now: .seconds(2)) == nil)
    }

    @Test("a failure is tried again after a delay that doubles up to the period")
    func backoff() throws {
        let schedule = Machine()
        let pod = try target(record("a"))
        schedule.observe(pod, now: .zero, untilRegular: .seconds(400))
        var delays: [Duration?] = []
        var now = Duration.zero
        for _ in 0..<11 {
            #expect(schedule.begin(now: now) == pod)
            schedule.finish(refused, now: now, untilRegular: .seconds(400))
            let delay = schedule.delay(now: now)
            delays.append(delay)
            now += delay ?? .zero
        }
        #expect(schedule.state == .settled(refused))
        #expect(delays.prefix(4) == [.seconds(2), .seconds(4), .seconds(8), .seconds(16)])
        #expect(delays.last == timing.period)
    }

    @Test("a server that was verified fails only after several failures in a row")
    func tolerance() throws {
        let schedule = Machine()
        let pod = try target(record("a"))
        schedule.observe(pod, now: .zero, untilRegular: .seconds(400))
        func check(_ verdict: ProtocolVerdict, at now: Duration) -> Bool {
            #expect(schedule.begin(now: now) != nil)
            return schedule.finish(verdict, now: now, untilRegular: .seconds(400))
        }
        #expect(check(verified(pod), at: .zero))
        #expect(!check(refused, at: .seconds(400)))
        #expect(!check(refused, at: .seconds(500)))
        #expect(!check(verified(pod), at: .seconds(600)))
        #expect(!check(refused, at: .seconds(1_000)))
        #expect(!check(refused, at: .seconds(1_100)))
        #expect(schedule.state == .settled(verified(pod)))
        #expect(check(refused, at: .seconds(1_200)))
        #expect(schedule.state == .settled(refused))
    }

    @Test("the time of a check that finds nothing new is reported once an hour")
    func lastCheckTime() throws {
        let schedule = Machine()
        let pod = try target(record("a"))
        schedule.observe(pod, now: .zero, untilRegular: .seconds(600))
        var changes: [Int64] = []
        for seconds in stride(from: Int64(0), through: 7_800, by: 600) {
            schedule.begin(now: .seconds(seconds))
            if schedule.finish(verified(pod, at: seconds), now: .seconds(seconds), untilRegular: .seconds(600)) {
                changes.append(seconds)
            }
        }
        #expect(changes == [0, 3_600, 7_200])
        schedule.begin(now: .seconds(9_000))
        let more = verified(pod, tools: 4, at: 9_000)
        #expect(
            schedule.finish(more, now: .seconds(9_000), untilRegular: .seconds(600)),
            "another tool is reported at once"
        )
        #expect(schedule.state == .settled(more))
    }

    @Test(
        "a new process continues from the status: it checks the same pod at its regular time, and another one at once"
    )
    func restore() throws {
        let pod = try target(record("a"))
        let same = Machine(HandshakeSchedule(restoring: verified(pod)))
        same.observe(pod, now: .zero, untilRegular: .seconds(100))
        #expect(same.state == .settled(verified(pod)))
        #expect(same.delay(now: .zero) == .seconds(100))

        for other in [try target(record("b")), try target(record("a"), path: "/other")] {
            let schedule = Machine(HandshakeSchedule(restoring: verified(pod)))
            schedule.observe(other, now: .zero, untilRegular: .seconds(100))
            #expect(schedule.state == .pending(last: verified(pod)))
            #expect(schedule.begin(now: .zero) == other)
        }
    }

    @Test("an interrupted check is tried again")
    func interrupted() throws {
        let schedule = Machine()
        let pod = try target(record("a"))
        schedule.observe(pod, now: .zero, untilRegular: .seconds(400))
        schedule.begin(now: .zero)
        #expect(!schedule.finish(nil, now: .seconds(1), untilRegular: .seconds(400)))
        #expect(schedule.begin(now: .seconds(1)) == pod)
    }

    @Test("the checks of 1,000 servers are spread over the period, and every process computes the same moments")
    func spread() {
        let period = Duration.seconds(600)
        let wall: Int64 = 1_790_000_000_000_000
        var perMinute = [Int](repeating: 0, count: 11)
        for index in 0..<1_000 {
            let delay = HandshakeSchedule.untilRegular(uid: "3f2b-\(index)", wallTime: wall, period: period)
            #expect(delay > .seconds(59) && delay <= .seconds(660))
            perMinute[Int(delay.components.seconds / 60)] += 1
            let later = HandshakeSchedule.untilRegular(
                uid: "3f2b-\(index)",
                wallTime: wall + delay.components.seconds * 1_000_000 + delay.components.attoseconds
                    / 1_000_000_000_000,
                period: period
            )
            #expect(later == period, "the moment is the same in each period")
        }
        #expect(perMinute[1...10].allSatisfy { (60...140).contains($0) }, "\(perMinute)")
    }
}
