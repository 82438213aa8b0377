import CRDModels
import KubernetesAPI
import Testing

/// Valid examples with random damage: they must be validated without a crash, by the native checks and by a real
/// cluster.
@Suite(.serialized) struct DamageTests {
    private static let seed: UInt64 = 0xDA_4A6E

    @Test(
        "damaged objects are validated, created and updated, with the same result from all readers",
        arguments: Reader.available
    )
    func damage(reader: Reader) throws {
        var generator = SeededGenerator(seed: Self.seed)
        var good = Example.all.filter { $0.errors.isEmpty && $0.old == nil && $0.object["spec"] != [:] }
        switch reader {
        case .nativeChecks:
            var refused = 0
            for round in 0..<10_000 {
                let example = try #require(good.randomElement(using: &generator))
                let object = example.object.damaged(using: &generator)
                let old = round.isMultiple(of: 2) ? Optional.none : example.object
                if try !judge(object, old: old, by: example, "seed \(Self.seed), round \(round)").isEmpty {
                    refused += 1
                }
            }
            #expect((1_000..<9_900).contains(refused), "seed \(Self.seed): the damage had no effect")
        case .realCluster(let kubeconfig):
            let cluster = try RealCluster(kubeconfig: kubeconfig)
            defer { cluster.cleanUp() }
            for index in good.indices {
                good[index] = good[index].named("\(cluster.namespace)-\(index)").placed(in: cluster.namespace)
                try #require(try cluster.create(good[index].object, dryRun: false).isEmpty)
            }
            defer { for example in good { cluster.delete(example.object) } }
            for round in 0..<200 {
                let example = try #require(good.randomElement(using: &generator))
                var object = example.object.damaged(using: &generator)
                let isUpdate = !round.isMultiple(of: 2)
                if !isUpdate { object[path: ["metadata", "name"]] = .string(Example.objectName) }
                let old = isUpdate ? example.object : Optional.none
                let expected = try judge(object, old: old, by: example, "seed \(Self.seed), round \(round)")
                // The scale subresource has its own messages for a spec that is not an object or replicas that are not
                // a number.
                let errors =
                    try
                    (isUpdate
                    ? cluster.replace(object, isStrict: false)
                    : cluster.create(object, dryRun: true, isStrict: false))
                    .filter { !$0.hasPrefix(".spec.replicas: ") }
                #expect(
                    errors.sorted() == expected.sorted(),
                    "seed \(Self.seed), round \(round): \(String(decoding: object.serialized(), as: UTF8.self))"
                )
            }
        }
    }

    /// Prunes, defaults and validates an object like a server; accepted objects must be decodable.
    private func judge(
        _ object: JSONValue,
        old: JSONValue?,
        by example: Example,
        _ comment: String
    ) throws -> [String] {
        let kind = try #require(example.kind)
        func prepared(_ object: JSONValue) -> JSONValue {
            var object = object
            _ = kind.schema.prune(&object)
            kind.schema.applyDefaults(to: &object)
            return object
        }
        let object = prepared(object)
        let errors = kind.schema.validate(object, old: old.map(prepared)).map(\.description)
        if errors.isEmpty {
            #expect(throws: Never.self, "\(comment)") { try KubernetesJSON.decode(kind, from: object.serialized()) }
        }
        return errors
    }
}

extension JSONValue {
    /// The same example with one to three changes in `spec`.
    func damaged(using generator: inout some RandomNumberGenerator) -> JSONValue {
        var object = self
        var spec = object["spec"] ?? [:]
        for _ in 0..<Int.random(in: 1...3, using: &generator) { spec.damage(using: &generator) }
        object["spec"] = spec
        return object
    }

    private mutating func damage(using generator: inout some RandomNumberGenerator) {
        switch self {
        case .object(var members) where !members.isEmpty && Int.random(in: 0..<8, using: &generator) > 0:
            guard let key = members.keys.sorted().randomElement(using: &generator) else { return }
            switch Int.random(in: 0..<10, using: &generator) {
            case 0: members[key] = nil
            case 1: members["stranger"] = members[key]
            default: members[key]?.damage(using: &generator)
            }
            self = .object(members)
        case .array(var elements) where !elements.isEmpty && Int.random(in: 0..<6, using: &generator) > 0:
            let index = Int.random(in: 0..<elements.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: elements.append(elements[index])
            case 1: elements.remove(at: index)
            default: elements[index].damage(using: &generator)
            }
            self = .array(elements)
        default:
            let replacements: [JSONValue] = [
                nil, true, 0, -1, 99_999, 1.5, "", "x", "A b", .string(String(repeating: "y", count: 300)), [], [:],
                ["x"],
                ["a": "b"], [1], .integer(.max), "é\u{1}",
            ]
            self = replacements.randomElement(using: &generator) ?? nil
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): small, and the same on every platform.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
