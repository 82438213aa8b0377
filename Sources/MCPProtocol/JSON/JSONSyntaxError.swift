/// Why bytes are not one JSON document (RFC 8259) within the limits.
public struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// The text ends before the document does.
        case endsEarly
        /// A byte is not allowed at its position.
        case unexpectedByte(UInt8)
        /// There is text after the document.
        case textAfterDocument
        /// A number is not written as JSON requires, such as `01` or `1.`.
        case invalidNumber
        /// A string contains a control character without an escape.
        case controlCharacter
        /// A backslash starts no escape that JSON knows.
        case invalidEscape
        /// A string is not valid UTF-8.
        case invalidUTF8
        /// Two members of an object have the same name.
        case duplicateName(String)
        /// The document has more bytes than allowed.
        case tooManyBytes(limit: Int)
        /// Arrays and objects are nested more deeply than allowed.
        case tooDeep(limit: Int)
        /// The document has more values than allowed.
        case tooManyValues(limit: Int)
        /// A number has more digits than allowed.
        case numberTooLong(limit: Int)
    }

    /// What is wrong.
    public var reason: Reason
    /// Where, in bytes from the start.
    public var offset: Int

    /// Whether the document exceeds a limit, rather than being malformed.
    public var exceedsLimit: Bool {
        switch reason {
        case .tooManyBytes, .tooDeep, .tooManyValues, .numberTooLong: true
        default: false
        }
    }

    public var description: String {
        let problem =
            switch reason {
            case .endsEarly: "the document ends early"
            case .unexpectedByte(let byte): "unexpected \(Self.describe(byte))"
            case .textAfterDocument: "unexpected text after the document"
            case .invalidNumber: "a number is not valid"
            case .controlCharacter: "a string contains an unescaped control character"
            case .invalidEscape: "a string contains an unknown escape"
            case .invalidUTF8: "a string is not valid UTF-8"
            case .duplicateName(let name): "an object has two members named \(name.debugDescription)"
            case .tooManyBytes(let limit): "more than \(limit) bytes"
            case .tooDeep(let limit): "nested more than \(limit) levels deep"
            case .tooManyValues(let limit): "more than \(limit) values"
            case .numberTooLong(let limit): "a number of more than \(limit) bytes"
            }
        return "at byte \(offset): \(problem)"
    }

    private static func describe(_ byte: UInt8) -> String {
        (0x21...0x7E).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }
}
