import CRDModels
import Testing

@testable import Gateway

@Suite("Limits of tool calls")
struct ToolCallLimitsTests {
    private static let quotas = QuotaOverrides(toolCallsPerMinutePerServer: 600, toolCallsPerMinutePerClient: 300)
    private static let agent = Caller(issuer: "https://a", subject: "alice", clientID: "agent")

    private static func request(_ limits: ToolCallLimits, _ caller: Caller = agent, tool: String = "now")
        -> LimitRequest
    {
        limits.request(tenant: "acme", namespace: "mcp-acme", server: "time", tool: tool, caller: caller)
    }

    @Test("a call counts for its server, its client, and its tool if that has a limit")
    func scopes() {
        let limits = ToolCallLimits(mode: .enforced, quotas: Self.quotas, perTool: ["now": 5])
        #expect(
            Self.request(limits)
                == LimitRequest(
                    tenant: "acme",
                    limits: [
                        RequestLimit(.server, "mcp-acme/time", limit: 600),
                        RequestLimit(.client, "client\nhttps://a\nagent", limit: 300),
                        RequestLimit(.tool, "mcp-acme/time/now", limit: 5),
                    ]
                )
        )
        #expect(Self.request(limits, tool: "other").limits.map(\.scope) == [.server, .client])
        #expect(Self.request(ToolCallLimits(mode: .unbounded, quotas: Self.quotas)).mode == .unbounded)
        #expect(Self.request(ToolCallLimits(mode: .enforced, quotas: QuotaOverrides())).limits.isEmpty)
    }

    @Test("clients of different issuers, and callers without a client, are counted apart")
    func clients() {
        let keys = [
            Self.agent, Caller(issuer: "https://b", subject: "alice", clientID: "agent"),
            Caller(issuer: "https://a", subject: "agent"), Caller(issuer: "https://a", subject: "alice"), .anonymous,
        ].map(ToolCallLimits.clientKey)
        #expect(Set(keys).count == keys.count)
        let other = Caller(issuer: "https://a", subject: "bob", clientID: "agent")
        #expect(ToolCallLimits.clientKey(of: other) == ToolCallLimits.clientKey(of: Self.agent))
    }
}
