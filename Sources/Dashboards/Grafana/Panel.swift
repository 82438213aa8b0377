import KubernetesAPI

/// A panel: a question about the fleet, and the queries that answer it.
struct Panel: Sendable {
    /// How values are drawn.
    enum Style: Sendable, Hashable {
        /// The latest value as a number.
        case number
        /// Lines over time.
        case lines
        /// Areas over time, on top of each other.
        case areas
        /// The latest values as bars.
        case bars
        /// The latest values as rows of a table, with the given labels as columns.
        case table([String])
    }

    /// Which values are good, by color.
    enum Limits: Sendable, Hashable {
        /// From the first value on it is yellow, from the second on red.
        case below(Double, Double)
        /// Less is red.
        case atLeast(Double)
        /// Everything else is red.
        case exactly(Double)
    }

    /// A query, and how its series are called: a text with labels in double braces.
    struct Query: Sendable {
        let expression: PromQL
        let legend: String

        init(_ expression: PromQL, _ legend: String) {
            self.expression = expression
            self.legend = legend
        }
    }

    let title: String
    let description: String
    let style: Style
    let unit: Unit
    /// The width in columns, of 24.
    let width: Int
    let queries: [Query]
    /// Which values are good.
    var limits: Limits?
    /// Texts for values, such as states.
    var texts: [(value: Int, text: String, color: String)] = []
    var maximum: Double?
    /// The colors of series whose names are known, by name.
    var colors: [String: String] = [:]
    /// What is shown if there is no value, where that is not an error.
    var emptyText: String?
    /// A dashboard about what a row of a table is about, and its variables.
    var link: (dashboard: String, variables: [String])?

    init(
        _ title: String,
        _ description: String,
        _ style: Style,
        unit: Unit,
        width: Int,
        _ queries: Query...
    ) {
        self.title = title
        self.description = description
        self.style = style
        self.unit = unit
        self.width = width
        self.queries = queries
    }

    func limited(_ limits: Limits) -> Panel { with { $0.limits = limits } }
    func colored(_ colors: [String: String]) -> Panel { with { $0.colors = colors } }
    func upTo(_ maximum: Double) -> Panel { with { $0.maximum = maximum } }
    func naming(_ texts: (value: Int, text: String, color: String)...) -> Panel { with { $0.texts = texts } }
    func empty(_ text: String) -> Panel { with { $0.emptyText = text } }
    func linking(to dashboard: String, _ variables: String...) -> Panel {
        with { $0.link = (dashboard, variables) }
    }

    private func with(_ change: (inout Panel) -> Void) -> Panel {
        var panel = self
        change(&panel)
        return panel
    }
}

/// Grafana's names of units.
enum Unit: String, Sendable {
    case seconds = "s"
    case bytes
    /// A share, from 0 to 1.
    case ratio = "percentunit"
    case perSecond = "reqps"
    case operationsPerSecond = "ops"
    /// Processors, or anything that is counted.
    case count = "short"
    /// A whole number, without an abbreviation.
    case number = "none"
}
