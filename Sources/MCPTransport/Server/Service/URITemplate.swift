/// A URI template (RFC 6570) of literals and variables: `{name}` stands for text without a slash, `{+name}` for any text. Other
/// expressions match nothing.
package struct URITemplate: Sendable {
    private enum Part: Sendable {
        case literal(String)
        case variable(String, allowsSlash: Bool)
    }

    private let parts: [Part]?

    package init(_ text: String) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            if open > rest.startIndex { parts.append(.literal(String(rest[..<open]))) }
            guard let close = rest[open...].firstIndex(of: "}") else {
                self.parts = nil
                return
            }
            var name = rest[rest.index(after: open)..<close]
            let allowsSlash = name.hasPrefix("+")
            if allowsSlash { name = name.dropFirst() }
            guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) else {
                self.parts = nil
                return
            }
            parts.append(.variable(String(name), allowsSlash: allowsSlash))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        self.parts = parts
    }

    /// The values of the variables, as they are in the URI, or `nil` if the template does not fit.
    package func match(_ uri: String) -> [(name: String, value: String)]? {
        guard let parts, uri.utf8.count <= 8_192 else { return nil }
        return Self.match(parts[...], uri[...])
    }

    private static func match(_ parts: ArraySlice<Part>, _ text: Substring) -> [(name: String, value: String)]? {
        guard let first = parts.first else { return text.isEmpty ? [] : nil }
        let rest = parts.dropFirst()
        switch first {
        case .literal(let literal):
            return text.hasPrefix(literal) ? match(rest, text.dropFirst(literal.count)) : nil
        case .variable(let name, let allowsSlash):
            let value: Substring
            if case .literal(let literal)? = rest.first {
                // Up to the first place where the next literal fits: one way to match, so that no URI takes long.
                guard let end = index(of: literal, in: text) else { return nil }
                value = text[..<end]
            } else if rest.isEmpty {
                value = text
            } else {
                return nil
            }
            guard !value.isEmpty, allowsSlash || !value.contains("/"), let others = match(rest, text[value.endIndex...])
            else { return nil }
            return [(name, String(value))] + others
        }
    }

    private static func index(of literal: String, in text: Substring) -> Substring.Index? {
        text.indices.dropFirst().first { text[$0...].hasPrefix(literal) }
    }
}
