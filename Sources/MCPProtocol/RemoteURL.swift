/// The URL of a server, in a form that every parser reads in the same way.
///
/// It is `http` or `https`, a host, a port if it is not the default one, and a path with an optional query. Everything by which two parsers
/// could find two different hosts is refused: user information, backslashes, escapes and non-ASCII characters in the host, and IPv4
/// addresses that are not written as four decimal numbers (such as `2130706433`, `0x7f.1` and `0177.0.0.1`).
public struct RemoteURL: Sendable, Hashable, CustomStringConvertible {
    /// Whether the server is reached over TLS.
    public let isSecure: Bool
    /// The name or address of the host, in lower case; an IPv6 address without its brackets.
    public let host: String
    /// Whether the host is an address.
    public let isAddress: Bool
    /// The port.
    public let port: Int
    /// The path, which begins with `/`, without the query.
    public let path: String
    /// The query, without its question mark; `nil` if there is none.
    public let query: String?

    /// The longest URL that is accepted.
    public static let maximumLength = 2_048

    /// - Throws: `RemoteURLError`, which says what is wrong.
    public init(_ text: String) throws(RemoteURLError) {
        guard text.utf8.count <= Self.maximumLength else {
            throw RemoteURLError("it has more than \(Self.maximumLength) bytes")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw RemoteURLError("it contains a space, a control character or a character outside of ASCII")
        }
        guard !text.contains("\\") else { throw RemoteURLError("it contains a backslash") }
        guard !text.contains("#") else {
            throw RemoteURLError("it has a fragment, which no server receives; remove it")
        }
        let lowercased = text.lowercased()
        let start: Int
        if lowercased.hasPrefix("https://") {
            (isSecure, start) = (true, 8)
        } else if lowercased.hasPrefix("http://") {
            (isSecure, start) = (false, 7)
        } else {
            throw RemoteURLError("it must begin with https:// or http://")
        }
        let rest = text.dropFirst(start)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let tail = rest.dropFirst(authority.count)
        guard !authority.contains("@") else {
            throw RemoteURLError("it contains user information; send credentials in header fields")
        }
        var isBracketed = false
        let name: Substring
        let portText: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else {
                throw RemoteURLError("its host has no closing bracket")
            }
            name = authority[authority.index(after: authority.startIndex)..<end]
            let after = authority[authority.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw RemoteURLError("its host is not valid") }
            portText = after.isEmpty ? nil : after.dropFirst()
            isBracketed = true
        } else {
            let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else {
                throw RemoteURLError("its host is not valid; write an IPv6 address in brackets")
            }
            name = parts[0]
            portText = parts.count == 2 ? parts[1] : nil
        }
        host = name.lowercased()
        port = try Self.port(portText, isSecure: isSecure)
        isAddress = try Self.checkHost(host, isBracketed: isBracketed)
        if let mark = tail.firstIndex(of: "?") {
            query = String(tail[tail.index(after: mark)...])
            path = mark == tail.startIndex ? "/" : String(tail[..<mark])
        } else {
            query = nil
            path = tail.isEmpty ? "/" : String(tail)
        }
    }

    /// Scheme, host and port, such as `https://mcp.example.com`.
    public var origin: String {
        let isDefault = port == (isSecure ? 443 : 80)
        let shown = host.contains(":") ? "[\(host)]" : host
        return "\(isSecure ? "https" : "http")://\(shown)\(isDefault ? "" : ":\(port)")"
    }

    /// The canonical text.
    public var description: String { origin + path + (query.map { "?\($0)" } ?? "") }

    private static func port(_ text: Substring?, isSecure: Bool) throws(RemoteURLError) -> Int {
        guard let text else { return isSecure ? 443 : 80 }
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(text), (1...65_535).contains(port)
        else { throw RemoteURLError("its port must be a number from 1 to 65535") }
        return port
    }

    /// - Returns: whether the host is an address.
    private static func checkHost(_ host: String, isBracketed: Bool) throws(RemoteURLError) -> Bool {
        guard !host.isEmpty else { throw RemoteURLError("it has no host") }
        if isBracketed {
            guard host.contains(":"), host.utf8.allSatisfy({ $0.isHexadecimalDigit || $0 == 0x3A || $0 == 0x2E }) else {
                throw RemoteURLError("its host is not an IPv6 address")
            }
            return true
        }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard host.utf8.count <= 253,
            labels.allSatisfy({ (1...63).contains($0.utf8.count) && $0.utf8.allSatisfy(\.isHostCharacter) })
        else { throw RemoteURLError("its host is not a valid name, or ends with a dot") }
        // What ends with a number is an IPv4 address to some parsers (WHATWG URL, "ends in a number").
        guard let last = labels.last, last.utf8.allSatisfy(\.isDecimalDigit) || last.hasPrefix("0x") else {
            return false
        }
        let isDotted =
            labels.count == 4
            && labels.allSatisfy { label in
                label.utf8.count <= 3 && label.utf8.allSatisfy(\.isDecimalDigit)
                    && (label == "0" || !label.hasPrefix("0")) && UInt8(label) != nil
            }
        guard isDotted else {
            throw RemoteURLError(
                "its host is not a name; write an IPv4 address as four decimal numbers, such as 203.0.113.7"
            )
        }
        return true
    }
}

/// A text is not the URL of a server.
public struct RemoteURLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, such as "it has no host".
    public let description: String

    init(_ description: String) { self.description = description }
}

extension UInt8 {
    fileprivate var isDecimalDigit: Bool { (0x30...0x39).contains(self) }
    fileprivate var isHexadecimalDigit: Bool { isDecimalDigit || (0x61...0x66).contains(self) }
    fileprivate var isHostCharacter: Bool {
        isDecimalDigit || (0x61...0x7A).contains(self) || self == UInt8(ascii: "-") || self == UInt8(ascii: "_")
    }
}
