/// The parts of a server's URL: scheme, host, port and base path.
struct ServerAddress: Sendable, Hashable {
    var isSecure: Bool
    /// The host, without the brackets of an IPv6 address.
    var host: String
    var port: Int?
    /// The base path without a trailing slash, so that paths can be appended.
    var basePath: String

    /// - Parameters:
    ///   - text: the URL, or a bare `host:port`.
    ///   - usesTLSByDefault: whether a bare `host:port` means `https`.
    /// - Throws: `ClientError` with `configuration` for anything but an `http` or `https` URL.
    init(_ text: String, usesTLSByDefault: Bool = false) throws(ClientError) {
        let failure = ClientError(
            .configuration,
            "the server \(text.debugDescription) is not a valid http:// or https:// URL"
        )
        var rest: Substring
        if text.lowercased().hasPrefix("https://") {
            isSecure = true
            rest = text.dropFirst(8)
        } else if text.lowercased().hasPrefix("http://") {
            isSecure = false
            rest = text.dropFirst(7)
        } else if !text.contains("://"), !text.isEmpty {
            // kubectl also accepts a bare `host:port`.
            isSecure = usesTLSByDefault
            rest = text[...]
        } else {
            throw failure
        }
        let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        let authority = rest[..<authorityEnd]
        guard !authority.isEmpty, !authority.contains("@"), !authority.contains(where: \.isWhitespace) else {
            throw failure
        }
        var path = rest[authorityEnd...]
        if let end = path.firstIndex(where: { $0 == "?" || $0 == "#" }) { path = path[..<end] }
        while path.hasSuffix("/") { path.removeLast() }
        basePath = String(path)
        var portText: Substring?
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { throw failure }
            host = String(authority[authority.index(after: authority.startIndex)..<close])
            let tail = authority[authority.index(after: close)...]
            if tail.hasPrefix(":") { portText = tail.dropFirst() } else if !tail.isEmpty { throw failure }
        } else {
            let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = String(parts[0])
            if parts.count == 2 { portText = parts[1] }
        }
        guard !host.isEmpty else { throw failure }
        if let portText {
            guard let number = Int(portText), (1...65535).contains(number) else { throw failure }
            port = number
        }
    }

    /// Host and port for a `Host` header.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(name):\($0)" } ?? name
    }

    /// Whether the server runs on this machine.
    var isLoopback: Bool {
        let host = host.lowercased()
        return host == "localhost" || IPAddress(host)?.isLoopback == true
    }

    /// The start of the URL, optionally with another host.
    func prefix(host other: String? = nil) -> String {
        var address = self
        if let other { address.host = other }
        return "\(isSecure ? "https" : "http")://\(address.authority)"
    }
}
