import CommandSupport
import ArgumentParser
import KubernetesAPI
import MCPProtocol
import MCPTransport

/// `moorage contract read`.
struct ContractReadCommand: AsyncParsableCommand {
    /// How the contract is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case json, yaml, summary
    }

    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Read the contract of a running server.",
        discussion: """
            Connects to a URL, or runs a command that speaks MCP on its standard input and output, and prints the contract \
            on standard output. The protocol version and, for URLs, the transport are found automatically. What the command \
            writes to standard error is passed on.

            Examples:
              moorage contract read https://mcp.example.com/mcp --header 'Authorization: Bearer TOKEN'
              moorage contract read http://127.0.0.1:8000/mcp -o summary
              moorage contract read -- uvx mcp-server-time
            """
    )

    @Argument(help: ArgumentHelp("The URL of a server.", valueName: "url"))
    var url: String?

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("A command that runs a server, after --.", valueName: "command")
    )
    var command: [String] = []

    @Option(name: .shortAndLong, help: "The output format.")
    var output: Format = .json

    @OptionGroup
    var connection: ContractConnectionOptions

    func validate() throws {
        if url == nil, command.isEmpty {
            throw ValidationError("Name a server: a URL, or -- and a command.")
        }
        if url != nil, !command.isEmpty { throw ValidationError("Name either a URL or a command, not both.") }
    }

    func run() async throws {
        let console = Console.standard
        let endpoint =
            url.map { connection.endpoint($0) }
            ?? .stdio(MCPCommand(command.first ?? "", arguments: Array(command.dropFirst())))
        let reading: ServerReading
        do {
            reading = try await connection.read(endpoint, console: console)
        } catch let error as MCPClientError {
            throw CommandFailure(TerminalText.safe(error.message))
        }
        switch output {
        case .json: console.output(reading.contract.canonical.text + "\n")
        case .yaml:
            do {
                console.output(YAML.text([try JSONValue(parsing: Array(reading.contract.canonical.bytes))]))
            } catch {
                throw CommandFailure("the contract cannot be written as YAML; use -o json", underlying: error)
            }
        case .summary: console.output(ContractSummary(reading).text)
        }
    }
}

/// What a person wants to know of a server at first.
struct ContractSummary {
    private let reading: ServerReading

    init(_ reading: ServerReading) { self.reading = reading }

    var text: String {
        let agreement = reading.agreement
        let name = agreement.serverInfo.map { "\($0.name) \($0.version)" } ?? "unknown"
        var lines = [
            "Server:     \(TerminalText.safe(name))",
            "Protocol:   \(agreement.version) over \(Self.transport(agreement.transport))",
            "Offers:     "
                + ServerContract.Kind.allCases.map { kind in
                    "\(reading.count(kind)) \(reading.count(kind) == 1 ? Self.name(kind) : Self.name(kind) + "s")"
                }.joined(separator: ", "),
        ]
        for item in reading.contract.items {
            let text = (item.canonical["description"] ?? item.canonical["title"])?.stringValue
            let first =
                text?.split(whereSeparator: \.isNewline).first.map { ": " + TerminalText.safe(String($0)) } ?? ""
            lines.append("  \(Self.name(item.kind)) \(TerminalText.safe(item.identity))\(first)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func name(_ kind: ServerContract.Kind) -> String {
        kind == .resourceTemplate ? "resource template" : kind.rawValue
    }

    private static func transport(_ transport: ClientNegotiation.Transport) -> String {
        switch transport {
        case .streamableHTTP: "Streamable HTTP"
        case .httpSSE: "HTTP+SSE"
        case .stdio: "stdio"
        }
    }
}
