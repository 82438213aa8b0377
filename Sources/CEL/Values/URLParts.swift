/// A URL in its parts, as Go's package `net/url` reads one that is absolute.
package struct URLParts: Sendable, Hashable {
    var scheme = ""
    var host = ""
    var path = ""
    var query = ""
    var fragment = ""

    /// Why a text is not a URL.
    struct Problem: Error, Sendable {
        let description: String

        init(_ description: String) { self.description = description }
    }

    init(_ text: String) throws(Problem) {
        if text.isEmpty { throw Problem("empty url") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw Problem("net/url: invalid control character in URL")
        }
        var rest = Substring(text)
        if let hash = rest.firstIndex(of: "#") {
            fragment = String(rest[rest.index(after: hash)...])
            rest = rest[..<hash]
        }
        if let name = try URLParts.scheme(of: rest) {
            scheme = name.lowercased()
            rest = rest.dropFirst(name.count + 1)
        }
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        guard rest.hasPrefix("/") else {
            // Something like `mailto:` has neither a host nor a path.
            if scheme.isEmpty { throw Problem("invalid URI for request") }
            return
        }
        if rest.hasPrefix("//"), !scheme.isEmpty || !rest.hasPrefix("///") {
            let authority = rest.dropFirst(2).prefix { $0 != "/" }
            rest = rest.dropFirst(2 + authority.count)
            host = String(authority.split(separator: "@", omittingEmptySubsequences: false).last ?? "")
            try URLParts.check(host: host)
        }
        for part in [rest, Substring(fragment)] { try URLParts.checkEscapes(part) }
        path = String(rest)
    }

    private static func scheme(of text: Substring) throws(Problem) -> Substring? {
        let name = text.prefix { $0 != ":" && $0 != "/" && $0 != "?" }
        guard name.count < text.count, text.dropFirst(name.count).first == ":" else { return nil }
        guard let first = name.unicodeScalars.first else { throw Problem("missing protocol scheme") }
        guard first.isIdentifierStart, first != "_",
            name.unicodeScalars.allSatisfy({ scalar in
                scalar.isIdentifierStart && scalar != "_" || scalar.isDigit || "+-.".unicodeScalars.contains(scalar)
            })
        else { return nil }
        return name
    }

    private static func check(host: String) throws(Problem) {
        if host.hasPrefix("[") {
            guard let end = host.lastIndex(of: "]") else { throw Problem("missing ']' in host") }
            return try check(port: host[host.index(after: end)...])
        }
        if let colon = host.firstIndex(of: ":") { try check(port: host[colon...]) }
        if let wrong = host.first(where: { " \"<>^`{|}\\".contains($0) }) {
            throw Problem("invalid character \"\(wrong)\" in host name")
        }
        try checkEscapes(Substring(host))
    }

    private static func check(port: Substring) throws(Problem) {
        guard port.isEmpty || port.first == ":" && port.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            throw Problem("invalid port \"\(port)\" after host")
        }
    }

    private static func checkEscapes(_ text: Substring) throws(Problem) {
        let scalars = Array(text.unicodeScalars)
        for index in scalars.indices where scalars[index] == "%" {
            let rest = scalars[index...].prefix(3)
            guard rest.count == 3, rest.dropFirst().allSatisfy({ $0.hexadecimalValue != nil }) else {
                throw Problem("invalid URL escape \"\(String(scalars: rest))\"")
            }
        }
    }

    /// The host without its port and without the brackets of an IPv6 address.
    var hostname: String {
        if host.hasPrefix("["), let end = host.lastIndex(of: "]") {
            return String(host[host.index(after: host.startIndex)..<end])
        }
        guard let colon = host.lastIndex(of: ":") else { return host }
        return String(host[..<colon])
    }

    var port: String {
        let start = host.hasPrefix("[") ? host.lastIndex(of: "]") ?? host.startIndex : host.startIndex
        guard let colon = host[start...].lastIndex(of: ":") else { return "" }
        return String(host[host.index(after: colon)...])
    }

    /// The path with characters that it cannot contain written as escapes.
    var escapedPath: String {
        var result = ""
        for byte in path.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                byte < 0x80
                && (CharacterSet.word.contains(scalar) || "-.~$&+,/:;=@%!'()*[]".unicodeScalars.contains(scalar))
            if isPlain {
                result.unicodeScalars.append(scalar)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return result
    }

    /// The parameters with all their values. Those that are not valid are left out.
    var parameters: [String: [String]] {
        var result: [String: [String]] = [:]
        for pair in query.split(separator: "&") where !pair.contains(";") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = URLParts.decoded(parts[0]), let value = URLParts.decoded(parts.count > 1 ? parts[1] : "")
            else {
                continue
            }
            result[key, default: []].append(value)
        }
        return result
    }

    private static func decoded(_ text: Substring) -> String? {
        guard (try? checkEscapes(text)) != nil else { return nil }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                bytes.append(0x20)
            } else if byte == UInt8(ascii: "%"),
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
