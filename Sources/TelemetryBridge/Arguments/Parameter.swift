internal import KubernetesAPI
internal import MCPProtocol

/// A parameter of a tool: its schema, and the check of an argument. Both come from one declaration, so that they agree.
struct Parameter: Sendable {
    /// What an argument can be.
    enum Kind: Sendable {
        /// Text of at most so many bytes.
        case text(maximumBytes: Int)
        /// The name of an object or a namespace, which becomes a part of a path.
        case name
        /// One of these texts.
        case choice([String])
        /// A whole number in a range.
        case integer(ClosedRange<Int64>)
        case boolean
        /// A duration in Prometheus's notation.
        case duration(minimum: PrometheusDuration, maximum: PrometheusDuration)
        /// A point in time, as RFC 3339.
        case time
        /// Texts, each of at most so many bytes.
        case texts(maximumCount: Int, maximumBytes: Int)
    }

    let name: String
    let kind: Kind
    let description: String
    var isRequired = false
    /// What applies without an argument.
    var standard: RawJSON?
    /// An example, for messages and the schema.
    var example: RawJSON?

    /// The JSON Schema of the argument.
    var schema: RawJSON {
        var schema: RawJSON =
            switch kind {
            case .text(let maximum): ["type": "string", "minLength": 1, "maxLength": .integer(Int64(maximum))]
            case .name: ["type": "string", "minLength": 1, "maxLength": 253]
            case .choice(let values): ["type": "string", "enum": .array(values.map(RawJSON.string))]
            case .integer(let range):
                ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
            case .boolean: ["type": "boolean"]
            case .duration: ["type": "string", "pattern": #"^([0-9]+(ms|y|w|d|h|m|s))+$"#, "maxLength": 64]
            case .time: ["type": "string", "format": "date-time", "maxLength": 64]
            case .texts(let count, let bytes):
                [
                    "type": "array", "maxItems": .integer(Int64(count)),
                    "items": ["type": "string", "minLength": 1, "maxLength": .integer(Int64(bytes))],
                ]
            }
        schema = schema.setting("description", to: .string(description))
        if let standard { schema = schema.setting("default", to: standard) }
        if let example { schema = schema.setting("examples", to: .array([example])) }
        return schema
    }

    /// Why an argument is not valid, or `nil`. Does not name the argument.
    func problem(of argument: RawJSON) -> String? {
        switch kind {
        case .text(let maximum): return Self.textProblem(argument, maximum)
        case .name:
            return Self.textProblem(argument, 253)
                ?? (argument.stringValue.map(Self.isName) == true
                    ? nil : "must be a name of Kubernetes, without slashes, spaces, `%`, `?` and `#`")
        case .choice(let values):
            return argument.stringValue.map(values.contains) == true
                ? nil : "must be one of: \(values.joined(separator: ", "))"
        case .integer(let range):
            return argument.integerValue.map(range.contains) == true
                ? nil : "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .boolean: return argument.boolValue == nil ? "must be true or false" : nil
        case .duration(let minimum, let maximum):
            guard let value = argument.stringValue.flatMap(PrometheusDuration.init) else {
                return "must be a duration such as 5m or 1h30m, with the units y, w, d, h, m, s and ms"
            }
            return (minimum...maximum).contains(value) ? nil : "must be from \(minimum) to \(maximum)"
        case .time:
            return argument.stringValue.flatMap(MicroTimestamp.init) == nil
                ? "must be a time in the format of RFC 3339, such as 2026-01-31T12:00:00Z" : nil
        case .texts(let count, let maximum):
            guard let elements = argument.elements else { return "must be a list of texts" }
            guard elements.count <= count else { return "must have at most \(count) elements" }
            return elements.lazy.compactMap { Self.textProblem($0, maximum) }.first.map { "each element \($0)" }
        }
    }

    /// Whether a text can stand in the path of a request without changing it.
    static func isName(_ text: String) -> Bool {
        text != "." && text != ".." && !text.isEmpty && text.utf8.count <= 253
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"/%?#\\".utf8.contains($0) }
    }

    private static func textProblem(_ argument: RawJSON, _ maximum: Int) -> String? {
        guard let text = argument.stringValue else { return "must be a text" }
        guard !text.isEmpty else { return "must not be empty; leave it out instead" }
        guard text.utf8.count <= maximum else { return "must have at most \(maximum) bytes" }
        return text.unicodeScalars.contains { $0 == "\0" } ? "must not contain a null character" : nil
    }
}

extension Parameter {
    /// The schema of the arguments of a tool.
    static func inputSchema(_ parameters: [Parameter]) -> RawJSON {
        let required = parameters.filter(\.isRequired).map { RawJSON.string($0.name) }
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
            "properties": .object(parameters.map { ($0.name, $0.schema) }),
            "required": required.isEmpty ? nil : .array(required), "additionalProperties": false,
        ]
    }
}
