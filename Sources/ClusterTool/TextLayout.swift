internal import CommandSupport

/// Text in columns and paragraphs. Every text is made safe for a terminal here.
enum TextLayout {
    /// The length of a line of a paragraph, in characters.
    static let width = 100

    /// A text that a terminal only shows.
    static func safe(_ text: String) -> String { TerminalText.safe(text) }

    /// A paragraph whose lines are broken between words and indented.
    static func paragraph(_ text: String, indentation: Int) -> [String] {
        let space = String(repeating: " ", count: indentation)
        var lines: [String] = []
        var line = ""
        for word in text.split(whereSeparator: \.isWhitespace).map({ TerminalText.safe(String($0)) }) {
            if line.isEmpty {
                line = word
            } else if indentation + line.count + 1 + word.count > width {
                lines.append(space + line)
                line = word
            } else {
                line += " " + word
            }
        }
        if !line.isEmpty { lines.append(space + line) }
        return lines
    }

    /// Rows as columns that are two spaces apart, without spaces at the ends of lines.
    static func table(_ rows: [[String]]) -> [String] {
        let rows = rows.map { $0.map(TerminalText.safe) }
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
