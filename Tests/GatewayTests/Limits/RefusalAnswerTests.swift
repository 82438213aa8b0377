import MCPProtocol
import Policy
import Testing

@testable import Gateway

@Suite("Answers to refused requests")
struct RefusalAnswerTests {
    private static let breach = LimitBreach(
        reason: .toolCallsPerMinute,
        scope: .client,
        key: "agent",
        limit: 300,
        windowSeconds: 60,
        retryAfterSeconds: 7
    )

    @Test("a call over a limit gets status 429, Retry-After, and an error with everything that a client needs")
    func status() {
        let answer = RefusalAnswer.limited(Self.breach, form: .status, id: "x", era: .modern)
        #expect(answer.status == 429)
        #expect(answer.retryAfterSeconds == 7)
        #expect(
            answer.response.json.text
                == #"{"jsonrpc":"2.0","id":"x","error":{"code":429,"message":"RATE_LIMITED","data":"#
                + #"{"reason":"ToolCallsPerMinute","scope":"client","limit":300,"windowSeconds":60,"retryAfterSeconds":7}}}"#
        )
        #expect(ErrorCode(rawValue: 429).isForApplications)
    }

    @Test(
        "as a tool result, the answer has status 200 and says what to do",
        arguments: [ProtocolVersion.Era.modern, .legacy]
    )
    func toolResult(era: ProtocolVersion.Era) {
        let answer = RefusalAnswer.limited(Self.breach, form: .toolResult, id: 7, era: era)
        #expect(answer.status == 200)
        #expect(answer.response.id == 7)
        let result = answer.response.result
        #expect(result?["isError"]?.boolValue == true)
        #expect(result?["resultType"]?.stringValue == (era == .modern ? "complete" : nil))
        #expect(
            result?["content"]?.elements?.first?["text"]?.stringValue
                == "RATE_LIMITED: the limit of 300 tool calls in 60 seconds for this client is reached. Try again in 7 seconds."
        )
        #expect(result?[path: ["_meta", "moorage.dev/error", "data", "retryAfterSeconds"]]?.integerValue == 7)
    }

    @Test("a limit of a tool names the tool as the caller called it, and other limits do not")
    func tool() {
        var breach = Self.breach
        #expect(breach.error(calling: "weather_forecast").data?["tool"] == nil)
        #expect(breach.explanation(calling: "weather_forecast").contains("for this client is reached"))
        (breach.scope, breach.key) = (.tool, "mcp-acme/weather\nforecast")
        let answer = RefusalAnswer.limited(breach, form: .status, id: 1, era: .modern, tool: "weather_forecast")
        #expect(answer.response.error?.data?["scope"] == "tool")
        #expect(answer.response.error?.data?["tool"] == "weather_forecast")
        #expect(!answer.response.json.text.contains("mcp-acme"))
        #expect(breach.explanation(calling: "weather_forecast").contains("for the tool weather_forecast is reached"))
    }

    @Test("a limit without a period has no windowSeconds")
    func noWindow() {
        var breach = Self.breach
        breach.reason = .concurrentRequests
        breach.windowSeconds = nil
        #expect(breach.error().data?["windowSeconds"] == nil)
        #expect(breach.explanation().contains("300 requests at the same time"))
    }

    @Test("what cannot be counted or recorded gets status 503")
    func unavailable() {
        let limits = RefusalAnswer.limiterUnavailable(id: 1)
        #expect(limits.status == 503)
        #expect(limits.response.error?.message == "LIMITS_UNAVAILABLE")
        let audit = RefusalAnswer.auditUnavailable(id: 1)
        #expect(audit.status == 503)
        #expect(audit.response.error?.message == "AUDIT_UNAVAILABLE")
        #expect(audit.response.error?.data?["retryAfterSeconds"]?.integerValue == 1)
    }
}
