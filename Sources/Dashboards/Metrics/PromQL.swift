/// A query in Prometheus' language, built from metrics of the table.
struct PromQL: Sendable, Hashable, CustomStringConvertible {
    /// The query.
    let text: String
    /// Whether it is one operand, which needs no parentheses in an operation.
    private let isOperand: Bool

    var description: String { text }

    private init(_ text: String, isOperand: Bool) {
        self.text = text
        self.isOperand = isOperand
    }

    /// A name, with matchers if there are any.
    init(series: String, _ matchers: [Matcher] = []) {
        let list = matchers.map(\.description).joined(separator: ",")
        self.init(list.isEmpty ? series : "\(series){\(list)}", isOperand: true)
    }

    // MARK: - Functions

    /// The result of a function whose last argument this is.
    func applying(_ function: String, _ arguments: String...) -> PromQL {
        PromQL("\(function)(\((arguments + [text]).joined(separator: ", ")))", isOperand: true)
    }

    /// An aggregation over all labels but the given ones.
    func aggregated(_ function: String, by labels: [String] = []) -> PromQL {
        let grouping = labels.isEmpty ? "" : " by (\(labels.joined(separator: ", ")))"
        return PromQL("\(function)\(grouping)\(labels.isEmpty ? "" : " ")(\(text))", isOperand: true)
    }

    func sum(by labels: String...) -> PromQL { aggregated("sum", by: labels) }
    func max(by labels: String...) -> PromQL { aggregated("max", by: labels) }
    func min(by labels: String...) -> PromQL { aggregated("min", by: labels) }
    func count(by labels: String...) -> PromQL { aggregated("count", by: labels) }

    /// Gives series that lack a label a text for it.
    func naming(_ label: String, _ name: String) -> PromQL {
        PromQL("label_replace(\(text), \"\(label)\", \"\(name)\", \"\(label)\", \"\")", isOperand: true)
    }

    /// The series with the greatest values.
    func top(_ count: Int) -> PromQL { applying("topk", String(count)) }

    /// Values over a time; `self` is a series.
    func over(_ window: String, _ function: String) -> PromQL {
        PromQL("\(function)(\(text)[\(window)])", isOperand: true)
    }

    /// Values of a time ago; `self` is a series.
    func offset(_ time: String) -> PromQL { PromQL("\(text) offset \(time)", isOperand: true) }

    // MARK: - Operations

    func above(_ limit: String) -> PromQL { operation(">", limit) }
    func below(_ limit: String) -> PromQL { operation("<", limit) }
    func equal(to value: String) -> PromQL { operation("==", value) }
    func atLeast(_ limit: String) -> PromQL { operation(">=", limit) }
    func divided(by other: PromQL) -> PromQL { operation("/", other.operand) }
    func plus(_ other: PromQL) -> PromQL { operation("+", other.operand) }
    /// How many seconds are left until a time.
    var secondsLeft: PromQL { operation("-", "time()") }
    func and(_ other: PromQL) -> PromQL { operation("and", other.operand) }
    func or(_ other: PromQL) -> PromQL { operation("or", other.operand) }
    func unless(_ other: PromQL) -> PromQL { operation("unless", other.operand) }

    /// Those of the series whose instance also has another series.
    func ofInstances(with identity: PromQL) -> PromQL { operation("and on (instance)", identity.operand) }

    /// The value, or 0 if there is none.
    var orZero: PromQL { operation("or", "vector(0)") }

    private var operand: String { isOperand ? text : "(\(text))" }

    private func operation(_ symbol: String, _ right: String) -> PromQL {
        PromQL("\(operand) \(symbol) \(right)", isOperand: false)
    }
}

/// A condition on a label.
struct Matcher: Sendable, Hashable, CustomStringConvertible {
    let description: String

    private init(_ label: String, _ symbol: String, _ value: String) {
        // A backslash of a regular expression is escaped, as in other languages.
        let escaped = value.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : String($0) }.joined()
        description = "\(label)\(symbol)\"\(escaped)\""
    }

    static func equal(_ label: String, _ value: String) -> Matcher { Matcher(label, "=", value) }
    static func notEqual(_ label: String, _ value: String) -> Matcher { Matcher(label, "!=", value) }
    static func among(_ label: String, _ values: [String]) -> Matcher {
        Matcher(label, "=~", values.joined(separator: "|"))
    }
    static func notAmong(_ label: String, _ values: [String]) -> Matcher {
        Matcher(label, "!~", values.joined(separator: "|"))
    }
    /// The value that is chosen in a dashboard; several, if the variable allows that.
    static func chosen(_ label: String) -> Matcher { Matcher(label, "=~", "$\(label)") }
}

extension Metric {
    /// The window of a rate in a dashboard: Grafana chooses it by the resolution and the scrape interval.
    static let dashboardWindow = "$__rate_interval"

    /// The series of a counter or a gauge.
    func series(_ matchers: Matcher...) -> PromQL { PromQL(series: name, matchers) }

    /// How much a counter increases in a second.
    func rate(_ matchers: Matcher..., over window: String = dashboardWindow) -> PromQL {
        PromQL(series: name, matchers).over(window, "rate")
    }

    /// How much a counter has increased.
    func increase(_ matchers: Matcher..., over window: String) -> PromQL {
        PromQL(series: name, matchers).over(window, "increase")
    }

    /// How much a counter has increased, also if its series is new: the increase of a series that begins with its first event is
    /// not known to Prometheus.
    func growth(_ matchers: Matcher..., over window: String) -> PromQL {
        let series = PromQL(series: name, matchers)
        return series.over(window, "increase").above("0").or(series.unless(series.offset(window)).above("0"))
    }

    /// How many values a histogram gets in a second.
    func countRate(_ matchers: Matcher..., over window: String = dashboardWindow) -> PromQL {
        PromQL(series: "\(name)_count", matchers).over(window, "rate")
    }

    /// A quantile of a histogram.
    func quantile(
        _ quantile: String,
        _ matchers: Matcher...,
        by labels: [String] = [],
        over window: String = dashboardWindow
    ) -> PromQL {
        PromQL(series: "\(name)_bucket", matchers).over(window, "rate").aggregated("sum", by: labels + ["le"])
            .applying("histogram_quantile", quantile)
    }

    /// The mean of a histogram's values.
    func mean(_ matchers: Matcher..., by labels: [String] = [], over window: String = dashboardWindow) -> PromQL {
        let parts = ["_sum", "_count"].map { suffix in
            PromQL(series: name + suffix, matchers).over(window, "rate").aggregated("sum", by: labels)
        }
        return parts[0].divided(by: parts[1])
    }
}
