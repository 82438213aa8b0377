/// A metric that Moorage's programs serve, as far as queries need to know it.
public struct Metric: Sendable, Hashable {
    /// The type in Prometheus' text format.
    public enum Kind: String, Sendable, Hashable {
        case counter
        case gauge
        case histogram
    }

    /// The name, as in the text format. Of a histogram: without the suffixes of its series.
    public let name: String
    /// The type.
    public let kind: Kind
    /// The labels that the program sets. Prometheus adds those of the target, such as `pod`.
    public let labels: [String]

    init(_ kind: Kind, _ name: String, _ labels: [String] = []) {
        self.name = name
        self.kind = kind
        self.labels = labels
    }

    /// The names of its series.
    public var seriesNames: [String] {
        kind == .histogram ? ["_bucket", "_sum", "_count"].map { name + $0 } : [name]
    }
}

/// What every scraped series also has, given by Prometheus: the labels of its target that queries use.
public enum TargetLabel {
    /// The names. `namespace` is that of the pod, except for metrics that have the label themselves.
    public static let all = ["instance", "job", "namespace", "pod"]
}
