public import MCPProtocol

/// Which names a server answers to. A page in a browser on the same machine can reach a server on the loopback address by DNS rebinding,
/// but not change the `Host` of its requests.
public struct HostPolicy: Sendable, Hashable {
    /// Names without a port; `nil` allows all.
    public let allowed: Set<String>?

    private init(_ allowed: Set<String>?) { self.allowed = allowed }

    /// Every name. For servers behind a gateway or an ingress, which checks the name.
    public static let all = HostPolicy(nil)
    /// The names of the loopback address.
    public static let loopback = HostPolicy(["localhost", "127.0.0.1", "[::1]"])

    /// These names, without a port; an IPv6 address in brackets.
    public static func only(_ names: Set<String>) -> HostPolicy { HostPolicy(Set(names.map { $0.lowercased() })) }

    /// Checks the `Host` of a request.
    ///
    /// - Throws: `ProtocolError` with status 403.
    public func check(_ authority: String?) throws(ProtocolError) {
        guard let allowed else { return }
        guard let authority, allowed.contains(Self.name(of: authority)) else {
            throw ProtocolError(
                .invalidRequest,
                "The request's Host is not a name of this server",
                httpStatus: 403
            )
        }
    }

    /// Whether a page comes from this server itself. Only where the name is checked: with DNS rebinding a page of anybody has the name of
    /// this server as its origin.
    func isSameOrigin(_ headers: HeaderFields, as authority: String?) -> Bool {
        let origins = headers[all: HeaderName.origin]
        guard allowed != nil, let authority, origins.count == 1 else { return false }
        let origin = origins[0].lowercased()
        return origin == "http://\(authority.lowercased())" || origin == "https://\(authority.lowercased())"
    }

    private static func name(of authority: String) -> String {
        let text = authority.lowercased()
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") { return String(text[...end]) }
        return String(text.prefix { $0 != ":" })
    }
}
