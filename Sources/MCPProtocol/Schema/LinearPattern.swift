/// A regular expression as JSON Schema uses them (ECMA-262 without lookaround and backreferences), which is matched in time that grows only
/// with the length of the text: patterns come from servers, and must not cost more than they should.
public struct LinearPattern: Sendable, Hashable {
    /// Why a pattern cannot be used.
    public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        public let description: String
    }

    /// How many instructions a pattern may need. Counted repetitions are written out.
    public static let maximumInstructions = 4_000

    enum Instruction: Sendable, Hashable {
        /// Takes one character.
        case take(CharacterClass)
        /// Continues at two places.
        case split(Int, Int)
        case jump(Int)
        case assert(Assertion)
        case match
    }

    enum Assertion: Sendable, Hashable {
        case start, end, wordBoundary, noWordBoundary
    }

    /// The pattern as it is written.
    public let text: String
    let instructions: [Instruction]

    /// - Throws: `Problem` if the pattern is not valid, not supported, or too large.
    public init(_ text: String) throws(Problem) {
        var parser = PatternParser(text)
        let pattern = try parser.parse()
        var instructions: [Instruction] = []
        try pattern.compile(into: &instructions)
        instructions.append(.match)
        self.text = text
        self.instructions = instructions
    }

    /// Whether the pattern matches somewhere in a text.
    public func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var current = States(instructions.count)
        var next = States(instructions.count)
        for position in 0...scalars.count {
            // A match can begin at every position.
            if follow(0, position, scalars, &current) { return true }
            guard position < scalars.count else { break }
            for place in current.places {
                guard case .take(let characters) = instructions[place], characters.contains(scalars[position])
                else { continue }
                if follow(place + 1, position + 1, scalars, &next) { return true }
            }
            swap(&current, &next)
            next.removeAll()
        }
        return false
    }

    /// Adds a place and those that are reached from it without taking a character.
    ///
    /// - Returns: whether the pattern has matched.
    private func follow(_ place: Int, _ position: Int, _ scalars: [Unicode.Scalar], _ states: inout States) -> Bool {
        var waiting = [place]
        while let place = waiting.popLast() {
            guard states.insert(place) else { continue }
            switch instructions[place] {
            case .take: break
            case .split(let first, let second): waiting += [second, first]
            case .jump(let target): waiting.append(target)
            case .assert(let assertion):
                if Self.holds(assertion, at: position, in: scalars) { waiting.append(place + 1) }
            case .match: return true
            }
        }
        return false
    }

    private static func holds(_ assertion: Assertion, at position: Int, in scalars: [Unicode.Scalar]) -> Bool {
        let isAfterWord = position > 0 && CharacterClass.word.contains(scalars[position - 1])
        let isBeforeWord = position < scalars.count && CharacterClass.word.contains(scalars[position])
        return switch assertion {
        case .start: position == 0
        case .end: position == scalars.count
        case .wordBoundary: isAfterWord != isBeforeWord
        case .noWordBoundary: isAfterWord == isBeforeWord
        }
    }

    /// A set of places, in the order in which they were added.
    private struct States {
        private(set) var places: [Int] = []
        private var isIn: [Bool]

        init(_ count: Int) { isIn = Array(repeating: false, count: count) }

        mutating func insert(_ place: Int) -> Bool {
            guard !isIn[place] else { return false }
            isIn[place] = true
            places.append(place)
            return true
        }

        mutating func removeAll() {
            for place in places { isIn[place] = false }
            places.removeAll(keepingCapacity: true)
        }
    }
}

/// A set of characters.
struct CharacterClass: Sendable, Hashable {
    var ranges: [ClosedRange<UInt32>] = []
    var categories: Set<Unicode.GeneralCategory> = []
    /// Classes within this one that are negated, such as `\D` in `[\D5]`.
    var complements: [CharacterClass] = []
    var isNegated = false

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let isIn =
            ranges.contains { $0.contains(scalar.value) }
            || (!categories.isEmpty && categories.contains(scalar.properties.generalCategory))
            || complements.contains { $0.contains(scalar) }
        return isIn != isNegated
    }

    mutating func add(_ other: CharacterClass) {
        if other.isNegated {
            complements.append(other)
        } else {
            ranges += other.ranges
            categories.formUnion(other.categories)
            complements += other.complements
        }
    }

    func negated() -> CharacterClass {
        var copy = self
        copy.isNegated.toggle()
        return copy
    }

    static func one(_ scalar: Unicode.Scalar) -> CharacterClass {
        CharacterClass(ranges: [scalar.value...scalar.value])
    }

    static let digit = CharacterClass(ranges: [0x30...0x39])
    static let word = CharacterClass(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let lineEnd = CharacterClass(ranges: [0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])
    /// WhiteSpace and LineTerminator of ECMA-262.
    static let space = CharacterClass(ranges: [
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ])
}

/// A pattern as a tree.
indirect enum PatternNode {
    case empty
    case characters(CharacterClass)
    case assertion(LinearPattern.Assertion)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    /// - most: `nil` if there is no limit.
    case repetition(PatternNode, least: Int, most: Int?)

    func compile(into output: inout [LinearPattern.Instruction]) throws(LinearPattern.Problem) {
        guard output.count < LinearPattern.maximumInstructions else {
            throw LinearPattern.Problem(description: "it is too large")
        }
        switch self {
        case .empty: break
        case .characters(let characters): output.append(.take(characters))
        case .assertion(let assertion): output.append(.assert(assertion))
        case .sequence(let nodes): for node in nodes { try node.compile(into: &output) }
        case .alternatives(let nodes):
            var ends: [Int] = []
            for (index, node) in nodes.enumerated() {
                guard index < nodes.count - 1 else {
                    try node.compile(into: &output)
                    break
                }
                let split = output.count
                output.append(.split(split + 1, 0))
                try node.compile(into: &output)
                ends.append(output.count)
                output.append(.jump(0))
                output[split] = .split(split + 1, output.count)
            }
            for end in ends { output[end] = .jump(output.count) }
        case .repetition(let node, let least, let most):
            for _ in 0..<least { try node.compile(into: &output) }
            if let most {
                var splits: [Int] = []
                for _ in least..<most {
                    splits.append(output.count)
                    output.append(.split(output.count + 1, 0))
                    try node.compile(into: &output)
                }
                for split in splits { output[split] = .split(split + 1, output.count) }
            } else {
                let split = output.count
                output.append(.split(split + 1, 0))
                try node.compile(into: &output)
                output.append(.jump(split))
                output[split] = .split(split + 1, output.count)
            }
        }
    }
}
