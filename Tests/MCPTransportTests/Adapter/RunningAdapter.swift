import Logging
import MCPProtocol
import MCPTransport
import Observability
import ServiceLifecycle
import Synchronization

/// An adapter on the loopback address, with a client.
struct RunningAdapter: Sendable {
    let adapter: StdioAdapter
    let server: RunningServer
    let log: RecordedLog
    let metrics: MetricsRegistry

    /// Runs an adapter as long as the body runs. At the end all processes must be gone.
    static func run(
        _ command: MCPCommand,
        _ change: @Sendable (inout AdapterConfiguration) -> Void = { _ in },
        http: @Sendable (inout StreamableHTTPConfiguration) -> Void = { _ in },
        body: @escaping @Sendable (RunningAdapter) async throws -> Void
    ) async throws {
        var configuration = AdapterConfiguration(command: command)
        configuration.closeTime = .milliseconds(500)
        change(&configuration)
        let log = RecordedLog()
        let metrics = MetricsRegistry()
        let adapter = StdioAdapter(
            configuration,
            logger: Logger(label: "test") { _ in log },
            metrics: metrics
        )
        var settings = adapter.httpConfiguration
        http(&settings)
        let final = settings
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let group = ServiceGroup(
                services: [adapter],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            tasks.addTask { try await group.run() }
            let outcome: Result<Void, any Error>
            do {
                try await RunningServer.run(adapter, final) { server in
                    try await body(RunningAdapter(adapter: adapter, server: server, log: log, metrics: metrics))
                }
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try outcome.get()
            let left = metrics.exposition().split(separator: "\n").filter { $0.hasPrefix("mcp_adapter_processes ") }
            guard left == ["mcp_adapter_processes 0"] else {
                throw DidNotHappen(description: "processes are left: \(left)")
            }
        }
    }

    /// The value of a metric.
    func metric(_ name: String) -> String? {
        metrics.exposition().split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .map { String($0.dropFirst(name.count + 1)) }
    }

    /// Calls a tool as a client of 2026-07-28.
    func call(_ tool: String, _ arguments: RawJSON = [:], id: RequestID = 1) async throws -> JSONRPCResponse {
        let answer = try await server.modern(Modern.call(tool, arguments, id: id))
        guard let response = answer.final else {
            throw DidNotHappen(
                description: "no answer: \(answer.status) \(String(decoding: answer.body, as: UTF8.self))"
            )
        }
        return response
    }
}

extension LegacyConnection {
    /// Calls a tool.
    func call(_ tool: String, _ arguments: RawJSON = [:], id: RequestID = 1) async throws -> JSONRPCResponse {
        let answer = try await request(
            "tools/call",
            id: id,
            params: CallToolParams(name: tool, arguments: arguments).raw
        )
        guard let response = answer.final else {
            throw DidNotHappen(
                description: "no answer: \(answer.status) \(String(decoding: answer.body, as: UTF8.self))"
            )
        }
        return response
    }
}

extension JSONRPCResponse {
    /// The text that a tool has answered with.
    var text: String? { result?["content"]?.elements?.first?["text"]?.stringValue }
}

/// The lines that were logged.
struct RecordedLog: LogHandler {
    private final class Lines: Sendable { let all = Mutex<[String]>([]) }
    private let lines = Lines()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let text = "\(event.level) \(event.message) " + all.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        lines.all.withLock { $0.append(text) }
    }

    var text: String { lines.all.withLock { $0.joined(separator: "\n") } }
    func contains(_ text: String) -> Bool { lines.all.withLock { $0.contains { $0.contains(text) } } }
}
