import CommandSupport

/// One line of a tree, its details, and its children.
struct TreeNode: Sendable, Hashable {
    /// The state of the object, which decides its color.
    enum State: Sendable, Hashable {
        case good
        case waiting
        case bad
        case neutral
    }

    /// The title, such as `Deployment hello`.
    var title: String
    /// Its state, such as `1/1 ready`; empty if there is nothing to report.
    var summary: String
    /// Its state.
    var state: State
    /// Lines of detail below the title.
    var notes: [String]
    /// The children.
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
    /// The tree as text, one line for each node and each detail.
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
        // There is no vertical line below the last child.
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
