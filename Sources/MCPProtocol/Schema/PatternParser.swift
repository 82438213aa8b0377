/// Reads the pattern of a ``LinearPattern``.
struct PatternParser {
    private typealias Problem = LinearPattern.Problem

    private static let maximumDepth = 50
    private static let maximumCount = 1_000

    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func parse() throws(LinearPattern.Problem) -> PatternNode {
        let node = try alternatives(depth: 0)
        guard peek == nil else { throw Problem(description: "there is a \")\" without its \"(\"") }
        return node
    }

    private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func next() throws(LinearPattern.Problem) -> Unicode.Scalar {
        guard let scalar = peek else { throw Problem(description: "it ends too early") }
        position += 1
        return scalar
    }

    private mutating func skip(_ text: String) -> Bool {
        guard scalars[position...].starts(with: text.unicodeScalars) else { return false }
        position += text.unicodeScalars.count
        return true
    }

    private mutating func alternatives(depth: Int) throws(LinearPattern.Problem) -> PatternNode {
        guard depth <= Self.maximumDepth else { throw Problem(description: "groups are nested too deep") }
        var choices = [try sequence(depth: depth)]
        while skip("|") { choices.append(try sequence(depth: depth)) }
        return choices.count == 1 ? choices[0] : .alternatives(choices)
    }

    private mutating func sequence(depth: Int) throws(LinearPattern.Problem) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = peek, scalar != "|", scalar != ")" {
            nodes.append(try repeated(try atom(depth: depth)))
        }
        return nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func repeated(_ node: PatternNode) throws(LinearPattern.Problem) -> PatternNode {
        let bounds: (Int, Int?)
        if skip("*") {
            bounds = (0, nil)
        } else if skip("+") {
            bounds = (1, nil)
        } else if skip("?") {
            bounds = (0, 1)
        } else if let counts = try counts() {
            bounds = counts
        } else {
            return node
        }
        // Whether a repetition takes as little or as much as it can makes no difference to whether there is a match.
        _ = skip("?")
        if case .assertion = node { throw Problem(description: "an assertion is repeated") }
        if let scalar = peek, "*+?".unicodeScalars.contains(scalar) {
            throw Problem(description: "\"\(scalar)\" follows a repetition")
        }
        return .repetition(node, least: bounds.0, most: bounds.1)
    }

