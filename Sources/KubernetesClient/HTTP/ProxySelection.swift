/// The proxy to use.
struct ProxySelection: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case http
        case socks5
    }

    var kind: Kind
    var host: String
    var port: Int
    /// `user:password`, if the URL contains them.
    var credentials: SensitiveString?

    /// - Throws: `ClientError` with `configuration` for a URL of another kind.
    init(_ text: String) throws(ClientError) {
        let parts = text.split(separator: "://", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw ClientError(.configuration, "a proxy must have the form http://HOST:PORT or socks5://HOST:PORT")
        }
        var rest = parts[1]
        if let at = rest.lastIndex(of: "@") {
            let pair = String(rest[..<at])
            credentials = SensitiveString(PercentEncoding.decoded(pair))
            rest = String(rest[rest.index(after: at)...])
        }
        switch parts[0].lowercased() {
        case "http": kind = .http
        case "socks5", "socks5h":
            kind = .socks5
            guard credentials == nil else {
                throw ClientError(
                    .configuration,
                    "a socks5:// proxy with user and password is not supported: use one without authentication, or an "
                        + "http:// proxy"
                )
            }
        case let scheme:
            throw ClientError(
                .configuration,
                "a \(scheme):// proxy is not supported: use http:// or socks5:// (the connection to the API server is "
                    + "encrypted end to end)"
            )
        }
        let address = try ServerAddress("http://\(rest)")
        host = address.host
        port = address.port ?? (kind == .http ? 80 : 1080)
    }

    /// The proxy that the environment sets, by Go's rules (`golang.org/x/net/http/httpproxy`).
    static func fromEnvironment(
        _ environment: [String: String],
        for server: ServerAddress
    ) throws(ClientError) -> ProxySelection? {
        func variable(_ name: String) -> String? {
            let value = environment[name] ?? environment[name.lowercased()]
            return value?.isEmpty == false ? value : nil
        }
        guard let text = variable(server.isSecure ? "HTTPS_PROXY" : "HTTP_PROXY") else { return nil }
        if isExempt(server, variable("NO_PROXY") ?? "") { return nil }
        return try ProxySelection(text.contains("://") ? text : "http://\(text)")
    }

    /// Whether a server is reached without a proxy, because it runs on this machine or `NO_PROXY` lists it.
    static func isExempt(_ server: ServerAddress, _ list: String) -> Bool {
        if server.isLoopback { return true }
        let host = server.host.lowercased()
        let address = IPAddress(host)
        let port = server.port ?? (server.isSecure ? 443 : 80)
        for part in list.split(separator: ",") {
            let entry = String(part).trimmed.lowercased()
            if entry == "*" { return true }
            if let range = IPRange(entry) {
                if let address, range.contains(address) { return true }
                continue
            }
            let (name, entryPort) = hostAndPort(entry)
            if let entryPort, entryPort != port { continue }
            if let address {
                if IPAddress(name) == address { return true }
                continue
            }
            let domain = name.hasPrefix("*.") ? String(name.dropFirst()) : name
            if domain.isEmpty { continue }
            // `example.com` includes the domain itself, `.example.com` only its subdomains.
            if domain.hasPrefix(".") ? host.hasSuffix(domain) : host == domain || host.hasSuffix(".\(domain)") {
                return true
            }
        }
        return false
    }

    /// Splits `host:port`, `[address]:port` or a host without a port.
    private static func hostAndPort(_ entry: String) -> (host: String, port: Int?) {
        if entry.hasPrefix("["), let close = entry.firstIndex(of: "]") {
            let host = String(entry[entry.index(after: entry.startIndex)..<close])
            return (host, Int(entry[entry.index(after: close)...].drop { $0 == ":" }))
        }
        // More than one colon: an IPv6 address without brackets.
        let parts = entry.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let port = Int(parts[1]) else { return (entry, nil) }
        return (String(parts[0]), port)
    }
}
