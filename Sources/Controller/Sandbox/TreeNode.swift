/// One line of a tree, what is said about it, and what stands below it.
struct TreeNode: Sendable, Hashable {
    /// How well the thing is, which decides its colour.
    enum State: Sendable, Hashable {
        case good
        case waiting
        case bad
        case neutral
    }

    /// What the line shows, such as `Deployment hello`.
    var title: String
    /// How it is, such as `1/1 ready`; empty where there is nothing to say.
    var summary: String
    /// How well it is.
    var state: State
    /// Lines of detail below the title.
    var notes: [String]
    /// What stands below.
    var children: [TreeNode]

    init(
        _ title: String,
        summary: String = "",
        state: State = .neutral,
        notes: [String] = [],
        children: [TreeNode] = []
    ) {
        self.title = title
        self.summary = summary
        self.state = state
        self.notes = notes
        self.children = children
    }
}

extension TreeNode {
    /// The tree as text, one line a node and one a note.
    func rendered(console: Console) -> String {
        var lines: [String] = []
        append(to: &lines, lead: "", branch: "", console: console)
        return lines.joined(separator: "\n") + "\n"
    }

    private func append(to lines: inout [String], lead: String, branch: String, console: Console) {
        var line = lead + branch + console.styled(title, .bold)
        if !summary.isEmpty {
            line += "  "
            switch state {
            case .good: line += console.styled(summary, .green)
            case .waiting: line += console.styled(summary, .yellow)
            case .bad: line += console.styled(summary, .red)
            case .neutral: line += summary
            }
        }
        lines.append(line)
        // Below a last child the trunk has ended.
        let trunk =
            switch branch {
            case "": lead
            case "└── ": lead + "    "
            default: lead + "│   "
            }
        for note in notes {
            lines.append(trunk + (children.isEmpty ? "    " : "│   ") + console.styled(note, .faint))
        }
        for (index, child) in children.enumerated() {
            let isLast = index == children.count - 1
            child.append(to: &lines, lead: trunk, branch: isLast ? "└── " : "├── ", console: console)
        }
    }
}
