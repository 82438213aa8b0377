package import CommandSupport

/// One value of a metric.
package struct MetricSample: Sendable, Hashable {
    /// The name, such as `moorage_gateway_calls_total`.
    package var name: String
    /// The labels.
    package var labels: [String: String]
    /// The value; it can be infinite or not a number.
    package var value: Double

    package init(name: String, labels: [String: String], value: Double) {
        self.name = name
        self.labels = labels
        self.value = value
    }

    /// Reads Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/). Exemplars of OpenMetrics are left
    /// out.
    ///
    /// - Parameter names: the metrics that are read; others are skipped.
    /// - Throws: `CommandFailure` with the number of the line that is not valid.
    package static func parse(_ text: String, names: Set<String>) throws(CommandFailure) -> [MetricSample] {
        var samples: [MetricSample] = []
        var number = 0
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            var reader = Reader(line)
            reader.skipSpaces()
            guard let first = reader.peek, first != UInt8(ascii: "#"), first != UInt8(ascii: "\r") else { continue }
            let name = reader.name()
            guard names.contains(name) else {
                guard !name.isEmpty else { throw failure(number) }
                continue
            }
            guard let labels = reader.labels(), let value = reader.value() else { throw failure(number) }
            samples.append(MetricSample(name: name, labels: labels, value: value))
        }
        return samples
    }

    private static func failure(_ line: Int) -> CommandFailure {
        CommandFailure("line \(line) of the metrics is not in the text format of Prometheus")
    }

    /// Reads the parts of one line.
    private struct Reader {
        private var rest: Substring.UTF8View.SubSequence

        init(_ line: Substring.UTF8View.SubSequence) { rest = line }

        var peek: UInt8? { rest.first }

        mutating func skipSpaces() {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        }

        mutating func name() -> String {
            let bytes = rest.prefix { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
            rest = rest.dropFirst(bytes.count)
            return String(decoding: bytes, as: UTF8.self)
        }

        /// The labels in braces; `nil` if they are not valid.
        mutating func labels() -> [String: String]? {
            skipSpaces()
            guard rest.first == UInt8(ascii: "{") else { return [:] }
            rest = rest.dropFirst()
            var labels: [String: String] = [:]
            while true {
                skipSpaces()
                if rest.first == UInt8(ascii: "}") {
                    rest = rest.dropFirst()
                    return labels
                }
                let key = name()
                skipSpaces()
                guard !key.isEmpty, rest.first == UInt8(ascii: "=") else { return nil }
                rest = rest.dropFirst()
                skipSpaces()
                guard let value = quoted() else { return nil }
                labels[key] = value
                skipSpaces()
                switch rest.first {
                case UInt8(ascii: ","): rest = rest.dropFirst()
                case UInt8(ascii: "}"): continue
                default: return nil
                }
            }
        }

        private mutating func quoted() -> String? {
            guard rest.first == UInt8(ascii: "\"") else { return nil }
            rest = rest.dropFirst()
            var bytes: [UInt8] = []
            while let byte = rest.first {
                rest = rest.dropFirst()
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let next = rest.first else { return nil }
                    rest = rest.dropFirst()
                    switch next {
                    case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
                    case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes.append(next)
                    default: bytes += [byte, next]
                    }
                default: bytes.append(byte)
                }
            }
            return nil
        }

        /// The value. A time or an exemplar can follow it.
        mutating func value() -> Double? {
            skipSpaces()
            let bytes = rest.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "\r") }
            switch String(decoding: bytes, as: UTF8.self) {
            case "+Inf", "Inf": return .infinity
            case "-Inf": return -.infinity
            case "NaN": return .nan
            case let text: return Double(text)
            }
        }
    }
}
