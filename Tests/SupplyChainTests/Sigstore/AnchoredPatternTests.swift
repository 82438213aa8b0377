import SupplyChain
import Testing

private let workflow = "https://github.com/example/server/.github/workflows/release.yml@refs/heads/main"

private let cases: [(pattern: String, text: String, matches: Bool)] = [
    ("", "", true), ("", "a", false), ("a", "a", true), ("a", "A", false), ("a", "ab", false), ("b", "ab", false),
    ("*", "", true), ("*", "abc", true), ("*", "a/b", false), ("**", "", true), ("**", "a/b", true),
    ("***", "a/b/c", true),
    ("a*", "a", true), ("a*c", "abbc", true), ("a*c", "ac", true), ("a*c", "ab/c", false), ("a**c", "ab/c", true),
    ("*a", "ba", true), ("*a", "bab", false), ("*a*", "bab", true), ("*/*", "a/b", true), ("*/*", "a", false),
    ("*/*", "a/b/c", false), ("*/**", "a/b/c", true), ("**/c", "a/b/c", true), ("**/c", "c", false),
    ("*ab*ab", "abab", true),
    ("*ab*ab", "aabcab", true), ("*ab*ab", "ab", false), ("*@example.com", "a@example.com", true),
    ("*@example.com", "a@example.com.evil", false), ("*@example.com", "a/b@example.com", false),
    ("*@example.com", "evil.example/x@example.com", false), (workflow, workflow, true),
    ("https://github.com/example/*/.github/workflows/*.yml@refs/heads/*", workflow, true),
    ("https://github.com/example/*/.github/workflows/*.yml@refs/tags/*", workflow, false),
    ("https://github.com/example/**", workflow, true), ("https://github.com/example/*", workflow, false),
    ("https://github.com/example/**", "https://github.com/example-evil/server", false),
    ("https://github.com/example/**", "https://evil.example/https://github.com/example/server", false),
    ("a.c", "abc", false), ("[a]", "a", false), ("a?", "ab", false), ("a+", "aa", false), ("\\*", "\\x", true),
    ("é", "e\u{301}", false),
    ("*\n", "a\n", true), ("a", "a\n", false),
]

/// A slow matcher that is easily seen to be right.
private func matches(_ pattern: Substring, _ text: Substring) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    guard first == "*" else { return text.first == first && matches(pattern.dropFirst(), text.dropFirst()) }
    let stars = pattern.prefix { $0 == "*" }.count
    let rest = pattern.dropFirst(stars)
    let end = stars > 1 ? text.endIndex : (text.firstIndex(of: "/") ?? text.endIndex)
    return text[...].indices.filter { $0 <= end }.contains { matches(rest, text[$0...]) }
        || (end == text.endIndex && matches(rest, ""))
}

@Suite("Patterns for a whole text")
struct AnchoredPatternTests {
    @Test("a pattern matches a whole text, and one star stops at a slash", arguments: cases)
    func table(_ pattern: String, _ text: String, _ expected: Bool) {
        #expect(AnchoredPattern(pattern: pattern).matches(text) == expected)
        #expect(AnchoredPattern(pattern: pattern).description == pattern)
    }

    @Test("a text that must be equal has no stars")
    func exactly() {
        #expect(AnchoredPattern.exactly("a*").matches("a*"))
        #expect(!AnchoredPattern.exactly("a*").matches("ab"))
        #expect(!AnchoredPattern.exactly("é").matches("e\u{301}"))
        #expect(AnchoredPattern.exactly("").matches(""))
    }

    @Test("a simple matcher agrees")
    func comparison() {
        var random = SeededGenerator(seed: Fuzz.seed)
        func text(_ letters: [String], _ length: ClosedRange<Int>) -> String {
            (0..<Int.random(in: length, using: &random)).map { _ in letters.randomElement(using: &random) ?? "" }
                .joined()
        }
        var count = 0
        for _ in 0..<Fuzz.cases(20_000) {
            let pattern = text(["a", "b", "/", "*", "*"], 0...7)
            let given = text(["a", "b", "/"], 0...8)
            let expected = matches(pattern[...], given[...])
            if expected { count += 1 }
            #expect(
                AnchoredPattern(pattern: pattern).matches(given) == expected,
                "seed \(Fuzz.seed): \(pattern), \(given)"
            )
        }
        #expect(count > 100)
    }

    @Test("many stars do not take long", .timeLimit(.minutes(1)))
    func hostile() {
        let pattern = AnchoredPattern(pattern: String(repeating: "*a", count: 60) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 2_000)))
    }
}
