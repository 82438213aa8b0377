/// How one text differs from another, line by line.
struct LineDifference: Sendable, Hashable {
    /// A line of either text or of both.
    enum Line: Sendable, Hashable {
        case same(String)
        case removed(String)
        case added(String)

        var isSame: Bool {
            if case .same = self { true } else { false }
        }
    }

    /// The lines, in the order in which they are shown: of a change, first what was removed.
    let lines: [Line]

    /// Longer texts are compared as a whole: the time of the comparison grows with the product of length and difference.
    static let maximumLines = 4_000

    init(_ old: [String], _ new: [String]) {
        guard old.count <= Self.maximumLines, new.count <= Self.maximumLines else {
            lines =
                old.elementsEqual(new, by: Self.isSame)
                ? old.map(Line.same) : old.map(Line.removed) + new.map(Line.added)
            return
        }
        var removed: Set<Int> = []
        var added: Set<Int> = []
        for change in new.difference(from: old, by: Self.isSame) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var lines: [Line] = []
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if left < old.count, removed.contains(left) {
                lines.append(.removed(old[left]))
                left += 1
            } else if right < new.count, added.contains(right) {
                lines.append(.added(new[right]))
                right += 1
            } else if left < old.count, right < new.count {
                lines.append(.same(old[left]))
                left += 1
                right += 1
            } else {
                break
            }
        }
        self.lines = lines
    }

    /// Lines are compared by their bytes: Swift's strings are also equal if the same characters are encoded in another way.
    private static func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

    /// Whether the texts are equal.
    var isEmpty: Bool { lines.allSatisfy(\.isSame) }

    /// The changes with the lines around them, and how many lines were left out before each group.
    func groups(context: Int) -> [(skipped: Int, lines: [Line])] {
        var shown = [Bool](repeating: false, count: lines.count)
        for (index, line) in lines.enumerated() where !line.isSame {
            for near in max(0, index - context)...min(lines.count - 1, index + context) { shown[near] = true }
        }
        var groups: [(skipped: Int, lines: [Line])] = []
        var skipped = 0
        for (index, line) in lines.enumerated() {
            guard shown[index] else {
                skipped += 1
                continue
            }
            if groups.isEmpty || skipped > 0 {
                groups.append((skipped, []))
                skipped = 0
            }
            groups[groups.count - 1].lines.append(line)
        }
        return groups
    }
}
