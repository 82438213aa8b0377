internal import FoundationEssentials

/// The HTTP proxy for registries, by Go's rules for `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, without address ranges.
public struct RegistryProxy: Sendable, Hashable {
    /// A proxy.
    struct Server: Sendable, Hashable {
        var host: String
        var port: Int
        /// The value of `Proxy-Authorization` without its scheme, if the URL contains a user.
        var credentials: Redacted?
    }

    private var secure: Server?
    private var plain: Server?
    private var exempt: [String] = []

    /// No proxy.
    public init() {}

    /// The proxies of an environment.
    ///
    /// - Throws: `RegistryError` for a variable that is not the URL of an HTTP proxy.
    public init(environment: [String: String]) throws(RegistryError) {
        func variable(_ name: String) -> String? {
            let value = environment[name] ?? environment[name.lowercased()]
            return value?.isEmpty == false ? value : nil
        }
        secure = try variable("HTTPS_PROXY").map { value throws(RegistryError) in try Server(value, "HTTPS_PROXY") }
        plain = try variable("HTTP_PROXY").map { value throws(RegistryError) in try Server(value, "HTTP_PROXY") }
        exempt = (variable("NO_PROXY") ?? "").split(separator: ",")
            .map { $0.filter { $0 != " " }.lowercased() }.filter { !$0.isEmpty }
    }

    /// The proxy for a host, `nil` if it is reached directly.
    func server(host: String, isPlainHTTP: Bool) -> Server? {
        guard let server = isPlainHTTP ? plain : secure else { return nil }
        let name = host.lowercased()
        if name == "localhost" || name.hasPrefix("127.") || name == "::1" { return nil }
        let isExempt = exempt.contains { entry in
            if entry == "*" { return true }
            let domain = entry.hasPrefix("*.") ? String(entry.dropFirst()) : entry
            return domain.hasPrefix(".") ? name.hasSuffix(domain) : name == domain || name.hasSuffix("." + domain)
        }
        return isExempt ? nil : server
    }
}

extension RegistryProxy.Server {
    fileprivate init(_ text: String, _ variable: String) throws(RegistryError) {
        // The value can contain a password, so it is not part of the message.
        let problem = RegistryError(.invalid, "\(variable) must be http://HOST:PORT, with USER:PASSWORD@ if needed")
        guard let url = URL(string: text.contains("://") ? text : "http://\(text)"), url.scheme == "http",
            let host = url.host(), !host.isEmpty
        else { throw problem }
        self.init(host: host, port: url.port ?? 80)
        if let user = url.user(percentEncoded: false) {
            let pair = "\(user):\(url.password(percentEncoded: false) ?? "")"
            credentials = Redacted(Data(pair.utf8).base64EncodedString())
        }
    }
}
