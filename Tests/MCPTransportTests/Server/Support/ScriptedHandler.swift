import MCPProtocol
import MCPTransport
import Synchronization

/// A handler that does what a test wants, and records what it sees.
final class ScriptedHandler: MCPServerHandler {
    private let answer: @Sendable (ServerRequest) async throws -> RawJSON
    private let log = Mutex<[String]>([])
    private let sessions = Mutex<[ServerSession]>([])

    init(_ answer: @escaping @Sendable (ServerRequest) async throws -> RawJSON) { self.answer = answer }

    var events: [String] { log.withLock { $0 } }
    var session: ServerSession? { sessions.withLock { $0.last } }

    func record(_ event: String) { log.withLock { $0.append(event) } }

    func respond(to request: ServerRequest) async throws -> JSONRPCResponse {
        if request.method == .initialize {
            let result = InitializeResult(
                protocolVersion: request.version,
                capabilities: ServerCapabilities(tools: true),
                serverInfo: Implementation(name: "scripted", version: "1")
            )
            return JSONRPCResponse(id: request.id, result: result.raw)
        }
        do {
            return JSONRPCResponse(id: request.id, result: try await answer(request))
        } catch {
            if Task.isCancelled { record("cancelled \(request.id)") }
            throw error
        }
    }

    func receive(_ notification: JSONRPCNotification, session: ServerSession?) async {
        record("notification \(notification.method)")
    }

    func receive(_ response: JSONRPCResponse, session: ServerSession) async {
        record("response \(response.id?.description ?? "")")
    }

    func sessionOpened(_ session: ServerSession) async {
        sessions.withLock { $0.append(session) }
        record("opened")
    }

    func sessionEnded(_ session: ServerSession) async { record("ended") }

    func shutDown() async { record("shut down") }
}

/// Waits until the task is cancelled.
func untilCancelled() async throws {
    let (never, continuation) = AsyncStream<Void>.makeStream()
    defer { continuation.finish() }
    for await _ in never {}
    throw CancellationError()
}
