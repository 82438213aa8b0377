import Testing

@testable import Registry

@Suite("Challenges of registries")
struct AuthenticationChallengeTests {
    private func parse(_ values: String...) -> [AuthenticationChallenge] { AuthenticationChallenge.parse(values) }

    @Test("the parameters of a bearer challenge are read, with commas and escapes in quoted text")
    func bearer() {
        #expect(
            parse(
                #"Bearer realm="https://auth.example.com/token",service="registry, main",scope="repository:a/b:pull,push""#
            ) == [
                AuthenticationChallenge(
                    scheme: "bearer",
                    parameters: [
                        "realm": "https://auth.example.com/token", "service": "registry, main",
                        "scope": "repository:a/b:pull,push",
                    ]
                )
            ]
        )
        #expect(
            parse(#"BEARER Realm = "a\"b\\c" , error=invalid_token"#).first?.parameters == [
                "realm": #"a"b\c"#, "error": "invalid_token",
            ]
        )
    }

    @Test("several challenges are read, in one header or in several")
    func several() {
        let one = parse(#"Negotiate, Basic realm="x", Bearer realm="y",scope=z"#)
        #expect(one.map(\.scheme) == ["negotiate", "basic", "bearer"])
        #expect(one.map { $0.parameters["realm"] } == [nil, "x", "y"])
        #expect(parse(#"Basic realm="x""#, "Bearer realm=y").map(\.scheme) == ["basic", "bearer"])
        // A value that is not a list of parameters belongs to its scheme.
        let opaque = parse(#"Negotiate YWJj==, Basic realm="x""#)
        #expect(opaque.last == AuthenticationChallenge(scheme: "basic", parameters: ["realm": "x"]))
    }

    @Test(
        "what is not valid is skipped",
        arguments: ["", ",,,", "=", #"Bearer realm="unterminated"#, "Bearer realm=", "\u{0}\u{1}", "\"", "Bearer ,=,="]
    )
    func invalid(text: String) {
        #expect(parse(text).allSatisfy { $0.parameters["realm"] == nil })
    }

    @Test("a repeated parameter has its first value, and a header that is too long is ignored")
    func limits() {
        #expect(parse("Bearer realm=a, realm=b").first?.parameters == ["realm": "a"])
        #expect(parse("Bearer realm=" + String(repeating: "a", count: 9_000)).isEmpty)
        #expect(parse(String(repeating: "Basic ,", count: 1_000)).count == 16)
    }

    @Test("the URL of a token has the service and the scope, and keeps what the realm has")
    func tokenURL() {
        func url(_ parameters: [String: String]) -> String? {
            BearerToken.url(AuthenticationChallenge(scheme: "bearer", parameters: parameters), repository: "acme/time")
        }
        #expect(
            url(["realm": "https://a.example/token", "service": "r & s"])
                == "https://a.example/token?service=r%20%26%20s&scope=repository:acme/time:pull"
        )
        #expect(
            url(["realm": "https://a.example/token?x=1", "scope": "repository:acme/time:pull,push#"])
                == "https://a.example/token?x=1&scope=repository:acme/time:pull%2Cpush%23"
        )
        #expect(url(["service": "x"]) == nil)
        #expect(url(["realm": ""]) == nil)
    }

    @Test("a token is taken from either field, unless it would break a header")
    func token() {
        func value(_ text: String) -> String? { BearerToken.token(Array(text.utf8))?.reveal() }
        #expect(value(#"{"token":"abc","expires_in":300}"#) == "Bearer abc")
        #expect(value(#"{"access_token":"abc"}"#) == "Bearer abc")
        #expect(value(#"{"token":"","access_token":"abc"}"#) == "Bearer abc")
        for text in [
            "", "{}", "[]", #"{"token":1}"#, #"{"token":"a b"}"#, #"{"token":"a\r\nX: y"}"#, #"{"token":"é"}"#,
        ] {
            #expect(value(text) == nil, "\(text)")
        }
    }
}
