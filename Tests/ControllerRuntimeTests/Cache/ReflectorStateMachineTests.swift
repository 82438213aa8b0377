import KubernetesAPI
import Testing

@testable import ControllerRuntime

/// The decisions of a reflector, without a server, tasks or a clock.
@Suite("Reflector: decisions")
struct ReflectorStateMachineTests {
    typealias Machine = ReflectorStateMachine<PartialObjectMetadata, SplitMix64>
    typealias Instant = RuntimeClock.Instant

    /// A machine whose plain watch from version 10 was accepted at `Instant()`.
    static func watching(bookmarks: Bool = true, seed: UInt64 = 1) -> Machine {
        var configuration = ReflectorConfiguration()
        configuration.usesStreamingList = false
        var machine = Machine(configuration: configuration, random: SplitMix64(seed: seed))
        _ = machine.start()
        _ = machine.listed(ListResult(objects: [], resourceVersion: "10"), now: Instant())
        machine.watchRequested(now: Instant())
        _ = machine.watchAccepted(now: Instant())
        if bookmarks { _ = machine.received(bookmark("11"), now: Instant()) }
        return machine
    }

    static func bookmark(_ version: String) -> Machine.Event {
        .object(.bookmark(resourceVersion: version, initialEventsEnd: false))
    }

    static func at(_ seconds: Int) -> Instant { Instant(offset: .seconds(seconds)) }

    @Test("silence counts from the acceptance of a watch, and there is a separate limit before")
    func silenceStarts() {
        var machine = Machine(configuration: ReflectorConfiguration(), random: SplitMix64(seed: 1))
        _ = machine.start()
        // During a delay no request is sent, so nothing can be silent.
        #expect(machine.silenceDeadline == nil)
        machine.watchRequested(now: Self.at(100))
        #expect(machine.silenceDeadline == Self.at(175))
        _ = machine.watchAccepted(now: Self.at(170))
        #expect(machine.silenceDeadline == Self.at(200))
        _ = machine.received(Self.bookmark("5"), now: Self.at(190))
        #expect(machine.silenceDeadline == Self.at(220))
    }

    @Test("a server that sends no bookmarks can be silent until the timeout of the watch")
    func withoutBookmarks() throws {
        var machine = Self.watching(bookmarks: false)
        let deadline = try #require(machine.silenceDeadline)
        #expect(deadline >= Self.at(330) && deadline <= Self.at(630))
        // The server ends the watch in time: it is checked once, and continues without a list.
        let step = machine.watchEnded(nil, now: Self.at(300))
        #expect(step == Machine.Step(request: .check(ListRequest(resourceVersion: "10", limit: 1))))
        let next = machine.checked(ListResult(objects: [], resourceVersion: "10"), now: Self.at(301))
        guard case .watch(let request) = next.request else {
            Issue.record("not a watch, but \(next)")
            return
        }
        #expect(request.resourceVersion == "10")
        #expect(!request.sendInitialEvents)
    }

    @Test("when a server stalls, no reflector lists: the checks are spread over ten seconds")
    func stall() {
        var delays: Set<Duration> = []
        for seed in 1...100 as ClosedRange<UInt64> {
            var machine = Self.watching(seed: seed)
            #expect(machine.silenceDeadline == Self.at(90))
            let step = machine.watchWasSilent(now: Self.at(90))
            #expect(step.request == .check(ListRequest(resourceVersion: "11", limit: 1)), "seed \(seed)")
            #expect(step.delay <= .seconds(10), "seed \(seed)")
            delays.insert(step.delay)
            // The check is not answered either.
            guard case .watch(let request) = machine.checkFailed(.other, now: Self.at(190)).request else {
                Issue.record("a failed check is not followed by a watch, seed \(seed)")
                continue
            }
            #expect(request.resourceVersion == "11", "seed \(seed)")
        }
        #expect(delays.count > 90)
        #expect((delays.max() ?? .zero) - (delays.min() ?? .zero) > .seconds(8))
    }

