package import CommandSupport
package import KubernetesAPI

/// The servers of a namespace, one line each.
package struct ServerOverview: Sendable {
    private struct Row: Sendable {
        var name: String
        var health: Health
        var pods: String
        var tools: Int64?
        var image: String?
    }

    private let rows: [Row]
    private let namespace: String
    private let program: String

    /// - Parameters:
    ///   - servers: the MCPServers.
    ///   - namespace: their namespace.
    ///   - catalogue: the documentation of all reasons.
    ///   - program: how this program is called.
    package init(_ servers: [JSONValue], namespace: String, catalogue: ReasonCatalogue, program: String) {
        self.namespace = namespace
        self.program = program
        rows = servers.map { server in
            let ready = server.integer("status", "readyReplicas") ?? 0
            return Row(
                name: server.name,
                health: Health(server, catalogue: catalogue),
                pods: server.integer("status", "replicas").map { "\(ready)/\($0)" } ?? "-",
                tools: server.integer("status", "revision", "publishedTools"),
                image: server.text("status", "image") ?? server.text("spec", "image")
            )
        }
        .sorted { $0.name < $1.name }
    }

    /// As a table.
    package func rendered(console: Console) -> String {
        guard !rows.isEmpty else {
            return
                "There is no MCPServer in the namespace \(TerminalText.safe(namespace)): kubectl get mcpservers -A lists "
                + "all servers.\n"
        }
        var lines = TextLayout.table(
            [["NAME", "PODS", "TOOLS", "STATE"]]
                + rows.map { [$0.name, $0.pods, $0.tools.map(String.init) ?? "-", $0.health.text] }
        )
        for (index, row) in rows.enumerated() {
            lines[index + 1] = console.styled(lines[index + 1], row.health.state)
        }
        if let first = rows.first(where: { $0.health.state == .bad }) ?? rows.first(where: { $0.health.state != .good })
        {
            lines += [
                "",
                TextLayout.safe("\(program) status \(first.name) -n \(namespace) says what to do about \(first.name)."),
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same facts as data.
    package var json: JSONValue {
        [
            "namespace": .string(namespace),
            "servers": .array(
                rows.map { row in
                    .fields(
                        ("name", .string(row.name)),
                        ("summary", .string(row.health.text)),
                        ("state", .string(row.health.state.rawValue)),
                        ("pods", .string(row.pods)),
                        ("publishedTools", JSONValue(row.tools)),
                        ("image", JSONValue(row.image)),
                        ("message", JSONValue(row.health.message))
                    )
                }
            ),
        ]
    }
}
