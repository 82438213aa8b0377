import ControllerRuntime
import Testing

@testable import Reconcilers

@Suite("Status memory")
struct StatusMemoryTests {
    private func memory(
        _ status: String,
        basis: String,
        result: String,
        after previous: StatusMemory<String>? = nil
    ) -> StatusMemory<String> {
        StatusMemory(
            status: status,
            basis: basis,
            result: result,
            writtenAt: RuntimeClock.Instant(offset: .zero),
            after: previous
        )
    }

    @Test("the written status counts for the version before it and for its result, and for no other")
    func oneWrite() {
        let memory = memory("one", basis: "1", result: "2")
        #expect(memory.status(forVersion: "1") == "one")
        #expect(memory.status(forVersion: "2") == "one")
        #expect(memory.status(forVersion: "3") == nil)
        #expect(memory.status(forVersion: nil) == nil)
    }

    @Test("after two writes before the cache shows the first, the first is not mistaken for the current status")
    func twoWrites() {
        let first = memory("one", basis: "1", result: "2")
        let second = memory("two", basis: "1", result: "3", after: first)
        for version in ["1", "2", "3"] { #expect(second.status(forVersion: version) == "two") }
        let third = memory("three", basis: "1", result: "4", after: second)
        for version in ["1", "2", "3", "4"] { #expect(third.status(forVersion: version) == "three") }
        #expect(third.status(forVersion: "5") == nil)
    }

    @Test("versions that the cache has passed are forgotten")
    func forgets() {
        let first = memory("one", basis: "1", result: "2")
        let second = memory("two", basis: "2", result: "3", after: first)
        #expect(second.status(forVersion: "1") == nil)
        // Somebody else changed the object in between.
        let third = memory("three", basis: "9", result: "10", after: second)
        #expect(third.status(forVersion: "3") == nil)
    }
}
