/// What the results of calls mean for those who run the platform. They are the values of the label `result`.
enum CallOutcome {
    /// The server, or the gateway, did not do its work.
    static let failed = ["BackendError", "Timeout", "Unavailable"]
    /// The server answered, though maybe with an error of its own.
    static let answered = ["ProtocolError", "Success", "ToolError"]
    /// The caller was refused.
    static let refused = ["Forbidden", "InvalidRequest", "NotFound", "RateLimited", "Unauthenticated"]

    /// The colors of results in dashboards: refusals are between success and failure.
    static let colors = [
        "Success": "green", "ToolError": "blue", "ProtocolError": "purple",
        "Forbidden": "yellow", "InvalidRequest": "semi-dark-yellow", "NotFound": "light-yellow",
        "RateLimited": "orange",
        "Unauthenticated": "dark-yellow", "Cancelled": "text",
        "BackendError": "red", "Timeout": "light-red", "Unavailable": "dark-red",
    ]

    /// Calls that failed, as a share of those that were not refused: refused callers say nothing about the service, and would hide
    /// a failure.
    static func failureRatio(_ matchers: [Matcher] = [], by labels: [String] = [], over window: String) -> PromQL {
        let parts = [failed, answered + failed].map { results in
            PromQL(series: Metric.calls.name, matchers + [.among("result", results)]).over(window, "rate")
                .aggregated("sum", by: labels)
        }
        return parts[0].divided(by: parts[1])
    }
}
