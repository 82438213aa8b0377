/// Why an expression does not compile.
package struct CompileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One problem and where it is.
    struct Problem: Sendable, Hashable {
        /// The offset in characters, or `nil` if the problem has no place.
        var position: Int?
        var message: String
    }

    /// The problems with the lines that they are in, as the API server writes them.
    package let description: String
    /// Whether a part that does not depend on variables has no value. The API server calls it an internal error.
    package var isOfConstant = false

    init(constant error: EvaluationError) {
        description = error.description
        isOfConstant = true
    }

    init(_ problems: [Problem], in source: [Unicode.Scalar]) {
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
        let sorted = problems.sorted { ($0.position ?? -1) < ($1.position ?? -1) }
        var shown = sorted.prefix(Limits.problems).map { CompileError.text(of: $0, in: lines) }
        if sorted.count > Limits.problems {
            shown.append("\(sorted.count - Limits.problems) more errors were truncated")
        }
        description = shown.joined(separator: "\n")
    }

    init(_ problems: SyntaxProblems, in source: [Unicode.Scalar]) {
        self.init(problems.all.map { Problem(position: $0.position, message: $0.message) }, in: source)
    }

    private static func text(of problem: Problem, in lines: [[Unicode.Scalar]]) -> String {
        guard let position = problem.position else { return "ERROR: <input>:-1:0: \(problem.message)" }
        var column = position
        var number = 0
        while number < lines.count - 1, column > lines[number].count {
            column -= lines[number].count + 1
            number += 1
        }
        var text = "ERROR: <input>:\(number + 1):\(column + 1): \(problem.message)"
        guard number < lines.count else { return text }
        var line = ""
        line.unicodeScalars.append(contentsOf: lines[number].map { $0 == "\t" ? " " : $0 })
        let pointer = lines[number].prefix(column).map { $0.value > 0x7F ? "．" : "." }.joined()
        let isWide = column < lines[number].count && lines[number][column].value > 0x7F
        text += "\n | \(line)\n | \(pointer)\(isWide ? "＾" : "^")"
        return text
    }
}
