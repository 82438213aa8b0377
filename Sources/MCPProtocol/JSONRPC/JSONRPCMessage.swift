/// One JSON-RPC message of MCP, with the bytes that it was written in.
///
/// Parsing checks the whole text, and finds the id, the method and the parameters without building a tree. What is not acted
/// on is passed through byte for byte: ``bytes`` are those that were read.
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
    private enum Member: Int, CaseIterable {
        case jsonrpc, id, method, params, result, error

        var name: StaticString {
            switch self {
            case .jsonrpc: "jsonrpc"
            case .id: "id"
            case .method: "method"
            case .params: "params"
            case .result: "result"
            case .error: "error"
            }
        }
    }

    private let whole: RawJSON
    private let storage: [UInt8]
    private var isObject = true
    private var ranges = InlineRanges()
    /// The name of a member that a parser that ignores case would read, or the second one of a name.
    private var ambiguousName: String?

    init(_ bytes: [UInt8], limits: MessageLimits) throws(JSONSyntaxError) {
        var ranges = InlineRanges()
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
                let slice = UnsafeBufferPointer(rebasing: buffer[name.start..<name.end])
                let isOurs =
                    name.hasEscape
                    ? JSONText.unescape(slice).withUnsafeBufferPointer { Self.take($0, value, &ranges) }
                    : Self.take(slice, value, &ranges)
                if !isOurs { ambiguousName = String(decoding: slice, as: UTF8.self) }
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

    /// Where the members are, without an array.
    private struct InlineRanges {
        var jsonrpc, id, method, params, result, error: Range<Int>?

        subscript(member: Member) -> Range<Int>? {
            get {
                switch member {
                case .jsonrpc: jsonrpc
                case .id: id
                case .method: method
                case .params: params
                case .result: result
                case .error: error
                }
            }
            set {
                switch member {
                case .jsonrpc: jsonrpc = newValue
                case .id: id = newValue
                case .method: method = newValue
                case .params: params = newValue
                case .result: result = newValue
                case .error: error = newValue
                }
            }
        }
    }

    /// Notes where a member is.
    ///
    /// - Returns: `false` if its name is one of JSON-RPC's spelled differently, or was there before.
    private static func take(
        _ name: UnsafeBufferPointer<UInt8>,
        _ value: Range<Int>,
        _ ranges: inout InlineRanges
    ) -> Bool {
        // The longest spelling of "jsonrpc" has one letter of two bytes.
        guard (2...8).contains(name.count) else { return true }
        for member in Member.allCases {
            let wanted = UnsafeBufferPointer(start: member.name.utf8Start, count: member.name.utf8CodeUnitCount)
            if name.elementsEqual(wanted) {
                guard ranges[member] == nil else { return false }
                ranges[member] = value
                return true
            }
            if JSONText.isCaseVariant(name, of: wanted) { return false }
        }
        return true
    }

    private func value(_ member: Member) -> RawJSON? {
        ranges[member].map { RawJSON(checked: storage, range: $0) }
    }

    func message(limits: MessageLimits) throws(ProtocolError) -> JSONRPCMessage {
        guard isObject else {
            throw ProtocolError(
                .invalidRequest,
                whole.kind == .array
                    ? "Invalid request: batches are not supported; send each message on its own"
                    : "Invalid request: a message must be an object, and is \(whole.kind.withArticle)"
            )
        }
        let (version, rawID, method, params) = (value(.jsonrpc), value(.id), value(.method), value(.params))
        let (result, error) = (value(.result), value(.error))
        let id = try readID(rawID, isResponse: method == nil && error != nil, limits: limits)
        func refuse(_ problem: String) -> ProtocolError {
            // Only a request is answered; the id of a malformed response belongs to a request of the receiver.
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
