/// A pattern of host names that lead to servers: `{server}.{namespace}.mcp.example.com`, or `{namespace}.mcp.example.com` for all servers of
/// a namespace. Pure.
public struct HostPattern: Sendable, Hashable {
    /// Whether the name begins with the name of a server.
    private let hasServer: Bool
    /// What follows the placeholders, with its dot, in lower case.
    private let suffix: String

    /// - Throws: `SettingsError`, which names the field.
    public init(_ text: String, field: String) throws(SettingsError) {
        let forms = [("{server}.{namespace}.", true), ("{namespace}.", false)]
        guard let (start, hasServer) = forms.first(where: { text.hasPrefix($0.0) }) else {
            throw SettingsError(
                field: field,
                "\"\(text)\" must begin with {server}.{namespace}. or {namespace}., such as {server}.{namespace}.mcp.example.com"
            )
        }
        let domain = text.dropFirst(start.count).lowercased()
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        guard domain.utf8.count <= 125, labels.count >= 2, labels.allSatisfy({ TenantNames.isValid(String($0)) }) else {
            throw SettingsError(
                field: field,
                "\"\(text)\" must end with a domain of at least two names, such as mcp.example.com, without a port"
            )
        }
        self.hasServer = hasServer
        suffix = "." + domain
    }

    /// The path of the route that a host leads to, such as `/team/weather/mcp`.
    ///
    /// - Parameter authority: the host of a request, with or without a port.
    /// - Returns: `nil` if the host does not match.
    public func path(for authority: String) -> String? {
        let parts = authority.lowercased().split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first, host.hasSuffix(suffix) else { return nil }
        let labels = host.dropLast(suffix.count).split(separator: ".", omittingEmptySubsequences: false).map(
            String.init
        )
        guard labels.count == (hasServer ? 2 : 1), labels.allSatisfy(TenantNames.isValid) else { return nil }
        return "/" + labels.reversed().joined(separator: "/") + "/mcp"
    }
}

/// All patterns of a gateway. The first that matches counts.
public struct HostPatterns: Sendable, Hashable {
    private let patterns: [HostPattern]

    /// - Throws: `SettingsError`, which names the field.
    public init(_ texts: [String]? = nil) throws(SettingsError) {
        var patterns: [HostPattern] = []
        for (index, text) in (texts ?? []).enumerated() {
            patterns.append(try HostPattern(text, field: "gateway.hostnames[\(index)]"))
        }
        self.patterns = patterns
    }

    private init() { patterns = [] }

    /// No host leads to a server.
    public static let none = HostPatterns()

    /// The path of the endpoint at the hosts of the patterns.
    public static let endpoint = "/mcp"

    /// The path of the route that a request is for; `nil` if its host is not one of a pattern.
    public func path(for authority: String?) -> String? {
        guard let authority, !patterns.isEmpty else { return nil }
        for pattern in patterns { if let path = pattern.path(for: authority) { return path } }
        return nil
    }
}
