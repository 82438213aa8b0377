import CommandSupport
import ArgumentParser
import FoundationEssentials
import MCPProtocol
import MCPTransport

/// How `moorage contract` connects to servers.
struct ContractConnectionOptions: ParsableArguments {
    /// The transports of URLs.
    enum Transport: String, ExpressibleByArgument, CaseIterable, Sendable {
        case auto
        case streamableHTTP = "streamable-http"
        case httpSSE = "http-sse"
    }

    @Option(help: ArgumentHelp("A header field of each HTTP request, such as 'Name: value'. Can be repeated."))
    var header: [String] = []

    @Option(help: ArgumentHelp("The time limit of each request.", valueName: "duration"))
    var timeout = DurationArgument(.seconds(30))

    @Option(help: "The transport of URLs; auto uses HTTP+SSE if the server offers nothing else.")
    var transport = Transport.auto

    @Flag(help: "Accept any certificate. Whoever is in between can read and change everything.")
    var insecureSkipTLSVerify = false

    @Option(
        help: ArgumentHelp("A file with the certificates of the authorities to trust, in PEM.", valueName: "path"),
        completion: .file()
    )
    var caFile: String?

    func validate() throws {
        for text in header where Self.field(text) == nil {
            throw ValidationError(
                "--header \(text.prefix { $0 != ":" }.debugDescription) is not of the form 'Name: value'."
            )
        }
        if insecureSkipTLSVerify, caFile != nil {
            throw ValidationError("Set either --insecure-skip-tls-verify or --ca-file, not both.")
        }
        if timeout.duration <= .zero { throw ValidationError("--timeout must be longer than 0s.") }
    }

    private static func field(_ text: String) -> HeaderFields.Field? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let name = parts.first, !name.isEmpty,
            name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"()<>@,;\\\"/[]?={}".utf8.contains($0) })
        else { return nil }
        let value = parts[1].drop { $0 == " " }
        guard HeaderValue.isPlain(String(value)) else { return nil }
        return HeaderFields.Field(String(name), String(value))
    }

    func endpoint(_ url: String) -> MCPEndpoint {
        transport == .httpSSE ? .httpSSE(url) : .streamableHTTP(url)
    }

    /// Reads the contract of a server.
    ///
    /// - Throws: `MCPClientError`, or `CommandFailure` if a file cannot be read.
    func read(_ endpoint: MCPEndpoint, console: Console) async throws -> ServerReading {
        var options = MCPClientOptions()
        options.clientInfo = Implementation(name: "moorage", version: MoorageVersion.current.version)
        options.headers = .init(HeaderFields(header.compactMap(Self.field)))
        options.fallsBackToHTTPSSE = transport == .auto
        options.limits.requestTime = timeout.duration
        options.limits.discoverTime = min(timeout.duration, options.limits.discoverTime)
        options.limits.connectTime = min(timeout.duration, options.limits.connectTime)
        var settings = HTTPClientExchange.Options()
        settings.connectTimeout = options.limits.connectTime
        if insecureSkipTLSVerify { settings.trust = .insecureAny }
        if let caFile {
            guard let data = FileManager.default.contents(atPath: caFile) else {
                throw CommandFailure("\(caFile): the file cannot be read")
            }
            settings.trust = .authorities(pem: String(decoding: data, as: UTF8.self))
        }
        let exchange = try HTTPClientExchange(settings)
        let handlers = MCPClientHandlers(standardError: { console.error(TerminalText.safe($0), prefix: nil) })
        let outcome: Result<ServerReading, any Error>
        do {
            outcome = .success(
                try await ContractReader(options: options, handlers: handlers, exchange: exchange).read(endpoint)
            )
        } catch {
            outcome = .failure(error)
        }
        await exchange.shutdown()
        return try outcome.get()
    }
}
