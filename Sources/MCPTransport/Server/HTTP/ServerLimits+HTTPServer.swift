internal import HTTPServing
package import HummingbirdCore
internal import NIOCore

extension ServerLimits {
    /// A server of HTTP/1.1 that keeps these limits.
    package var httpServer: HTTPServerBuilder {
        .http1Server(
            idleTime: TimeAmount(connectionIdleTime),
            maximumHeaderBytes: maximumHeaderBytes,
            maximumHeaderFields: maximumHeaderFields
        )
    }
}
