/// One JSON-RPC message of MCP, with the bytes that it was written in.
///
/// Parsing checks the whole text, and finds the id, the method and the parameters without building a tree. What is not acted
/// on goes on byte for byte: ``bytes`` are those that were read.
public enum JSONRPCMessage: Sendable, Hashable {
    case request(JSONRPCRequest)
    case notification(JSONRPCNotification)
    case response(JSONRPCResponse)

    /// Reads a message.
    ///
    /// Refused are: what is not JSON or exceeds the limits (`-32700`, or `-32600` and 413 for too many bytes); batches, which only
    /// 2025-03-26 has; an id that is `null` or not an integer; `params` that is not an object; a message that is both request and
    /// response; and members whose names differ only by case from those of JSON-RPC, which some parsers take for them.
    ///
    /// - Throws: `ProtocolError`, with the id of the request where it could be read.
    public init(parsing bytes: [UInt8], limits: MessageLimits = MessageLimits()) throws(ProtocolError) {
        let envelope: Envelope
        do throws(JSONSyntaxError) {
            envelope = try Envelope(bytes, limits: limits)
        } catch {
            if case .tooManyBytes(let limit) = error.reason {
                throw ProtocolError(.invalidRequest, "The message has more than \(limit) bytes", httpStatus: 413)
            }
            throw ProtocolError(.parseError, "Parse error \(error)")
        }
        self = try envelope.message(limits: limits)
    }

    /// The bytes of the message.
    public var bytes: ArraySlice<UInt8> { json.bytes }

    /// The whole message.
    public var json: RawJSON {
        switch self {
        case .request(let request): request.json
        case .notification(let notification): notification.json
        case .response(let response): response.json
        }
    }
}

/// Where the members of a JSON-RPC message are.
private struct Envelope {
    private static let names = ["jsonrpc", "id", "method", "params", "result", "error"].map { Array($0.utf8) }

    private let whole: RawJSON
    private var isObject = true
    private var ranges = [Range<Int>?](repeating: nil, count: names.count)
    /// The name of a member that a parser that ignores case would read, or the second one of a name.
    private var ambiguousName: String?
    private let storage: [UInt8]

    init(_ bytes: [UInt8], limits: MessageLimits) throws(JSONSyntaxError) {
        var ranges = [Range<Int>?](repeating: nil, count: Self.names.count)
        var ambiguousName: String?
        var isObject = true
        let range = try bytes.withUnsafeBufferPointer { buffer throws(JSONSyntaxError) -> Range<Int> in
            guard buffer.count <= limits.maximumBytes else {
                throw JSONSyntaxError(reason: .tooManyBytes(limit: limits.maximumBytes), offset: limits.maximumBytes)
            }
            var scanner = JSONScanner(buffer, limits: limits)
            guard scanner.firstByte() == UInt8(ascii: "{") else {
                isObject = false
                return try scanner.scanDocument()
            }
            let start = scanner.position
            try scanner.scanObject { name, value throws(JSONSyntaxError) in
                let slice = buffer[name.start..<name.end]
                let text = name.hasEscape ? JSONText.unescape(slice) : Array(slice)
                if let index = Self.names.firstIndex(of: text) {
                    if ranges[index] != nil { ambiguousName = String(decoding: text, as: UTF8.self) }
                    ranges[index] = value
                } else if Self.names.contains(where: { JSONText.isCaseVariant(text, of: $0) }) {
                    ambiguousName = String(decoding: text, as: UTF8.self)
                }
            }
            let end = scanner.position
            try scanner.scanEnd()
            return start..<end
        }
        storage = bytes
        whole = RawJSON(checked: bytes, range: range)
        self.ranges = ranges
        self.ambiguousName = ambiguousName
        self.isObject = isObject
    }

    private func value(_ index: Int) -> RawJSON? {
        ranges[index].map { RawJSON(checked: storage, range: $0) }
    }

    func message(limits: MessageLimits) throws(ProtocolError) -> JSONRPCMessage {
        guard isObject else {
            throw ProtocolError(
                .invalidRequest,
                whole.kind == .array
                    ? "Invalid request: batches are not supported; send each message by itself"
                    : "Invalid request: a message must be an object, and is \(whole.kind.withArticle)"
            )
        }
        let (version, rawID, method, params) = (value(0), value(1), value(2), value(3))
        let (result, error) = (value(4), value(5))
        let id = try readID(rawID, isResponse: method == nil && error != nil, limits: limits)
        func refuse(_ problem: String) -> ProtocolError {
            // Only a request is answered; the id of a broken response belongs to somebody else's request.
            ProtocolError(.invalidRequest, "Invalid request: \(problem)", id: method == nil ? nil : id)
        }
        if let ambiguousName {
            throw refuse(
                "the member \(ambiguousName.debugDescription) is ambiguous; names are case-sensitive and unique"
            )
        }
        guard version?.stringValue == "2.0" else { throw refuse(#"jsonrpc must be "2.0""#) }
        if let method {
            guard result == nil, error == nil else {
                throw refuse("a message with a method has no result and no error")
            }
            guard method.bytes.count <= limits.maximumIdentifierBytes else {
                throw refuse("method has more than \(limits.maximumIdentifierBytes) bytes")
            }
            guard let name = method.stringValue else { throw refuse("method must be a string") }
            guard params == nil || params?.kind == .object else { throw refuse("params must be an object") }
            if let id {
                return .request(JSONRPCRequest(json: whole, id: id, method: name, params: params))
            }
            return .notification(JSONRPCNotification(json: whole, method: name, params: params))
        }
        switch (result, error) {
        case (let result?, nil):
            guard let id else { throw refuse("a response with a result needs an id") }
            guard result.kind == .object else { throw refuse("result must be an object") }
            return .response(JSONRPCResponse(json: whole, id: id, outcome: .result(result)))
        case (nil, let error?):
            do throws(MessageFieldError) {
                return .response(JSONRPCResponse(json: whole, id: id, outcome: .error(try JSONRPCError(error))))
            } catch {
                throw refuse("\(error)")
            }
        case (nil, nil): throw refuse("a message needs a method, a result or an error")
        default: throw refuse("a response has either a result or an error")
        }
    }

    private func readID(_ raw: RawJSON?, isResponse: Bool, limits: MessageLimits) throws(ProtocolError) -> RequestID? {
        guard let raw else { return nil }
        // JSON-RPC 2.0 answers with `null` where the id of a request could not be read; many servers do.
        if raw.isNull, isResponse { return nil }
        guard raw.bytes.count <= limits.maximumIdentifierBytes else {
            throw ProtocolError(
                .invalidRequest,
                "Invalid request: id has more than \(limits.maximumIdentifierBytes) bytes"
            )
        }
        do throws(MessageFieldError) {
            return try RequestID(raw)
        } catch {
            throw ProtocolError(.invalidRequest, "Invalid request: \(error)")
        }
    }
}
