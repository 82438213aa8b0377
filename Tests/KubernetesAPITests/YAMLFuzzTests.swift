import KubernetesAPI
import Testing

/// Damaged YAML is refused with a location, or read; it never crashes the process and never takes long.
@Suite struct YAMLFuzzTests {
    @Test(
        "damaged documents are rejected or read",
        .timeLimit(.minutes(1)),
        arguments: [0xFA_0001, 0xFA_0002] as [UInt64]
    )
    func damaged(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let pieces = [
            "- ", ": ", "\n", "  ", "\t", "[", "]", "{", "}", ",", "&a ", "*a", "<<: ", "!!int ", "!<", "|", ">-", "'",
            "\"",
            "\\x", "# ", "---\n", "...\n", "%YAML 1.1\n", "? ", "@", "\u{FEFF}", "\r", "\0", "a",
        ]
        var accepted = 0
        for round in 0..<5_000 {
            var bytes = Array(YAML.text(JSONValue.random(depth: 4, using: &generator)).utf8)
            for _ in 0..<Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
                let position = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes.remove(at: position)
                case 1: bytes[position] = UInt8.random(in: 0...255, using: &generator)
                case 2:
                    let piece = pieces[Int.random(in: 0..<pieces.count, using: &generator)]
                    bytes.insert(contentsOf: Array(piece.utf8), at: position)
                default: bytes.removeLast(bytes.count - position)
                }
            }
            let documents: [YAMLDocument]
            do throws(YAMLError) {
                documents = try YAML.documents(in: bytes)
            } catch {
                #expect(error.line > 0 && error.column > 0 && !error.message.isEmpty, "seed \(seed), round \(round)")
                continue
            }
            accepted += 1
            // What was read can be written, and is read back unchanged.
            for document in documents {
                let text = YAML.text(document.value)
                let again = try? YAML.value(of: text)
                try #require(
                    again?.withWholeNumbersAsIntegers == document.value.withWholeNumbersAsIntegers,
                    "seed \(seed), round \(round): \(text.debugDescription)"
                )
            }
        }
        #expect((500..<4_900).contains(accepted), "seed \(seed): the damage tests nothing")
    }

    @Test("random bytes are rejected or read", arguments: [0xFA_1001] as [UInt64])
    func noise(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<10_000 {
            let bytes = (0..<Int.random(in: 0..<64, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? YAML.documents(in: bytes)
        }
    }
}
