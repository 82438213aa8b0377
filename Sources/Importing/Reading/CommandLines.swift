/// Splits a text into command lines as a POSIX shell does: quotation marks, backslashes, comments, line continuations, `;` and `&&`.
/// Variables stay open, since nobody knows their values.
struct CommandLines {
    /// A command line.
    struct Line {
        /// The words.
        var words: [[TextPart]]
        /// The line on which it begins, from 1.
        var number: Int
    }

    private(set) var lines: [Line] = []
    /// What cannot be read, with its line.
    private(set) var problems: [(number: Int, reason: String)] = []

    private var characters: [Character]
    private var position = 0
    private var number = 1
    private var words: [[TextPart]] = []
    private var word: [TextPart]?
    private var start = 1

    init(_ text: String) {
        // A carriage return before a line feed is one character.
        characters = text.map { $0 == "\r\n" ? "\n" : $0 }
        read()
    }

    /// Whether a text begins with a command line that runs a container.
    static func matches(_ text: String) -> Bool {
        for line in text.split(whereSeparator: \.isNewline) {
            var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })[...]
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            while let word = words.first, word == "$" || word == "sudo" { words = words.dropFirst() }
            return words.first.map { DockerRun.programs.contains(String($0)) && words.count > 1 } ?? false
        }
        return false
    }

    private var current: Character? { characters.indices.contains(position) ? characters[position] : nil }
    private var next: Character? { characters.indices.contains(position + 1) ? characters[position + 1] : nil }

    private mutating func read() {
        while let character = current {
            position += 1
            switch character {
            case "\n":
                endLine()
                number += 1
            case " ", "\t": endWord()
            case ";": endLine()
            case "&", "|":
                if current == character {
                    position += 1
                    endLine()
                } else if character == "|" || current.map({ !$0.isWhitespace }) ?? false {
                    problems.append((number, "pipes and redirections are not read"))
                    skipLine()
                } else {
                    endLine()
                }
            case ">", "<":
                problems.append((number, "pipes and redirections are not read"))
                skipLine()
            case "#" where word == nil: skipComment()
            case "\\":
                guard let escaped = current else { continue }
                position += 1
                if escaped == "\n" { number += 1 } else { append(escaped) }
            case "'": readSingleQuotes()
            case "\"": readDoubleQuotes()
            case "$": readVariable()
            case "`":
                problems.append((number, "commands within a command are not run"))
                append(character)
            default: append(character)
            }
        }
        endLine()
    }

    private mutating func append(_ character: Character) {
        if words.isEmpty, word == nil { start = number }
        var parts = word ?? []
        if case .literal(let text)? = parts.last {
            parts[parts.count - 1] = .literal(text + String(character))
        } else {
            parts.append(.literal(String(character)))
        }
        word = parts
    }

    /// An empty pair of quotation marks is a word, too.
    private mutating func begin() {
        if words.isEmpty, word == nil { start = number }
        if word == nil { word = [.literal("")] }
    }

    private mutating func endWord() {
        if let word { words.append(word) }
        word = nil
    }

    private mutating func endLine() {
        endWord()
        if !words.isEmpty { lines.append(Line(words: words, number: start)) }
        words = []
    }

    private mutating func skipComment() {
        while let character = current, character != "\n" {
            _ = character
            position += 1
        }
    }

    private mutating func skipLine() {
        skipComment()
        endLine()
    }

    private mutating func readSingleQuotes() {
        begin()
        while let character = current {
            position += 1
            if character == "'" { return }
            if character == "\n" { number += 1 }
            append(character)
        }
        problems.append((number, "a quotation mark ' is not closed"))
    }

    private mutating func readDoubleQuotes() {
        begin()
        while let character = current {
            position += 1
            switch character {
            case "\"": return
            case "\\":
                // Within double quotes, a backslash only escapes these.
                if let escaped = current, ["\"", "\\", "$", "`"].contains(escaped) {
                    append(escaped)
                    position += 1
                } else if current == "\n" {
                    position += 1
                    number += 1
                } else {
                    append(character)
                }
            case "$": readVariable()
            case "\n":
                number += 1
                append(character)
            default: append(character)
            }
        }
        problems.append((number, "a quotation mark \" is not closed"))
    }

    /// `$NAME` or `${NAME}`, `${NAME:-default}`; any other `$` is text.
    private mutating func readVariable() {
        if current == "{" {
            var end = position + 1
            while characters.indices.contains(end), characters[end] != "}", characters[end] != "\n" { end += 1 }
            guard characters.indices.contains(end), characters[end] == "}" else { return append("$") }
            let reference = "${" + String(characters[(position + 1)..<end]) + "}"
            position = end + 1
            appendParts([TextPart](dollarText: reference))
            return
        }
        var end = position
        while characters.indices.contains(end),
            characters[end].isASCII
                && (characters[end].isLetter || characters[end] == "_" || end > position && characters[end].isNumber)
        { end += 1 }
        guard end > position else {
            if current == "(" { problems.append((number, "commands within a command are not run")) }
            return append("$")
        }
        let name = String(characters[position..<end])
        position = end
        appendParts([TextPart](dollarText: "${\(name)}"))
    }

    private mutating func appendParts(_ parts: [TextPart]) {
        if words.isEmpty, word == nil { start = number }
        let before = (word ?? []).filter { $0 != .literal("") }
        word = before + parts
    }
}
