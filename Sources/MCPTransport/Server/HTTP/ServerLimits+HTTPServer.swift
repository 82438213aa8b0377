internal import HTTPServing
package import HummingbirdCore
internal import NIOCore

extension ServerLimits {
    /// A server of HTTP/1.1 that keeps these limits.
    package var httpServer: HTTPServerBuilder {
        var configuration = HTTP1Channel.Configuration(idleTimeout: TimeAmount(connectionIdleTime))
        configuration.httpDecoder = .init(
            maxHeaderFieldSize: maximumHeaderBytes,
            maxHeaderListSize: maximumHeaderBytes,
            maxHeaderFieldCount: maximumHeaderFields
        )
        return .http1Server(configuration: configuration)
    }
}
