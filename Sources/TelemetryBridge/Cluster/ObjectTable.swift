internal import KubernetesAPI
internal import MCPProtocol

/// Objects as the server prints them for `kubectl get`: a Table of meta.k8s.io/v1. Pure.
struct ObjectTable: Sendable {
    /// The names of the columns, the name of the object not included.
    var columns: [String]
    var rows: [Row]
    /// How many more objects there are, as far as the server says.
    var remaining: Int

    struct Row: Sendable {
        var namespace: String?
        var name: String
        var cells: [JSONValue]
    }

    init?(_ json: JSONValue) {
        guard json.text("kind") == "Table" else { return nil }
        let definitions = json.array("columnDefinitions")
        let shown = definitions.indices.filter {
            definitions[$0].text("format") != "name" && definitions[$0].text("name") != "Name"
        }
        columns = shown.map { definitions[$0].text("name") ?? "" }
        rows = json.array("rows").compactMap { row in
            let cells = row.array("cells")
            guard let name = row.text("object", "metadata", "name") ?? cells.first?.stringValue else { return nil }
            return Row(
                namespace: row.text("object", "metadata", "namespace"),
                name: name,
                cells: shown.map { $0 < cells.count ? cells[$0] : .null }
            )
        }
        remaining = Int(
            json.integer("metadata", "remainingItemCount")
                ?? (json.text("metadata", "continue").map { $0.isEmpty ? 0 : 1 } ?? 0)
        )
    }

    /// A row as an object, without empty cells. A column whose name promises a secret is hidden.
    func json(of row: Row) -> RawJSON {
        var members: [(String, RawJSON?)] = []
        for (column, cell) in zip(columns, row.cells) {
            if cell.isNull || cell.stringValue.map({ ["", "<none>", "<unset>"].contains($0) }) == true { continue }
            if SensitiveNames.matches(column) {
                members.append((column, .string(Redaction.mark)))
            } else if let text = cell.stringValue {
                let cut = text.truncated(toUTF8Bytes: 300)
                members.append((column, .string(SecretText.redacted(cut) ?? cut)))
            } else {
                members.append((column, RawJSON(cell)))
            }
        }
        return [
            "namespace": row.namespace.map(RawJSON.string), "name": .string(row.name), "columns": .object(members),
        ]
    }
}
