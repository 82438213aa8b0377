/// The series and labels that a query names, found in its text, so that queries are checked however they were built.
struct QueryReader {
    /// The names of series, with the labels of their matchers.
    private(set) var series: [(name: String, labels: [String])] = []
    /// The labels of `by`, `on` and `label_replace`.
    private(set) var grouping: [String] = []

    private static let words: Set = ["and", "or", "unless", "by", "on", "offset", "le"]

    init(_ query: String) {
        var rest = query
        // Labels in parentheses.
        for match in query.matches(of: #/\b(?:by|on)\s*\(([^)]*)\)/#) {
            grouping += match.1.split(separator: ",").map { $0.filter { $0 != " " } }
        }
        rest.replace(#/\b(?:by|on)\s*\([^)]*\)/#, with: " ")
        // Windows and offsets.
        rest.replace(#/\[[^\]]*\]/#, with: "")
        rest.replace(#/offset \w+/#, with: "")
        for match in rest.matches(of: #/([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[^}]*\})?(\s*\()?/#) {
            let name = String(match.1)
            if match.3 != nil || Self.words.contains(name) { continue }
            // Inside of a matcher or a text.
            if rest[..<match.range.lowerBound].filter({ $0 == "\"" }).count % 2 == 1 { continue }
            let braces = match.2.map(String.init) ?? ""
            let labels = braces.matches(of: #/([a-zA-Z_]\w*)(=~|!~|!=|=)"/#).map { String($0.1) }
            series.append((name, labels))
        }
    }
}
