/// A part of a text.
enum TextPart: Hashable, Sendable {
    /// The text itself.
    case literal(String)
    /// What another program would put there.
    case placeholder(Placeholder)
}

/// A part of a text that the input leaves open, such as `${GITHUB_TOKEN}`, `${input:token}` or `{region}`.
struct Placeholder: Hashable, Sendable {
    /// How it is written.
    var text: String
    /// Its name, such as `GITHUB_TOKEN`.
    var name: String
    /// Whether its value is a secret.
    var isSecret: Bool
    /// The value if nobody sets one.
    var defaultValue: String?
    /// What the value is.
    var purpose: String
}

extension [TextPart] {
    /// The parts of a text with placeholders such as `${NAME}`, `${NAME:-default}`, `${env:NAME}` and `${input:NAME}`.
    ///
    /// - Parameter inputs: what is known about inputs, by name.
    init(dollarText text: String, inputs: [String: Placeholder] = [:]) {
        self = []
        var literal = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            let inner = rest[start.upperBound...]
            guard let end = inner.firstIndex(of: "}") else { break }
            literal += rest[..<start.lowerBound]
            let reference = String(inner[..<end])
            if let placeholder = Self.placeholder(reference, inputs) {
                if !literal.isEmpty { append(.literal(literal)) }
                literal = ""
                append(.placeholder(placeholder))
            } else {
                literal += "${\(reference)}"
            }
            rest = inner[inner.index(after: end)...]
        }
        literal += rest
        if !literal.isEmpty || isEmpty { append(.literal(literal)) }
    }

    private static func placeholder(_ reference: String, _ inputs: [String: Placeholder]) -> Placeholder? {
        var name = reference
        var defaultValue: String?
        if let range = name.firstRange(of: ":-") {
            defaultValue = String(name[range.upperBound...])
            name = String(name[..<range.lowerBound])
        }
        if name.hasPrefix("input:") {
            let id = String(name.dropFirst("input:".count))
            if var known = inputs[id] {
                known.text = "${\(reference)}"
                return known
            }
            name = id
        } else if name.hasPrefix("env:") {
            name = String(name.dropFirst("env:".count))
        }
        guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) })
        else {
            return nil
        }
        return Placeholder(
            text: "${\(reference)}",
            name: name,
            isSecret: SecretNames.contains(name),
            defaultValue: defaultValue,
            purpose: "the value of \(name)"
        )
    }

    /// The parts of a text with placeholders `{name}`, of which only known ones count.
    init(braceText text: String, variables: [String: Placeholder]) {
        self = []
        var literal = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "{") {
            let inner = rest[rest.index(after: start)...]
            guard let end = inner.firstIndex(of: "}") else { break }
            let name = String(inner[..<end])
            literal += rest[..<start]
            if let placeholder = variables[name] {
                if !literal.isEmpty { append(.literal(literal)) }
                literal = ""
                append(.placeholder(placeholder))
            } else {
                literal += "{\(name)}"
            }
            rest = inner[inner.index(after: end)...]
        }
        literal += rest
        if !literal.isEmpty || isEmpty { append(.literal(literal)) }
    }

    /// The text as it is written.
    var written: String {
        map { part in
            switch part {
            case .literal(let text): text
            case .placeholder(let placeholder): placeholder.text
            }
        }.joined()
    }

    /// The text, if nothing is left open.
    var literal: String? {
        var text = ""
        for part in self {
            guard case .literal(let own) = part else { return nil }
            text += own
        }
        return text
    }

    /// The placeholders.
    var placeholders: [Placeholder] {
        compactMap { if case .placeholder(let placeholder) = $0 { placeholder } else { nil } }
    }

    /// This text with the placeholders replaced whose values are known: those that the user sets, and defaults of those that are
    /// not secret.
    func resolved(_ values: [String: String]) -> [TextPart] {
        var parts: [TextPart] = []
        for part in self {
            var part = part
            if case .placeholder(let placeholder) = part, !placeholder.isSecret,
                let value = values[placeholder.name] ?? placeholder.defaultValue
            {
                part = .literal(value)
            }
            if case .literal(let text) = part, case .literal(let before)? = parts.last {
                parts[parts.count - 1] = .literal(before + text)
            } else {
                parts.append(part)
            }
        }
        return parts
    }

    /// The parts before and after the first occurrence of a character in literal text; `nil` if there is none.
    func split(at character: Character) -> (before: String, after: [TextPart])? {
        guard case .literal(let text)? = first, let index = text.firstIndex(of: character) else { return nil }
        let rest = String(text[text.index(after: index)...])
        var after = Array(dropFirst())
        if !rest.isEmpty || after.isEmpty { after.insert(.literal(rest), at: 0) }
        return (String(text[..<index]), after)
    }
}
