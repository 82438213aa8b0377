internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import MCPTransport
internal import NIOCore

extension PodLogs {
    /// Answers a request for the output of a container.
    func respond(to wanted: LogRequest, client channel: any Channel) async -> Response {
        guard wanted.follows, wanted.run == .latest else {
            return Self.text(wanted, lines(wanted.key, of: wanted.run))
        }
        let (lines, next) = follow(wanted.key)
        // A client that goes away while nothing is written would not be noticed.
        let watch = await ConnectionWatch.on(channel)
        let body = ResponseBody { writer in
            let (merged, continuation) = AsyncStream<Line>.makeStream(bufferingPolicy: .bufferingNewest(10_000))
            let callback = watch.onClose { continuation.finish() }
            defer { watch.remove(callback) }
            var rest = wanted.byteLimit ?? .max
            func write(_ lines: [Line], _ writer: inout any ResponseBodyWriter) async throws {
                let bytes = lines.flatMap(wanted.bytes).prefix(rest)
                rest -= bytes.count
                try await writer.write(ByteBuffer(bytes: bytes))
            }
            // The head is sent at once, also if there is no line yet.
            try await write(wanted.selected(lines), &writer)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await line in next { continuation.yield(line) }
                    continuation.finish()
                }
                defer { group.cancelAll() }
                for await line in merged where rest > 0 {
                    try await write([line], &writer)
                    if rest == 0 { break }
                }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/plain"], body: body)
    }

    private static func text(_ wanted: LogRequest, _ lines: [Line]) -> Response {
        let bytes = wanted.selected(lines).flatMap(wanted.bytes).prefix(wanted.byteLimit ?? .max)
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}

extension Response {
    /// The API server's answer to a request that fails.
    init(_ failure: APIFailure) {
        let reply = SandboxReply(failure)
        self.init(
            status: .init(code: reply.code),
            headers: [.contentType: reply.contentType],
            body: .init(byteBuffer: ByteBuffer(bytes: reply.body))
        )
    }
}
