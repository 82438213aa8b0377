package import CommandSupport
package import KubernetesAPI
package import MCPProtocol
internal import Policy

/// The tools that a server offers.
package struct ToolList: Sendable {
    private let tools: [Tool]
    /// How many definitions cannot be read.
    private let invalid: Int

    /// - Parameter definitions: the elements of `tools/list`.
    package init(_ definitions: [RawJSON]) {
        tools = definitions.compactMap { try? Tool($0) }
        invalid = definitions.count - tools.count
    }

    /// The tool with a name.
    ///
    /// - Throws: `CommandFailure` with similar names if there is none.
    package func tool(_ name: String, of server: String) throws(CommandFailure) -> Tool {
        if let tool = tools.first(where: { $0.name == name }) { return tool }
        let similar = similar(to: name)
        let hint =
            similar.isEmpty
            ? "--list lists its tools" : "did you mean \(similar.joined(separator: ", "))? --list lists all of them"
        throw CommandFailure(TerminalText.safe("\(server) has no tool \(name): \(hint)"))
    }

    private static let maximumSuggestions = 5

    private func similar(to name: String) -> [String] {
        let names = tools.map(\.name)
        var found: [String] = []
        if let nearest = NearestName.of(name, among: names) { found.append(nearest) }
        let folded = name.lowercased()
        // Everything contains a short word.
        found += names.filter { name in
            let other = name.lowercased()
            return folded.count < 3 ? other.hasPrefix(folded) : other.contains(folded) || folded.contains(other)
        }
        var seen: Set<String> = []
        return Array(found.filter { !$0.isEmpty && seen.insert($0).inserted }.prefix(Self.maximumSuggestions))
    }

    /// As a list with the arguments of each tool.
    package func rendered(console: Console) -> String {
        guard !tools.isEmpty else { return "The server offers no tools.\n" + note }
        var lines: [String] = []
        for tool in tools {
            lines.append(console.styled(TerminalText.safe(tool.name), .bold))
            if let text = tool.description ?? tool.title {
                let first = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
                lines += TextLayout.paragraph(first, indentation: 2)
            }
            let required = Set((tool.inputSchema["required"]?.elements ?? []).compactMap(\.stringValue))
            for member in tool.inputSchema["properties"]?.members ?? [] {
                let mark = required.contains(member.name) ? "" : ", optional"
                lines.append(
                    TextLayout.safe("    --arg \(member.name)=  \(ToolArguments.typeName(member.value))\(mark)")
                )
            }
        }
        return lines.joined(separator: "\n") + "\n" + note
    }

    private var note: String {
        invalid == 0 ? "" : "\(invalid) more cannot be shown, because their definitions are not valid.\n"
    }

    /// The definitions as data.
    package var json: JSONValue {
        ["tools": .array(tools.compactMap { try? JSONValue(parsing: Array($0.raw.bytes)) })]
    }
}
