import CEL
import KubernetesAPI
import Testing

@Suite("Changed expressions")
struct FuzzTests {
    /// The seed; another one finds other expressions.
    private static let seed: UInt64 = 20_240_611

    private static let pieces = [
        "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", ".?", "[?", "'", "\"", "\\", "+", "-", "*", "/", "%", "!",
        "&&",
        "||", "==", "<", ">=", " in ", "1", "-9223372036854775808", "9223372036854775807", "1u", "1e308", "'a'",
        "b'\\xff'",
        "null", "true", "object", "name", "names", "dyn(", "size(", "int(", "string(", "has(", "type(", "optional.of(",
        "optional.none()", ".map(x, ", ".all(x, ", ".filter(x, ", ".exists_one(x, ", ".sortBy(x, ", ".optMap(x, ",
        ".transformMap(k, v, ", ".contains(", ".matches('(a|b)*c{2,900}')", ".format([", ".split(", ".replace(",
        ".substring(", ".charAt(", ".indexOf(", ".join(", ".findAll(", "quantity(", "ip(", "cidr(", "url(", "semver(",
        "duration(", "timestamp(", "lists.range(", "sets.contains(", ".flatten()", ".slice(", ".sort()", ".value()",
        ".orValue(", ".getHours(", "é", "😀", "\u{0}", "\n", "//",
    ]

    private func changed(_ text: String, _ random: inout SplitMix64) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...scalars.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0 where place < scalars.count: scalars.remove(at: place)
            case 1:
                let end = min(scalars.count, place + Int.random(in: 0..<12, using: &random))
                scalars.removeSubrange(place..<end)
            case 2:
                let end = min(scalars.count, place + Int.random(in: 0..<24, using: &random))
                scalars.insert(contentsOf: scalars[place..<end], at: place)
            default:
                let piece = FuzzTests.pieces.randomElement(using: &random) ?? ""
                scalars.insert(contentsOf: Array(piece.unicodeScalars), at: place)
            }
        }
        var result = ""
        result.unicodeScalars.append(contentsOf: scalars)
        return result
    }

    @Test("no expression crashes or hangs, however it is changed")
    func random() throws {
        var random = SplitMix64(seed: FuzzTests.seed)
        let starts = (EvaluationTests.values + EvaluationTests.errors + CompileErrorTests.problems).map(\.text)
        var counts = (compiled: 0, valued: 0)
        let clock = ContinuousClock()
        for index in 0..<10_000 {
            let text = changed(starts.randomElement(using: &random) ?? "", &random)
            let time = clock.measure {
                // Without the checks of types, evaluation meets values of all types.
                let isChecked = index % 2 == 0
                let environment = Expression.environment
                let program = isChecked ? try? environment.compile(text) : try? environment.compileUnchecked(text)
                guard let program else { return }
                counts.compiled += 1
                var evaluation = Evaluation(Expression.activation, limit: 20_000)
                guard let value = try? evaluation.evaluate(program) else { return }
                counts.valued += 1
                _ = try? evaluation.json(value)
            }
            #expect(time < .seconds(20), "seed \(FuzzTests.seed), case \(index): \(text)")
        }
        #expect(counts.compiled > 1_000 && counts.valued > 300, "seed \(FuzzTests.seed): \(counts)")
    }
}
