internal import KubernetesAPI
internal import MCPProtocol
internal import MCPTransport

extension BridgeTool {
    /// Points of a series that a range query returns at most.
    private static let maximumPoints: Int64 = 500

    static let prometheusQuery = BridgeTool(
        name: "promql.query",
        title: "Query Prometheus",
        description: """
            Evaluates a PromQL expression. Without range, the result is the value now (or at time); with range, the values over that last \
            part of time. Aggregate in the query (sum by, topk) instead of fetching many series. Use resources for saved queries, and \
            completions for metric names.
            """,
        parameters: [
            Parameter(
                name: "expr",
                kind: .text(maximumBytes: 4_096),
                description: "The PromQL expression.",
                isRequired: true,
                example: "topk(5, sum by (namespace, pod) (rate(container_cpu_usage_seconds_total[5m])))"
            ),
            Parameter(
                name: "range",
                kind: .duration(
                    minimum: PrometheusDuration(seconds: 1),
                    maximum: PrometheusDuration(seconds: 366 * 86_400)
                ),
                description: "How far back a range query goes, such as 1h. Without it, the query is instant.",
                example: "1h"
            ),
            Parameter(
                name: "step",
                kind: .duration(
                    minimum: PrometheusDuration(seconds: 1),
                    maximum: PrometheusDuration(seconds: 7 * 86_400)
                ),
                description: "The distance of the points of a range query. By default 60 points are returned.",
                example: "1m"
            ),
            Parameter(
                name: "time",
                kind: .time,
                description: "The time of the query, or the end of its range. By default now.",
                example: "2026-01-31T12:00:00Z"
            ),
            .limit(50, of: "series"),
        ],
        outputSchema: OutputSchema.result([
            (
                "resultType",
                OutputSchema.choice(
                    PrometheusAnswer.Kind.allCases.map(\.rawValue),
                    "The type of the expression: vector for an instant query, matrix for a range."
                )
            ), ("series", SeriesOutput.schema),
        ])
    ) { arguments, context in
        let prometheus = try context.requirePrometheus("k8s.top shows the usage of pods and nodes")
        let expression = arguments.text("expr") ?? ""
        let end = arguments.time("time")
        let answer: PrometheusAnswer
        if let range = arguments.duration("range") {
            let step = try step(arguments.duration("step"), over: range)
            let end = end ?? context.now()
            let start = MicroTimestamp(
                microsecondsSinceEpoch: end.microsecondsSinceEpoch - range.milliseconds * 1_000
            )
            answer = try await prometheus.query(expression, from: start, to: end, step: step)
        } else {
            guard arguments.text("step") == nil else {
                throw ToolFailure("the argument step has no effect without range; set range as well, such as 1h")
            }
            answer = try await prometheus.query(expression, time: end)
        }
        var budget = ResultBudget(bytes: context.limits.maximumResultBytes)
        let series = SeriesOutput.rows(of: answer, limit: arguments.integer("limit") ?? 50, &budget)
        return ToolOutput(
            fields: [("resultType", .string(answer.kind.rawValue)), ("series", .array(series))],
            leftOut: budget.leftOut,
            notes: SeriesOutput.notes(of: answer)
        )
    }

    /// The step of a range query: the one that is wanted, or one that gives 60 points.
    static func step(
        _ wanted: PrometheusDuration?,
        over range: PrometheusDuration
    ) throws(ToolFailure) -> PrometheusDuration {
        guard let wanted else { return PrometheusDuration(seconds: max(1, (range.seconds + 59) / 60)) }
        guard wanted.milliseconds > 0, range.milliseconds / wanted.milliseconds <= maximumPoints else {
            let least = PrometheusDuration(seconds: max(1, (range.seconds + maximumPoints - 1) / maximumPoints))
            throw ToolFailure(
                "the argument step is \(wanted), which gives more than \(maximumPoints) points over \(range); "
                    + "use a step of at least \(least), or a shorter range"
            )
        }
        return wanted
    }
}

/// Series in results.
enum SeriesOutput {
    static let schema = OutputSchema.array(
        of: OutputSchema.object([
            ("labels", OutputSchema.texts("The labels of the series, the name of the metric as __name__.")),
            (
                "samples",
                OutputSchema.array(
                    of: OutputSchema.object([
                        ("time", OutputSchema.text("The time, in the format of RFC 3339.")),
                        ("value", OutputSchema.text("The value as Prometheus writes it; it can be NaN or +Inf.")),
                    ]),
                    "The values, the oldest first."
                )
            ),
        ]),
        "The series."
    )

    static func rows(of answer: PrometheusAnswer, limit: Int, _ budget: inout ResultBudget) -> [RawJSON] {
        let rows = answer.series.map { series -> RawJSON in
            [
                "labels": .texts(series.labels),
                "samples": .array(
                    series.samples.map { ["time": .string(time($0.time)), "value": .string($0.value)] }
                ),
            ]
        }
        return budget.take(
            rows,
            limit: limit,
            what: "series",
            narrow: "aggregate with sum by (...) or topk(10, ...), add label matchers, or for a range use a larger step"
        )
    }

    static func notes(of answer: PrometheusAnswer) -> [String] {
        var notes = answer.warnings.map { "Prometheus says: \($0.printable(maximumLength: 300))" }
        if answer.series.isEmpty {
            notes.append(
                "The query has no data: check the name of the metric and the label matchers, for example with "
                    + "count by (__name__) ({__name__=~\".*part_of_the_name.*\"})."
            )
        }
        if answer.series.contains(where: \.hasHistograms) {
            notes.append("Native histograms are not shown; use histogram_quantile(0.9, ...) in the query.")
        }
        return notes
    }

    /// Seconds since the epoch as RFC 3339, to the second.
    static func time(_ seconds: Double) -> String {
        // Beyond any year that is printed with four digits.
        let bounded = max(-60_000_000_000, min(250_000_000_000, seconds.isFinite ? seconds : 0))
        return Timestamp(secondsSinceEpoch: Int64(bounded.rounded(.down))).description
    }
}
