/// Reads the syntax of RE2.
struct PatternParser {
    private static let maximumDepth = 100
    private static let maximumCount = 1_000

    let scalars: [Unicode.Scalar]
    var position = 0
    private var flags = Flags()

    private struct Flags {
        var ignoresCase = false
        var isMultiline = false
        var dotTakesNewline = false
        var isUngreedy = false
    }

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func parse() throws(Pattern.Problem) -> PatternNode {
        let node = try alternatives(depth: 0)
        guard peek == nil else { throw Pattern.Problem("unexpected )", text(from: 0)) }
        return node
    }

    var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    func text(from start: Int, to end: Int? = nil) -> String {
        String(scalars: scalars[start..<(end ?? scalars.count)])
    }

    mutating func next(_ what: String, from start: Int) throws(Pattern.Problem) -> Unicode.Scalar {
        guard let scalar = peek else { throw Pattern.Problem(what, text(from: start)) }
        position += 1
        return scalar
    }

    mutating func skip(_ text: String) -> Bool {
        guard scalars[position...].starts(with: text.unicodeScalars) else { return false }
        position += text.unicodeScalars.count
        return true
    }

    private mutating func alternatives(depth: Int) throws(Pattern.Problem) -> PatternNode {
        guard depth <= Self.maximumDepth else { throw Pattern.Problem("expression nests too deeply", text(from: 0)) }
        var choices = [try sequence(depth: depth)]
        while skip("|") { choices.append(try sequence(depth: depth)) }
        return choices.count == 1 ? choices[0] : .alternatives(choices)
    }

    private mutating func sequence(depth: Int) throws(Pattern.Problem) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = peek, scalar != "|", scalar != ")" {
            if skip("\\Q") {
                while peek != nil, !skip("\\E") {
                    nodes.append(.characters(folded(.one(scalars[position]))))
                    position += 1
                }
                continue
            }
            let start = position
            nodes.append(try repeated(try atom(depth: depth), from: start))
        }
        return nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func repeated(_ node: PatternNode, from start: Int) throws(Pattern.Problem) -> PatternNode {
        let operatorStart = position
        guard let (least, most) = try bounds() else { return node }
        let isGreedy = skip("?") == flags.isUngreedy
        let end = position
        if try bounds() != nil {
            throw Pattern.Problem("invalid nested repetition operator", text(from: operatorStart, to: position))
        }
        position = end
        return .repetition(node, least: least, most: most, isGreedy: isGreedy)
    }

    private mutating func bounds() throws(Pattern.Problem) -> (Int, Int?)? {
        if skip("*") { return (0, nil) }
        if skip("+") { return (1, nil) }
        if skip("?") { return (0, 1) }
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
        guard max(least, most ?? 0) <= Self.maximumCount, most ?? least >= least else {
            throw Pattern.Problem("invalid repeat count", text(from: start, to: position))
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = peek, scalar.isDigit {
            value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), Self.maximumCount + 1)
            position += 1
        }
        return value
    }

    private func folded(_ characters: CharacterSet) -> CharacterSet {
        var copy = characters
        copy.ignoresCase = flags.ignoresCase
        return copy
    }

    private mutating func atom(depth: Int) throws(Pattern.Problem) -> PatternNode {
        let start = position
        let scalar = try next("unexpected end", from: start)
        switch scalar {
        case ".": return .characters(flags.dotTakesNewline ? .any : CharacterSet.newline.negated())
        case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
        case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case "[": return .characters(folded(try characterSet(from: start)))
        case "(": return try group(from: start, depth: depth)
        case "*", "+", "?":
            throw Pattern.Problem("missing argument to repetition operator", String(scalar))
        case "\\":
            if skip("A") { return .assertion(.textStart) }
            if skip("z") { return .assertion(.textEnd) }
            if skip("b") { return .assertion(.wordBoundary) }
            if skip("B") { return .assertion(.noWordBoundary) }
            return .characters(folded(try escape(from: start)))
        default: return .characters(folded(.one(scalar)))
        }
    }

    private mutating func group(from start: Int, depth: Int) throws(Pattern.Problem) -> PatternNode {
        let outer = flags
        if skip("?P<") || skip("?<") {
            let nameStart = position
            while let scalar = peek, CharacterSet.word.contains(scalar) { position += 1 }
            guard position > nameStart, skip(">") else {
                throw Pattern.Problem("invalid named capture", text(from: start, to: min(position + 1, scalars.count)))
            }
        } else if skip("?") {
            if try !groupFlags(from: start) { return .empty }
        }
        let node = try alternatives(depth: depth + 1)
        guard skip(")") else { throw Pattern.Problem("missing closing )", text(from: 0)) }
        flags = outer
        return node
    }

    /// - Returns: whether a group follows; otherwise the flags are those of the rest of the group around them.
    private mutating func groupFlags(from start: Int) throws(Pattern.Problem) -> Bool {
        var isOn = true
        while true {
            let scalar = try next("missing closing )", from: start)
            switch scalar {
            case "i": flags.ignoresCase = isOn
            case "m": flags.isMultiline = isOn
            case "s": flags.dotTakesNewline = isOn
            case "U": flags.isUngreedy = isOn
            case "-" where isOn: isOn = false
            case ":": return true
            case ")": return false
            default: throw Pattern.Problem("invalid or unsupported Perl syntax", text(from: start, to: position))
            }
        }
    }
}
