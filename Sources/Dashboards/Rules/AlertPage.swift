/// `docs/alerts.md`.
public enum AlertPage {
    /// The page.
    public static var markdown: String {
        var lines = [
            "# Alerts",
            "",
            "Generated from the sources by `make generate`; do not edit. [operations.md](operations.md) says how to load them.",
            "",
            "`critical` wakes somebody, `warning` is for the next working day, `info` for when it fits.",
            "",
            "| Alert | Severity | After | Meaning |",
            "|---|---|---|---|",
        ]
        for alert in Rules.alerts {
            let after = alert.pending == "0m" ? "at once" : alert.pending
            lines.append(
                "| [\(alert.name)](runbooks/\(alert.name).md) | \(alert.severity.rawValue) | \(after) | \(alert.description) |"
            )
        }
        lines += ["", "## Expressions", ""]
        for alert in Rules.alerts { lines += ["`\(alert.name)`", "", "```promql", alert.query, "```", ""] }
        lines += ["Recorded for them:", "", "| Series | Expression |", "|---|---|"]
        for recording in Rules.groups.flatMap(\.recordings) {
            let expression = recording.expression.text.replacing("|", with: "\\|")
            lines.append("| `\(recording.name)` | `\(expression)` |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension String {
    fileprivate func replacing(_ character: Character, with text: String) -> String {
        map { $0 == character ? text : String($0) }.joined()
    }
}
