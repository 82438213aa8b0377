extension Panel {
    /// What a program takes of memory.
    ///
    /// - Parameter limit: the value of the chart that limits it, with its default.
    static func memory(_ chosen: Matcher, limit: String) -> Panel {
        Panel(
            "Memory",
            "Resident memory. The chart's limit is \(limit) by default.",
            .lines,
            unit: .bytes,
            width: 8,
            Panel.Query(Metric.memory.series(chosen), "{{pod}}")
        )
    }

    /// What a program takes of processors.
    static func processors(_ chosen: Matcher) -> Panel {
        Panel(
            "Processors",
            "Processors in use: 1 is one processor all the time.",
            .lines,
            unit: .count,
            width: 8,
            Panel.Query(Metric.cpu.rate(chosen), "{{pod}}")
        )
    }
}
