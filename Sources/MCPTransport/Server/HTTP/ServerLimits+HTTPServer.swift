internal import HTTPServing
package import HummingbirdCore
internal import NIOCore

extension ServerLimits {
    /// A server of HTTP/1.1 that keeps these limits.
    package var httpServer: HTTPServerBuilder { .http1Server(configuration: http1) }

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
