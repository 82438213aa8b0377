import Gateway
import Testing

@Suite("Credentials of a request") struct CredentialsTests {
    private func token(_ values: String..., inQuery: Bool = false) throws(AuthenticationFailure) -> String? {
        try Credentials(authorization: values, hasTokenInQuery: inQuery).bearerToken(maximumBytes: 40)
    }

    @Test("one token is read, whatever the case of the scheme")
    func valid() throws {
        #expect(try token() == nil)
        #expect(try token("Bearer abc.DEF-_~+/09==") == "abc.DEF-_~+/09==")
        #expect(try token("bEARER  x") == "x")
    }

    @Test(
        "everything else is refused",
        arguments: [
            ["Bearer a", "Bearer a"], ["Bearer a", "Basic a"], [""], ["Bearer"], ["Bearer "], ["Bearer a b"],
            ["Bearer a,b"],
            ["Basic YTpi"], ["a"], [" Bearer a"], ["Bearer\ta"], ["Bearer a\t"], ["Bearer a "], ["Bearer =a"],
            ["Bearer a=b"],
            ["Bearer ä"], ["Bearer a\u{0}"], ["Bearer: a"], ["Bearer a, Bearer b"],
        ]
    )
    func refused(values: [String]) {
        let error = #expect(throws: AuthenticationFailure.self) {
            try Credentials(authorization: values).bearerToken(maximumBytes: 40)
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.httpStatus == 400)
    }

    @Test("a token in the query is refused, also beside a header")
    func query() {
        for values in [[], ["Bearer a"]] {
            let error = #expect(throws: AuthenticationFailure.self) {
                try Credentials(authorization: values, hasTokenInQuery: true).bearerToken(maximumBytes: 40)
            }
            #expect(error?.code == .invalidRequest)
        }
    }

    @Test("a token that is too long is refused")
    func length() throws {
        #expect(try token("Bearer " + String(repeating: "a", count: 40)) != nil)
        let error = #expect(throws: AuthenticationFailure.self) {
            try token("Bearer " + String(repeating: "a", count: 41))
        }
        #expect(error?.code == .invalidToken)
    }
}
