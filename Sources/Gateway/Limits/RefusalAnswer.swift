public import MCPProtocol
public import Policy

/// How a request that exceeds a limit, or that cannot be counted or recorded, is answered over HTTP.
public struct RefusalAnswer: Sendable, Hashable {
    /// The HTTP status.
    public var status: Int
    /// The value of the header `Retry-After`, in seconds.
    public var retryAfterSeconds: Int
    /// The body.
    public var response: JSONRPCResponse

    /// The answer to a request that exceeds a limit.
    ///
    /// - Parameters:
    ///   - form: a tool result is only an answer to `tools/call`; give `.status` for other methods.
    ///   - id: the id of the request.
    ///   - era: the era of the client's protocol version.
    ///   - tool: the tool that was called, by the name that the caller used.
    public static func limited(
        _ breach: LimitBreach,
        form: LimitAnswerForm,
        id: RequestID,
        era: ProtocolVersion.Era,
        tool: String? = nil
    ) -> RefusalAnswer {
        let error = breach.error(calling: tool)
        return switch form {
        case .status:
            RefusalAnswer(
                status: 429,
                retryAfterSeconds: breach.retryAfterSeconds,
                response: JSONRPCResponse(id: id, error: error)
            )
        case .toolResult:
            RefusalAnswer(
                status: 200,
                retryAfterSeconds: breach.retryAfterSeconds,
                response: JSONRPCResponse(
                    id: id,
                    result: [
                        "resultType": era == .modern ? "complete" : nil,
                        "content": [["type": "text", "text": .string(breach.explanation(calling: tool))]],
                        "isError": true,
                        "_meta": ["moorage.dev/error": error.json],
                    ]
                )
            )
        }
    }

    /// The answer while calls cannot be counted and are therefore refused.
    public static func limiterUnavailable(id: RequestID) -> RefusalAnswer {
        unavailable("LIMITS_UNAVAILABLE", "LimitsUnavailable", id)
    }

    /// The answer while calls cannot be recorded and are therefore refused.
    public static func auditUnavailable(id: RequestID) -> RefusalAnswer {
        unavailable("AUDIT_UNAVAILABLE", "AuditUnavailable", id)
    }

    private static func unavailable(_ message: String, _ reason: String, _ id: RequestID) -> RefusalAnswer {
        let wait = 1
        let data: RawJSON = ["reason": .string(reason), "retryAfterSeconds": .integer(Int64(wait))]
        let error = JSONRPCError(code: ErrorCode(rawValue: 503), message: message, data: data)
        return RefusalAnswer(status: 503, retryAfterSeconds: wait, response: JSONRPCResponse(id: id, error: error))
    }
}

extension LimitBreach {
    /// The JSON-RPC error of a request that is refused for this limit. Its code is outside the range of JSON-RPC and MCP, and equals
    /// the HTTP status, as other gateways have it.
    ///
    /// - Parameter tool: the tool that was called; the error names it if the limit is that of the tool.
    public func error(calling tool: String? = nil) -> JSONRPCError {
        JSONRPCError(
            code: ErrorCode(rawValue: 429),
            message: "RATE_LIMITED",
            data: [
                "reason": .string(reason.rawValue),
                "scope": .string(scope.rawValue),
                "tool": named(tool).map(RawJSON.string),
                "limit": .integer(Int64(limit)),
                "windowSeconds": windowSeconds.map { .integer(Int64($0)) },
                "retryAfterSeconds": .integer(Int64(retryAfterSeconds)),
            ]
        )
    }

    /// The tool, if the limit is that of the tool. Names are bounded by MCP (M18), and those of servers here.
    private func named(_ tool: String?) -> String? { scope == .tool ? tool.map { String($0.prefix(256)) } : nil }

    /// The limit and the way out, as a sentence for a model or a person.
    ///
    /// - Parameter tool: the tool that was called.
    public func explanation(calling tool: String? = nil) -> String {
        let what =
            switch reason {
            case .toolCallsPerMinute: "\(limit) tool calls in \(windowSeconds ?? 60) seconds"
            case .concurrentRequests: "\(limit) requests at the same time"
            case .bytesPerMinute: "\(limit) bytes in \(windowSeconds ?? 60) seconds"
            }
        let wait = retryAfterSeconds == 1 ? "1 second" : "\(retryAfterSeconds) seconds"
        let subject = named(tool).map { "the tool \($0)" } ?? "this \(scope.rawValue)"
        return "RATE_LIMITED: the limit of \(what) for \(subject) is reached. Try again in \(wait)."
    }
}
