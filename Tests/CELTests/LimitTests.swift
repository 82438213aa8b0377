import CEL
import KubernetesAPI
import Testing

@Suite("Limits")
struct LimitTests {
    private func nested(_ count: Int, _ open: String, _ close: String) -> String {
        String(repeating: open, count: count) + "1" + String(repeating: close, count: count)
    }

    @Test(
        "an expression that is nested too deep is refused",
        arguments: [("(", ")"), ("[", "]"), ("{1:", "}"), ("-(", ")")]
    )
    func nesting(open: String, close: String) throws {
        #expect(throws: CompileError.self) { try Expression.environment.compile(nested(100_000 / 4, open, close)) }
        #expect(throws: Never.self) { try Expression.environment.compile(nested(100, open, close)) }
    }

    @Test(
        "a long chain of operators is refused, or evaluated",
        arguments: ["+", "-", "*", "&&", "||", "==", ".a", "[0]"]
    )
    func chains(operation: String) {
        for count in [50, 390, 5_000] {
            let text =
                "object"
                + String(
                    repeating: operation.hasPrefix(".") || operation == "[0]" ? operation : "\(operation)object",
                    count: count
                )
            guard let program = try? Expression.environment.compile(text) else { continue }
            var evaluation = Evaluation(Expression.activation)
            _ = try? evaluation.evaluate(program)
        }
    }

    static let expensive = [
        "lists.range(1000).all(x, lists.range(1000).all(y, lists.range(1000).all(z, true)))",
        "lists.range(30).map(x, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa').join('').replace('', 'bbbbbbbbbbbbbbbbbbbbbbbbbbb').replace('', "
            + "'ccccccccccccccccccccccccccccccccccc').replace('', 'ddddddddddddddddddddddddddddddd')",
        "[[1]].map(a, [a, a]).map(a, [a, a]).map(a, [a, a]).map(a, [a, a]).map(a, [a, a]).map(a, [a, a]).map(a, [a, a])"
            + ".map(a, [a, a]).map(a, [a, a]).map(a, [a, a]).map(a, [a, a]).map(a, [a, a]).map(a, [a, a]).map(a, [a, a])"
            + ".map(a, [a, a]).map(a, [a, a]).map(a, [a, a]).map(a, [a, a]).map(a, [a, a]).map(a, [a, a])"
            + ".all(a, [a].map(b, b) == [a].map(c, c))",
        "lists.range(100000).distinct().size() > 0",
    ]

    @Test("what an evaluation costs is limited, whatever it does", arguments: expensive)
    func cost(text: String) throws {
        let message = try Expression(text, "").evaluate(limit: 50_000)
        #expect(message == "error: operation cancelled: actual cost limit exceeded")
    }

    @Test("variables that refer to each other cannot be nested without a limit")
    func nestedVariables() async throws {
        let result = try await Task {
            var environment = Environment(variables: ["variables": .named("v"), "object": .dyn], fields: ["v": [:]])
            var activation = Activation(values: ["object": .int(1), "variables": .variables])
            for index in 0..<30 {
                let inner = index == 0 ? "object" : "variables.v\(index - 1)"
                let text = String(repeating: "[", count: 240) + inner + String(repeating: "]", count: 240)
                activation.variables["v\(index)"] = .success(try environment.compile(text + "[0]"))
                environment.fields["v"]?["v\(index)"] = .dyn
            }
            var evaluation = Evaluation(activation)
            // Each of them is evaluated before the next one needs it.
            let uses = (0..<30).map { "variables.v\($0) == 1" }.joined(separator: " || ")
            let program = try environment.compile(uses)
            do { return "\(try evaluation.evaluate(program))" } catch { return "\(error)" }
        }.value
        #expect(result == "operation cancelled: the expression is nested too deep")
    }

    @Test("the types of literals within each other do not grow without a limit")
    func types() throws {
        let text = "[object]" + (0..<40).map { ".map(v\($0), {v\($0): v\($0)})" }.joined()
        _ = try? Expression.environment.compile(text)
    }

    @Test("all expressions of a policy share what they can cost")
    func budget() throws {
        let program = try Expression.environment.compile("lists.range(200).all(x, lists.range(200).all(y, y >= 0))")
        var evaluation = Evaluation(Expression.activation)
        var count = 0
        while !evaluation.isOutOfBudget, count < 1_000 {
            _ = try evaluation.evaluate(program)
            count += 1
        }
        #expect((2..<1_000).contains(count))
    }
}
