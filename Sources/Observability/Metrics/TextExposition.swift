/// Writes metrics in Prometheus' text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct TextExposition {
    private(set) var output = ""

    mutating func append(_ family: MetricsRegistry.AnyFamily) {
        switch family {
        case .counters(let family):
            appendHeader(family.name, family.help, type: "counter")
            for (values, metric) in family.all {
                appendSample(family.name, labels: family.labels, values: values, value: metric.total)
            }
        case .gauges(let family):
            appendHeader(family.name, family.help, type: "gauge")
            for (values, metric) in family.all {
                appendSample(family.name, labels: family.labels, values: values, value: metric.current)
            }
        case .histograms(let family):
            appendHeader(family.name, family.help, type: "histogram")
            for (values, metric) in family.all {
                append(metric, name: family.name, labels: family.labels, values: values)
            }
        }
    }

    private mutating func append(_ histogram: Histogram, name: String, labels: [String], values: [String]) {
        let snapshot = histogram.snapshot
        var cumulated: UInt64 = 0
        for (bound, count) in zip(histogram.bounds + [.infinity], snapshot.counts) {
            cumulated += count
            appendSample(
                name + "_bucket",
                labels: labels + ["le"],
                values: values + [Self.format(bound)],
                value: Double(cumulated)
            )
        }
        appendSample(name + "_sum", labels: labels, values: values, value: snapshot.sum)
        appendSample(name + "_count", labels: labels, values: values, value: Double(cumulated))
    }

    private mutating func appendHeader(_ name: String, _ help: String, type: String) {
        output += "# HELP \(name) \(TextEscaper.help.escaped(help))\n# TYPE \(name) \(type)\n"
    }

    private mutating func appendSample(_ name: String, labels: [String], values: [String], value: Double) {
        output += name
        if !labels.isEmpty {
            output += "{"
            for (index, (label, text)) in zip(labels, values).enumerated() {
                if index > 0 { output += "," }
                output += "\(label)=\(TextEscaper.label.quoted(text))"
            }
            output += "}"
        }
        output += " \(Self.format(value))\n"
    }

    static func format(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Integers are written without a fraction, as in other exporters.
        if let whole = Int64(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
        return "\(value)"
    }
}
