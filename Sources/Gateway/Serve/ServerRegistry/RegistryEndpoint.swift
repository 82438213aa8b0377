internal import HTTPTypes
internal import Hummingbird
internal import MCPProtocol
internal import NIOCore

/// The reading part of the MCP Registry API (version 2025-12-01): the servers that a caller may use, in the versions that are approved.
///
/// Other than in a public registry, a caller must be authenticated, and sees only what it may call.
struct RegistryEndpoint: Sendable {
    /// The address of the gateway for clients, such as `https://mcp.example.com`.
    let origin: String
    /// Whether clients must be given a token, because they cannot find out where to get one.
    let needsToken: Bool

    /// Answers a caller that is authenticated.
    ///
    /// - Parameter routes: what the caller may use.
    func respond(to request: Request, asking asked: RegistryRequest, routes: [Route]) -> Response {
        guard request.method == .get else { return Response(status: .methodNotAllowed, headers: [.allow: "GET"]) }
        let answer: RegistryAnswer
        do throws(RegistryQuery.Invalid) {
            let query = try RegistryQuery(request.uri.queryParameters.map { (String($0.key), String($0.value)) })
            answer = RegistryAnswer(
                asked,
                query,
                routes.compactMap { RegistryEntry($0, origin: origin, needsToken: needsToken) }
            )
        } catch {
            answer = .error(400, error.description)
        }
        return Response(
            status: .init(code: answer.status),
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: answer.body.bytes))
        )
    }
}
