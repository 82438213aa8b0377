package import CommandSupport
package import KubernetesAPI
internal import Policy

/// What a word means that was asked about: a reason, a condition, or neither.
package enum Explanation: Sendable {
    /// A reason.
    case reason(ReasonCatalogue.Entry)
    /// A condition, the reasons that it can have, and the reason with the same name, if there is one.
    case condition(type: String, meaning: String, reasons: [ReasonCatalogue.Entry], same: ReasonCatalogue.Entry?)
    /// Neither, and the names that are similar.
    case unknown(String, similar: [String])

    /// - Parameters:
    ///   - word: case does not matter.
    ///   - catalogue: the documentation of all reasons.
    package init(of word: String, in catalogue: ReasonCatalogue) {
        let folded = word.lowercased()
        let conditions = ConditionType.order
        if let type = conditions.first(where: { $0.lowercased() == folded }),
            let meaning = ConditionMeaning.sentences[type]
        {
            self = .condition(
                type: type,
                meaning: meaning,
                reasons: catalogue.entries(ofCondition: type),
                same: catalogue[type]
            )
            return
        }
        if let entry = catalogue.entries.first(where: { $0.reason.rawValue.lowercased() == folded }) {
            self = .reason(entry)
            return
        }
        let names = conditions + catalogue.entries.map(\.reason.rawValue)
        self = .unknown(word, similar: Self.similar(to: folded, among: names))
    }

    private static let maximumSuggestions = 5

    /// The most similar name by its letters, then those that contain the word or a word of it.
    private static func similar(to word: String, among names: [String]) -> [String] {
        var found: [String] = []
        let folded = names.map { $0.lowercased() }
        if let nearest = NearestName.of(word, among: folded), let index = folded.firstIndex(of: nearest) {
            found.append(names[index])
        }
        if word.count >= 3 {
            for (name, low) in zip(names, folded) where low.contains(word) || word.contains(low) { found.append(name) }
        }
        var seen: Set<String> = []
        return Array(found.filter { seen.insert($0).inserted }.prefix(maximumSuggestions))
    }
}

extension Explanation {
    /// As text.
    package func rendered(console: Console) -> String {
        switch self {
        case .reason(let entry): return Self.text(entry, console: console)
        case .condition(let type, let meaning, let reasons, let same):
            let own = same.map { Self.text($0, console: console) + "\n" } ?? ""
            var lines = [own + console.styled(type, .bold) + "  a condition"]
            lines += TextLayout.paragraph(meaning, indentation: 2)
            lines += ["", "Its reasons:"]
            for reason in reasons {
                lines.append("  " + console.styled(reason.reason.rawValue, .bold))
                lines += TextLayout.paragraph(Self.firstSentence(reason.cause), indentation: 6)
            }
            return lines.joined(separator: "\n") + "\n"
        case .unknown(let word, let similar): return Self.problem(word, similar) + "\n"
        }
    }

    /// What is wrong with the word, and what to do; `nil` if it is known.
    package var problem: String? {
        guard case .unknown(let word, let similar) = self else { return nil }
        return Self.problem(word, similar)
    }

    /// The same facts as data.
    package var json: JSONValue {
        switch self {
        case .reason(let entry): return Self.json(entry)
        case .condition(let type, let meaning, let reasons, _):
            return ["condition": .string(type), "meaning": .string(meaning), "reasons": .array(reasons.map(Self.json))]
        case .unknown(let word, let similar):
            return ["unknown": .string(word), "similar": .array(similar.map { .string($0) })]
        }
    }

    private static func json(_ entry: ReasonCatalogue.Entry) -> JSONValue {
        [
            "reason": .string(entry.reason.rawValue), "place": .string(entry.place), "cause": .string(entry.cause),
            "wayOut": .string(entry.wayOut),
        ]
    }

    private static func text(_ entry: ReasonCatalogue.Entry, console: Console) -> String {
        var lines = [console.styled(entry.reason.rawValue, .bold) + "  in \(entry.place)", "", "Cause:"]
        lines += TextLayout.paragraph(entry.cause, indentation: 2)
        lines += ["", "What to do:"]
        lines += TextLayout.paragraph(entry.wayOut, indentation: 2)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func problem(_ word: String, _ similar: [String]) -> String {
        let hint =
            similar.isEmpty
            ? "all of them are in docs/conditions.md" : "did you mean \(similar.joined(separator: ", "))?"
        return "\(TerminalText.safe(word)) is neither a reason nor a condition of Moorage: \(hint)"
    }

    private static func firstSentence(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard let end = words.firstRange(of: ". ") else { return words }
        return String(words[..<end.lowerBound]) + "."
    }
}
