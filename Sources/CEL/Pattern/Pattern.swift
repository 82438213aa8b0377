/// A regular expression in the syntax of RE2. The time of a match grows with the length of the text times the number of
/// instructions, whatever the expression is: all ways to match are followed at once.
struct Pattern: Sendable {
    /// Why an expression is not valid, in the words of Go's package `regexp`.
    struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        let description: String

        init(_ what: String, _ part: String) { description = "error parsing regexp: \(what): `\(part)`" }
    }

    enum Instruction: Sendable {
        /// Takes one character.
        case take(CharacterSet)
        /// Continues at two places, of which the first is preferred.
        case split(Int, Int)
        case jump(Int)
        case assert(Assertion)
        case match
    }

    enum Assertion: Sendable, Hashable {
        case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
    }

    /// A match, and how far the matcher has read to find it.
    struct Match: Sendable, Hashable {
        var range: Range<Int>
        var end: Int
    }

    private let instructions: [Instruction]

    /// How much work each character is.
    var instructionCount: Int { instructions.count }

    /// - Throws: `Problem` if the expression is not valid or too large.
    init(_ text: String) throws(Problem) {
        var parser = PatternParser(text)
        let node = try parser.parse()
        var compiler = PatternCompiler(text)
        try compiler.compile(node)
        instructions = compiler.instructions + [.match]
    }

    /// The first match at or after a position. Of several that start there, the one that the expression prefers.
    func match(in text: [Unicode.Scalar], from start: Int) -> Match? {
        var current = Threads(instructions.count)
        var next = Threads(instructions.count)
        var best: Range<Int>?
        var position = start
        while position <= text.count {
            if best == nil {
                follow(Thread(place: 0, start: position), at: position, in: text, &current)
            }
            if current.all.isEmpty, best != nil { break }
            threads: for thread in current.all {
                switch instructions[thread.place] {
                case .take(let characters):
                    guard position < text.count, characters.contains(text[position]) else { continue }
                    let moved = Thread(place: thread.place + 1, start: thread.start)
                    follow(moved, at: position + 1, in: text, &next)
                case .match:
                    best = thread.start..<position
                    // The rest is less preferred.
                    break threads
                case .split, .jump, .assert: continue
                }
            }
            swap(&current, &next)
            next.removeAll()
            position += 1
        }
        return best.map { Match(range: $0, end: min(position, text.count)) }
    }

    /// One way to match.
    private struct Thread {
        var place: Int
        /// Where the match starts.
        var start: Int
    }

    /// Ways to match, the preferred ones first. Of several at the same place only the first counts.
    private struct Threads {
        private(set) var all: [Thread] = []
        private var isKnown: [Bool]
        private var known: [Int] = []
        /// The places that are yet to be followed.
        var waiting: [Int] = []

        init(_ count: Int) { isKnown = Array(repeating: false, count: count) }

        mutating func visit(_ place: Int) -> Bool {
            guard !isKnown[place] else { return false }
            isKnown[place] = true
            known.append(place)
            return true
        }

        mutating func append(_ thread: Thread) { all.append(thread) }

        mutating func removeAll() {
            for place in known { isKnown[place] = false }
            known.removeAll(keepingCapacity: true)
            all.removeAll(keepingCapacity: true)
        }
    }

    /// Adds a thread at all places that it reaches without taking a character.
    private func follow(_ thread: Thread, at position: Int, in text: [Unicode.Scalar], _ threads: inout Threads) {
        threads.waiting.append(thread.place)
        while let place = threads.waiting.popLast() {
            guard threads.visit(place) else { continue }
            switch instructions[place] {
            case .take, .match: threads.append(Thread(place: place, start: thread.start))
            case .split(let first, let second):
                threads.waiting.append(second)
                threads.waiting.append(first)
            case .jump(let target): threads.waiting.append(target)
            case .assert(let assertion):
                if Pattern.holds(assertion, at: position, in: text) { threads.waiting.append(place + 1) }
            }
        }
    }

    private static func holds(_ assertion: Assertion, at position: Int, in text: [Unicode.Scalar]) -> Bool {
        func isWord(_ index: Int) -> Bool { text.indices.contains(index) && CharacterSet.word.contains(text[index]) }
        return switch assertion {
        case .textStart: position == 0
        case .textEnd: position == text.count
        case .lineStart: position == 0 || text[position - 1] == "\n"
        case .lineEnd: position == text.count || text[position] == "\n"
        case .wordBoundary: isWord(position - 1) != isWord(position)
        case .noWordBoundary: isWord(position - 1) == isWord(position)
        }
    }
}

/// Writes the instructions of an expression.
struct PatternCompiler {
    private(set) var instructions: [Pattern.Instruction] = []
    private let text: String

    init(_ text: String) { self.text = text }

    private mutating func emit(_ instruction: Pattern.Instruction) throws(Pattern.Problem) {
        guard instructions.count < Limits.patternInstructions else {
            throw Pattern.Problem("expression too large", text)
        }
        instructions.append(instruction)
    }

    mutating func compile(_ node: PatternNode) throws(Pattern.Problem) {
        switch node {
        case .empty: break
        case .characters(let characters): try emit(.take(characters))
        case .assertion(let assertion): try emit(.assert(assertion))
        case .sequence(let nodes): for node in nodes { try compile(node) }
        case .alternatives(let nodes):
            var jumps: [Int] = []
            for node in nodes.dropLast() {
                let split = instructions.count
                try emit(.jump(0))
                try compile(node)
                jumps.append(instructions.count)
                try emit(.jump(0))
                instructions[split] = .split(split + 1, instructions.count)
            }
            if let last = nodes.last { try compile(last) }
            for jump in jumps { instructions[jump] = .jump(instructions.count) }
        case .repetition(let node, let least, let most, let isGreedy):
            guard let most else {
                for _ in 0..<max(0, least - 1) { try compile(node) }
                try compile(node, isOptional: least == 0, isGreedy: isGreedy)
                return
            }
            for _ in 0..<least { try compile(node) }
            try compile(node, upTo: most - least, isGreedy: isGreedy)
        }
    }

    private func branch(to place: Int, or end: Int, isGreedy: Bool) -> Pattern.Instruction {
        isGreedy ? .split(place, end) : .split(end, place)
    }

    /// Repeats a node any number of times.
    private mutating func compile(_ node: PatternNode, isOptional: Bool, isGreedy: Bool) throws(Pattern.Problem) {
        let start = instructions.count
        if isOptional { try emit(.jump(0)) }
        let body = instructions.count
        try compile(node)
        let end = instructions.count + 1
        try emit(branch(to: body, or: end, isGreedy: isGreedy))
        if isOptional { instructions[start] = branch(to: body, or: end, isGreedy: isGreedy) }
    }

    /// Repeats a node up to a number of times.
    private mutating func compile(_ node: PatternNode, upTo most: Int, isGreedy: Bool) throws(Pattern.Problem) {
        var splits: [Int] = []
        for _ in 0..<most {
            splits.append(instructions.count)
            try emit(.jump(0))
            try compile(node)
        }
        for split in splits {
            instructions[split] = branch(to: split + 1, or: instructions.count, isGreedy: isGreedy)
        }
    }
}
