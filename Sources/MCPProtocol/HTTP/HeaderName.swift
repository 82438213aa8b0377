/// The names of the header fields of MCP over HTTP.
public enum HeaderName {
    /// The version of a request; legacy clients send it from 2025-06-18 on.
    public static let protocolVersion = "MCP-Protocol-Version"
    /// The method of a request; modern era.
    public static let method = "Mcp-Method"
    /// The name of a tool or prompt, or the URI of a resource; modern era.
    public static let name = "Mcp-Name"
    /// The prefix of the headers that repeat a tool's arguments.
    public static let parameterPrefix = "Mcp-Param-"
    /// Legacy only.
    public static let sessionID = "Mcp-Session-Id"
    /// Legacy only.
    public static let lastEventID = "Last-Event-ID"
    /// The web page that a request comes from.
    public static let origin = "Origin"
    /// The forms of an answer that a client accepts.
    public static let accept = "Accept"
    /// The HTTP methods that are allowed, in a 405.
    public static let allow = "Allow"
    /// The form of a body.
    public static let contentType = "Content-Type"

    /// Whether two names are the same (RFC 9110, 5.1).
    static func equal(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        var other = right.utf8.makeIterator()
        for byte in left.utf8 {
            guard let next = other.next(), byte == next || fold(byte) == fold(next) else { return false }
        }
        return true
    }

    /// A byte in lower case, if it is an ASCII letter.
    static func fold(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// Whether text is a field name: `1*tchar` (RFC 9110, 5.6.2).
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
