import AsyncHTTPClient
import MCPProtocol

/// A session of the legacy era with a running server.
struct LegacyConnection: Sendable {
    let server: RunningServer
    let version: ProtocolVersion
    let sessionID: String

    /// Opens a session.
    static func open(
        _ server: RunningServer,
        _ version: ProtocolVersion = .v2025_11_25,
        capabilities: ClientCapabilities = ClientCapabilities(elicitation: true)
    ) async throws -> LegacyConnection {
        let initialize = InitializeParams(
            protocolVersion: version,
            capabilities: capabilities,
            clientInfo: Implementation(name: "client", version: "1")
        ).request(id: "init")
        let answer = try await server.send(
            "POST",
            .legacyPost(version: nil, sessionID: nil),
            Array(initialize.bytes)
        )
        guard answer.status == 200, let id = answer.headers[all: "Mcp-Session-Id"].first else {
            throw DidNotHappen(
                description: "no session: \(answer.status) \(String(decoding: answer.body, as: UTF8.self))"
            )
        }
        let connection = LegacyConnection(server: server, version: version, sessionID: id)
        let accepted = try await connection.post(.notification(.initialized))
        guard accepted.status == 202, accepted.body.isEmpty else { throw DidNotHappen(description: "no 202") }
        return connection
    }

    var headers: HeaderFields { .legacyPost(version: version, sessionID: sessionID) }

    func post(_ message: JSONRPCMessage) async throws -> RunningServer.Answer {
        try await server.send("POST", headers, Array(message.bytes))
    }

    func request(
        _ method: String,
        id: RequestID = 1,
        params: RawJSON? = nil
    ) async throws -> RunningServer.Answer {
        try await post(.request(JSONRPCRequest(id: id, method: method, params: params)))
    }

    /// A POST whose answer is read as a stream.
    func posting(_ request: JSONRPCRequest) -> HTTPClientRequest {
        server.request("POST", headers, Array(request.bytes))
    }

    /// A GET that opens the session's stream, or resumes one.
    func getting(after lastEventID: String? = nil) -> HTTPClientRequest {
        server.request("GET", .legacyGet(version: version, sessionID: sessionID, lastEventID: lastEventID))
    }

    func delete() async throws -> RunningServer.Answer { try await server.send("DELETE", headers) }
}
