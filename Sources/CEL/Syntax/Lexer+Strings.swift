/// Literals of strings and bytes.
extension Lexer {
    /// The literal at the current position, or `nil` if there is something else.
    mutating func string() throws(SyntaxProblem) -> Token.Kind? {
        let start = position
        var prefix = 0
        var isRaw = false
        var isBytes = false
        while let scalar = peek(prefix), prefix < 2 {
            if (scalar == "r" || scalar == "R"), !isRaw {
                isRaw = true
            } else if (scalar == "b" || scalar == "B"), !isBytes, !isRaw {
                isBytes = true
            } else {
                break
            }
            prefix += 1
        }
        guard let quote = peek(prefix), quote == "\"" || quote == "'" else { return nil }
        position += prefix + 1
        var isTriple = false
        if peek() == quote, peek(1) == quote {
            isTriple = true
            position += 2
        }
        var output = Literal(isBytes: isBytes)
        while true {
            guard let scalar = peek() else { throw problem(from: start) }
            if scalar == quote, !isTriple || peek(1) == quote && peek(2) == quote {
                position += isTriple ? 3 : 1
                return isBytes ? .bytes(output.bytes) : .string(output.text)
            }
            if scalar == "\n" || scalar == "\r", !isTriple { throw problem(from: start) }
            position += 1
            if scalar == "\\", !isRaw {
                try escape(into: &output, start: start)
            } else if scalar == "\\", isRaw, !isTriple, peek() == quote {
                // A quote after a backslash does not end a raw string, and both stay.
                output.append(scalar)
                output.append(quote)
                position += 1
            } else {
                output.append(scalar)
            }
        }
    }

    private func problem(from start: Int) -> SyntaxProblem {
        SyntaxProblem("token recognition error at: '\(text(from: start))'", at: start)
    }

    /// What follows a backslash.
    private mutating func escape(into output: inout Literal, start: Int) throws(SyntaxProblem) {
        guard let scalar = peek() else { throw problem(from: start) }
        position += 1
        switch scalar {
        case "a": output.append("\u{7}")
        case "b": output.append("\u{8}")
        case "f": output.append("\u{C}")
        case "n": output.append("\n")
        case "r": output.append("\r")
        case "t": output.append("\t")
        case "v": output.append("\u{B}")
        case "\\", "'", "\"", "?", "`": output.append(scalar)
        case "x", "X": try output.append(number: digits(2, radix: 16, start: start), problem: problem(from: start))
        case "u" where output.isBytes, "U" where output.isBytes:
            throw SyntaxProblem(plain: "unable to unescape string", at: start)
        case "u":
            try output.append(number: digits(4, radix: 16, start: start), problem: problem(from: start))
        case "U":
            try output.append(number: digits(8, radix: 16, start: start), problem: problem(from: start))
        case "0"..."3":
            position -= 1
            try output.append(number: digits(3, radix: 8, start: start), problem: problem(from: start))
        default: throw problem(from: start)
        }
    }

    private mutating func digits(_ count: Int, radix: UInt32, start: Int) throws(SyntaxProblem) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = peek()?.hexadecimalValue, digit < radix else {
                position = min(position + 1, source.count)
                throw problem(from: start)
            }
            value = value &* radix &+ digit
            position += 1
        }
        return value
    }

    /// The content of a literal so far.
    private struct Literal {
        var isBytes: Bool
        var text = ""
        var bytes: [UInt8] = []

        mutating func append(_ scalar: Unicode.Scalar) {
            if isBytes {
                bytes.append(contentsOf: String(scalar).utf8)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }

        /// Adds a byte, or the character with a number.
        mutating func append(number: UInt32, problem: SyntaxProblem) throws(SyntaxProblem) {
            if isBytes {
                guard let byte = UInt8(exactly: number) else { throw problem }
                bytes.append(byte)
            } else {
                guard let scalar = Unicode.Scalar(number) else { throw problem }
                text.unicodeScalars.append(scalar)
            }
        }
    }
}
