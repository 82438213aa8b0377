import KubernetesAPI
import Testing

@testable import ControllerRuntime

@Suite("A store's indexes")
struct StoreIndexTests {
    @Test("find the same objects as a full search, after any sequence of changes", arguments: [UInt64(1), 2, 3])
    func agree(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let store = Store<PartialObjectMetadata>(indexes: ["label": { Array(($0.metadata.labels ?? [:]).keys) }])
        var expected: [NamespacedName: Set<String>] = [:]
        for version in 1...2_000 {
            let name = "n\(Int.random(in: 0..<12, using: &random))"
            let key = NamespacedName(namespace: "ns", name: name)
            if Int.random(in: 0..<3, using: &random) == 0 {
                store.remove(key)
                expected[key] = nil
            } else {
                let labels = Set(
                    (0..<Int.random(in: 0...3, using: &random)).map { _ in
                        "l\(Int.random(in: 0..<4, using: &random))"
                    }
                )
                var metadata = ObjectMeta(name: name, namespace: "ns")
                metadata.resourceVersion = "\(version)"
                metadata.labels = Dictionary(uniqueKeysWithValues: labels.map { ($0, "") })
                store.upsert(PartialObjectMetadata(metadata: metadata))
                expected[key] = labels
            }
            for label in (0..<4).map({ "l\($0)" }) {
                let keys = expected.filter { $0.value.contains(label) }.keys.sorted()
                #expect(store.keys(index: "label", value: label) == keys, "seed \(seed), step \(version)")
            }
        }
    }
}
