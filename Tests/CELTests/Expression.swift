import CEL
import KubernetesAPI
import Testing

/// An expression and what it results in.
struct Expression: Sendable, CustomTestStringConvertible {
    var text: String
    /// The result as JSON, the message of an error, or part of the message of a problem.
    var result: String

    init(_ text: String, _ result: String) {
        self.text = text
        self.result = result
    }

    var testDescription: String { text }

    /// The environment of most tests: an object of any type, and texts.
    static var environment: Environment {
        Environment(variables: ["object": .dyn, "name": .string, "names": .list(.string)])
    }

    static let object: JSONValue = [
        "metadata": ["name": "web", "labels": ["app": "a"]],
        "spec": ["replicas": 3, "ratio": 0.5, "paused": true, "ports": [80, 443], "nothing": nil],
    ]

    static var activation: Activation {
        Activation(values: ["object": CELValue(object), "name": .string("web"), "names": .list([.string("a")])])
    }

    /// The result as JSON, or `error: ` and the message.
    func evaluate(limit: Int64 = Limits.costPerCall) throws -> String {
        let program = try Expression.environment.compile(text)
        var evaluation = Evaluation(Expression.activation, limit: limit)
        do {
            let value = try evaluation.evaluate(program)
            return String(decoding: try evaluation.json(value).serialized(), as: UTF8.self)
        } catch {
            return "error: \(error)"
        }
    }
}
