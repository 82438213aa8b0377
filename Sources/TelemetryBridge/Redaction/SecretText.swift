internal import KubernetesAPI

/// Finds secrets in free text: passwords in URLs, bearer tokens and JSON Web Tokens. Pure.
enum SecretText {
    /// The text with each secret replaced, or `nil` if none was found.
    static func redacted(_ text: String) -> String? {
        // Most texts contain none of these.
        guard text.contains("://") || text.contains("eyJ") || text.contains("earer ") || text.contains("asic ") else {
            return nil
        }
        var output = ""
        var rest = text[...]
        var isChanged = false
        while let start = rest.firstIndex(where: { !isSpace($0) }) {
            output += rest[..<start]
            rest = rest[start...]
            let word = rest.prefix { !isSpace($0) }
            rest = rest[word.endIndex...]
            let previous = output.split(whereSeparator: isSpace).last.map { $0.lowercased() } ?? ""
            if let replaced = replacement(of: word, after: previous) {
                output += replaced
                isChanged = true
            } else {
                output += word
            }
        }
        return isChanged ? output + rest : nil
    }

    private static func isSpace(_ character: Character) -> Bool { character.isWhitespace }

    private static func replacement(of word: Substring, after previous: String) -> String? {
        let scheme = previous.drop { !$0.isLetter }
        if word.count >= 8, scheme.hasSuffix("bearer") || scheme.hasSuffix("basic"),
            previous.contains(":") || previous == scheme
        {
            return Redaction.mark
        }
        if let token = webToken(in: word) {
            return word[..<token.lowerBound] + Redaction.mark + word[token.upperBound...]
        }
        return urlWithoutPassword(word)
    }

    /// A JSON Web Token (RFC 7519): three parts of base64url, the first of which is an object.
    private static func webToken(in word: Substring) -> Range<Substring.Index>? {
        var search = word[...]
        while let start = search.firstIndex(of: "e") {
            let candidate = search[start...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
            let parts = candidate.split(separator: ".", omittingEmptySubsequences: false)
            if candidate.hasPrefix("eyJ"), parts.count >= 3, parts[0].count >= 10, parts[1].count >= 10 {
                return candidate.startIndex..<candidate.endIndex
            }
            search = search[search.index(after: start)...]
        }
        return nil
    }

    /// A URL whose user information is replaced, if it has any with a password.
    private static func urlWithoutPassword(_ word: Substring) -> String? {
        guard let scheme = range(of: "://", in: word) else { return nil }
        let authority = word[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@"), authority[..<at].contains(":") else { return nil }
        return word[..<scheme.upperBound] + Redaction.mark + word[at...]
    }

    private static func range(of needle: String, in word: Substring) -> Range<Substring.Index>? {
        word.indices.lazy.compactMap { index -> Range<Substring.Index>? in
            guard word[index...].hasPrefix(needle) else { return nil }
            return index..<word.index(index, offsetBy: needle.count)
        }.first
    }
}
