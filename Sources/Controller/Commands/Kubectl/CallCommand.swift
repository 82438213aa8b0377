import ArgumentParser
import ClusterTool
import CommandSupport
import FoundationEssentials
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import MCPProtocol
import MCPTransport
import Policy

/// `kubectl moorage call`.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call a tool of a server, or list its tools.",
        discussion: """
            With --server, a pod of the server is called directly, through a forwarded port; with --through-gateway, as its \
            clients do. Without --server, all servers of the namespace are called through the gateway, where the names of tools \
            can have a prefix.

            The gateway may require a token: --token-file names a file with it, or MOORAGE_TOKEN has it. The exit status is 1 if \
            the tool reports an error, which is written to standard error.

            Examples:
              \(ProgramName.commands) call --list --server weather -n mcp-acme
              \(ProgramName.commands) call forecast --server weather -n mcp-acme --arg city=Bern --arg days=3
            """
    )

    @Argument(
        help: ArgumentHelp("The tool.", valueName: "tool"),
        completion: NameCompletion.kind(.tool)
    )
    var tool: String?

    @Option(
        help: ArgumentHelp("The MCPServer or MCPVirtualServer.", valueName: "server"),
        completion: NameCompletion.kind(.server)
    )
    var server: String?

    @Flag(help: "Call the server as its clients do, through the gateway.")
    var throughGateway = false

    @Flag(help: "List the tools and their arguments.")
    var list = false

    @Option(help: ArgumentHelp("The arguments as a JSON object.", valueName: "json"))
    var arguments: String?

    @Option(
        name: .customLong("arg"),
        help: ArgumentHelp(
            "An argument, read as the tool's input schema says. Can be repeated, also for the elements of an array.",
            valueName: "name=value"
        )
    )
    var argument: [String] = []

    @Option(help: ArgumentHelp("A file with the token for the gateway.", valueName: "path"), completion: .file())
    var tokenFile: String?

    @Option(help: ArgumentHelp("The time limit of the call.", valueName: "duration"))
    var timeout = DurationArgument(.seconds(60))

    @Option(name: .shortAndLong, help: "The output format: text, or the result as json.")
    var output = Format.text

    @OptionGroup
    var installation: InstallationOptions

    @OptionGroup
    var cluster: PluginClusterOptions

    /// How the result is written.
    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case text
        case json
    }

    func validate() throws {
        if list, tool != nil { throw ValidationError("Name either a tool or --list, not both.") }
        if !list, tool == nil { throw ValidationError("Name a tool; --list lists the tools.") }
        if list, arguments != nil || !argument.isEmpty {
            throw ValidationError("--list takes no arguments of a tool.")
        }
        if timeout.duration <= .zero { throw ValidationError("--timeout must be longer than 0s.") }
    }

    func run() async throws {
        try await cluster.withCluster { reader in
            let connection = try await find(reader)
            let token = connection.isThroughGateway ? try token() : nil
            let pod = try await connection.findPod()
            do {
                try await cluster.portForward.run(pod) { port in
                    guard let target = connection.snippetServers(port: port).first else { return }
                    try await call(target, token: token, usesTLS: connection.usesTLS)
                }
            } catch let error as KubectlPortForward.Ended {
                throw error.failure
            } catch let error as MCPClientError {
                throw failure(error, connection)
            }
        }
    }

    private func find(_ reader: ClusterReader) async throws -> ServerConnection {
        guard let server else {
            let path = GatewayPath.all(in: reader.namespace)
            return try await reader.throughGateway(
                [.init(name: "the namespace \(reader.namespace)", path: path)],
                installation
            )
        }
        return try await reader.connection(to: server, prefersGateway: throughGateway, installation) {
            Console.standard.error($0, prefix: "note: ")
        }
    }

    private func call(_ target: ClientSnippet.Server, token: String?, usesTLS: Bool) async throws {
        var options = MCPClientOptions()
        options.clientInfo = Implementation(name: "kubectl-moorage", version: MoorageVersion.current.version)
        options.limits.requestTime = timeout.duration
        if let token { options.headers[.authorization] = "Bearer \(token)" }
        var settings = HTTPClientExchange.Options()
        // The API server has chosen the pod, and the certificate is for another name than that of the local port.
        if usesTLS { settings.trust = .insecureAny }
        let exchange = try HTTPClientExchange(settings)
        let endpoint: MCPEndpoint = target.usesSSE ? .httpSSE(target.url) : .streamableHTTP(target.url)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(
                try await MCPClient.withConnection(to: endpoint, options: options, exchange: exchange) { client in
                    try await use(client, target.name)
                }
            )
        } catch {
            outcome = .failure(error)
        }
        await exchange.shutdown()
        try outcome.get()
    }

    private func use(_ client: MCPClient, _ server: String) async throws {
        let console = Console.standard
        let tools = ToolList(client.agreement.capabilities.tools ? try await client.list(.tools) : [])
        guard let name = tool else {
            console.output(output == .json ? tools.json.indentedJSON() + "\n" : tools.rendered(console: console))
            return
        }
        let tool = try tools.tool(name, of: server)
        let arguments = try ToolArguments(tool).object(base: arguments, texts: argument)
        let headers: ParameterHeaders
        do {
            headers = try ParameterHeaders(inputSchema: tool.inputSchema)
        } catch {
            throw CommandFailure(
                "the input schema of the tool \(TerminalText.safe(name)) is not valid",
                underlying: error
            )
        }
        let result = try await client.request(
            .toolsCall,
            params: CallToolParams(name: name, arguments: arguments).raw,
            parameterHeaders: headers
        )
        guard (try? InputRequiredResult(result)) == nil else {
            throw CommandFailure(
                "the tool \(TerminalText.safe(name)) asks for input of a person or a model, which call cannot give"
            )
        }
        let answer: ToolAnswer
        do {
            answer = try ToolAnswer(result)
        } catch {
            throw CommandFailure("the server's answer is not a result of a tool", underlying: error)
        }
        if output == .json { console.output(answer.json.indentedJSON() + "\n") }
        if answer.isError {
            if output == .text { console.write(.error, answer.text) }
            throw ExitCode(1)
        }
        if output == .text { console.output(answer.text) }
    }

    private func token() throws -> String? {
        let text: String
        if let tokenFile {
            guard let data = FileManager.default.contents(atPath: tokenFile) else {
                throw CommandFailure("\(tokenFile): the file cannot be read")
            }
            text = String(decoding: data, as: UTF8.self)
        } else {
            guard let value = EnvironmentReader.process.text(ClientSnippet.tokenVariable) else { return nil }
            text = value
        }
        let token = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CommandFailure("\(tokenFile ?? ClientSnippet.tokenVariable) has no token of printable characters")
        }
        return token
    }

    private func failure(_ error: MCPClientError, _ connection: ServerConnection) -> CommandFailure {
        let message = TerminalText.safe(error.message)
        guard connection.isThroughGateway else { return CommandFailure(message) }
        switch error.code {
        case .unauthorized:
            return CommandFailure(
                "\(message): give the gateway a token, with --token-file or \(ClientSnippet.tokenVariable)"
            )
        case .notFound:
            return CommandFailure(
                "\(message): the gateway does not know the server, or your token does not allow you to see it"
            )
        case .httpStatus where error.httpStatus == 503:
            let name = server.map { " \($0)" } ?? ""
            return CommandFailure("\(message); \(ProgramName.commands) status\(name) says why it does not serve")
        default: return CommandFailure(message)
        }
    }
}
