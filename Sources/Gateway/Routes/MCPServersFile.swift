public import MCPProtocol
public import MCPTransport

/// The file in which clients of MCP list their servers: an object `mcpServers` with a server for each name.
///
/// ```json
/// {
///   "mcpServers": {
///     "sentry": {"url": "https://mcp.example.com/mcp", "headers": {"Authorization": "Bearer ${SENTRY_TOKEN}"}},
///     "time": {"command": "uvx", "args": ["mcp-server-time"], "env": {"TZ": "UTC"}}
///   }
/// }
/// ```
///
/// `${NAME}` in a value is replaced by the environment variable, `${NAME:-text}` by the text if it is not set.
public struct MCPServersFile: Sendable, Hashable {
    /// The servers, by name.
    public let backends: [Backend]
    /// Fields that have no meaning here, such as those of a single client.
    public let ignoredFields: [String]

    /// Reads a file.
    ///
    /// - Parameter environment: the value of an environment variable, or `nil`.
    /// - Throws: `MCPServersFileError`, which names the field.
    public init(parsing bytes: [UInt8], environment: @escaping (String) -> String?) throws(MCPServersFileError) {
        let json: RawJSON
        do throws(JSONSyntaxError) {
            json = try RawJSON(parsing: bytes)
        } catch {
            throw MCPServersFileError("", "is not valid JSON: \(error)")
        }
        guard let servers = json["mcpServers"] else {
            throw MCPServersFileError("mcpServers", "is missing; it lists the servers by name")
        }
        guard let members = servers.members else {
            throw MCPServersFileError("mcpServers", "must be an object, and is \(servers.text.prefix(40))")
        }
        var backends: [Backend] = []
        var ignored: [String] = []
        for member in members.sorted(by: { $0.name < $1.name }) {
            let reader = EntryReader(
                field: "mcpServers.\(member.name)",
                json: member.value,
                environment: environment
            )
            guard !member.name.isEmpty, !member.name.contains("/") else {
                throw MCPServersFileError(
                    reader.field,
                    "the name \(member.name.debugDescription) must not be empty or contain a slash"
                )
            }
            if backends.last?.id == member.name { throw MCPServersFileError(reader.field, "is there twice") }
            if let backend = try reader.backend(named: member.name) { backends.append(backend) }
            ignored += reader.ignoredFields
        }
        self.backends = backends
        ignoredFields = ignored
    }

    /// The routes of the file: all servers joined at `/mcp`, and each at `/NAME/mcp`.
    public var routes: RouteTable {
        RouteTable(
            [Route(path: "/mcp", joining: backends)]
                + backends.map { Route(path: "/\(Self.pathComponent($0.id))/mcp", backend: $0) }
        )
    }

    /// A name as it is written in the path of a URL (RFC 3986, section 3.3).
    private static func pathComponent(_ name: String) -> String {
        name.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default:
                "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}

/// A file of servers cannot be used.
public struct MCPServersFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field, such as `mcpServers.sentry.url`; empty for the whole file.
    public let field: String
    /// What is wrong, and how to fix it.
    public let problem: String

    init(_ field: String, _ problem: String) {
        self.field = field
        self.problem = problem
    }

    public var description: String { field.isEmpty ? "the file \(problem)" : "\(field): \(problem)" }
}

/// Reads one server of the file.
private struct EntryReader {
    let field: String
    let json: RawJSON
    let environment: (String) -> String?

    private static let known: Set = [
        "url", "headers", "command", "args", "env", "cwd", "type", "transport", "disabled",
    ]

    var ignoredFields: [String] {
        (json.members ?? []).map(\.name).filter { !Self.known.contains($0) }.map { "\(field).\($0)" }
    }

