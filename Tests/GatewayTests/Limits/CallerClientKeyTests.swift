import Testing

@testable import Gateway

@Suite("OAuth clients in limits")
struct CallerClientKeyTests {
    private static let agent = Caller(issuer: "https://a", subject: "alice", clientID: "agent")

    @Test("clients of different issuers, and callers without a client, are counted apart")
    func apart() {
        let keys = [
            Self.agent, Caller(issuer: "https://b", subject: "alice", clientID: "agent"),
            Caller(issuer: "https://a", subject: "agent"), Caller(issuer: "https://a", subject: "alice"), .anonymous,
        ].map(\.clientKey)
        #expect(Set(keys).count == keys.count)
    }

    @Test("all users of a client are counted together")
    func together() {
        let other = Caller(issuer: "https://a", subject: "bob", clientID: "agent")
        #expect(other.clientKey == Self.agent.clientKey)
    }
}
