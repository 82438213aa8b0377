package import CommandSupport

/// One line of a tree, its details, and its children. Its texts can be of anybody: they are made safe when they are rendered.
package struct TreeNode: Sendable, Hashable {
    /// The state of the object, which decides its color.
    package enum State: String, Sendable, Hashable {
        case good
        case waiting
        case bad
        case neutral
    }

    /// The title, such as `Deployment hello`.
    package var title: String
    /// Its state, such as `1/1 ready`; empty if there is nothing to report.
    package var summary: String
    /// Its state.
    package var state: State
    /// Lines of detail below the title.
    package var notes: [String]
    /// The children.
    package var children: [TreeNode]

    package init(
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
    package func rendered(console: Console) -> String {
        var lines: [String] = []
        append(to: &lines, lead: "", branch: "", console: console)
        return lines.joined(separator: "\n") + "\n"
    }

    private func append(to lines: inout [String], lead: String, branch: String, console: Console) {
        var line = lead + branch + console.styled(TerminalText.safe(title), .bold)
        if !summary.isEmpty { line += "  " + console.styled(TerminalText.safe(summary), state) }
        lines.append(line)
        // There is no vertical line below the last child.
        let trunk =
            switch branch {
            case "": lead
            case "└── ": lead + "    "
            default: lead + "│   "
            }
        for note in notes {
            lines.append(
                trunk + (children.isEmpty ? "    " : "│   ") + console.styled(TerminalText.safe(note), .faint)
            )
        }
        for (index, child) in children.enumerated() {
            let isLast = index == children.count - 1
            child.append(to: &lines, lead: trunk, branch: isLast ? "└── " : "├── ", console: console)
        }
    }
}

extension Console {
    /// Text in the color of a state.
    func styled(_ text: String, _ state: TreeNode.State) -> String {
        switch state {
        case .good: styled(text, .green)
        case .waiting: styled(text, .yellow)
        case .bad: styled(text, .red)
        case .neutral: text
        }
    }
}