    /// - Returns: `nil` if the server is disabled.
    func backend(named name: String) throws(MCPServersFileError) -> Backend? {
        guard json.kind == .object else { throw error(nil, "must be an object, and is \(json.text.prefix(40))") }
        if json["disabled"]?.boolValue == true { return nil }
        let named = try string("type")
        let alternative = try string("transport")
        let type = named ?? alternative
        if let type, !["http", "streamable-http", "streamableHttp", "sse", "stdio"].contains(type) {
            throw error("type", "is \(type.debugDescription), and must be http, streamable-http, sse or stdio")
        }
        switch (try string("url"), try string("command")) {
        case (_?, _?): throw error(nil, "has both url and command; keep one of them")
        case (nil, nil): throw error(nil, "has neither url nor command; set url for a remote server, or command")
        case (let url?, nil):
            guard type != "stdio" else { throw error("type", "is stdio, which needs command instead of url") }
            let lowercased = url.lowercased()
            guard lowercased.hasPrefix("http://") || lowercased.hasPrefix("https://") else {
                throw error("url", "must start with http:// or https://")
            }
            return Backend(
                id: name,
                target: type == "sse" ? .httpSSE(url: url) : .streamableHTTP(url: url),
                headers: try headers()
            )
        case (nil, let command?):
            guard type == nil || type == "stdio" else {
                throw error("type", "is \(type ?? ""), which needs url instead of command")
            }
            var process = MCPCommand(command)
            process.arguments = try strings("args")
            process.workingDirectory = try string("cwd")
            for member in try object("env") {
                process.environment[member.name] = try text(of: member.value, "env.\(member.name)")
            }
            return Backend(id: name, target: .command(process))
        }
    }

    private func headers() throws(MCPServersFileError) -> [UpstreamHeader] {
        var headers: [UpstreamHeader] = []
        for member in try object("headers") {
            let place = "headers.\(member.name)"
            guard isToken(member.name) else { throw error(place, "is not a valid name of a header") }
            let value = try text(of: member.value, place)
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw error(place, "contains a line break or another character that no header can carry")
            }
            headers.append(UpstreamHeader(name: member.name, value: value))
        }
        return headers
    }

    private func string(_ name: String) throws(MCPServersFileError) -> String? {
        guard let value = json[name] else { return nil }
        return try text(of: value, name)
    }

    private func strings(_ name: String) throws(MCPServersFileError) -> [String] {
        guard let value = json[name] else { return [] }
        guard let elements = value.elements else { throw error(name, "must be a list of texts") }
        var texts: [String] = []
        for (index, element) in elements.enumerated() { texts.append(try text(of: element, "\(name)[\(index)]")) }
        return texts
    }

    private func object(_ name: String) throws(MCPServersFileError) -> [RawJSON.Member] {
        guard let value = json[name] else { return [] }
        guard let members = value.members else { throw error(name, "must be an object of texts") }
        return members
    }

    private func text(of value: RawJSON, _ place: String) throws(MCPServersFileError) -> String {
        guard let text = value.stringValue else { throw error(place, "must be a text") }
        return try expanded(text, place)
    }

    /// Replaces references to environment variables.
    private func expanded(_ text: String, _ place: String) throws(MCPServersFileError) -> String {
        var output = ""
        var rest = text[...]
        while let start = rest.range(of: "${") {
            output += rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
                throw error(place, "has \"${\" without \"}\"")
            }
            let reference = rest[start.upperBound..<end]
            let parts = reference.range(of: ":-")
            let name = String(parts.map { reference[..<$0.lowerBound] } ?? reference)
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || $0.isLetterOrDigit }) else {
                throw error(place, "has ${\(reference)}, which is not the name of an environment variable")
            }
            if let value = environment(name) {
                output += value
            } else if let parts {
                output += reference[parts.upperBound...]
            } else {
                throw error(place, "needs the environment variable \(name), which is not set")
            }
            rest = rest[rest.index(after: end)...]
        }
        return output + rest
    }

    private func error(_ name: String?, _ problem: String) -> MCPServersFileError {
        MCPServersFileError(name.map { "\(field).\($0)" } ?? field, problem)
    }
}

/// Whether a text is a token (RFC 9110, section 5.6.2).
private func isToken(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0.isLetterOrDigit || "!#$%&'*+-.^_`|~".utf8.contains($0) }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

extension Substring {
    /// The first place of a text, without the whole of Foundation.
    fileprivate func range(of text: String) -> Range<Index>? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return index..<self.index(index, offsetBy: text.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
