/// How many calls may fail, and how fast that budget may be used. The method is that of the SRE Workbook, "Alerting on SLOs",
/// 6: multiwindow, multi-burn-rate alerts. The short window ends an alert soon after the failure has ended.
enum ErrorBudget {
    /// The share of calls that may fail over 30 days: 0.5 %.
    static let allowed = 0.005

    /// The windows over which the share of failed calls is recorded.
    static let windows = ["5m", "30m", "1h", "6h"]

    /// The recorded share of failed calls.
    static let recordings = windows.map { window in
        RecordingRule(
            name: "moorage:gateway_failure_ratio:rate\(window)",
            expression: CallOutcome.failureRatio(over: window)
        )
    }

    /// Whether calls fail so often in both windows that the budget of 30 days is used in 30 days divided by `rate`, and at least ten
    /// of them in the long window, so that a single call at night wakes nobody.
    static func burns(_ rate: Double, long: String, short: String) -> PromQL {
        // Written with few digits: 0.072, and not 0.07200000000000001.
        let limit = String((allowed * rate * 10_000).rounded() / 10_000)
        let ratios = [long, short].map {
            PromQL(series: "moorage:gateway_failure_ratio:rate\($0)").above(limit)
        }
        let failed = Metric.calls.increase(.among("result", CallOutcome.failed), over: long).sum()
        return ratios[0].and(ratios[1]).and(failed.atLeast("10"))
    }
}
