import FoundationEssentials
import KubernetesAPI
import Testing

@testable import Controller

/// Whatever stands in files, reading, checking, deciding and rendering it neither crashes nor hangs, and says something
/// where it renders nothing. A failure names the case and the seed; `MOORAGE_FUZZ_SEED` sets another and `MOORAGE_FUZZ_CASES` the number.
@Suite("Manifests at random")
struct ManifestFuzzTests {
    static let environment = ProcessInfo.processInfo.environment
    static let seed = environment["MOORAGE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_261_121
    static let cases = environment["MOORAGE_FUZZ_CASES"].flatMap { Int($0) } ?? 10_000

    static func examples() throws -> [String] {
        try GoldenRenderTests.examples.map { name in
            let path = "\(Binary.packageRoot)/examples/\(name).yaml"
            return String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        }
    }

    /// Runs all cases, on all processors. Each case has its own random numbers, so that one can be repeated without the
    /// others.
    ///
    /// - Returns: for how many cases `body` returned true.
    private static func run(_ body: @escaping @Sendable (inout SplitMix64, _ name: String) throws -> Bool) async throws
        -> Int
    {
        let workers = ProcessInfo.processInfo.activeProcessorCount
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<workers {
                group.addTask {
                    var count = 0
                    for number in stride(from: worker, to: cases, by: workers) {
                        var random = SplitMix64(state: seed)
                        random = SplitMix64(state: random.next() &+ UInt64(number))
                        let name = "case \(number) of seed \(seed)"
                        do {
                            if try body(&random, name) { count += 1 }
                        } catch {
                            Issue.record(error, "\(name)")
                        }
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
    }

    @Test("objects whose values were swapped for others are rendered or refused")
    func values() async throws {
        let documents = try Self.examples().map { try YAML.documents(in: $0).map(\.value) }
        let whole = try await Self.run { random, name in
            var values = documents[Int(random.next() % UInt64(documents.count))]
            for _ in 0..<(1 + random.next() % 3) {
                let index = Int(random.next() % UInt64(values.count))
                values[index] = Self.mutated(values[index], &random)
            }
            // The emitter is tested too: what it writes must be read back unchanged.
            let text = YAML.text(values)
            if random.next() % 4 == 0 {
                let back = try YAML.documents(in: text).map(\.value)
                #expect(back == values.filter { !$0.isNull }, "\(name)")
            }
            return Self.look(at: text, name)
        }
        // If all or none were refused, the cases would not show much.
        #expect((1..<Self.cases).contains(whole), "\(whole) of \(Self.cases) were rendered whole")
    }

    @Test("texts whose bytes were changed are rendered or refused")
    func bytes() async throws {
        let examples = try Self.examples().map { Array($0.utf8) }
        _ = try await Self.run { random, name in
            var bytes = examples[Int(random.next() % UInt64(examples.count))]
            for _ in 0..<(1 + random.next() % 8) {
                let position = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: position)
                case 2:
                    bytes.insert(
                        Array(":-[]{}#&*!|>'\"%@`,\n\t ".utf8).randomElement(using: &random) ?? 0,
                        at: position
                    )
                default: bytes.removeSubrange(position..<min(bytes.count, position + Int(random.next() % 64)))
                }
                if bytes.isEmpty { bytes = [0x0A] }
            }
            return Self.look(at: String(decoding: bytes, as: UTF8.self), name)
        }
    }

    /// - Returns: whether everything was rendered.
    private static func look(at text: String, _ name: String) -> Bool {
        let reader = ManifestReader(sources: [ManifestSource(name: "a.yaml", text: text)])
        let session = RenderSession(FileGather(reader, platform: nil, assumesSecrets: false))
        // A remote server without credentials needs no objects.
        let isRemote = reader.manifests.contains { $0.manifest.value[path: ["spec", "remote"]]?.isNull == false }
        if session.inputs > 0, session.objects.isEmpty, !isRemote {
            #expect(session.diagnostics.hasErrors, "\(name): nothing was rendered, and nothing was said")
        }
        return !session.diagnostics.hasErrors
    }

    private static func mutated(_ value: JSONValue, _ random: inout SplitMix64) -> JSONValue {
        switch value {
        case .object(var members) where !members.isEmpty && random.next() % 16 != 0:
            let keys = members.keys.sorted()
            let key = keys[Int(random.next() % UInt64(keys.count))]
            switch random.next() % 12 {
            case 0: members[key] = nil
            case 1: members[arbitraryText(&random)] = members[key]
            default: members[key] = mutated(members[key] ?? .null, &random)
            }
            return .object(members)
        case .array(var elements) where !elements.isEmpty && random.next() % 16 != 0:
            let index = Int(random.next() % UInt64(elements.count))
            switch random.next() % 8 {
            case 0: elements.remove(at: index)
            case 1: elements.append(elements[index])
            default: elements[index] = mutated(elements[index], &random)
            }
            return .array(elements)
        default:
            return arbitrary(&random)
        }
    }

    private static func arbitrary(_ random: inout SplitMix64) -> JSONValue {
        switch random.next() % 10 {
        case 0: return .null
        case 1: return .bool(random.next() % 2 == 0)
        case 2: return .integer(Int64(truncatingIfNeeded: random.next()))
        case 3: return .integer([-1, 0, 1, 65535, 65536, .min, .max].randomElement(using: &random) ?? 0)
        case 4: return .number(0.5)
        case 5: return [:]
        case 6: return []
        case 7: return [.string(arbitraryText(&random))]
        default: return .string(arbitraryText(&random))
        }
    }

    private static func arbitraryText(_ random: inout SplitMix64) -> String {
        let texts = [
            "", " ", "a", "A", "-", ".", "/", "//", "..", "0", "-1", "1e999", "true", "null", "~", "${", "${}", "${A",
            "$${A}", "0.0.0.0/0", "::/0", "10.0.0.0/33", "ghcr.io/a/b:latest", "a@sha256:", "@", "1Gi", "1.5e-9Ki", "🚢",
            "\u{0}", "\n", "\r\n", "\u{FEFF}", "\u{2028}", "é", "spec", "metadata", "mcp", "tmp", "http", "\\", "\"",
            "'",
            String(repeating: "x", count: 300),
        ]
        return texts.randomElement(using: &random) ?? ""
    }
}

/// A small generator of good enough numbers (Steele, Lea and Flood, 2014): a seed gives the same sequence everywhere.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
