/// Sets of characters and escapes.
extension PatternParser {
    mutating func characterSet(from start: Int) throws(Pattern.Problem) -> CharacterSet {
        var result = CharacterSet()
        let isNegated = skip("^")
        var isFirst = true
        while isFirst || !skip("]") {
            isFirst = false
            if skip("[:") {
                result.add(try posix(from: position - 2))
                continue
            }
            let memberStart = position
            let member = try setMember(from: start)
            let end = position
            guard let low = member.single, skip("-"), peek != "]" else {
                position = end
                result.add(member)
                continue
            }
            guard let high = try setMember(from: start).single, low <= high else {
                throw Pattern.Problem("invalid character class range", text(from: memberStart, to: position))
            }
            result.ranges.append(low...high)
        }
        return isNegated ? result.negated() : result
    }

    private mutating func posix(from start: Int) throws(Pattern.Problem) -> CharacterSet {
        let isNegated = skip("^")
        let nameStart = position
        while let scalar = peek, CharacterSet.word.contains(scalar) { position += 1 }
        let name = text(from: nameStart, to: position)
        guard skip(":]"), let set = CharacterSet.posix[name] else {
            throw Pattern.Problem("invalid character class range", text(from: start, to: min(position, scalars.count)))
        }
        return isNegated ? set.negated() : set
    }

    private mutating func setMember(from start: Int) throws(Pattern.Problem) -> CharacterSet {
        let place = position
        let scalar = try next("missing closing ]", from: start)
        return scalar == "\\" ? try escape(from: place) : .one(scalar)
    }

    /// What follows a backslash.
    mutating func escape(from start: Int) throws(Pattern.Problem) -> CharacterSet {
        let scalar = try next("trailing backslash at end of expression", from: scalars.count)
        switch scalar {
        case "d": return .digit
        case "D": return CharacterSet.digit.negated()
        case "w": return .word
        case "W": return CharacterSet.word.negated()
        case "s": return .space
        case "S": return CharacterSet.space.negated()
        case "a": return .one("\u{7}")
        case "f": return .one("\u{C}")
        case "n": return .one("\n")
        case "r": return .one("\r")
        case "t": return .one("\t")
        case "v": return .one("\u{B}")
        case "x": return .one(try hexadecimal(from: start))
        case "p": return try property(from: start)
        case "P": return try property(from: start).negated()
        case "0"..."7":
            position -= 1
            guard scalar == "0" || position + 1 < scalars.count && ("0"..."7").contains(scalars[position + 1]) else {
                throw Pattern.Problem("invalid escape sequence", text(from: start, to: position + 1))
            }
            var value: UInt32 = 0
            var count = 0
            while count < 3, let digit = peek, ("0"..."7").contains(digit) {
                value = value * 8 + digit.value - 0x30
                position += 1
                count += 1
            }
            return CharacterSet(ranges: [value...value])
        default:
            guard scalar.value < 0x80, !CharacterSet.word.contains(scalar) || scalar == "_" else {
                throw Pattern.Problem("invalid escape sequence", text(from: start, to: position))
            }
            return .one(scalar)
        }
    }

    private mutating func hexadecimal(from start: Int) throws(Pattern.Problem) -> Unicode.Scalar {
        func invalid() -> Pattern.Problem {
            Pattern.Problem("invalid escape sequence", text(from: start, to: min(position + 1, scalars.count)))
        }
        var value: UInt32 = 0
        if skip("{") {
            var count = 0
            while !skip("}") {
                guard let digit = peek?.hexadecimalValue, count < 8 else { throw invalid() }
                value = value &* 16 &+ digit
                count += 1
                position += 1
            }
            guard count > 0, let scalar = Unicode.Scalar(value) else { throw invalid() }
            return scalar
        }
        for _ in 0..<2 {
            guard let digit = peek?.hexadecimalValue else { throw invalid() }
            value = value * 16 + digit
            position += 1
        }
        guard let scalar = Unicode.Scalar(value) else { throw invalid() }
        return scalar
    }

    /// A general category of Unicode, such as `\pL` or `\p{Lu}`.
    private mutating func property(from start: Int) throws(Pattern.Problem) -> CharacterSet {
        func invalid() -> Pattern.Problem {
            Pattern.Problem("invalid character class range", text(from: start, to: position))
        }
        guard skip("{") else {
            let name = String(try next("invalid character class range", from: start))
            guard let set = CharacterSet.categories[name] else { throw invalid() }
            return set
        }
        let isNegated = skip("^")
        let nameStart = position
        while let scalar = peek, scalar != "}" { position += 1 }
        let name = text(from: nameStart, to: position)
        guard skip("}"), let set = CharacterSet.categories[name] else { throw invalid() }
        return isNegated ? set.negated() : set
    }
}

extension CharacterSet {
    /// The character, if the set is exactly one.
    fileprivate var single: UInt32? {
        guard !isNegated, categories.isEmpty, complements.isEmpty, ranges.count == 1,
            ranges[0].lowerBound == ranges[0].upperBound
        else { return nil }
        return ranges[0].lowerBound
    }
}
