internal import KubernetesAPI

/// A program that can use a server, and the configuration that it needs.
package enum ClientProgram: String, Sendable, Hashable, CaseIterable {
    case claudeDesktop = "claude-desktop"
    case vsCode = "vscode"
    case cursor
    case python

    /// Its name.
    package var title: String {
        switch self {
        case .claudeDesktop: "Claude Desktop"
        case .vsCode: "VS Code"
        case .cursor: "Cursor"
        case .python: "Python (mcp 2, from PyPI)"
        }
    }

    /// The file that the configuration belongs to; `nil` if it is a program of its own.
    package var file: String? {
        switch self {
        case .claudeDesktop: "claude_desktop_config.json"
        case .vsCode: ".vscode/mcp.json"
        case .cursor: ".cursor/mcp.json"
        case .python: nil
        }
    }
}

/// Configuration of client programs for servers at local URLs. It has no credentials: it names the variable that has the token.
package struct ClientSnippet: Sendable {
    /// One server.
    package struct Server: Sendable, Hashable {
        /// The name that the client shows.
        package var name: String
        /// The URL.
        package var url: String
        /// Whether the transport is HTTP+SSE.
        package var usesSSE: Bool

        package init(name: String, url: String, usesSSE: Bool = false) {
            self.name = name
            self.url = url
            self.usesSSE = usesSSE
        }
    }

    /// The environment variable with the token for the gateway.
    package static let tokenVariable = "MOORAGE_TOKEN"

    private let servers: [Server]
    private let needsToken: Bool

    /// - Parameters:
    ///   - servers: the servers.
    ///   - needsToken: whether the gateway may require a token.
    package init(_ servers: [Server], needsToken: Bool) {
        self.servers = servers
        self.needsToken = needsToken
    }

    /// The text for a program.
    package func text(for program: ClientProgram) -> String {
        switch program {
        case .claudeDesktop: Self.written(["mcpServers": members(claudeDesktop)])
        case .vsCode: Self.written(vsCode)
        case .cursor: Self.written(["mcpServers": members(cursor)])
        case .python: python
        }
    }

    private func members(_ value: (Server) -> JSONValue) -> JSONValue {
        .object(Dictionary(servers.map { ($0.name, value($0)) }, uniquingKeysWith: { first, _ in first }))
    }

    /// Claude Desktop starts local programs, and reaches its connectors from outside; `mcp-remote` is a local program that calls the
    /// URL. It splits arguments at spaces on some systems, so that the value of the header comes from a variable.
    private func claudeDesktop(_ server: Server) -> JSONValue {
        var arguments: [JSONValue] = ["-y", "mcp-remote", .string(server.url)]
        if server.usesSSE { arguments += ["--transport", "sse-only"] }
        guard needsToken else { return ["command": "npx", "args": .array(arguments)] }
        arguments += ["--header", "Authorization:${AUTHORIZATION}"]
        return ["command": "npx", "args": .array(arguments), "env": ["AUTHORIZATION": "Bearer YOUR-TOKEN"]]
    }

    private var vsCode: JSONValue {
        var configuration: JSONValue = [
            "servers": members { server in
                var value: JSONValue = ["type": server.usesSSE ? "sse" : "http", "url": .string(server.url)]
                if needsToken { value["headers"] = ["Authorization": "Bearer ${input:moorage-token}"] }
                return value
            }
        ]
        if needsToken {
            configuration["inputs"] = [
                [
                    "type": "promptString", "id": "moorage-token", "description": "Token for the gateway of Moorage",
                    "password": true,
                ]
            ]
        }
        return configuration
    }

    private func cursor(_ server: Server) -> JSONValue {
        var value: JSONValue = ["url": .string(server.url)]
        if needsToken { value["headers"] = ["Authorization": .string("Bearer ${env:\(Self.tokenVariable)}")] }
        return value
    }

    private var python: String {
        let first = servers.first ?? Server(name: "", url: "")
        var imports = ["import asyncio"]
        var target = Self.quoted(first.url)
        if needsToken { imports += ["import os", "", "import httpx2"] }
        imports += needsToken ? [] : [""]
        imports.append("from mcp.client import Client")
        if first.usesSSE {
            imports.append("from mcp.client.sse import sse_client")
            target = "sse_client(\(target))"
        } else if needsToken {
            imports.append("from mcp.client.streamable_http import streamable_http_client")
            target = "streamable_http_client(\(target), http_client=http)"
        }
        let body = [
            "async with Client(\(target)) as client:",
            "    for tool in (await client.list_tools()).tools:",
            "        print(tool.name)",
        ]
        let indented: [String] =
            needsToken && !first.usesSSE
            ? [
                "    token = os.environ[\"\(Self.tokenVariable)\"]",
                "    async with httpx2.AsyncClient(headers={\"Authorization\": f\"Bearer {token}\"}) as http:",
            ] + body.map { "        " + $0 }
            : body.map { "    " + $0 }
        let lines = imports + ["", "", "async def main():"] + indented + ["", "", "asyncio.run(main())"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// JSON is also how Python writes a text.
    private static func quoted(_ text: String) -> String {
        String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
    }

    private static func written(_ value: JSONValue) -> String { value.indentedJSON() + "\n" }
}
