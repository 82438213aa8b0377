/// Which web pages may call a server (2026-07-28 and 2025-11-25, Streamable HTTP, Security). Without this check a page that a
/// user visits could reach servers in the user's network by DNS rebinding.
public struct OriginPolicy: Sendable, Hashable {
    /// Origins such as `https://app.example.com`, each compared as a whole, without case.
    public var allowed: Set<String>
    /// Whether every origin is allowed.
    public var allowsAll: Bool

    /// - Parameter allowed: none by default, so that only clients that are not web pages, which send no `Origin`, are served.
    public init(allowed: Set<String> = [], allowsAll: Bool = false) {
        self.allowed = Set(allowed.map { $0.lowercased() })
        self.allowsAll = allowsAll
    }

    /// Checks the `Origin` of a request.
    ///
    /// - Throws: `ProtocolError` with status 403 if it is present and not allowed, or there twice.
    public func check(_ headers: HeaderFields) throws(ProtocolError) {
        let values = headers[all: HeaderName.origin]
        if allowsAll || values.isEmpty { return }
        guard values.count == 1, HeaderValue.isPlain(values[0]), allowed.contains(values[0].lowercased()) else {
            throw ProtocolError(.invalidRequest, "The request's Origin is not allowed", httpStatus: 403)
        }
    }
}
