import CommandSupport
import Isolation

/// A report as a flowchart in Mermaid's language (https://mermaid.js.org/syntax/flowchart.html): tenants are boxes around their
/// namespaces, and crossings are thick red arrows.
struct IsolationDiagram {
    private let report: IsolationReport

    init(_ report: IsolationReport) { self.report = report }

    var text: String {
        var lines = ["flowchart LR"]
        let names = report.namespaces.enumerated().map { ($1.name, "n\($0)") }
        let nodes = Dictionary(names, uniquingKeysWith: { first, _ in first })
        for (number, tenant) in Set(report.namespaces.compactMap(\.tenant)).sorted().enumerated() {
            lines.append("    subgraph t\(number)[\"tenant \(escaped(tenant))\"]")
            for namespace in report.namespaces where namespace.tenant == tenant {
                lines.append("        \(nodes[namespace.name] ?? "")[\"\(escaped(namespace.name))\"]")
            }
            lines.append("    end")
        }
        for namespace in report.namespaces where namespace.tenant == nil {
            lines.append("    \(nodes[namespace.name] ?? "")[\"\(escaped(namespace.name))\"]")
        }
        var edges: [(from: String, to: String, isWrong: Bool, label: PortSet)] = []
        for path in report.paths {
            let from = nodes[path.source.namespace] ?? ""
            let to = nodes[path.target.namespace] ?? ""
            let isWrong = path.kind == .crossing
            if let index = edges.firstIndex(where: { $0.from == from && $0.to == to && $0.isWrong == isWrong }) {
                edges[index].label.formUnion(path.ports)
            } else {
                edges.append((from, to, isWrong, path.ports))
            }
        }
        if !report.blocked.isEmpty { lines.append("    blocked([\"blocked ranges\"])") }
        for path in report.blocked {
            let from = nodes[path.source.namespace] ?? ""
            if let index = edges.firstIndex(where: { $0.from == from && $0.to == "blocked" }) {
                edges[index].label.formUnion(path.ports)
            } else {
                edges.append((from, "blocked", true, path.ports))
            }
        }
        for edge in edges {
            lines.append("    \(edge.from) \(edge.isWrong ? "==>" : "-->")|\"\(edge.label)\"| \(edge.to)")
        }
        let wrong = edges.indices.filter { edges[$0].isWrong }.map(String.init)
        if !wrong.isEmpty { lines.append("    linkStyle \(wrong.joined(separator: ",")) stroke:red") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Mermaid has no escape for quotes but entities.
    private func escaped(_ text: String) -> String {
        TerminalText.safe(text).replacing("&", with: "#amp;").replacing("\"", with: "#quot;").replacing(
            "<",
            with: "#lt;"
        )
    }
}
