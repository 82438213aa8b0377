/// Splits the source of an expression into tokens.
struct Lexer {
    let source: [Unicode.Scalar]
    var position = 0
    /// What is not a token.
    private(set) var problems: [SyntaxProblem] = []

    init(_ source: [Unicode.Scalar]) { self.source = source }

    private static let keywords: Set<String> = ["in", "true", "false", "null"]
    private static let pairs: Set<String> = ["==", "!=", "<=", ">=", "&&", "||"]
    private static let singles = Set("+-*/%<>!?:.,()[]{}".unicodeScalars)

    /// All tokens, and `end` as the last one. What is not a token is left out.
    mutating func tokens() -> [Token] {
        var result: [Token] = []
        while true {
            do throws(SyntaxProblem) {
                let token = try next()
                result.append(token)
                if token.kind == .end { return result }
            } catch {
                if problems.count <= Limits.problems { problems.append(error) }
            }
        }
    }

    func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        position + offset < source.count ? source[position + offset] : nil
    }

    func text(from start: Int) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: source[start..<position])
        return text
    }

    private mutating func next() throws(SyntaxProblem) -> Token {
        skipSpace()
        let start = position
        guard let first = peek() else { return Token(kind: .end, start: start, end: start) }
        if let quoted = try string() { return Token(kind: quoted, start: start, end: position) }
        if first.isDigit || first == "." && peek(1)?.isDigit == true {
            return Token(kind: number(), start: start, end: position)
        }
        if first.isIdentifierStart {
            while let scalar = peek(), scalar.isIdentifierStart || scalar.isDigit { position += 1 }
            let name = text(from: start)
            let kind: Token.Kind = Lexer.keywords.contains(name) ? .symbol(name) : .identifier(name)
            return Token(kind: kind, start: start, end: position)
        }
        position += 1
        if let second = peek() {
            var pair = String(first)
            pair.unicodeScalars.append(second)
            if Lexer.pairs.contains(pair) {
                position += 1
                return Token(kind: .symbol(pair), start: start, end: position)
            }
        }
        guard Lexer.singles.contains(first) else {
            // Half of an operator is reported with what follows it.
            if "&|=".unicodeScalars.contains(first), peek() != nil { position += 1 }
            throw SyntaxProblem("token recognition error at: '\(text(from: start))'", at: start)
        }
        return Token(kind: .symbol(String(first)), start: start, end: position)
    }

    private mutating func skipSpace() {
        while let scalar = peek() {
            if " \t\n\r\u{C}".unicodeScalars.contains(scalar) {
                position += 1
            } else if scalar == "/", peek(1) == "/" {
                while let scalar = peek(), scalar != "\n" { position += 1 }
            } else {
                return
            }
        }
    }

    private mutating func number() -> Token.Kind {
        let start = position
        if peek() == "0", peek(1) == "x", peek(2)?.hexadecimalValue != nil {
            position += 2
            while peek()?.hexadecimalValue != nil { position += 1 }
            return unsignedOrInteger(text(from: start))
        }
        var isDouble = false
        while peek()?.isDigit == true { position += 1 }
        if peek() == ".", peek(1)?.isDigit == true {
            isDouble = true
            position += 1
            while peek()?.isDigit == true { position += 1 }
        }
        if peek() == "e" || peek() == "E" {
            let digit = peek(1) == "+" || peek(1) == "-" ? 2 : 1
            if peek(digit)?.isDigit == true {
                isDouble = true
                position += digit
                while peek()?.isDigit == true { position += 1 }
            }
        }
        return isDouble ? .double(text(from: start)) : unsignedOrInteger(text(from: start))
    }

    private mutating func unsignedOrInteger(_ digits: String) -> Token.Kind {
        guard peek() == "u" || peek() == "U" else { return .integer(digits) }
        position += 1
        return .unsigned(digits)
    }
}

/// A problem that ends parsing.
struct SyntaxProblem: Error, Sendable, Hashable {
    var message: String
    var position: Int

    /// A problem that the grammar finds.
    init(_ message: String, at position: Int) {
        self.message = "Syntax error: \(message)"
        self.position = position
    }

    /// A problem in the words of the parser itself.
    init(plain message: String, at position: Int) {
        self.message = message
        self.position = position
    }
}

extension Unicode.Scalar {
    var isDigit: Bool { (0x30...0x39).contains(value) }

    var isIdentifierStart: Bool {
        (0x41...0x5A).contains(value) || (0x61...0x7A).contains(value) || value == 0x5F
    }

    /// The value of a hexadecimal digit.
    var hexadecimalValue: UInt32? {
        switch value {
        case 0x30...0x39: value - 0x30
        case 0x41...0x46: value - 0x41 + 10
        case 0x61...0x66: value - 0x61 + 10
        default: nil
        }
    }
}
