/// Parses the grammar of CEL by recursive descent, with operators by their precedence.
struct Parser {
    private let tokens: [Token]
    private var index = 0
    private var nesting = 0

    private let source: [Unicode.Scalar]

    /// - Throws: everything that is not a token, and the first problem of the tokens.
    static func parse(_ source: [Unicode.Scalar]) throws(SyntaxProblems) -> Node {
        guard source.count <= Limits.expressionLength else {
            let message =
                "expression code point size exceeds limit: size: \(source.count), limit \(Limits.expressionLength)"
            throw SyntaxProblems(all: [SyntaxProblem(plain: message, at: 0)])
        }
        var lexer = Lexer(source)
        var parser = Parser(source, tokens: lexer.tokens())
        let node: Node
        do throws(SyntaxProblem) {
            node = try parser.expression()
            guard parser.token.kind == .end else { throw parser.unexpected([], or: "<EOF>") }
        } catch {
            throw SyntaxProblems(all: lexer.problems + [error])
        }
        guard lexer.problems.isEmpty else { throw SyntaxProblems(all: lexer.problems) }
        return node
    }

    private init(_ source: [Unicode.Scalar], tokens: [Token]) {
        self.source = source
        self.tokens = tokens
    }

    // MARK: Tokens

    var token: Token { tokens[index] }

    var following: Token { tokens[min(index + 1, tokens.count - 1)] }

    mutating func advance() {
        if index < tokens.count - 1 { index += 1 }
    }

    mutating func skip(_ symbol: String) -> Bool {
        guard token.isSymbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: String) throws(SyntaxProblem) {
        if skip(symbol) { return }
        if symbol == ":", token.startsOperand {
            throw SyntaxProblem("missing ':' at '\(text(of: token))'", at: token.start)
        }
        throw unexpected([symbol])
    }

    /// What an operand can start with, in the order of the grammar's tokens.
    static let operandStarts =
        "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

    /// The text of a token in the source.
    private func text(of token: Token) -> String {
        token.kind == .end ? "<EOF>" : String(scalars: source[token.start..<token.end])
    }

    /// The problem that other symbols are expected here. A single token too many is called extraneous.
    func unexpected(_ symbols: [String], or other: String? = nil) -> SyntaxProblem {
        let names = symbols.map { "'\($0)'" }.joined(separator: ", ")
        let expected = other ?? (symbols.count == 1 ? names : "{\(names)}")
        let next = following
        let isExtraneous =
            token.kind != .end
            && (symbols.contains { next.isSymbol($0) } || other == "<EOF>" && next.kind == .end
                || other == Parser.operandStarts && next.startsOperand)
        let what = isExtraneous ? "extraneous" : "mismatched"
        return SyntaxProblem("\(what) input '\(text(of: token))' expecting \(expected)", at: token.start)
    }

    /// The problem that nothing that can follow a dot follows it.
    func noFieldName() -> SyntaxProblem {
        SyntaxProblem("no viable alternative at input '.\(text(of: token))'", at: token.start)
    }

    func node(_ kind: Node.Kind, at position: Int, over children: [Node] = []) throws(SyntaxProblem) -> Node {
        let node = Node(kind, at: position, over: children)
        guard node.height <= Limits.height else {
            throw SyntaxProblem(plain: "expression is nested more than \(Limits.height) levels deep", at: position)
        }
        return node
    }

    // MARK: Operators

    mutating func expression() throws(SyntaxProblem) -> Node {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Limits.nesting else {
            throw SyntaxProblem(plain: "expression recursion limit exceeded: \(Limits.nesting)", at: token.start)
        }
        let condition = try logical("||")
        let position = token.start
        guard skip("?") else { return condition }
        let yes = try logical("||")
        try expect(":")
        let no = try expression()
        return try node(.conditional(condition, yes, no), at: position, over: [condition, yes, no])
    }

