import Testing

@testable import CEL

@Suite("Regular expressions")
struct PatternTests {
    /// An expression, a text, and the first match in it; `nil` if there is none.
    static let matches: [(String, String, String?)] = [
        ("b", "abc", "b"), ("^b", "abc", nil), ("a|ab", "ab", "a"), ("ab|a", "ab", "ab"),
        ("(a|ab)(c|bcd)", "abcd", "abcd"),
        ("a*", "aab", "aa"), ("a*?", "aab", ""), ("a{2}", "aaa", "aa"), ("a{2,}", "aaa", "aaa"),
        ("a{1,2}?", "aaa", "a"),
        ("a{,2}", "a{,2}", "a{,2}"), ("x*", "abc", ""), ("[^a-c]+", "abxyz", "xyz"), ("[[:digit:]]+", "a12", "12"),
        ("[]a]+", "]a", "]a"), ("[a-]+", "-a", "-a"), ("\\d+\\.\\d", "1.5", "1.5"), ("\\bfoo\\b", "a foo b", "foo"),
        ("(?i)ABC", "abc", "abc"), ("(?s)a.b", "a\nb", "a\nb"), ("a.b", "a\nb", nil), ("(?m)^b$", "a\nb", "b"),
        ("\\Qa.b\\E", "a.b", "a.b"), ("\\pL+", "1éa", "éa"), ("\\p{Lu}", "aB", "B"), ("[^\\D]", "a1", "1"),
        ("(?P<n>x)y", "xy", "xy"), ("(?:a|b)+c", "abac", "abac"), ("é", "é", "é"), ("\\x{e9}", "é", "é"), ("", "a", ""),
        ("$", "a", ""), ("a$|b", "ab", "b"), ("(a*)*", "aa", "aa"), ("(|a)+", "aa", ""),
    ]

    @Test("a pattern finds what RE2 finds", arguments: matches)
    func match(pattern: String, text: String, expected: String?) throws {
        let scalars = Array(text.unicodeScalars)
        let found = try Pattern(pattern).match(in: scalars, from: 0)
        #expect(found.map { String(scalars: scalars[$0.range]) } == expected)
    }

    static let problems: [(String, String)] = [
        ("(", "missing closing ): `(`"), ("a)", "unexpected ): `a)`"), ("[a", "missing closing ]: `[a`"),
        ("a**", "invalid nested repetition operator: `**`"), ("*a", "missing argument to repetition operator: `*`"),
        ("a{2,1}", "invalid repeat count: `{2,1}`"), ("a{1001}", "invalid repeat count: `{1001}`"),
        ("[z-a]", "invalid character class range: `z-a`"), ("\\8", "invalid escape sequence: `\\8`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
    ]

    @Test("a pattern that is not valid says why", arguments: problems)
    func problem(pattern: String, message: String) {
        #expect { try Pattern(pattern) } throws: { "\($0)" == "error parsing regexp: \(message)" }
    }

    @Test("the time of a match does not grow exponentially")
    func time() throws {
        let text = Array(String(repeating: "a", count: 500).unicodeScalars)
        #expect(try Pattern("(a*)*b").match(in: text, from: 0) == nil)
        #expect(try Pattern("(a|aa|aaa)*c").match(in: text, from: 0) == nil)
        #expect(try Pattern("[^b]*b|a").match(in: text, from: 0)?.end == 500)
        #expect(throws: Pattern.Problem.self) { try Pattern("((a{100}){100}){100}") }
    }
}