    /// `{2}`, `{2,}` or `{2,5}`; `nil` if there is something else.
    private mutating func counts() throws(LinearPattern.Problem) -> (Int, Int?)? {
        let start = position
        guard skip("{"), let least = number() else {
            position = start
            return nil
        }
        var most: Int? = least
        if skip(",") { most = number() }
        guard skip("}") else {
            position = start
            return nil
        }
        guard max(least, most ?? 0) <= Self.maximumCount else {
            throw Problem(description: "a repetition has more than \(Self.maximumCount) times")
        }
        if let most, most < least { throw Problem(description: "the numbers of a repetition are in the wrong order") }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = peek, CharacterClass.digit.contains(scalar) {
            value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), Self.maximumCount + 1)
            position += 1
        }
        return value
    }

    private mutating func atom(depth: Int) throws(LinearPattern.Problem) -> PatternNode {
        let scalar = try next()
        switch scalar {
        case ".": return .characters(CharacterClass.lineEnd.negated())
        case "^": return .assertion(.start)
        case "$": return .assertion(.end)
        case "[": return .characters(try characterClass())
        case "(": return try group(depth: depth)
        case "\\":
            if skip("b") { return .assertion(.wordBoundary) }
            if skip("B") { return .assertion(.noWordBoundary) }
            return .characters(try escape())
        case "*", "+", "?": throw Problem(description: "there is nothing before \"\(scalar)\"")
        default: return .characters(.one(scalar))
        }
    }

    private mutating func group(depth: Int) throws(LinearPattern.Problem) -> PatternNode {
        if skip("?") {
            if ["=", "!", "<=", "<!"].contains(where: { scalars[position...].starts(with: $0.unicodeScalars) }) {
                throw Problem(description: "lookaround is not supported")
            }
            if skip("<") {
                while try next() != ">" {}
            } else if !skip(":") {
                throw Problem(description: "a group begins with \"(?\", which is not supported")
            }
        }
        let node = try alternatives(depth: depth + 1)
        guard skip(")") else { throw Problem(description: "there is a \"(\" without its \")\"") }
        return node
    }

    private mutating func characterClass() throws(LinearPattern.Problem) -> CharacterClass {
        var result = CharacterClass()
        let isNegated = skip("^")
        while !skip("]") {
            let first = try classMember()
            let start = position
            guard let low = first.single, skip("-"), peek != "]" else {
                position = start
                result.add(first)
                continue
            }
            guard let high = try classMember().single else {
                throw Problem(description: "a range of characters ends with a class")
            }
            guard low <= high else { throw Problem(description: "a range of characters is in the wrong order") }
            result.ranges.append(low...high)
        }
        return isNegated ? result.negated() : result
    }

    private mutating func classMember() throws(LinearPattern.Problem) -> CharacterClass {
        let scalar = try next()
        guard scalar == "\\" else { return .one(scalar) }
        return skip("b") ? .one("\u{8}") : try escape()
    }

    /// What follows a backslash.
    private mutating func escape() throws(LinearPattern.Problem) -> CharacterClass {
        let scalar = try next()
        switch scalar {
        case "d": return .digit
        case "D": return .digit.negated()
        case "w": return .word
        case "W": return .word.negated()
        case "s": return .space
        case "S": return .space.negated()
        case "t": return .one("\t")
        case "n": return .one("\n")
        case "r": return .one("\r")
        case "f": return .one("\u{C}")
        case "v": return .one("\u{B}")
        case "0": return .one("\0")
        case "x": return .one(try hexadecimal(2))
        case "u": return .one(try unicode())
        case "c": return .one(try control())
        case "p": return try property()
        case "P": return try property().negated()
        case "1"..."9", "k": throw Problem(description: "backreferences are not supported")
        default:
            if CharacterClass.word.contains(scalar), scalar != "_" {
                throw Problem(description: "\"\\\(scalar)\" is not known")
            }
            return .one(scalar)
        }
    }

    private mutating func control() throws(LinearPattern.Problem) -> Unicode.Scalar {
        let letter = try next()
        guard letter.properties.isAlphabetic, letter.isASCII, let scalar = Unicode.Scalar(letter.value % 32) else {
            throw Problem(description: "\"\\c\" is not followed by a letter")
        }
        return scalar
    }

    private mutating func unicode() throws(LinearPattern.Problem) -> Unicode.Scalar {
        guard skip("{") else {
            let first = try hexadecimalValue(4)
            if (0xD800..<0xDC00).contains(first), skip("\\u") {
                let second = try hexadecimalValue(4)
                guard (0xDC00..<0xE000).contains(second) else {
                    throw Problem(description: "half of a surrogate pair stands alone")
                }
                return try scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            }
            return try scalar(first)
        }
        var digits = ""
        while !skip("}"), digits.count <= 6 { digits.unicodeScalars.append(try next()) }
        guard let value = UInt32(digits, radix: 16) else {
            throw Problem(description: "\"\\u{\(digits)}\" is not a character")
        }
        return try scalar(value)
    }

    private mutating func hexadecimal(_ count: Int) throws(LinearPattern.Problem) -> Unicode.Scalar {
        try scalar(try hexadecimalValue(count))
    }

    private mutating func hexadecimalValue(_ count: Int) throws(LinearPattern.Problem) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = UInt32(String(try next()), radix: 16) else {
                throw Problem(description: "an escape does not have \(count) hexadecimal digits")
            }
            value = value * 16 + digit
        }
        return value
    }

    private func scalar(_ value: UInt32) throws(LinearPattern.Problem) -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(value) else {
            throw Problem(description: "U+\(String(value, radix: 16, uppercase: true)) is not a character")
        }
        return scalar
    }

    /// A general category of Unicode, such as `\p{L}`.
    private mutating func property() throws(LinearPattern.Problem) -> CharacterClass {
        guard skip("{") else { throw Problem(description: "\"\\p\" is not followed by \"{\"") }
        var name = ""
        while !skip("}") { name.unicodeScalars.append(try next()) }
        let key = name.split(separator: "=").last.map(String.init) ?? name
        guard let categories = Self.categories[key] else {
            throw Problem(description: "the property \(name.debugDescription) is not supported")
        }
        return CharacterClass(categories: categories)
    }

    private static let categories: [String: Set<Unicode.GeneralCategory>] = {
        let letters: Set<Unicode.GeneralCategory> = [
            .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
        ]
        let marks: Set<Unicode.GeneralCategory> = [.nonspacingMark, .spacingMark, .enclosingMark]
        let numbers: Set<Unicode.GeneralCategory> = [.decimalNumber, .letterNumber, .otherNumber]
        let punctuation: Set<Unicode.GeneralCategory> = [
            .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation,
        ]
        let symbols: Set<Unicode.GeneralCategory> = [.mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol]
        let separators: Set<Unicode.GeneralCategory> = [.spaceSeparator, .lineSeparator, .paragraphSeparator]
        return [
            "L": letters, "Letter": letters, "Lu": [.uppercaseLetter], "Uppercase_Letter": [.uppercaseLetter],
            "Ll": [.lowercaseLetter], "Lowercase_Letter": [.lowercaseLetter], "Lt": [.titlecaseLetter],
            "Lm": [.modifierLetter], "Lo": [.otherLetter], "M": marks, "Mark": marks, "Mn": [.nonspacingMark],
            "Mc": [.spacingMark], "N": numbers, "Number": numbers, "Nd": [.decimalNumber], "digit": [.decimalNumber],
            "Nl": [.letterNumber], "No": [.otherNumber], "P": punctuation, "Punctuation": punctuation,
            "S": symbols, "Symbol": symbols, "Sc": [.currencySymbol], "Z": separators, "Separator": separators,
            "Zs": [.spaceSeparator], "Cc": [.control],
        ]
    }()
}

extension CharacterClass {
    /// The character, if the class is exactly one.
    fileprivate var single: UInt32? {
        guard !isNegated, categories.isEmpty, complements.isEmpty, ranges.count == 1,
            ranges[0].lowerBound == ranges[0].upperBound
        else { return nil }
        return ranges[0].lowerBound
    }
}
