/// Which proxy to go through.
struct ProxySelection: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case http
        case socks5
    }

    var kind: Kind
    var host: String
    var port: Int
    /// `user:password`, where the URL has them.
    var credentials: SensitiveString?

    /// - Throws: `ClientError` with `configuration` for a URL of another kind.
    init(_ text: String) throws(ClientError) {
        let parts = text.split(separator: "://", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw ClientError(.configuration, "a proxy must be given as http://HOST:PORT or socks5://HOST:PORT")
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
                    "a proxy by socks5:// with user and password is not supported: give one that asks for none, or one by "
                        + "http://"
                )
            }
        case let scheme:
            throw ClientError(
                .configuration,
                "a proxy by \(scheme):// is not supported: give one by http:// or socks5:// (TLS to the API server goes "
                    + "through it end to end)"
            )
        }
        let address = try ServerAddress("http://\(rest)")
        host = address.host
        port = address.port ?? (kind == .http ? 80 : 1080)
    }

    /// What the environment asks for, by Go's rules (`golang.org/x/net/http/httpproxy`).
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

    static func isExempt(_ server: ServerAddress, _ list: String) -> Bool {
        let host = server.host.lowercased()
        // A loopback server is never asked through a proxy.
        if host == "localhost" || host == "::1" || host.hasPrefix("127.") { return true }
        for part in list.split(separator: ",") {
            let entry = String(part).trimmed.lowercased()
            if entry == "*" || entry == host || entry == server.authority.lowercased() { return true }
            if entry.contains("/"), let range = IPv4Range(entry), let address = IPv4Range("\(host)/32"),
                range.contains(address.base)
            {
                return true
            }
            let suffix = entry.hasPrefix("*.") ? String(entry.dropFirst()) : entry
            if !suffix.isEmpty, host.hasSuffix(suffix.hasPrefix(".") ? suffix : ".\(suffix)") { return true }
        }
        return false
    }

    private struct IPv4Range {
        var base: UInt32
        var bits: UInt32

        init?(_ text: String) {
            let parts = text.split(separator: "/")
            guard parts.count == 2, let bits = UInt32(parts[1]), bits <= 32 else { return nil }
            let octets = parts[0].split(separator: ".").compactMap { UInt8($0) }
            guard octets.count == 4 else { return nil }
            self.bits = bits
            base = octets.reduce(0) { $0 << 8 | UInt32($1) }
        }

        func contains(_ address: UInt32) -> Bool {
            bits == 0 || (address ^ base) >> (32 - bits) == 0
        }
    }
}
