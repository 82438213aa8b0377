import CEL
import KubernetesAPI
import Testing

@Suite("Evaluation")
struct EvaluationTests {
    static let values: [Expression] = [
        Expression("1 + 2 * 3 - 4 / 2 % 3", "5"), Expression("-7 / 2", "-3"), Expression("-7 % 3", "-1"),
        Expression("1.5 + 1.0", "2.5"), Expression("'a' + 'b'", #""ab""#), Expression("[1] + [2]", "[1,2]"),
        Expression("1 < 2 && 2.0 < 3 && 1u < 2", "true"), Expression("dyn(1) == 1.0 && dyn(1u) == 1", "true"),
        Expression("dyn(1) == '1'", "false"), Expression("'é' == 'e\\u0301'", "false"),
        Expression("size('é€😀') + 'ab'.size()", "5"), Expression("{'a': 1}['a'] + {'a': {'b': 2}}.a.b", "3"),
        Expression("{1: 'a', 2: 'b'}[dyn(2.0)]", #""b""#), Expression("[1, 2, 3][1]", "2"),
        Expression("2 in [1, 2] && 'a' in {'a': 1} && !(3 in [1, 2])", "true"),
        Expression("has(object.spec.replicas) && !has(object.spec.other)", "true"),
        Expression("object.spec.replicas + 1", "4"), Expression("object.spec.ports.map(p, p * 2)", "[160,886]"),
        Expression("object.metadata.?annotations[?'a'].orValue('none')", #""none""#),
        Expression("object.spec.?replicas.optMap(r, r * 2).value()", "6"),
        Expression("[?object.spec.?replicas, ?object.spec.?other]", "[3]"),
        Expression("{?'a': object.spec.?other, 'b': 1}", #"{"b":1}"#),
        Expression("[1, 2, 3].all(x, x > 0) && [1, 2].exists(x, x == 2) && [1, 2].exists_one(x, x == 2)", "true"),
        Expression("[1, 2, 3].filter(x, x % 2 == 1).map(x, x > 1, x * 10)", "[30]"),
        Expression("{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 2)", #"{"b":4}"#),
        Expression("['a', 'b'].transformList(i, v, string(i) + v)", #"["0a","1b"]"#),
        Expression("{'a': 'b'}.transformMapEntry(k, v, {v: k})", #"{"b":"a"}"#),
        Expression("[{'n': 2}, {'n': 1}].sortBy(e, e.n).map(e, e.n)", "[1,2]"),
        Expression("type(1) == int && type([]) == list && type(type(1)) == type", "true"),
        Expression("string(1.0) + string(2u) + string(true) + string(duration('90s'))", #""12true90s""#),
        Expression("string(timestamp('2024-02-29T12:00:00.5+01:00'))", #""2024-02-29T12:00:00.5+01:00""#),
        Expression("timestamp('2024-02-29T23:00:00-05:30').getDayOfMonth()", "0"),
        Expression("timestamp('2024-01-02T00:00:00Z') - timestamp('2024-01-01T00:00:00Z') == duration('24h')", "true"),
        Expression("'a,b,c'.split(',', 2).join('-') + 'tacocat'.substring(2, 4)", #""a-b,cco""#),
        Expression("'abab'.replace('a', 'x', 1) + ' b '.trim() + 'Ab'.lowerAscii()", #""xbabbab""#),
        Expression("'abc'.matches('^[a-c]+$') && !'abc'.matches('^b')", "true"),
        Expression("'a1b22'.findAll('[0-9]+')", #"["1","22"]"#), Expression("'abc'.find('(b|bc)')", #""b""#),
        Expression("'%d %s %.1f'.format([1, ['a'], 2.25])", #""1 [\"a\"] 2.2""#),
        Expression("[3, 1, 2].sort() + [1, 1].distinct() + lists.range(2)", "[1,2,3,1,0,1]"),
        Expression("[1, 2].sum() + [3, 1].max() + [3, 1].min() + [1, 2, 1].lastIndexOf(1)", "9"),
        Expression("sets.contains([1, 2], [2]) && sets.equivalent([1, 2], [2, 1, 1])", "true"),
        Expression(
            "quantity('1Gi').compareTo(quantity('1024Mi')) == 0 && quantity('1').add(1) == quantity('2')",
            "true"
        ),
        Expression("cidr('10.0.0.0/8').containsIP('10.1.2.3') && !isIP('1.2.3.400')", "true"),
        Expression("string(ip('2001:DB8:0:0:0:0:0:68'))", #""2001:db8::68""#),
        Expression("url('https://a.b:80/c%20d?x=1&x=2').getQuery()", #"{"x":["1","2"]}"#),
        Expression("semver('1.2.3-rc.1').isLessThan(semver('1.2.3')) && semver('1.10.0').minor() == 10", "true"),
        Expression("format.dns1123Label().validate('a-b').hasValue()", "false"),
        Expression("0x1F + -0x1", "30"), Expression(#""a\n\x41\101\u00e9""#, #""a\nAAé""#),
        Expression(#"r'\n'"#, #""\\n""#), Expression("b'abc'.size()", "3"),
        Expression("-9223372036854775808", "-9223372036854775808"),
    ]

    @Test("an expression has the value that the API server gives it", arguments: values)
    func value(_ expression: Expression) throws {
        #expect(try expression.evaluate() == expression.result)
    }

    static let errors: [Expression] = [
        Expression("1 / 0", "division by zero"), Expression("1 % 0", "modulus by zero"),
        Expression("9223372036854775807 + 1", "integer overflow"),
        Expression("-9223372036854775808 / -1", "integer overflow"),
        Expression("-9223372036854775808 % -1", "integer overflow"),
        Expression("-(-9223372036854775808)", "integer overflow"), Expression("1u - 2u", "unsigned integer overflow"),
        Expression("object.spec.other", "no such key: other"), Expression("object.metadata.name.x", "no such key: x"),
        Expression("[1][1]", "index out of bounds: 1"), Expression("object.spec['x']", "no such key: x"),
        Expression("object.spec.replicas + 'a'", "no such overload"),
        Expression("object.spec.other.?x.value()", "no such key: other"),
        Expression("object.spec.?other.value()", "optional.none() dereference"),
        Expression("timestamp('9999-12-31T23:59:59Z') + duration('1s')", "timestamp overflow"),
        Expression("int(object.metadata.name)", "type conversion error from 'string' to 'int'"),
        Expression("[].max()", "max called on empty list"),
        Expression("lists.range(1000000)", "operation cancelled: actual cost limit exceeded"),
    ]

    @Test("an error has the message of the API server", arguments: errors)
    func error(_ expression: Expression) throws {
        #expect(try expression.evaluate() == "error: \(expression.result)")
    }

    static let absorbed: [Expression] = [
        Expression("true || 1 / 0 > 1", "true"), Expression("1 / 0 > 1 || true", "true"),
        Expression("1 / 0 > 1 && false", "false"), Expression("1 / 0 > 1 || false", "error: division by zero"),
        Expression("1 / 0 > 1 && true", "error: division by zero"),
        Expression("[1, 0].exists(x, 1 / x > 0)", "true"), Expression("[0, 1].all(x, 1 / x > 5)", "false"),
        Expression("[0, 1].all(x, 1 / x > 0)", "error: division by zero"),
        Expression("false ? 1 / 0 : 2", "2"),
        Expression("true || lists.range(1000000).size() > 0", "true"),
        Expression("lists.range(1000000).size() > 0 || true", "error: operation cancelled: actual cost limit exceeded"),
    ]

    @Test("an operand that decides hides the error of another, but not that of a limit", arguments: absorbed)
    func absorption(_ expression: Expression) throws {
        #expect(try expression.evaluate() == expression.result)
    }

    @Test("a variable is evaluated once, when it is used, and its errors name it")
    func variables() throws {
        var environment = Expression.environment
        environment.variables["variables"] = .named("v")
        environment.fields["v"] = ["one": .int, "bad": .int, "sum": .int]
        func program(_ text: String) throws -> Result<Program, CompileError> { .success(try environment.compile(text)) }
        var activation = Expression.activation
        activation.values["variables"] = .variables
        activation.variables = [
            "one": try program("1"), "bad": try program("1 / 0"), "sum": try program("variables.one + variables.bad"),
        ]
        func result(_ text: String) throws -> String {
            var evaluation = Evaluation(activation)
            let compiled = try environment.compile(text)
            do { return "\(try evaluation.json(try evaluation.evaluate(compiled)))" } catch { return "\(error)" }
        }
        #expect(try result("variables.one + 1") == "\(JSONValue.integer(2))")
        #expect(
            try result("has(variables.one) && variables.one == 1 || variables.bad == 1") == "\(JSONValue.bool(true))"
        )
        let inner = #"composited variable "bad" fails to evaluate: division by zero"#
        #expect(try result("variables.sum") == #"composited variable "sum" fails to evaluate: \#(inner)"#)
    }

    @Test("messages become JSON objects, and the authorizer is asked what the expression says")
    func messagesAndAccess() throws {
        var environment = Environment(variables: ["authorizer": .authorizer])
        environment.hasPatchTypes = true
        let message = try environment.compile("Object{spec: Object.spec{replicas: 1 + 1}}")
        #expect(message.type == .named("Object"))
        var activation = Activation(values: ["authorizer": .access(AccessCheck())])
        activation.authorize = { check, verb in
            AccessDecision(isAllowed: check.resource == "pods" && check.namespace == "a" && verb == "get", reason: "r")
        }
        var evaluation = Evaluation(activation)
        #expect(try evaluation.json(try evaluation.evaluate(message)) == ["spec": ["replicas": 2]])
        let check = try environment.compile(
            "authorizer.group('').resource('pods').namespace('a').check('get').allowed() && "
                + "!authorizer.path('/x').check('get').allowed()"
        )
        #expect(try evaluation.json(try evaluation.evaluate(check)) == true)
    }
}
