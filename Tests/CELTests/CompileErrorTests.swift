import CEL
import KubernetesAPI
import Testing

@Suite("Compile errors")
struct CompileErrorTests {
    static let problems: [Expression] = [
        Expression("foo", "ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo\n | ^"),
        Expression("1 + foo(2)", "1:8: undeclared reference to 'foo' (in container '')"),
        Expression("1 + 'a'", "1:3: found no matching overload for '_+_' applied to '(int, string)'"),
        Expression("name.size(1)", "1:10: found no matching overload for 'size' applied to 'string.(int)'"),
        Expression("1 == 'a'", "1:3: found no matching overload for '_==_' applied to '(int, string)'"),
        Expression("true && 1", "1:9: expected type 'bool' but found 'int'"),
        Expression("[1, 'a']", "1:5: expected type 'int' but found 'string'"),
        Expression("true ? 1 : 'a'", "1:6: found no matching overload for '_?_:_' applied to '(bool, int, string)'"),
        Expression("name.x", "1:5: type 'string' does not support field selection"),
        Expression("1.map(x, x)", "expression of type 'int' cannot be range of a comprehension"),
        Expression("[1].all(x.y, true)", "argument must be a simple name"),
        Expression("has(name)", "1:5: invalid argument to has() macro"),
        Expression("'a'.matches('(')", "1:13: invalid matches argument"),
        Expression("duration('x')", "1:10: invalid duration argument"),
        Expression("int('x')", "type conversion error from 'string' to 'int'"),
        Expression("'%d'.format(['a'])", "decimal clause can only be used on integers, was given string"),
        Expression("1 +", "1:4: Syntax error: mismatched input '<EOF>' expecting {'['"),
        Expression("(1", "1:3: Syntax error: mismatched input '<EOF>' expecting ')'"),
        Expression("1 2", "1:3: Syntax error: extraneous input '2' expecting <EOF>"),
        Expression("'a", "1:1: Syntax error: token recognition error at: ''a'"),
        Expression("a @ b", "1:3: Syntax error: token recognition error at: '@'"),
        Expression("if", "1:1: reserved identifier: if"), Expression("9223372036854775808", "invalid int literal"),
        Expression("Object{}", "undeclared reference to 'Object'"),
        Expression(
            "1 +\n  foo",
            "ERROR: <input>:2:3: undeclared reference to 'foo' (in container '')\n |   foo\n | ..^"
        ),
    ]

    @Test("a problem names its place as the API server does", arguments: problems)
    func problem(_ expression: Expression) {
        #expect {
            try Expression.environment.compile(expression.text)
        } throws: { error in
            "\(error)".contains(expression.result)
        }
    }

    @Test("all problems of an expression are reported, in their order")
    func order() {
        let error = #expect(throws: CompileError.self) { try Expression.environment.compile("foo + bar(baz)") }
        let lines = (error?.description ?? "").split(separator: "\n").filter { $0.hasPrefix("ERROR") }
        #expect(lines.map { $0.contains("'foo'") } == [true, false, false])
        #expect(lines.map { $0.contains("'baz'") } == [false, false, true])
    }

    static let types: [(String, CELType)] = [
        ("1", .int), ("[1, 2]", .list(.int)), ("{'a': 1.0}", .map(.string, .double)), ("object.x", .dyn),
        ("[object.x]", .list(.dyn)), ("[]", .list(.dyn)), ("names.map(n, n.size())", .list(.int)),
        ("object.?x", .optional(.dyn)), ("optional.of(1).orValue(2)", .int), ("names[0]", .string),
        ("quantity('1')", .quantity), ("type(1)", .type(.int)), ("{'a': names}.a", .list(.string)),
    ]

    @Test("the type of an expression is known before it is evaluated", arguments: types)
    func type(text: String, type: CELType) throws {
        #expect(try Expression.environment.compile(text).type == type)
    }
}
