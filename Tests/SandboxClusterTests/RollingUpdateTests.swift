import KubernetesAPI
import Testing

@testable import SandboxCluster

@Suite("The steps of a rolling update")
struct RollingUpdateTests {
    @Test("maxSurge is rounded up, maxUnavailable is rounded down, and never are both zero")
    func amounts() {
        let quarter = RollingUpdate(wanted: 5)
        #expect(quarter.maxSurge == 2)
        #expect(quarter.maxUnavailable == 1)
        let single = RollingUpdate(wanted: 1)
        #expect(single.maxSurge == 1)
        #expect(single.maxUnavailable == 0)
        let none = RollingUpdate(wanted: 3, maxSurge: 0, maxUnavailable: "10%")
        #expect(none.maxSurge == 0)
        #expect(none.maxUnavailable == 1)
    }

    /// Simulates updates of any size and limits, with pods that become available in any order.
    @Test("no step has more pods or fewer available pods than allowed, and the update completes")
    func bounds() {
        let seed = UInt64.random(in: .min ... .max)
        var random = Seeded(state: seed)
        for _ in 0..<500 {
            let wanted = Int64.random(in: 1...12, using: &random)
            let update = RollingUpdate(
                wanted: wanted,
                maxSurge: .integer(Int64.random(in: 0...4, using: &random)),
                maxUnavailable: .integer(Int64.random(in: 0...4, using: &random))
            )
            var old = [RollingUpdate.Replicas(wanted: wanted, available: wanted)]
            var new = RollingUpdate.Replicas(wanted: 0, available: 0)
            var steps = 0
            while (new.available < wanted || old[0].wanted > 0) && steps < 200 {
                steps += 1
                new.wanted = update.next(new: new.wanted, total: new.wanted + old[0].wanted)
                old[0].wanted = update.next(old: old, new: new)[0]
                old[0].available = min(old[0].available, old[0].wanted)
                let total = old[0].wanted + new.wanted
                #expect(total <= wanted + update.maxSurge, "seed \(seed): \(update)")
                #expect(old[0].available + new.available >= update.minAvailable, "seed \(seed): \(update)")
                if Bool.random(using: &random) { new.available = min(new.wanted, new.available + 1) }
            }
            #expect(new.available == wanted, "seed \(seed): \(update)")
        }
    }

    @Test("pods that never became available are removed first, as many as the limits allow")
    func brokenFirst() {
        let update = RollingUpdate(wanted: 4, maxSurge: 1, maxUnavailable: 1)
        let old = [RollingUpdate.Replicas(wanted: 3, available: 3), .init(wanted: 1, available: 0)]
        #expect(update.next(old: old, new: .init(wanted: 1, available: 0)) == [3, 0])
        #expect(update.next(old: old, new: .init(wanted: 1, available: 1)) == [2, 0])
    }

    /// A seeded random number generator.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
