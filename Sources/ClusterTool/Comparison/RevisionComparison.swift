package import CommandSupport
package import KubernetesAPI
package import MCPProtocol

/// Two revisions of a server, side by side or one after the other: what they run, and what they offer.
package struct RevisionComparison: Sendable {
    /// A revision and its contract.
    package struct Side: Sendable {
        /// The MCPServerRevision.
        package var revision: JSONValue
        /// What it offers.
        package var contract: ServerContract

        package init(revision: JSONValue, contract: ServerContract) {
            self.revision = revision
            self.contract = contract
        }

        /// Parts with a title, each as lines of YAML, in order.
        fileprivate var sections: [(title: String, lines: [String])] {
            var sections: [(title: String, lines: [String])] = []
            if let image = revision.text("spec", "image", "reference") { sections.append(("image", [image])) }
            if let spec = revision[path: ["spec", "template", "spec"]] { sections.append(("spec", Self.lines(spec))) }
            for item in contract.items {
                let lines = (try? JSONValue(parsing: item.canonical.bytes)).map(Self.lines) ?? [item.canonical.text]
                sections.append(("\(item.kind.rawValue) \(item.identity)", lines))
            }
            return sections
        }

        private static func lines(_ value: JSONValue) -> [String] {
            var lines = YAML.text([value]).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            if lines.last == "" { lines.removeLast() }
            return lines
        }
    }

    private struct Section: Sendable {
        var title: String
        var difference: LineDifference
    }

    private let names: (old: String, new: String)
    private let sections: [Section]

    package init(from old: Side, to new: Side) {
        names = (old.revision.name, new.revision.name)
        let (before, after) = (old.sections, new.sections)
        // By their bytes, because Swift's strings are also equal if the same characters are encoded in another way.
        let left = Dictionary(before.map { (Array($0.title.utf8), $0.lines) }, uniquingKeysWith: { first, _ in first })
        let right = Dictionary(after.map { (Array($0.title.utf8), $0.lines) }, uniquingKeysWith: { first, _ in first })
        let titles = before.map(\.title) + after.map(\.title).filter { left[Array($0.utf8)] == nil }
        sections = titles.compactMap { title in
            let difference = LineDifference(left[Array(title.utf8)] ?? [], right[Array(title.utf8)] ?? [])
            return difference.isEmpty ? nil : Section(title: title, difference: difference)
        }
    }

    /// Whether both run the same and offer the same.
    package var isEmpty: Bool { sections.isEmpty }

    private static let context = 3

    /// The differences as a unified diff, a part for each section.
    package func unified(console: Console) -> String {
        guard !isEmpty else { return same }
        var lines = [
            console.styled(TerminalText.safe("--- \(names.old)"), .bold),
            console.styled(TerminalText.safe("+++ \(names.new)"), .bold),
        ]
        for section in sections {
            lines.append(console.styled(TerminalText.safe("@@ \(section.title) @@"), .yellow))
            for group in section.difference.groups(context: Self.context) {
                if group.skipped > 0 { lines.append(console.styled("  … \(group.skipped) equal lines", .faint)) }
                for line in group.lines {
                    switch line {
                    case .same(let text): lines.append(" " + TerminalText.safe(text))
                    case .removed(let text): lines.append(console.styled("-" + TerminalText.safe(text), .red))
                    case .added(let text): lines.append(console.styled("+" + TerminalText.safe(text), .green))
                    }
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The differences in two columns.
    ///
    /// - Parameter width: the length of a line, in characters.
    package func sideBySide(width: Int, console: Console) -> String {
        guard !isEmpty else { return same }
        let column = max(20, (width - 3) / 2)
        var lines = Self.row(names.old, " ", names.new, column).map { console.styled($0, .bold) }
        for section in sections {
            lines.append(console.styled(TerminalText.safe("@@ \(section.title) @@"), .yellow))
            for group in section.difference.groups(context: Self.context) {
                if group.skipped > 0 { lines.append(console.styled("  … \(group.skipped) equal lines", .faint)) }
                lines += Self.rows(group.lines, column: column, console: console)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var same: String {
        TerminalText.safe("\(names.old) and \(names.new) run the same and offer the same.") + "\n"
    }

    /// Rows of two columns: what was removed stands beside what was added in its place.
    private static func rows(_ lines: [LineDifference.Line], column: Int, console: Console) -> [String] {
        var rows: [String] = []
        var (removed, added): ([String], [String]) = ([], [])
        func flush() {
            for index in 0..<max(removed.count, added.count) {
                let left = removed.indices.contains(index) ? removed[index] : nil
                let right = added.indices.contains(index) ? added[index] : nil
                let (mark, style): (String, Console.Style) =
                    right == nil ? ("<", .red) : left == nil ? (">", .green) : ("|", .yellow)
                rows += row(left ?? "", mark, right ?? "", column).map { console.styled($0, style) }
            }
            (removed, added) = ([], [])
        }
        for line in lines {
            switch line {
            case .same(let text):
                flush()
                rows += row(text, " ", text, column)
            case .removed(let text): removed.append(text)
            case .added(let text): added.append(text)
            }
        }
        flush()
        return rows
    }

    /// One row; texts that are longer than the column go on in the next one.
    private static func row(_ left: String, _ mark: String, _ right: String, _ column: Int) -> [String] {
        let (left, right) = (pieces(left, column), pieces(right, column))
        return (0..<max(left.count, right.count, 1)).map { index in
            let first = left.indices.contains(index) ? left[index] : ""
            let second = right.indices.contains(index) ? right[index] : ""
            var line = first + String(repeating: " ", count: max(0, column - first.count)) + " \(mark) " + second
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    private static func pieces(_ text: String, _ column: Int) -> [String] {
        var rest = Substring(TerminalText.safe(text))
        var pieces: [String] = []
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(column)))
            rest = rest.dropFirst(column)
        }
        return pieces
    }
}
