internal import AsyncHTTPClient
internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import MCPTransport
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Connections to the ports of this machine on which pods serve.
enum PodDialer {
    /// It lives as long as the program. Connections are not kept for long, since processes come and go; each stream needs one.
    private static let client: HTTPClient = {
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .disallow
        settings.decompression = .disabled
        settings.httpVersion = .http1Only
        settings.timeout.connect = .seconds(5)
        settings.connectionPool.idleTimeout = .seconds(1)
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 10_000
        settings.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }()

    /// Opens a connection to a port.
    static func connect<Value: Sendable>(
        _ port: Int,
        timeout: Duration = .seconds(5),
        _ initialize: @escaping @Sendable (any Channel) -> EventLoopFuture<Value>
    ) async throws -> Value {
        try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(TimeAmount(timeout))
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port, channelInitializer: initialize)
    }

    // MARK: - Probes

    /// Checks a probe as the kubelet does.
    ///
    /// - Parameter ports: the port of this machine for each port of the pod.
    static func check(_ probe: ContainerProbe, ports: [Int: Int]) async -> Bool {
        switch probe.check {
        case .none: return true
        case .tcp(let port):
            let channel = try? await connect(ports[port] ?? port, timeout: probe.timeout) {
                $0.eventLoop.makeSucceededFuture($0)
            }
            guard let channel else { return false }
            try? await channel.close()
            return true
        case .http(let port, let path, let headers):
            let separator = path.hasPrefix("/") ? "" : "/"
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(ports[port] ?? port)\(separator)\(path)")
            request.headers.add(name: "User-Agent", value: "kube-probe/sandbox")
            for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
            guard let response = try? await client.execute(request, timeout: TimeAmount(probe.timeout)) else {
                return false
            }
            return (200..<400).contains(Int(response.status.code))
        }
    }

    // MARK: - The proxy

    /// Passes a request on to a port, and its answer back.
    ///
    /// - Parameter path: the path at the pod, with the query.
    static func forward(_ request: Request, path: String, to port: Int, client channel: any Channel) async -> Response {
        var outgoing = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for field in request.headers where passesOn(field.name) {
            outgoing.headers.add(name: field.name.rawName, value: field.value)
        }
        do {
            let body = try await request.body.collect(upTo: bodyLimit)
            if body.readableBytes > 0 { outgoing.body = .bytes(body) }
            let prepared = outgoing
            let watch = await ConnectionWatch.on(channel)
            let answer = try await whileConnected(watch) {
                try await client.execute(prepared, deadline: .distantFuture)
            }
            var headers = HTTPFields()
            for (name, value) in answer.headers {
                guard let name = HTTPField.Name(name), passesOn(name) else { continue }
                headers.append(HTTPField(name: name, value: value))
            }
            let length = answer.headers.first(name: "Content-Length").flatMap { Int($0) }
            return Response(
                status: .init(code: Int(answer.status.code)),
                headers: headers,
                body: request.method == .head ? .init() : stream(answer.body, length: length, watch)
            )
        } catch {
            return unreachable("127.0.0.1:\(port): \(error)")
        }
    }

    private static let bodyLimit = 16 << 20

    /// Fields of one connection are not passed on, and neither are credentials for the API server.
    private static func passesOn(_ name: HTTPField.Name) -> Bool {
        let name = name.canonicalName
        return !unforwarded.contains(name) && !name.hasPrefix("impersonate-")
    }

    private static let unforwarded: Set = [
        "authorization", "connection", "content-length", "host", "keep-alive", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "upgrade",
    ]

    /// The API server's answer if a pod cannot be reached.
    static func unreachable(_ reason: String) -> Response {
        Response(APIFailure(503, "ServiceUnavailable", "error trying to reach service: \(reason)"))
    }

    /// Waits for work, which is cancelled when the client is gone.
    private static func whileConnected<Value: Sendable>(
        _ watch: ConnectionWatch,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (closed, continuation) = AsyncStream<Void>.makeStream()
        let callback = watch.onClose { continuation.finish() }
        defer { watch.remove(callback) }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask(operation: work)
            group.addTask {
                for await _ in closed {}
                throw CancellationError()
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }

    /// A body that is read as fast as it is written, and no further once its reader is gone.
    private static func stream(_ body: HTTPClientResponse.Body, length: Int?, _ watch: ConnectionWatch) -> ResponseBody
    {
        ResponseBody(contentLength: length) { writer in
            let (chunks, chunk) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
            let (written, writtenContinuation) = AsyncStream<Void>.makeStream()
            let callback = watch.onClose { chunk.finish(throwing: CancellationError()) }
            defer { watch.remove(callback) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    var written = written.makeAsyncIterator()
                    do {
                        for try await buffer in body {
                            chunk.yield(buffer)
                            guard await written.next() != nil else { return }
                        }
                        chunk.finish()
                    } catch {
                        chunk.finish(throwing: error)
                    }
                }
                defer { group.cancelAll() }
                for try await buffer in chunks {
                    try await writer.write(buffer)
                    writtenContinuation.yield()
                }
            }
            try await writer.finish(nil)
        }
    }
}

/// Ports of this machine.
enum LocalPort {
    /// A free port of the loopback address. Another program can take it before it is used.
    ///
    /// - Parameter preferred: the port to choose if it is free.
    static func free(preferred: Int) async -> Int {
        for port in [preferred, 0] {
            let channel = try? await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: "127.0.0.1", port: port).get()
            guard let channel, let found = channel.localAddress?.port else { continue }
            try? await channel.close()
            return found
        }
        return preferred
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
