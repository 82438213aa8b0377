import Testing

@testable import Observability

@Suite("Escaped text")
struct TextEscaperTests {
    @Test(
        "each format has its escapes",
        arguments: [
            (TextEscaper.log, "a\"\\\n\r\t\u{1}\u{7F}é😀\u{1B}[31m", #"a\"\\\n\r\t\u0001\u007fé😀\u001b[31m"#),
            (.label, "\"\n\t\\", "\\\"\\n\t\\\\"), (.help, "\"\n\\", "\"\\n\\\\"),
        ]
    )
    func escapes(escaper: TextEscaper, text: String, expected: String) {
        #expect(escaper.escaped(text) == expected)
        #expect(escaper.quoted(text) == "\"\(expected)\"")
    }
}
