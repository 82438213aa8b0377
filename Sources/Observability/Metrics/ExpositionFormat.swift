/// How metrics are written.
public enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// Prometheus' text format, version 0.0.4.
    case prometheus
    /// OpenMetrics, version 1.0.0, which has exemplars.
    case openMetrics

    /// The media type, for `Content-Type`.
    public var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The format that a client prefers. Those that do not ask for OpenMetrics get Prometheus' format.
    ///
    /// - Parameter accept: the value of the header `Accept`.
    public init(accept: String?) {
        var best: [ExpositionFormat: Double] = [:]
        for range in accept?.split(separator: ",") ?? [] {
            let parts = range.split(separator: ";").map { part in
                String(part.filter { !$0.isWhitespace }).lowercased()
            }
            let format: ExpositionFormat
            switch parts.first {
            case "application/openmetrics-text": format = .openMetrics
            case "text/plain": format = .prometheus
            default: continue
            }
            let version = parts.first { $0.hasPrefix("version=") }.map { $0.dropFirst("version=".count) }
            // Version 0.0.1 is a draft.
            if format == .openMetrics, let version, version != "1.0.0" { continue }
            let quality = parts.first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            best[format] = max(best[format] ?? 0, quality)
        }
        let wanted = best[.openMetrics] ?? 0
        self = wanted > 0 && wanted >= best[.prometheus] ?? 0 ? .openMetrics : .prometheus
    }
}
