internal import HTTPServing
package import HummingbirdCore
internal import NIOCore

extension ServerLimits {
    /// A server of HTTP/1.1 that keeps these limits, and serves each connection on its event loop.
    package var httpServer: HTTPServerBuilder {
        let configuration = http1
        return HTTPServerBuilder { responder in
            EventLoopConnections(HTTP1Server(responder: responder, configuration: configuration))
        }
    }

    /// The settings of HTTP/1.1 connections that keep these limits.
    package var http1: HTTP1Channel.Configuration {
        var configuration = HTTP1Channel.Configuration(idleTimeout: TimeAmount(connectionIdleTime))
        configuration.httpDecoder = .init(
            maxHeaderFieldSize: maximumHeaderBytes,
            maxHeaderListSize: maximumHeaderBytes,
            maxHeaderFieldCount: maximumHeaderFields
        )
        return configuration
    }
}
