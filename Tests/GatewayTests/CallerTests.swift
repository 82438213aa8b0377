import Gateway
import Testing

@Suite("Callers") struct CallerTests {
    @Test("callers of different issuers are different, also with the same subject")
    func issuers() {
        #expect(
            Caller(issuer: "https://a.example", subject: "x").id != Caller(issuer: "https://b.example", subject: "x").id
        )
    }
}
