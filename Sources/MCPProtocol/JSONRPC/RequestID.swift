/// The id of a request: a string or an integer (MCP, Basic Protocol, Requests).
///
/// Integers of any size keep their value. `7` and `7.0` are the same id; `7` and `"7"` are not.
public enum RequestID: Sendable, Hashable {
    case string(String)
    case integer(Int64)
    /// An integer that does not fit into 64 bits, by its digits. Use ``init(_:)`` to read one.
    case largeInteger(String)

    /// Reads an id.
    ///
    /// - Throws: `MessageFieldError` for `null`, which MCP forbids, and for what is neither a string nor an integer.
    public init(_ raw: RawJSON) throws(MessageFieldError) {
        switch raw.kind {
        case .string:
            guard let text = raw.stringValue else {
                throw MessageFieldError(field: "id", problem: "contains half of a surrogate pair")
            }
            self = .string(text)
        case .number:
            if let value = raw.integerValue {
                self = .integer(value)
                return
            }
            guard let digits = raw.integerDigits else {
                throw MessageFieldError(
                    field: "id",
                    problem: "must be a string or an integer, and is the number \(raw.text)"
                )
            }
            self = .largeInteger(digits)
        default:
            throw MessageFieldError(
                field: "id",
                problem: "must be a string or an integer, and is \(raw.kind.withArticle)"
            )
        }
    }

    /// This id as JSON.
    public var json: RawJSON {
        switch self {
        case .string(let text): .string(text)
        case .integer(let value): .integer(value)
        case .largeInteger(let digits): RawJSON(written: Array(digits.utf8))
        }
    }
}

/// Ids are compared by their code points: Swift takes different spellings of a character, such as U+00E9 and `e` with U+0301, for the
/// same, and JSON does not.
extension RequestID {
    public static func == (left: RequestID, right: RequestID) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.integer(let left), .integer(let right)): left == right
        case (.largeInteger(let left), .largeInteger(let right)): left == right
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .string(let text): for byte in text.utf8 { hasher.combine(byte) }
        case .integer(let value): hasher.combine(value)
        case .largeInteger(let digits): hasher.combine(digits)
        }
    }
}

extension RequestID: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, CustomStringConvertible {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public var description: String { json.text }
}

/// The token that a requester chooses to receive progress notifications: a string or an integer, as an id is.
public typealias ProgressToken = RequestID
