public import HTTPTypes

/// One request to an API server, before a transport adds the server's address and the credentials.
public struct APIRequest: Sendable, Hashable {
    /// The purpose of a request, which determines the connection that it uses.
    public enum Purpose: Sendable, Hashable {
        /// The answer is finite.
        case standard
        /// The answer stays open for minutes. Transports use separate connections for these.
        case watch
    }

    /// A parameter of the query, not yet percent-encoded.
    public struct QueryItem: Sendable, Hashable {
        /// The parameter.
        public var name: String
        /// Its value.
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The HTTP method.
    public var method: HTTPRequest.Method
    /// The path below the server's base path, starting with a slash: `/api/v1/pods`. Not yet percent-encoded.
    public var path: String
    /// The query parameters, in the order in which they are sent.
    public var query: [QueryItem]
    /// Headers; the transport adds `Authorization`, `User-Agent` and impersonation.
    public var headers: HTTPFields
    /// The body, or `nil` for none.
    public var body: [UInt8]?
    /// The purpose of the request.
    public var purpose: Purpose
    /// The time limit of the whole exchange, `nil` for the transport's limit. Watches have none.
    public var timeout: Duration?

    public init(
        method: HTTPRequest.Method = .get,
        path: String,
        query: [QueryItem] = [],
        headers: HTTPFields = [:],
        body: [UInt8]? = nil,
        purpose: Purpose = .standard,
        timeout: Duration? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.purpose = purpose
        self.timeout = timeout
    }

    /// The value of a query parameter, or `nil` if it is missing.
    public func queryValue(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    /// Path and query for the request line, percent-encoded by RFC 3986.
    ///
    /// - Parameter basePath: the server's base path, without a trailing slash.
    public func target(basePath: String = "") -> String {
        var text = basePath
        PercentEncoding.append(path, allowing: PercentEncoding.path, to: &text)
        for (index, item) in query.enumerated() {
            text += index == 0 ? "?" : "&"
            PercentEncoding.append(item.name, allowing: PercentEncoding.unreserved, to: &text)
            text += "="
            PercentEncoding.append(item.value, allowing: PercentEncoding.unreserved, to: &text)
        }
        return text
    }
}

/// Percent-encoding (RFC 3986, section 2.1).
public enum PercentEncoding {
    static func unreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// The characters that a path may contain unescaped: `pchar` and the slash.
    static func path(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "!"), UInt8(ascii: "$"),
            UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"),
            UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="):
            true
        default: unreserved(byte)
        }
    }

    /// The text with escapes such as `%41` decoded; everything else is unchanged.
    public static func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(Substring(rest.prefix(2))), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func append(_ source: String, allowing allowed: (UInt8) -> Bool, to text: inout String) {
        if source.utf8.allSatisfy(allowed) {
            text += source
            return
        }
        let digits = Array("0123456789ABCDEF")
        for byte in source.utf8 {
            if allowed(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "%"
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 0xF)])
            }
        }
    }
}
