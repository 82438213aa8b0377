/// Writes metrics in Prometheus' text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/), or in OpenMetrics, version 1.0.0
/// (https://prometheus.io/docs/specs/om/open_metrics_spec/).
struct TextExposition {
    private let format: ExpositionFormat
    private var output = ""

    init(_ format: ExpositionFormat) { self.format = format }

    /// The text with its end.
    var finished: String { format == .openMetrics ? output + "# EOF\n" : output }

    mutating func append(_ family: MetricsRegistry.AnyFamily) {
        switch family {
        case .counters(let family):
            // In OpenMetrics, the name of the family is without the suffix that its samples have.
            let base = family.name.hasSuffix("_total") ? String(family.name.dropLast("_total".count)) : family.name
            let isOpen = format == .openMetrics
            appendHeader(isOpen ? base : family.name, family.help, type: "counter")
            for (values, metric) in family.all {
                appendSample(
                    isOpen ? base + "_total" : family.name,
                    labels: family.labels,
                    values: values,
                    value: metric.total
                )
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
        for (index, (bound, count)) in zip(histogram.bounds + [.infinity], snapshot.counts).enumerated() {
            cumulated += count
            let exemplar = format == .openMetrics && !snapshot.exemplars.isEmpty ? snapshot.exemplars[index] : nil
            appendSample(
                name + "_bucket",
                labels: labels + ["le"],
                values: values + [bucket(bound)],
                value: Double(cumulated),
                exemplar: exemplar
            )
        }
        appendSample(name + "_sum", labels: labels, values: values, value: snapshot.sum)
        appendSample(name + "_count", labels: labels, values: values, value: Double(cumulated))
    }

    private mutating func appendHeader(_ name: String, _ help: String, type: String) {
        let escaper: TextEscaper = format == .openMetrics ? .label : .help
        output += "# HELP \(name) \(escaper.escaped(help))\n# TYPE \(name) \(type)\n"
    }

    /// The bound of a bucket, which OpenMetrics writes with a fraction.
    private func bucket(_ bound: Double) -> String {
        let text = Self.format(bound)
        return format == .openMetrics && bound.isFinite && Int64(text) != nil ? text + ".0" : text
    }

    private mutating func appendSample(
        _ name: String,
        labels: [String],
        values: [String],
        value: Double,
        exemplar: Exemplar? = nil
    ) {
        output += name
        if !labels.isEmpty {
            output += "{"
            for (index, (label, text)) in zip(labels, values).enumerated() {
                if index > 0 { output += "," }
                output += "\(label)=\(TextEscaper.label.quoted(text))"
            }
            output += "}"
        }
        output += " \(Self.format(value))"
        if let exemplar {
            let trace = TextEscaper.label.quoted(exemplar.traceID)
            output += " # {trace_id=\(trace)} \(Self.format(exemplar.value)) \(Self.format(exemplar.time))"
        }
        output += "\n"
    }

    static func format(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Integers are written without a fraction, as in other exporters.
        if let whole = Int64(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
        return "\(value)"
    }
}
