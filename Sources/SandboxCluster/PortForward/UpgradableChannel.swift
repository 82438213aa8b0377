internal import Crypto
internal import FoundationEssentials
internal import HTTPServing
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1
internal import NIOWebSocket

/// A connection to the API server: HTTP/1.1, which becomes a stream of bytes if the first request asks to forward ports.
///
/// kubectl speaks SPDY/3.1 for that, within WebSocket messages; older clients speak it directly.
struct UpgradableChannel: ServerChildChannel, HTTPChannelHandler {
    /// What a connection has become.
    enum Kind: Sendable {
        case http(AcceptedConnection<HTTPRequestPart, HTTPResponsePart>)
        case portForward(ByteRelay.Connection, PortForward)
    }

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let kind: EventLoopFuture<Kind>
    }

    let responder: HTTPChannelHandler.Responder
    /// Decides whether a request may forward ports.
    let portForward: @Sendable (HTTPRequestHead) -> PortForward?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let promise = channel.eventLoop.makePromise(of: Kind.self)
            let encoder = HTTPResponseEncoder()
            let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
            let first = FirstRequest(encoder, decoder, portForward: portForward, logger: logger, promise: promise)
            try channel.pipeline.syncOperations.addHandlers([encoder, decoder, first])
            return Value(channel: channel, kind: promise.futureResult)
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            // A future does not end when the task is cancelled, but when the connection is closed.
            let kind = try await withTaskCancellationHandler {
                try await value.kind.get()
            } onCancel: {
                value.channel.close(promise: nil)
            }
            switch kind {
            case .http(let connection): await handleHTTP(asyncChannel: connection.take(), logger: logger)
            case .portForward(let connection, let forward): await forward.run(connection)
            }
        } catch {
            // The connection was closed before its first request.
            try? await value.channel.close()
        }
    }
}