    @Test(
        "only a version that no longer exists or is not accepted causes a list",
        arguments: [
            nil, .dropped, .unreachable, .tooManyRequests(retryAfter: nil), .tooManyRequests(retryAfter: .seconds(5)),
            .internalError, .forbidden, .other, .expired, .versionTooLarge, .unsupported,
        ] as [ListWatchFailure?]
    )
    func lists(failure: ListWatchFailure?) {
        let makesList = [.expired, .versionTooLarge, .unsupported].contains(failure)
        for lasted in [0, 30] {
            var machine = Self.watching()
            if case .list = machine.watchEnded(failure, now: Self.at(lasted)).request {
                #expect(makesList)
            } else {
                #expect(!makesList)
            }
        }
        // The same before the server has accepted the watch.
        var machine = Self.watching()
        _ = machine.watchEnded(.dropped, now: Self.at(30))
        machine.watchRequested(now: Self.at(30))
        if case .list = machine.watchEnded(failure, now: Self.at(31)).request {
            #expect(makesList)
        } else {
            #expect(!makesList)
        }
    }

    @Test("429 repeats the request, whether a page, a check, a streaming list or a watch")
    func tooManyRequests() {
        let failure = ListWatchFailure.tooManyRequests(retryAfter: .seconds(40))
        var machine = Self.watching()
        let check = machine.watchWasSilent(now: Self.at(90)).request
        #expect(machine.checkFailed(failure, now: Self.at(95)) == Machine.Step(delay: .seconds(40), request: check))

        var configuration = ReflectorConfiguration()
        configuration.usesStreamingList = false
        machine = Machine(configuration: configuration, random: SplitMix64(seed: 1))
        _ = machine.start()
        let first = ListResult(objects: [object("a", 1)], resourceVersion: "9", continueToken: "T")
        let (nothing, page) = machine.listed(first, now: Instant())
        if nothing != nil { Issue.record("objects were delivered before the last page") }
        for failure in [failure, .unreachable, .internalError, .other] {
            #expect(machine.listFailed(failure, now: Instant()).request == page.request, "\(failure)")
        }
        let (output, _) = machine.listed(ListResult(objects: [object("b", 2)], resourceVersion: "9"), now: Instant())
        guard case .replace(let replacement, _) = output else {
            Issue.record("the list is not complete")
            return
        }
        #expect(Set(replacement.stored.map(\.object.metadata.name)) == ["a", "b"])

        machine = Machine(configuration: ReflectorConfiguration(), random: SplitMix64(seed: 1))
        guard case .watch(let stream) = machine.start().request else { return }
        machine.watchRequested(now: Instant())
        let again = machine.watchEnded(failure, now: Instant())
        guard case .watch(let second) = again.request else {
            Issue.record("429 turns streaming off: \(again)")
            return
        }
        #expect(stream.sendInitialEvents && second.sendInitialEvents)
        #expect(again.delay == .seconds(40))
    }

    @Test("only an explicit answer turns streaming lists off")
    func streaming() {
        for isAccepted in [false, true] {
            var machine = Machine(configuration: ReflectorConfiguration(), random: SplitMix64(seed: 1))
            _ = machine.start()
            machine.watchRequested(now: Instant())
            if isAccepted { _ = machine.watchAccepted(now: Instant()) }
            let step = machine.watchWasSilent(now: Self.at(100))
            #expect(step.delay > .zero)
            switch step.request {
            case .watch(let request): #expect(!isAccepted && request.sendInitialEvents)
            case .list:
                #expect(isAccepted)
                _ = machine.listed(ListResult(objects: [], resourceVersion: "5"), now: Self.at(101))
                machine.watchRequested(now: Self.at(101))
                guard case .watch(let relist) = machine.watchEnded(.expired, now: Self.at(102)).request else {
                    Issue.record("silence turned streaming off")
                    return
                }
                #expect(relist.sendInitialEvents)
            case .check: Issue.record("a check before the first list")
            }
        }
    }
}
