/// A regular expression as a tree.
indirect enum PatternNode: Sendable {
    case empty
    case characters(CharacterSet)
    case assertion(Pattern.Assertion)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    /// - most: `nil` if there is no limit.
    case repetition(PatternNode, least: Int, most: Int?, isGreedy: Bool)
}

/// A set of characters.
struct CharacterSet: Sendable {
    var ranges: [ClosedRange<UInt32>] = []
    var categories: Set<Unicode.GeneralCategory> = []
    /// Sets within this one that are negated, such as `\D` in `[\D5]`.
    var complements: [CharacterSet] = []
    var isNegated = false
    var ignoresCase = false

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var isIn = includes(scalar)
        if !isIn, ignoresCase {
            let others = [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping]
            isIn = others.contains { text in
                text.unicodeScalars.count == 1 && text.unicodeScalars.allSatisfy { includes($0) }
            }
        }
        return isIn != isNegated
    }

    private func includes(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) }
            || !categories.isEmpty && categories.contains(scalar.properties.generalCategory)
            || complements.contains { $0.contains(scalar) }
    }

    mutating func add(_ other: CharacterSet) {
        if other.isNegated {
            complements.append(other)
        } else {
            ranges += other.ranges
            categories.formUnion(other.categories)
            complements += other.complements
        }
    }

    func negated() -> CharacterSet {
        var copy = self
        copy.isNegated.toggle()
        return copy
    }

    static func one(_ scalar: Unicode.Scalar) -> CharacterSet { CharacterSet(ranges: [scalar.value...scalar.value]) }

    static let digit = CharacterSet(ranges: [0x30...0x39])
    static let word = CharacterSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let space = CharacterSet(ranges: [0x09...0x0A, 0x0C...0x0D, 0x20...0x20])
    static let any = CharacterSet(ranges: [0...0x10FFFF])
    static let newline = CharacterSet(ranges: [0x0A...0x0A])

    /// The classes of POSIX, such as `[:alpha:]`, which are of ASCII.
    static let posix: [String: CharacterSet] = [
        "alnum": CharacterSet(ranges: [0x30...0x39, 0x41...0x5A, 0x61...0x7A]),
        "alpha": CharacterSet(ranges: [0x41...0x5A, 0x61...0x7A]), "ascii": CharacterSet(ranges: [0...0x7F]),
        "blank": CharacterSet(ranges: [0x09...0x09, 0x20...0x20]),
        "cntrl": CharacterSet(ranges: [0...0x1F, 0x7F...0x7F]), "digit": digit,
        "graph": CharacterSet(ranges: [0x21...0x7E]), "lower": CharacterSet(ranges: [0x61...0x7A]),
        "print": CharacterSet(ranges: [0x20...0x7E]),
        "punct": CharacterSet(ranges: [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]),
        "space": CharacterSet(ranges: [0x09...0x0D, 0x20...0x20]), "upper": CharacterSet(ranges: [0x41...0x5A]),
        "word": word, "xdigit": CharacterSet(ranges: [0x30...0x39, 0x41...0x46, 0x61...0x66]),
    ]

    /// The general categories of Unicode. Its scripts are not known.
    static let categories: [String: CharacterSet] = {
        let groups: [String: [String: Unicode.GeneralCategory]] = [
            "L": [
                "Lu": .uppercaseLetter, "Ll": .lowercaseLetter, "Lt": .titlecaseLetter, "Lm": .modifierLetter,
                "Lo": .otherLetter,
            ],
            "M": ["Mn": .nonspacingMark, "Mc": .spacingMark, "Me": .enclosingMark],
            "N": ["Nd": .decimalNumber, "Nl": .letterNumber, "No": .otherNumber],
            "P": [
                "Pc": .connectorPunctuation, "Pd": .dashPunctuation, "Ps": .openPunctuation, "Pe": .closePunctuation,
                "Pi": .initialPunctuation, "Pf": .finalPunctuation, "Po": .otherPunctuation,
            ],
            "S": ["Sm": .mathSymbol, "Sc": .currencySymbol, "Sk": .modifierSymbol, "So": .otherSymbol],
            "Z": ["Zs": .spaceSeparator, "Zl": .lineSeparator, "Zp": .paragraphSeparator],
            "C": ["Cc": .control, "Cf": .format, "Cs": .surrogate, "Co": .privateUse],
        ]
        var result = ["Any": any]
        for (name, members) in groups {
            result[name] = CharacterSet(categories: Set(members.values))
            for (short, category) in members { result[short] = CharacterSet(categories: [category]) }
        }
        return result
    }()
}
