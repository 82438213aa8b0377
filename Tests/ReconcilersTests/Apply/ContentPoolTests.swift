import KubernetesAPI
import TestSupport
import Testing

@testable import Reconcilers

@Suite("Contents as differences")
struct ContentPoolTests {
    private func text(_ name: String, lines: Int = 40) -> [UInt8] {
        Array(
            (0..<lines).map { "{\"index\":\($0),\"name\":\"\(name)\",\"image\":\"registry.example/echo\"}" }.joined()
                .utf8
        )
    }

    @Test("similar contents take a fraction of their size, and come back as they were")
    func similar() throws {
        let base = DeltaBase(text("server-00001"))
        for name in ["server-00001", "server-00002", "x", "a-much-longer-name-of-a-server"] {
            let target = text(name)
            let delta = try #require(base.delta(to: target))
            #expect(base.applying(delta) == target)
            #expect(delta.count < target.count / 2)
        }
        let same = try #require(base.delta(to: text("server-00001")))
        #expect(same.count < 10)
    }

    @Test("what has nothing in common is kept whole")
    func different() {
        let base = DeltaBase(text("server-00001"))
        #expect(base.delta(to: (0..<500).map { UInt8(truncatingIfNeeded: $0 &* 37) }) == nil)
        #expect(base.delta(to: []) == nil)
        #expect(DeltaBase([]).delta(to: text("a")) == nil)
    }

    @Test("a pool gives back every content, whatever came first")
    func pool() {
        for first in [[], text("web"), Array("{}".utf8)] {
            let pool = ContentPool()
            for bytes in [first, text("web"), text("another-web"), [], Array("{}".utf8), text("web", lines: 80)] {
                #expect(pool.content(bytes).bytes == bytes)
            }
        }
    }

    @Test("random edits come back as they were", arguments: 0..<200)
    func randomEdits(_ seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let original = text("server-00001", lines: Int.random(in: 1...60, using: &random))
        let base = DeltaBase(original)
        var target = original
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let start = Int.random(in: 0...target.count, using: &random)
            let end = min(target.count, start + Int.random(in: 0...30, using: &random))
            let inserted = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            target.replaceSubrange(start..<end, with: inserted)
        }
        guard let delta = base.delta(to: target) else { return }
        #expect(base.applying(delta) == target, "seed \(seed)")
    }

    @Test("bytes that are no delta are refused or read without harm", arguments: 0..<200)
    func hostile(_ seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let base = DeltaBase(text("server-00001", lines: 2))
        let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        _ = base.applying(bytes)
        #expect(base.applying([0x01]) == [])
        #expect(base.applying([0x00, 0x7F, 0xFF, 0xFF, 0x7F]) == [])
        #expect(base.applying([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]) == [])
    }
}
