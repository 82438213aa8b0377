internal import KubernetesAPI

/// One of the three requests of the MCP Registry API (version 2025-12-01) that read servers. Pure.
enum RegistryRequest: Sendable, Hashable {
    /// `GET /v0.1/servers`
    case servers
    /// `GET /v0.1/servers/{serverName}/versions`
    case versions(server: String)
    /// `GET /v0.1/servers/{serverName}/versions/{version}`
    case version(server: String, version: String)
    /// A path below `/v0.1/servers` that the API does not have, or that is not valid.
    case unknown

    static let path = "/v0.1/servers"
    /// The version that stands for the newest one.
    static let latest = "latest"

    /// - Parameter path: the path of the request, as it was sent.
    /// - Returns: `nil` if the path does not belong to the API.
    init?(path: String) {
        guard path.hasPrefix(Self.path) else { return nil }
        let rest = path.dropFirst(Self.path.count)
        guard !rest.isEmpty else {
            self = .servers
            return
        }
        guard rest.first == "/" else { return nil }
        let parts = rest.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            .map { Self.decoded($0) }
        self = Self.request(parts) ?? .unknown
    }

    /// A part of a path without its escapes (RFC 3986, section 2.1); `nil` if it is not valid.
    private static func decoded(_ part: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = part.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func request(_ parts: [String?]) -> RegistryRequest? {
        guard let first = parts[0] else { return nil }
        // The slash of a name is encoded. Where a proxy has decoded it, the name is in two parts.
        let isEncoded = first.contains("/")
        guard isEncoded || parts.count > 1, let second = isEncoded ? "" : parts[1] else { return nil }
        let name = isEncoded ? first : "\(first)/\(second)"
        let rest = parts.dropFirst(isEncoded ? 1 : 2)
        guard rest.first == "versions" else { return nil }
        switch rest.count {
        case 1: return .versions(server: name)
        case 2:
            guard let version = rest.last.flatMap({ $0 }), !version.isEmpty else { return nil }
            return .version(server: name, version: version)
        default: return nil
        }
    }
}

/// Which servers a list contains, and how many. Pure.
struct RegistryQuery: Sendable, Hashable {
    static let maximumLimit = 100
    static let defaultLimit = 30

    /// The name after which the list begins.
    var cursor: String?
    var limit = defaultLimit
    /// A part of the names, in any case.
    var search: String?
    /// The time that a server was published or changed at, or before.
    var updatedSince: Timestamp?
    /// The version, or ``RegistryRequest/latest``.
    var version: String?

    typealias Invalid = InvalidParameter

    /// Reads the parameters. Those that the API does not have are ignored, because registries have others of their own.
    init(_ parameters: [(name: String, value: String)] = []) throws(Invalid) {
        var seen: Set<String> = []
        for (name, value) in parameters {
            guard ["cursor", "limit", "search", "updated_since", "version"].contains(name) else { continue }
            try InvalidParameter.checkOnce(name, &seen)
            switch name {
            case "cursor": cursor = value.isEmpty ? nil : value
            case "search": search = value.isEmpty ? nil : value
            case "version": version = value.isEmpty ? nil : value
            case "updated_since":
                guard let time = Timestamp(value) else { throw InvalidParameter.time(name) }
                updatedSince = time
            default: limit = try InvalidParameter.limit(value, maximum: Self.maximumLimit)
            }
        }
    }

    /// Whether an entry meets the conditions, wherever the list begins.
    func includes(_ entry: RegistryEntry) -> Bool {
        if let search, !entry.name.lowercased().contains(search.lowercased()) { return false }
        if let updatedSince, entry.publication.updated < updatedSince { return false }
        guard let version, version != RegistryRequest.latest else { return true }
        return entry.publication.version == version
    }
}
