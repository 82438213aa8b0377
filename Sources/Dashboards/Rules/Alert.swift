import KubernetesAPI

/// A state that a person must know of, and how soon.
public struct Alert: Sendable {
    /// How soon a person must act.
    public enum Severity: String, Sendable, CaseIterable {
        /// At once, also at night: calls fail or records are lost now.
        case critical
        /// Within a working day.
        case warning
        /// When it fits.
        case info
    }

    /// The name, of which the runbook page has the name too.
    public let name: String
    public let severity: Severity
    let expression: PromQL
    /// How long the expression must be true before somebody is notified, as Prometheus writes durations.
    let pending: String
    /// The labels of its series, which the summary can name.
    public let labels: [String]
    /// One line, with labels in Prometheus' template language.
    public let summary: String
    /// What is wrong, and for whom.
    public let description: String

    init(
        _ name: String,
        _ severity: Severity,
        after pending: String,
        labels: [String] = [],
        _ expression: PromQL,
        summary: String,
        description: String
    ) {
        self.name = name
        self.severity = severity
        self.expression = expression
        self.pending = pending
        self.labels = labels
        self.summary = summary
        self.description = description
    }

    /// The query, for tests.
    public var query: String { expression.text }

    /// A rule of Prometheus.
    func rule(runbooks: String) -> JSONValue {
        [
            "alert": .string(name),
            "expr": .string(expression.text),
            "for": .string(pending),
            "labels": ["severity": .string(severity.rawValue)],
            "annotations": [
                "summary": .string(summary),
                "description": .string(description),
                "runbook_url": .string("\(runbooks)/\(name).md"),
            ],
        ]
    }
}

/// A query whose result Prometheus stores under a name of its own.
public struct RecordingRule: Sendable {
    /// The name: level, metric and operation, as in Prometheus' conventions.
    public let name: String
    let expression: PromQL

    /// The stored series.
    var series: PromQL { PromQL(series: name) }

    var rule: JSONValue { ["record": .string(name), "expr": .string(expression.text)] }
}

/// Rules that are evaluated together.
public struct RuleGroup: Sendable {
    /// The part of Moorage that the rules are about. The chart leaves out those of a gateway that is not installed.
    public enum Part: String, Sendable {
        case controller
        case gateway
    }

    public let part: Part
    let recordings: [RecordingRule]
    public let alerts: [Alert]

    /// The group's name, as Prometheus shows it.
    public var name: String { "moorage-\(part.rawValue)" }

    func json(runbooks: String) -> JSONValue {
        [
            "name": .string(name),
            "rules": .array(recordings.map(\.rule) + alerts.map { $0.rule(runbooks: runbooks) }),
        ]
    }
}
