internal import KubernetesAPI

/// A PromQL or LogQL query with parameters such as `$namespace`. Pure.
///
/// A parameter inside a quoted text stands for a text, which is escaped, so that a value cannot change the query. Elsewhere it stands for a
/// duration or a number, such as `[$range]`. In a text of back quotation marks there are no escapes, so a value must not contain one.
struct QueryTemplate: Sendable, Hashable {
    enum Part: Sendable, Hashable {
        case literal(String)
        /// A parameter, and the quotation mark that it is inside of; `nil` outside of texts.
        case parameter(String, mark: Character?)
    }

    /// Why a query cannot be used.
    struct Problem: Error, Sendable, CustomStringConvertible {
        let description: String
    }

    let parts: [Part]

    /// The names of the parameters, in the order in which they occur.
    var parameters: [String] {
        parts.compactMap { if case .parameter(let name, _) = $0 { name } else { nil } }.uniqued()
    }

    init(_ text: String) throws(Problem) {
        var parts: [Part] = []
        var literal = ""
        var mark: Character?
        var isEscaped = false
        var isComment = false
        var index = text.startIndex
        while index < text.endIndex {
            let character = text[index]
            index = text.index(after: index)
            if character == "$", !isComment, !isEscaped, index < text.endIndex, Self.isStart(text[index]) {
                let name = text[index...].prefix(while: Self.isContinuation)
                index = name.endIndex
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                parts.append(.parameter(String(name), mark: mark))
                continue
            }
            literal.append(character)
            if isComment {
                isComment = !character.isNewline
            } else if isEscaped {
                isEscaped = false
            } else if let open = mark {
                if character == open { mark = nil } else if character == "\\", open != "`" { isEscaped = true }
            } else if "\"'`".contains(character) {
                mark = character
            } else if character == "#" {
                isComment = true
            }
        }
        if let mark { throw Problem(description: "a text that begins with \(mark) has no end") }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        self.parts = parts
    }

    private static func isStart(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character == "_")
    }
    private static func isContinuation(_ character: Character) -> Bool {
        isStart(character) || character.isASCII && character.isNumber
    }

    /// The query with values in place of the parameters.
    ///
    /// - Throws: `Problem`, which names the parameter and the value.
    func filled(with values: [String: String]) throws(Problem) -> String {
        var output = ""
        for part in parts {
            switch part {
            case .literal(let text): output += text
            case .parameter(let name, let mark):
                guard let value = values[name] else { throw Problem(description: "the parameter \(name) has no value") }
                output += try Self.inserted(value, name, mark)
            }
        }
        return output
    }

    private static func inserted(_ value: String, _ name: String, _ mark: Character?) throws(Problem) -> String {
        let shown = value.printable(maximumLength: 100).debugDescription
        guard value.utf8.count <= 512 else {
            throw Problem(description: "the value of \(name) has more than 512 bytes")
        }
        switch mark {
        case "`":
            guard !value.contains("`") else {
                throw Problem(
                    description: "the value of \(name) is \(shown), and must not contain a back quotation mark"
                )
            }
            return value
        case let mark?: return QueryLiteral.escaped(value, in: mark)
        case nil:
            let isNumber =
                value.utf8.count <= 20 && Double(value).map(\.isFinite) == true
                && value.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
            guard isNumber || PrometheusDuration(value) != nil else {
                throw Problem(
                    description: "the value of \(name) is \(shown), and must be a duration such as 5m, or a number"
                )
            }
            return value
        }
    }
}
