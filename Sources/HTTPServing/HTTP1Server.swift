public import HummingbirdCore
public import Logging
public import NIOCore
internal import NIOHTTPTypes

/// Serves HTTP/1.1 over a connection, like `HTTP1Channel`. A connection that is accepted while the server ends is closed.
public struct HTTP1Server: ServerChildChannel {
    /// A connection before its first request.
    public struct Value: ServerChildChannelValue {
        let connection: AcceptedConnection<HTTPRequestPart, HTTPResponsePart>

        public var channel: any Channel { connection.channel }
    }

    private let http: HTTP1Channel

    public init(
        responder: @escaping HTTPChannelHandler.Responder,
        configuration: HTTP1Channel.Configuration = .init()
    ) {
        http = HTTP1Channel(responder: responder, configuration: configuration)
    }

    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        http.setup(channel: channel, logger: logger).map { Value(connection: AcceptedConnection($0)) }
    }

    public func handle(value: Value, logger: Logger) async {
        await http.handle(value: value.connection.take(), logger: logger)
    }
}

extension HTTPServerBuilder {
    /// A server of HTTP/1.1, like `http1(configuration:)`. A connection that is accepted while the server ends is closed.
    public static func http1Server(configuration: HTTP1Channel.Configuration = .init()) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in HTTP1Server(responder: responder, configuration: configuration) }
    }
}
