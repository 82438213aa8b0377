/// Finds and replaces parts of texts.
enum Search {
    static func outOfRange(_ index: Int64) -> EvaluationError { EvaluationError("index out of range: \(index)") }

    /// A text and a part to find in it, whose cost is counted.
    static func scalars(_ arguments: [CELValue], _ evaluation: inout Evaluation) throws(EvaluationError)
        -> (text: [Unicode.Scalar], part: [Unicode.Scalar])
    {
        let text = Array(try arguments[...].text(0).unicodeScalars)
        let part = Array(try arguments[...].text(1).unicodeScalars)
        try evaluation.charge((text.count / 10 + 1) * (part.count / 10 + 1))
        return (text, part)
    }

    static func first<Element: Equatable>(of part: [Element], in text: [Element], from start: Int) -> Int? {
        guard part.count <= text.count - start else { return nil }
        for index in start...(text.count - part.count) where text[index...].starts(with: part) { return index }
        return nil
    }

    static func last<Element: Equatable>(of part: [Element], in text: [Element], upTo end: Int) -> Int? {
        guard part.count <= text.count else { return nil }
        for index in (0...min(end, text.count - part.count)).reversed() where text[index...].starts(with: part) {
            return index
        }
        return nil
    }

    /// - limit: how many occurrences are replaced; all of them if it is negative.
    static func replace(
        _ part: String,
        in text: String,
        with replacement: String,
        limit: Int64,
        _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> String {
        if limit == 0 { return text }
        let scalars = Array(text.unicodeScalars)
        let wanted = Array(part.unicodeScalars)
        try evaluation.charge((scalars.count / 10 + 1) * (wanted.count / 10 + 1))
        var result = ""
        var position = 0
        var count: Int64 = 0
        while limit < 0 || count < limit {
            // An empty part is before each character and at the end.
            let place =
                wanted.isEmpty ? position + (count == 0 ? 0 : 1) : first(of: wanted, in: scalars, from: position)
            guard let place, place <= scalars.count else { break }
            result.unicodeScalars.append(contentsOf: scalars[position..<place])
            try evaluation.charge(replacement.utf8.count / 10 + 1)
            result += replacement
            position = place + wanted.count
            count += 1
        }
        if position < scalars.count { result.unicodeScalars.append(contentsOf: scalars[position...]) }
        return result
    }

    /// - limit: how many parts there are at most; any number if it is negative.
    static func split(_ text: String, by separator: String, limit: Int64, _ evaluation: inout Evaluation)
        throws(EvaluationError)
        -> [String]
    {
        if limit == 0 { return [] }
        if limit == 1 { return [text] }
        let scalars = Array(text.unicodeScalars)
        let wanted = Array(separator.unicodeScalars)
        try evaluation.charge((scalars.count / 10 + 1) * (wanted.count / 10 + 1))
        var result: [String] = []
        if wanted.isEmpty {
            try evaluation.charge(scalars.count)
            let count = limit < 0 ? scalars.count : min(scalars.count, Int(clamping: limit))
            for index in 0..<count {
                result.append(String(scalars: index == count - 1 ? scalars[index...] : scalars[index...index]))
            }
            return result
        }
        var position = 0
        while limit < 0 || result.count < Int(clamping: limit) - 1,
            let place = first(of: wanted, in: scalars, from: position)
        {
            try evaluation.charge(1)
            result.append(String(scalars: scalars[position..<place]))
            position = place + wanted.count
        }
        result.append(String(scalars: scalars[position...]))
        return result
    }
}
