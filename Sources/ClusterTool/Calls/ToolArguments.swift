package import CommandSupport
package import MCPProtocol
internal import Policy

/// The arguments of a tool call from texts, which are read as the tool's input schema says.
package struct ToolArguments: Sendable {
    /// The schemas of the properties.
    private let properties: [(name: String, schema: RawJSON)]
    private let required: [String]
    private let schema: RawJSON
    private let tool: String

    /// How far references between schemas are followed.
    private static let maximumDepth = 16

    package init(_ tool: Tool) {
        self.tool = tool.name
        schema = tool.inputSchema
        properties = (schema["properties"]?.members ?? []).map { ($0.name, $0.value) }
        required = (schema["required"]?.elements ?? []).compactMap(\.stringValue)
    }

    /// An object with all arguments.
    ///
    /// - Parameters:
    ///   - base: an object as JSON; `nil` for none.
    ///   - texts: `name=value`. A name that is repeated makes an array, if the property is one.
    /// - Throws: `CommandFailure`, which names the argument.
    package func object(base: String?, texts: [String]) throws(CommandFailure) -> RawJSON {
        var object = try Self.base(base)
        var given: [(name: String, values: [String])] = []
        for text in texts {
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw CommandFailure("--arg \(TerminalText.safe(text)) is not of the form name=value")
            }
            let (name, value) = (String(text[..<equals]), String(text[text.index(after: equals)...]))
            if let index = given.firstIndex(where: { $0.name == name }) {
                given[index].values.append(value)
            } else {
                given.append((name, [value]))
            }
        }
        for (name, values) in given { object = object.setting(name, to: try value(of: name, values)) }
        let missing = required.filter { object[$0] == nil }
        guard missing.isEmpty else {
            let hints = missing.map { name in
                let type = properties.first { $0.name == name }.map { " (\(Self.typeName($0.schema)))" } ?? ""
                return TerminalText.safe("\(name)\(type)")
            }
            throw CommandFailure(
                "the tool \(TerminalText.safe(tool)) also needs \(hints.joined(separator: ", ")): add --arg NAME=VALUE for each"
            )
        }
        return object
    }

    private static func base(_ text: String?) throws(CommandFailure) -> RawJSON {
        guard let text else { return [:] }
        let parsed: RawJSON
        do {
            parsed = try RawJSON(parsing: text)
        } catch {
            throw CommandFailure("--arguments is not JSON", underlying: error)
        }
        guard parsed.kind == .object else {
            throw CommandFailure("--arguments must be a JSON object, such as {\"city\": \"Bern\"}")
        }
        return parsed
    }

    private func value(of name: String, _ texts: [String]) throws(CommandFailure) -> RawJSON {
        guard let property = properties.first(where: { $0.name == name })?.schema else {
            // Most servers accept other names, and ignore them: a typing error would not be seen.
            if properties.isEmpty || schema["additionalProperties"]?.kind == .object
                || schema["additionalProperties"]?.boolValue == true
            {
                return try one(texts, name: name, schema: [:])
            }
            let names = properties.map(\.name)
            let nearest = NearestName.of(name, among: names).map { "did you mean \($0)?" }
            let hint = nearest ?? "it has \(names.joined(separator: ", "))"
            throw CommandFailure(
                TerminalText.safe("the tool \(tool) has no argument \(name): \(hint)")
            )
        }
        return try one(texts, name: name, schema: property)
    }

    private func one(_ texts: [String], name: String, schema: RawJSON) throws(CommandFailure) -> RawJSON {
        let resolved = resolve(schema)
        let isArray = Self.types(resolved).contains("array")
        if isArray, texts.count > 1 || !(texts.first?.hasPrefix("[") ?? false) {
            var elements: [RawJSON] = []
            for text in texts { elements.append(try read(text, as: resolved["items"] ?? [:], name: name)) }
            return .array(elements)
        }
        guard texts.count == 1, let text = texts.first else {
            throw CommandFailure(
                TerminalText.safe("--arg \(name) is repeated, and the tool takes one value for it, not an array")
            )
        }
        return try read(text, as: resolved, name: name)
    }

    private func read(_ text: String, as schema: RawJSON, name: String) throws(CommandFailure) -> RawJSON {
        guard let value = value(text, schema, depth: 0) else {
            throw CommandFailure(
                TerminalText.safe(
                    "--arg \(name)=\(text): the schema of the tool says \(Self.typeName(resolve(schema))) for \(name)"
                )
            )
        }
        return value
    }

    /// A text as a value of a schema; `nil` if it is none.
    private func value(_ text: String, _ schema: RawJSON, depth: Int) -> RawJSON? {
        guard depth < Self.maximumDepth else { return nil }
        let schema = resolve(schema)
        if let allowed = schema["enum"]?.elements {
            return allowed.first { ($0.stringValue ?? $0.text) == text }
        }
        if let only = schema["const"] { return (only.stringValue ?? only.text) == text ? only : nil }
        for keyword in ["anyOf", "oneOf"] {
            guard let choices = schema[keyword]?.elements, !choices.isEmpty else { continue }
            // Everything is a text, so that comes last.
            let ordered = choices.filter { !isText($0) } + choices.filter(isText)
            for choice in ordered {
                if let found = value(text, choice, depth: depth + 1) { return found }
            }
            return nil
        }
        let types = Self.types(schema)
        guard !types.isEmpty else { return (try? RawJSON(parsing: text)) ?? .string(text) }
        for type in types.filter({ $0 != "string" }) {
            if let found = Self.value(text, type) { return found }
        }
        return types.contains("string") ? .string(text) : nil
    }

    private func isText(_ schema: RawJSON) -> Bool {
        let schema = resolve(schema)
        return Self.types(schema).contains("string") && schema["enum"] == nil && schema["const"] == nil
    }

    private static func value(_ text: String, _ type: String) -> RawJSON? {
        switch type {
        case "integer":
            if let number = Int64(text) { return .integer(number) }
            // Larger than 64 bits, or 1e3.
            guard let json = try? RawJSON(parsing: text), json.kind == .number, let value = json.doubleValue,
                value.rounded() == value
            else { return nil }
            return json
        case "number":
            guard let json = try? RawJSON(parsing: text), json.kind == .number else { return nil }
            return json
        case "boolean": return text == "true" ? true : text == "false" ? false : nil
        case "null": return text == "null" ? .null : nil
        case "array", "object":
            guard let json = try? RawJSON(parsing: text), json.kind == (type == "array" ? .array : .object) else {
                return nil
            }
            return json
        default: return nil
        }
    }

    /// A schema without references to definitions in the same schema.
    private func resolve(_ schema: RawJSON) -> RawJSON {
        var current = schema
        for _ in 0..<Self.maximumDepth {
            guard let reference = current["$ref"]?.stringValue, reference.hasPrefix("#/") else { return current }
            let path = reference.dropFirst(2).split(separator: "/").map(String.init)
            guard let target = self.schema[path: path] else { return [:] }
            current = target
        }
        return [:]
    }

    private static func types(_ schema: RawJSON) -> [String] {
        if let type = schema["type"]?.stringValue { return [type] }
        return (schema["type"]?.elements ?? []).compactMap(\.stringValue)
    }

    /// What a value is, in words.
    static func typeName(_ schema: RawJSON) -> String {
        if let allowed = schema["enum"]?.elements {
            return "one of " + allowed.prefix(20).map { $0.stringValue ?? $0.text }.joined(separator: ", ")
        }
        let types = types(schema)
        if types.isEmpty, let choices = (schema["anyOf"] ?? schema["oneOf"])?.elements {
            return choices.prefix(20).map(typeName).joined(separator: " or ")
        }
        return types.isEmpty ? "any value" : types.joined(separator: " or ")
    }
}