/// Waits for the first request of a connection, which decides what the connection becomes, and then goes.
private final class FirstRequest: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request to forward ports that is accepted once it is complete.
    private struct Accepted {
        var upgrade: Upgrade
        var forward: PortForward
    }

    private let encoder: HTTPResponseEncoder
    private let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    private let portForward: @Sendable (HTTPRequestHead) -> PortForward?
    private let logger: Logger
    private let promise: EventLoopPromise<UpgradableChannel.Kind>
    private var accepted: Accepted?
    private var isDone = false

    init(
        _ encoder: HTTPResponseEncoder,
        _ decoder: ByteToMessageHandler<HTTPRequestDecoder>,
        portForward: @escaping @Sendable (HTTPRequestHead) -> PortForward?,
        logger: Logger,
        promise: EventLoopPromise<UpgradableChannel.Kind>
    ) {
        self.encoder = encoder
        self.decoder = decoder
        self.portForward = portForward
        self.logger = logger
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isDone { return context.fireChannelRead(data) }
        let part = unwrapInboundIn(data)
        do {
            switch (part, accepted) {
            case (.head(let head), nil):
                if let upgrade = Upgrade(head), let forward = portForward(head) {
                    accepted = Accepted(upgrade: upgrade, forward: forward)
                } else {
                    try becomeHTTP(context)
                    context.fireChannelRead(data)
                    context.pipeline.syncOperations.removeHandler(self, promise: nil)
                }
            case (.end, let accepted?): try becomeBytes(context, accepted)
            // A request to upgrade has no body.
            default: throw ChannelError.inappropriateOperationForState
            }
        } catch {
            promise.fail(error)
            context.close(promise: nil)
        }
    }

    private func becomeHTTP(_ context: ChannelHandlerContext) throws {
        let pipeline = context.pipeline.syncOperations
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try pipeline.addHandler(HTTPConnectionStateHandler(logger: logger))
        let connection = try AcceptedConnection<HTTPRequestPart, HTTPResponsePart>(
            wrapping: context.channel,
            configuration: .init(isOutboundHalfClosureEnabled: true)
        )
        isDone = true
        promise.succeed(.http(connection))
    }

    private func becomeBytes(_ context: ChannelHandlerContext, _ accepted: Accepted) throws {
        var head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols)
        head.headers = accepted.upgrade.headers
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        let pipeline = context.pipeline.syncOperations
        try pipeline.addHandler(CloseOnQuiesce())
        if accepted.upgrade.isWebSocket {
            try pipeline.addHandler(WebSocketFrameEncoder())
            try pipeline.addHandler(ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 20)))
            try pipeline.addHandler(WebSocketBytes())
        }
        let connection = try ByteRelay.wrap(context.channel)
        isDone = true
        promise.succeed(.portForward(connection, accepted.forward))
        pipeline.removeHandler(encoder, promise: nil)
        // It passes on what it has read but not decoded.
        pipeline.removeHandler(decoder, promise: nil)
        pipeline.removeHandler(self, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A client that sends no more will send no request.
        let isOver = event is ChannelShouldQuiesceEvent || event as? ChannelEvent == .inputClosed
        if !isDone, isOver { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isDone { promise.fail(ChannelError.eof) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isDone else { return context.fireErrorCaught(error) }
        promise.fail(error)
        context.close(promise: nil)
    }
}

/// The way in which a request wants to forward ports, with the answer to it.
private struct Upgrade {
    var isWebSocket: Bool
    var headers: HTTPHeaders

    private static let protocolName = "portforward.k8s.io"
    private static let tunnelName = "SPDY/3.1+portforward.k8s.io"

    /// - Returns: `nil` if the request asks for no upgrade, or for none that is known.
    init?(_ head: HTTPRequestHead) {
        func values(_ name: String) -> [String] { head.headers[canonicalForm: name].map { $0.lowercased() } }
        guard values("connection").contains("upgrade") else { return nil }
        let protocols = values("upgrade")
        if protocols.contains("websocket"), head.method == .GET,
            head.headers[canonicalForm: "Sec-WebSocket-Protocol"].contains(Substring(Self.tunnelName)),
            head.headers.first(name: "Sec-WebSocket-Version") == "13",
            let key = head.headers.first(name: "Sec-WebSocket-Key")
        {
            isWebSocket = true
            headers = [
                "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Protocol": Self.tunnelName,
                "Sec-WebSocket-Accept": Self.accept(key),
            ]
        } else if protocols.contains("spdy/3.1"), head.method == .POST,
            head.headers[canonicalForm: "X-Stream-Protocol-Version"].contains(Substring(Self.protocolName))
        {
            isWebSocket = false
            headers = [
                "Connection": "Upgrade", "Upgrade": "SPDY/3.1", "X-Stream-Protocol-Version": Self.protocolName,
            ]
        } else {
            return nil
        }
    }

    /// The proof that the server has read the request (RFC 6455, section 4.2.2).
    private static func accept(_ key: String) -> String {
        let digest = Insecure.SHA1.hash(data: Data("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        return Data(digest).base64EncodedString()
    }
}

/// Closes a connection that the server wants to end.
private final class CloseOnQuiesce: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}

/// Turns the binary messages of a WebSocket into a stream of bytes, and bytes into messages (RFC 6455).
private final class WebSocketBytes: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = WebSocketFrame

    private var hasClosed = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .binary, .continuation: context.fireChannelRead(wrapInboundOut(frame.unmaskedData))
        case .ping:
            let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        case .connectionClose:
            close(context, data: frame.unmaskedData)
            context.close(promise: nil)
        case .pong: break
        default:
            // 1003: a kind of data that is not accepted.
            var code = context.channel.allocator.buffer(capacity: 2)
            code.writeInteger(UInt16(1_003))
            close(context, data: code)
            context.close(promise: nil)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let frame = WebSocketFrame(fin: true, opcode: .binary, data: unwrapOutboundIn(data))
        context.write(wrapOutboundOut(frame), promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // 1000: a normal end.
        var code = context.channel.allocator.buffer(capacity: 2)
        code.writeInteger(UInt16(1_000))
        close(context, data: code)
        context.close(mode: mode, promise: promise)
    }

    private func close(_ context: ChannelHandlerContext, data: ByteBuffer) {
        guard !hasClosed else { return }
        hasClosed = true
        context.writeAndFlush(
            wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: data)),
            promise: nil
        )
    }
}
