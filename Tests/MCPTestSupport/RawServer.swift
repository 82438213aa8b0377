import Foundation
import HTTPServing
import NIOCore
import NIOPosix

/// A server on a loopback port that answers each connection with raw bytes.
package enum RawServer {
    /// Sends bytes to the client; returns when the connection takes more.
    package typealias Write = @Sendable ([UInt8]) async throws -> Void

    /// Serves while the body runs.
    ///
    /// - Parameters:
    ///   - respond: is called with the text of each request's head and body, and writes the answer. The connection is closed when it throws.
    ///   - body: gets the URL.
    package static func run(
        _ respond: @escaping @Sendable (String, @escaping Write) async throws -> Void,
        body: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try AcceptedConnection<ByteBuffer, ByteBuffer>(wrapping: channel)
                }
            }
        let port = server.channel.localAddress?.port ?? 0
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withThrowingDiscardingTaskGroup { connections in
                    try await server.executeThenClose { clients in
                        for try await client in clients {
                            connections.addTask { try? await serve(client.take(), respond) }
                        }
                    }
                }
            }
            group.addTask { try await body("http://127.0.0.1:\(port)/mcp") }
            try await group.next()
            group.cancelAll()
        }
    }

    private static func serve(
        _ client: NIOAsyncChannel<ByteBuffer, ByteBuffer>,
        _ respond: @escaping @Sendable (String, @escaping Write) async throws -> Void
    ) async throws {
        try await client.executeThenClose { inbound, outbound in
            var request = ""
            for try await buffer in inbound {
                request += String(buffer: buffer)
                // Bodies are sent with the head or right after it, and end with a brace.
                guard request.contains("\r\n\r\n"), request.hasPrefix("GET") || request.hasSuffix("}") else { continue }
                let whole = request
                request = ""
                try await respond(whole) { try await outbound.write(ByteBuffer(bytes: $0)) }
            }
        }
    }

    /// A whole response.
    package static func response(
        _ body: String,
        type: String = "application/json",
        status: String = "200 OK",
        headers: String = ""
    ) -> [UInt8] {
        Array(
            "HTTP/1.1 \(status)\r\ncontent-type: \(type)\r\ncontent-length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
                .utf8
        )
    }

    /// The head of a stream without an end.
    package static let streamHead = Array("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n".utf8)

    /// The id of the request, as it is written.
    package static func id(of request: String) -> String {
        guard let start = request.range(of: "\"id\":") else { return "0" }
        return String(request[start.upperBound...].prefix { $0.isNumber })
    }

    /// The answer to `server/discover`, or `nil` for other requests.
    package static func discovery(_ request: String) -> [UInt8]? {
        guard request.contains("server/discover") else { return nil }
        return response(
            """
            {"jsonrpc":"2.0","id":\(id(of: request)),"result":{"resultType":"complete","ttlMs":0,"cacheScope":"private",\
            "supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}}
            """
        )
    }
}