    private mutating func logical(_ symbol: String) throws(SyntaxProblem) -> Node {
        func operand(_ parser: inout Parser) throws(SyntaxProblem) -> Node {
            symbol == "||" ? try parser.logical("&&") : try parser.binary(0)
        }
        var terms = [try operand(&self)]
        let position = token.start
        while skip(symbol) { terms.append(try operand(&self)) }
        if terms.count == 1 { return terms[0] }
        return try node(symbol == "||" ? .or(terms) : .and(terms), at: position, over: terms)
    }

    /// The operators by precedence, weakest first, with the names of their functions.
    private static let operators: [[String: String]] = [
        [
            "<": "_<_", "<=": "_<=_", ">": "_>_", ">=": "_>=_", "==": "_==_", "!=": "_!=_", "in": "@in",
        ],
        ["+": "_+_", "-": "_-_"],
        ["*": "_*_", "/": "_/_", "%": "_%_"],
    ]

    private mutating func binary(_ level: Int) throws(SyntaxProblem) -> Node {
        guard level < Parser.operators.count else { return try unary() }
        var left = try binary(level + 1)
        while case .symbol(let symbol) = token.kind, let function = Parser.operators[level][symbol] {
            let position = token.start
            advance()
            let right = try binary(level + 1)
            left = try node(
                .call(function, target: nil, arguments: [left, right]),
                at: position,
                over: [left, right]
            )
        }
        return left
    }

    private mutating func unary() throws(SyntaxProblem) -> Node {
        let position = token.start
        for symbol in ["!", "-"] where token.isSymbol(symbol) {
            // A minus sign belongs to the number that follows it.
            if symbol == "-", following.isNumber { break }
            var count = 0
            while skip(symbol) { count += 1 }
            let operand = try member()
            if count % 2 == 0 { return operand }
            return try node(.call("\(symbol)_", target: nil, arguments: [operand]), at: position, over: [operand])
        }
        return try member()
    }

    /// Fields, elements and calls after an operand.
    private mutating func member() throws(SyntaxProblem) -> Node {
        var result = try primary()
        while true {
            let position = token.start
            if skip(".") {
                result = try selection(of: result, at: position)
            } else if skip("[") {
                let isOptional = skip("?")
                let key = try expression()
                try expect("]")
                let function = isOptional ? "_[?_]" : "_[_]"
                result = try node(
                    .call(function, target: nil, arguments: [result, key]),
                    at: position,
                    over: [result, key]
                )
            } else {
                return result
            }
        }
    }

    private mutating func selection(of operand: Node, at position: Int) throws(SyntaxProblem) -> Node {
        let isOptional = skip("?")
        guard case .identifier(let name) = token.kind else { throw noFieldName() }
        advance()
        if isOptional { return try node(.optionalSelect(operand, field: name), at: position, over: [operand]) }
        let open = token.start
        guard skip("(") else { return try node(.select(operand, field: name), at: position, over: [operand]) }
        let arguments = try self.arguments(until: ")")
        if let macro = try Macro.expand(name, target: operand, arguments, at: open) { return try checked(macro) }
        return try node(
            .call(name, target: operand, arguments: arguments),
            at: open,
            over: [operand] + arguments
        )
    }

    func checked(_ node: Node) throws(SyntaxProblem) -> Node {
        try self.node(node.kind, at: node.position, over: [node])
    }

    mutating func arguments(until close: String) throws(SyntaxProblem) -> [Node] {
        var result: [Node] = []
        if skip(close) { return result }
        repeat { result.append(try expression()) } while skip(",")
        guard skip(close) else { throw unexpected([close]) }
        return result
    }
}

extension Token {
    /// Whether this is a number that can have a sign.
    var isNumber: Bool {
        switch kind {
        case .integer, .double: true
        default: false
        }
    }

    /// Whether an operand can start with this.
    var startsOperand: Bool {
        switch kind {
        case .symbol(let symbol): ["[", "{", "(", ".", "-", "!", "true", "false", "null"].contains(symbol)
        case .end: false
        default: true
        }
    }
}

/// All problems of the syntax that were found.
struct SyntaxProblems: Error, Sendable, Hashable {
    var all: [SyntaxProblem]
}
