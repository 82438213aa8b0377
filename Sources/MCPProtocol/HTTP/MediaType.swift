/// Media types of MCP over HTTP.
public enum MediaType {
    /// One message.
    public static let json = "application/json"
    /// A stream of messages.
    public static let eventStream = "text/event-stream"

    /// What a client sends as `Accept` with every POST.
    public static let acceptOfPost = "application/json, text/event-stream"

    /// The media type of a `Content-Type`, in lower case, without its parameters.
    public static func essence(of value: String) -> String {
        String(decoding: essence(of: value.utf8[...]).lazy.map(HeaderName.fold), as: UTF8.self)
    }

    /// A media type without its parameters, in any case.
    private static func essence(of value: Substring.UTF8View) -> Substring.UTF8View {
        var type = value.prefix { $0 != UInt8(ascii: ";") }
        while let first = type.first, first == 0x20 || first == 0x09 { type.removeFirst() }
        while let last = type.last, last == 0x20 || last == 0x09 { type.removeLast() }
        return type
    }

    /// Whether an `Accept` allows a media type. No `Accept` allows all (RFC 9110, 12.5.1).
    ///
    /// - Parameter values: of all `Accept` fields.
    public static func isAccepted(_ type: String, by values: [String]) -> Bool {
        let ranges = values.flatMap { $0.utf8.split(separator: UInt8(ascii: ",")) }
        guard !ranges.isEmpty else { return true }
        return ranges.contains { includes(type, $0) && !isRefused($0) }
    }

    /// Whether a media range, such as `text/*`, includes a media type.
    private static func includes(_ type: String, _ range: Substring.UTF8View) -> Bool {
        let essence = essence(of: range)
        let name = essence.lazy.map(HeaderName.fold)
        if name.elementsEqual(type.utf8) || name.elementsEqual("*/*".utf8) { return true }
        return essence.count > 2 && essence.suffix(2).elementsEqual("/*".utf8)
            && type.utf8.starts(with: name.dropLast())
    }

    /// Whether a media range has the weight zero, which means "not this".
    private static func isRefused(_ range: Substring.UTF8View) -> Bool {
        range.split(separator: UInt8(ascii: ";")).dropFirst().contains { parameter in
            let text = parameter.filter { $0 != 0x20 && $0 != 0x09 }.map(HeaderName.fold)
            return text.starts(with: "q=0".utf8) && text.dropFirst(3).allSatisfy { ".0".utf8.contains($0) }
        }
    }
}
