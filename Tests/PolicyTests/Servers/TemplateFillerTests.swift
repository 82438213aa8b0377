import Testing

@testable import Policy

private let fillings: [(String, String)] = [
    ("", ""), ("plain", "plain"), ("${A}", "1"), ("x${A}y${B}z", "x1y2z"), ("$A $$A $", "$A $$A $"),
    ("$${A}", "${A}"), ("$$${A}", "$${A}"), ("${A}${A}", "11"), ("${EMPTY}", ""), ("é${A}😀", "é1😀"),
    ("${_a1}", "under"), ("{A} $ {A}", "{A} $ {A}"),
]

@Suite("Templates")
struct TemplateFillerTests {
    static let variables = ["A": "1", "B": "2", "EMPTY": "", "_a1": "under", "LOOP": "${A}"]

    @Test("are filled in, and $${ results in the literal text", arguments: fillings)
    func fill(text: String, expected: String) throws {
        #expect(try TemplateFiller.fill(text, variables: Self.variables) == expected)
    }

    @Test("a value is not filled in again")
    func noRecursion() throws {
        #expect(try TemplateFiller.fill("${LOOP}", variables: Self.variables) == "${A}")
    }

    @Test("a name without a value is an error, never an empty text")
    func undefined() {
        #expect(throws: TemplateFiller.Failure.undefined("NOPE")) {
            _ = try TemplateFiller.fill("a ${A} ${NOPE}", variables: Self.variables)
        }
    }

    @Test(
        "an invalid placeholder is an error with its line",
        arguments: [("a\n${", 2), ("${}", 1), ("${1A}", 1), ("\n\n${a b}", 3)]
    )
    func malformed(text: String, line: Int) {
        let failure = #expect(throws: TemplateFiller.Failure.self) {
            _ = try TemplateFiller.fill(text, variables: Self.variables)
        }
        guard case .malformed(_, line)? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }
}
