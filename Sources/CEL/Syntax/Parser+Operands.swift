/// Literals, identifiers, calls, and expressions in brackets.
extension Parser {
    /// Names that the language keeps for itself.
    private static let reserved: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while",
    ]

    mutating func primary() throws(SyntaxProblem) -> Node {
        let position = token.start
        switch token.kind {
        case .symbol("("):
            advance()
            let inner = try expression()
            try expect(")")
            return inner
        case .symbol("["):
            advance()
            return try list(at: position)
        case .symbol("{"):
            advance()
            return try map(at: position)
        case .symbol("."), .identifier: return try name()
        case .symbol("-") where following.isNumber:
            advance()
            return try number(sign: "-", at: position)
        case .integer, .unsigned, .double: return try number(sign: "", at: position)
        case .string(let text): return try literal(.string(text))
        case .bytes(let bytes): return try literal(.bytes(bytes))
        case .symbol("true"): return try literal(.bool(true))
        case .symbol("false"): return try literal(.bool(false))
        case .symbol("null"): return try literal(.null)
        default: throw unexpected([], or: Parser.operandStarts)
        }
    }

    private mutating func literal(_ value: CELValue) throws(SyntaxProblem) -> Node {
        let position = token.start
        advance()
        return try node(.literal(value), at: position)
    }

    private mutating func number(sign: String, at position: Int) throws(SyntaxProblem) -> Node {
        func digits<Number: FixedWidthInteger>(_ text: String, as type: Number.Type) -> Number? {
            text.hasPrefix("0x") ? Number(sign + text.dropFirst(2), radix: 16) : Number(sign + text)
        }
        let kind = token.kind
        advance()
        switch kind {
        case .integer(let text):
            guard let value = digits(text, as: Int64.self) else {
                throw SyntaxProblem(plain: "invalid int literal", at: position)
            }
            return try node(.literal(.int(value)), at: position)
        case .unsigned(let text):
            guard let value = digits(text, as: UInt64.self) else {
                throw SyntaxProblem(plain: "invalid uint literal", at: position)
            }
            return try node(.literal(.uint(value)), at: position)
        case .double(let text):
            guard let value = Double(sign + text), value.isFinite else {
                throw SyntaxProblem(plain: "invalid double literal", at: position)
            }
            return try node(.literal(.double(value)), at: position)
        default: throw unexpected([], or: Parser.operandStarts)
        }
    }

    /// An identifier, a call, or a message with the fields that follow its type.
    private mutating func name() throws(SyntaxProblem) -> Node {
        let isGlobal = skip(".")
        let position = token.start
        guard case .identifier(let first) = token.kind else { throw unexpected([], or: "IDENTIFIER") }
        if let message = try message(isGlobal: isGlobal) { return message }
        advance()
        guard !Parser.reserved.contains(first) else {
            throw SyntaxProblem(plain: "reserved identifier: \(first)", at: position)
        }
        let name = isGlobal ? ".\(first)" : first
        let open = token.start
        guard skip("(") else { return try node(.identifier(name), at: position) }
        let arguments = try self.arguments(until: ")")
        if let macro = try Macro.expand(name, target: nil, arguments, at: open) { return try checked(macro) }
        return try node(.call(name, target: nil, arguments: arguments), at: open, over: arguments)
    }

    /// A message literal such as `Object.spec{replicas: 1}`, if there is one.
    private mutating func message(isGlobal: Bool) throws(SyntaxProblem) -> Node? {
        let start = self
        var name = ""
        while case .identifier(let part) = token.kind {
            name += name.isEmpty ? part : ".\(part)"
            advance()
            if token.isSymbol("{") {
                let position = token.start
                advance()
                return try fields(of: name, at: position)
            }
            guard token.isSymbol("."), case .identifier = following.kind else { break }
            advance()
        }
        self = start
        return nil
    }

    private mutating func fields(of name: String, at position: Int) throws(SyntaxProblem) -> Node {
        var fields: [Node.Field] = []
        while !token.isSymbol("}") {
            let isOptional = skip("?")
            guard case .identifier(let field) = token.kind else { throw unexpected([], or: "IDENTIFIER") }
            advance()
            let colon = token.start
            try expect(":")
            fields.append(Node.Field(name: field, position: colon, value: try expression(), isOptional: isOptional))
            if !skip(",") { break }
        }
        guard skip("}") else { throw unexpected(["}", ","]) }
        return try node(.message(type: name, fields: fields), at: position, over: fields.map(\.value))
    }

    private mutating func list(at position: Int) throws(SyntaxProblem) -> Node {
        var elements: [Node.Element] = []
        while !token.isSymbol("]") {
            let isOptional = skip("?")
            elements.append(Node.Element(value: try expression(), isOptional: isOptional))
            if !skip(",") { break }
        }
        guard skip("]") else { throw unexpected(["]", ","]) }
        return try node(.list(elements), at: position, over: elements.map(\.value))
    }

    private mutating func map(at position: Int) throws(SyntaxProblem) -> Node {
        var entries: [Node.Entry] = []
        while !token.isSymbol("}") {
            let isOptional = skip("?")
            let key = try expression()
            try expect(":")
            entries.append(Node.Entry(key: key, value: try expression(), isOptional: isOptional))
            if !skip(",") { break }
        }
        guard skip("}") else { throw unexpected(["}", ","]) }
        return try node(.map(entries), at: position, over: entries.flatMap { [$0.key, $0.value] })
    }
}
