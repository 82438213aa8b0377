import ArgumentParser
import CommandSupport
import Isolation
import KubernetesAPI

/// How a report is printed.
enum IsolationFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// A table of namespaces, and the errors.
    case matrix
    /// All paths, one after the other.
    case list
    /// All paths, for programs.
    case json
    /// A diagram in Mermaid's language.
    case mermaid
}

/// A report as text.
struct IsolationOutput {
    let report: IsolationReport
    let console: Console
    /// Whether everything that was read was evaluated.
    var isComplete = true

    /// More namespaces do not fit on a terminal.
    static let maximumColumns = 40
    /// How many pods of one end are named.
    static let maximumPods = 3
    /// How many blocked ranges are named.
    static let maximumRanges = 3

    func text(_ format: IsolationFormat) -> String {
        switch format {
        case .matrix: report.namespaces.count > Self.maximumColumns ? errors() : matrix() + errors()
        case .list: list()
        case .json: IsolationJSON.value(report, isComplete: isComplete).indentedJSON() + "\n"
        case .mermaid: IsolationDiagram(report).text
        }
    }

    /// What is wrong, in one line; `nil` if nothing is.
    var summary: String? {
        var parts: [String] = []
        let crossings = report.crossings.count
        if crossings > 0 { parts.append("\(crossings) \(crossings == 1 ? "path" : "paths") between tenants") }
        let blocked = report.blocked.count
        if blocked > 0 { parts.append("\(blocked) \(blocked == 1 ? "path" : "paths") into blocked ranges") }
        if parts.isEmpty { return isComplete ? nil : "not everything was evaluated: correct the errors first" }
        return "tenants are not isolated: " + parts.joined(separator: ", ")
    }

    // MARK: Matrix

    private func matrix() -> String {
        let names = report.namespaces.map {
            TerminalText.safe($0.name) + ($0.tenant.map { " (\(TerminalText.safe($0)))" } ?? "")
        }
        var cells: [String: Character] = [:]
        for path in report.paths.reversed() {
            cells["\(path.source.namespace)\n\(path.target.namespace)"] = Self.symbol(path.kind)
        }
        let width = max(4, names.map(\.count).max() ?? 0)
        let digits = "\(names.count)".count
        let pad = { (text: String, width: Int) in text + String(repeating: " ", count: max(0, width - text.count)) }
        let right = { (text: String) in String(repeating: " ", count: max(0, digits - text.count)) + text }
        var lines = [
            "\(right("")) \(pad("from", width))  "
                + names.indices.map { right("\($0 + 1)") }.joined(separator: " ") + "  blocked"
        ]
        for (index, namespace) in report.namespaces.enumerated() {
            let row = report.namespaces.map { right(String(cells["\(namespace.name)\n\($0.name)"] ?? ".")) }
            let isBlocked = report.blocked.contains { $0.source.namespace == namespace.name }
            lines.append(
                "\(right("\(index + 1)")) \(pad(names[index], width))  \(row.joined(separator: " "))  "
                    + (isBlocked ? "!" : ".")
            )
        }
        lines.append("")
        lines.append(". none   + within a tenant, or from or to the platform   a allowed   ! not isolated")
        return lines.joined(separator: "\n") + "\n\n"
    }

    private static func symbol(_ kind: IsolationReport.Kind) -> Character {
        switch kind {
        case .crossing: "!"
        case .allowed: "a"
        case .sameTenant, .shared: "+"
        }
    }

    // MARK: List

    private func list() -> String {
        var text = errors()
        for path in report.paths where path.kind != .crossing { text += line(path) }
        for path in report.outside {
            text +=
                "outside      \(end(path.source)) -> \(path.block): \(path.ports)\n"
                + "             egress: \(opening(path.egress))\n"
        }
        return text
    }

    private func errors() -> String {
        var text = ""
        for path in report.crossings { text += line(path) }
        for path in report.blocked {
            text +=
                console.styled("blocked", .red) + "      \(end(path.source)) -> \(blocked(path.ranges)): "
                + "\(path.ports)\n             egress: \(opening(path.egress))\n"
        }
        if report.isIsolated, isComplete {
            let tenants = Set(report.namespaces.compactMap(\.tenant)).count
            text +=
                console.styled("isolated", .green)
                + "     \(tenants) \(tenants == 1 ? "tenant" : "tenants"), \(report.podCount) "
                + "\(report.podCount == 1 ? "pod" : "pods"): no path between tenants or into a blocked range\n"
        }
        return text
    }

    private func blocked(_ ranges: [BlockedRange]) -> String {
        var texts: [String] = []
        for (index, range) in ranges.enumerated() where !ranges[..<index].contains(where: { $0.reason == range.reason })
        {
            let same = ranges.filter { $0.reason == range.reason }
            let shown = same.prefix(Self.maximumRanges).map(\.text).joined(separator: ", ")
            let more = same.count > Self.maximumRanges ? " and \(same.count - Self.maximumRanges) more" : ""
            texts.append("\(shown)\(more) (\(range.reason))")
        }
        return texts.joined(separator: ", ")
    }

    private func line(_ path: IsolationReport.Path) -> String {
        let word =
            switch path.kind {
            case .crossing: console.styled("crossing", .red) + "     "
            case .allowed: "allowed      "
            case .sameTenant: "same tenant  "
            case .shared: "shared       "
            }
        return "\(word)\(end(path.source)) -> \(end(path.target)): \(path.ports)\n"
            + "             egress: \(opening(path.egress)); ingress: \(opening(path.ingress))\n"
    }

    private func end(_ end: IsolationReport.End) -> String {
        let shown = end.pods.prefix(Self.maximumPods).map { TerminalText.safe("\(end.namespace)/\($0)") }
        let more = end.pods.count > shown.count ? " and \(end.pods.count - shown.count) more" : ""
        return shown.joined(separator: ", ") + more + (end.tenant.map { " (tenant \(TerminalText.safe($0)))" } ?? "")
    }

    private func opening(_ opening: Reachability.Opening) -> String {
        switch opening {
        case .notSelected: "no NetworkPolicy selects the pod"
        case .hostNetwork: "NetworkPolicies do not apply to hostNetwork"
        case .policies(let names): "NetworkPolicy " + names.map(TerminalText.safe).joined(separator: ", ")
        }
    }
}
