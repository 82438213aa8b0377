import HTTPTypes
import MCPProtocol
import MCPTransport
import Synchronization

/// A server of Streamable HTTP behind a fake exchange: answers the handshake or `server/discover`, and leaves the rest to a test.
final class FakeServer: HTTPExchange {
    /// What a test does with a request; `nil` for the usual answer.
    typealias Script = @Sendable (HTTPExchangeRequest, JSONRPCMessage?) async throws -> HTTPExchangeResponse?

    private struct State {
        var log: [String] = []
        var bodies: [[UInt8]] = []
        var requests: [HTTPExchangeRequest] = []
        var sessions = 0
        var valid: Set<String> = []
    }

    private let era: ProtocolVersion.Era
    private let script: Script
    private let state = Mutex(State())

    init(_ era: ProtocolVersion.Era, _ script: @escaping Script = { _, _ in nil }) {
        self.era = era
        self.script = script
    }

    /// The HTTP methods and MCP methods that came, such as `POST initialize`.
    var log: [String] { state.withLock { $0.log } }
    var bodies: [[UInt8]] { state.withLock { $0.bodies } }
    var requests: [HTTPExchangeRequest] { state.withLock { $0.requests } }

    /// Ends all sessions.
    func forgetSessions() { state.withLock { $0.valid = [] } }

    func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
        let message = try request.body.map { try JSONRPCMessage(parsing: $0) }
        let name =
            switch message {
            case .request(let request): " " + request.method
            case .notification(let notification): " " + notification.method
            case .response: " response"
            case nil: ""
            }
        state.withLock {
            $0.log.append(request.method.rawValue + name)
            $0.requests.append(request)
            if let body = request.body { $0.bodies.append(body) }
        }
        if let session = request.headers[.sessionID], !state.withLock({ $0.valid.contains(session) }) {
            return .status(404)
        }
        if let response = try await script(request, message) { return response }
        guard case .request(let call) = message else { return .status(request.method == .get ? 405 : 202) }
        switch (call.method, era) {
        case ("server/discover", .modern):
            let caching = CachingHints(timeToLiveMilliseconds: 0, scope: .private)
            let result = DiscoverResult(
                supportedVersions: [.v2026_07_28],
                capabilities: ServerCapabilities(tools: true, listChanged: true),
                serverInfo: nil,
                caching: caching
            )
            return .json(JSONRPCResponse(id: call.id, result: result.raw).json)
        case ("initialize", .legacy):
            let id = state.withLock { state in
                state.sessions += 1
                state.valid.insert("session-\(state.sessions)")
                return "session-\(state.sessions)"
            }
            let result = InitializeResult(
                protocolVersion: .v2025_11_25,
                capabilities: ServerCapabilities(tools: true, listChanged: true),
                serverInfo: Implementation(name: "fake", version: "1")
            )
            return .json(JSONRPCResponse(id: call.id, result: result.raw).json, headers: [.sessionID: id])
        case ("echo", _): return .json(JSONRPCResponse(id: call.id, result: ["resultType": "complete"]).json)
        default:
            let error = JSONRPCError(code: .methodNotFound, message: "Method not found")
            return .json(JSONRPCResponse(id: call.id, error: error).json)
        }
    }
}

extension HTTPField.Name {
    static let sessionID = HTTPField.Name("Mcp-Session-Id") ?? .accept
    static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .accept
}

extension HTTPExchangeResponse {
    static func status(_ status: Int, headers: HTTPFields = [:]) -> HTTPExchangeResponse {
        HTTPExchangeResponse(status: status, headers: headers)
    }

    static func json(_ json: RawJSON, status: Int = 200, headers: HTTPFields = [:]) -> HTTPExchangeResponse {
        bytes(Array(json.bytes), status: status, headers: headers)
    }

    static func bytes(
        _ bytes: [UInt8],
        type: String = "application/json",
        status: Int = 200,
        headers: HTTPFields = [:]
    ) -> HTTPExchangeResponse {
        var headers = headers
        headers[.contentType] = type
        return HTTPExchangeResponse(status: status, headers: headers, body: HTTPExchangeBody(bytes))
    }

    /// A stream of this text.
    static func events(_ text: String) -> HTTPExchangeResponse { bytes(Array(text.utf8), type: "text/event-stream") }

    /// A stream that starts with text and never ends. The closure is called when the client closes it.
    static func open(_ text: String, onClose: @escaping @Sendable () -> Void = {}) -> HTTPExchangeResponse {
        HTTPExchangeResponse(
            status: 200,
            headers: [.contentType: "text/event-stream"],
            body: HTTPExchangeBody(
                AsyncThrowingStream<[UInt8], any Error> { continuation in
                    continuation.yield(Array(text.utf8))
                    continuation.onTermination = { _ in onClose() }
                }
            )
        )
    }
}

extension RawJSON {
    /// This message as an event.
    func event(id: String? = nil) -> String { (id.map { "id: \($0)\n" } ?? "") + "data: \(text)\n\n" }
}

let fakeURL = MCPEndpoint.streamableHTTP("http://fake.test/mcp")
