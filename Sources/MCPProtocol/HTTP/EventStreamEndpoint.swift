/// The address for a client's messages that a server of HTTP+SSE names in its first event (2024-11-05, Transports, HTTP with SSE).
public enum EventStreamEndpoint {
    /// The absolute URL that an `endpoint` event means.
    ///
    /// - Parameters:
    ///   - event: the first event of the stream.
    ///   - base: the URL of the stream.
    /// - Throws: `MessageFieldError` if the event is another one, is not a URL, or leads to another origin: the client's messages, and with them
    ///   its credentials, would go wherever the stream says.
    public static func resolve(_ event: ServerSentEvent, against base: String) throws(MessageFieldError) -> String {
        guard event.type == "endpoint" else {
            throw MessageFieldError(
                field: "event",
                problem: "must be \"endpoint\" at first, and is \(event.type.debugDescription)"
            )
        }
        guard let reference = String(validating: event.data, as: UTF8.self), !reference.isEmpty,
            reference.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") })
        else { throw MessageFieldError(field: "endpoint", problem: "is not a URL") }
        guard let origin = URLOrigin(base) else {
            throw MessageFieldError(field: "endpoint", problem: "has no valid base URL")
        }
        let path = origin.rest.prefix { $0 != "?" && $0 != "#" }
        let target: String
        if hasScheme(reference) {
            target = reference
        } else if reference.hasPrefix("//") {
            target = "\(origin.scheme):\(reference)"
        } else if reference.hasPrefix("/") {
            target = origin.text + reference
        } else if reference.hasPrefix("?") {
            target = origin.text + (path.isEmpty ? "/" : path) + reference
        } else {
            let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
            target = origin.text + folder + reference
        }
        guard let found = URLOrigin(target) else {
            throw MessageFieldError(field: "endpoint", problem: "is not an HTTP URL")
        }
        guard found == origin else {
            throw MessageFieldError(field: "endpoint", problem: "leads to another origin: \(found.text)")
        }
        let whole = found.rest.prefix { $0 != "#" }
        let split = whole.firstIndex(of: "?") ?? whole.endIndex
        return origin.text + withoutDotSegments(whole[..<split]) + whole[split...]
    }

    private static func hasScheme(_ reference: String) -> Bool {
        let head = reference.prefix { $0 != ":" }
        return head.count < reference.count && head.first?.isLetter == true
            && head.allSatisfy { $0.isLetter || $0.isNumber || "+-.".contains($0) }
    }

    /// RFC 3986, 5.2.4, for an absolute path.
    private static func withoutDotSegments(_ path: Substring) -> String {
        var output: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { output.append("") }
            case "..":
                _ = output.popLast()
                if isLast { output.append("") }
            default: output.append(segment)
            }
        }
        return "/" + output.joined(separator: "/")
    }
}

/// The origin of an HTTP URL, and what follows it.
private struct URLOrigin: Equatable {
    let scheme: String
    let host: String
    let port: Int
    let rest: Substring

    init?(_ url: String) {
        guard let end = url.range(of: "://") else { return nil }
        scheme = url[..<end.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let afterScheme = url[end.upperBound...]
        let authority = afterScheme.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        rest = afterScheme.dropFirst(authority.count)
        // User names in URLs serve to deceive more often than to log in.
        guard !authority.isEmpty, !authority.contains("@") else { return nil }
        let isBracketed = authority.hasPrefix("[")
        let hostEnd =
            isBracketed
            ? authority.firstIndex(of: "]").map { authority.index(after: $0) } : authority.firstIndex(of: ":")
        guard let split = hostEnd ?? (isBracketed ? nil : authority.endIndex) else { return nil }
        host = authority[..<split].lowercased()
        let portText = authority[split...]
        let defaultPort = scheme == "https" ? 443 : 80
        if portText.isEmpty || portText == ":" {
            port = defaultPort
        } else {
            guard portText.hasPrefix(":"), let value = UInt16(portText.dropFirst()) else { return nil }
            port = Int(value)
        }
        guard !host.isEmpty else { return nil }
    }

    var text: String {
        "\(scheme)://\(host)\(port == (scheme == "https" ? 443 : 80) ? "" : ":\(port)")"
    }

    static func == (left: URLOrigin, right: URLOrigin) -> Bool {
        left.scheme == right.scheme && left.host == right.host && left.port == right.port
    }
}

extension String {
    /// Where a text first occurs.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text), let end = index(start, offsetBy: text.count, limitedBy: endIndex) {
                return start..<end
            }
            start = index(after: start)
        }
        return nil
    }
}
