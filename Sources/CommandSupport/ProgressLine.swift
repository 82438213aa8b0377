/// The state of something that takes time: on a terminal one line that is written again, elsewhere a line for each change.
package struct ProgressLine {
    private let console: Console
    private var last: String?

    /// - Parameter console: receives the lines.
    package init(_ console: Console) {
        self.console = console
    }

    /// Shows a state in place of the one before.
    package mutating func show(_ text: String) {
        let line = TerminalText.safe(text)
        guard line != last else { return }
        last = line
        guard let columns = console.columns else { return console.output(line + "\n") }
        // A longer line would wrap, and only its last part be replaced.
        let shown = line.count < columns ? line : line.prefix(max(columns - 2, 0)) + "…"
        console.output("\r\u{1B}[K" + console.styled(String(shown), .faint))
    }

    /// Removes the line from a terminal, so that other output can follow.
    package mutating func end() {
        if console.columns != nil, last != nil { console.output("\r\u{1B}[K") }
        last = nil
    }
}
