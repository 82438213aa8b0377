internal import CommandSupport
package import KubernetesAPI
package import MCPProtocol

/// The result of a tool call, as it is shown.
package struct ToolAnswer: Sendable {
    /// Whether the tool failed.
    package let isError: Bool
    private let content: [RawJSON]
    private let structured: RawJSON?
    private let raw: RawJSON

    /// - Throws: `MessageFieldError` if it is not a result of a tool.
    package init(_ result: RawJSON) throws(MessageFieldError) {
        let call = try CallToolResult(result)
        isError = call.isError
        content = call.content
        structured = call.structuredContent.flatMap { $0.isNull ? nil : $0 }
        raw = result
    }

    /// The result as data.
    package var json: JSONValue { Self.value(raw) ?? .null }

    /// The texts, a line for everything that is not text, and the structured content as JSON.
    package var text: String {
        var parts: [String] = []
        var value = structured.flatMap(Self.value)
        for block in content {
            let part = Self.text(of: block)
            if let known = value, block["type"]?.stringValue == "text" {
                let parsed = try? JSONValue(parsing: Array(part.utf8))
                // Servers repeat structured content as a text for older clients.
                if parsed == known { continue }
                // And they wrap a text, or another single value, into an object.
                if let only = known.objectValue, only.count == 1, let inner = only.values.first,
                    inner == parsed || inner == .string(part)
                {
                    value = nil
                }
            }
            parts.append(Self.safe(part))
        }
        if let value { parts.append(Self.safe(value.indentedJSON())) }
        return parts.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined()
    }

    private static func text(of block: RawJSON) -> String {
        func field(_ name: String) -> String { block[name]?.stringValue ?? "" }
        let kind = field("type")
        switch kind {
        case "text": return field("text")
        case "image", "audio":
            // Base64 has four characters for three bytes.
            return "[\(kind) \(field("mimeType")), \(field("data").utf8.count / 4 * 3) bytes: use -o json]"
        case "resource_link": return "[resource \(field("uri")) \(field("name"))]"
        case "resource":
            let resource = block["resource"] ?? [:]
            if let text = resource["text"]?.stringValue { return text }
            return "[resource \(resource["uri"]?.stringValue ?? ""): use -o json]"
        default: return "[content of the type \(kind): use -o json]"
        }
    }

    /// Lines as they are, without what acts on a terminal.
    private static func safe(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { TerminalText.safe($0.last == "\r" ? String($0.dropLast()) : String($0)) }
            .joined(separator: "\n")
    }

    private static func value(_ json: RawJSON) -> JSONValue? { try? JSONValue(parsing: Array(json.bytes)) }
}
