/// Why a field of an object is invalid, in the API server's words (`field.Error` of apimachinery).
public struct FieldError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of errors.
    public enum Kind: Sendable, Hashable {
        case required, notFound, invalid, typeInvalid, notSupported, duplicate, forbidden, tooLong, tooMany,
            internalError

        /// The start of the message.
        var text: String {
            switch self {
            case .required: "Required value"
            case .notFound: "Not found"
            case .invalid, .typeInvalid: "Invalid value"
            case .notSupported: "Unsupported value"
            case .duplicate: "Duplicate value"
            case .forbidden: "Forbidden"
            case .tooLong: "Too long"
            case .tooMany: "Too many"
            case .internalError: "Internal error"
            }
        }

        /// The reason of a cause in a `Status`.
        public var causeReason: String {
            switch self {
            case .required: "FieldValueRequired"
            case .notFound: "FieldValueNotFound"
            case .invalid: "FieldValueInvalid"
            case .typeInvalid: "FieldValueTypeInvalid"
            case .notSupported: "FieldValueNotSupported"
            case .duplicate: "FieldValueDuplicate"
            case .forbidden: "FieldValueForbidden"
            case .tooLong: "FieldValueTooLong"
            case .tooMany: "FieldValueTooMany"
            case .internalError: "InternalError"
            }
        }
    }

    /// The kind of error.
    public var kind: Kind
    /// The field; `nil` if the server names none, which it writes as `<nil>`.
    public var field: FieldPath?
    /// The value, or the name of its type, if the message shows one.
    public var value: JSONValue?
    /// What is wrong with it.
    public var detail: String

    /// Creates an error from its fields.
    public init(_ kind: Kind, _ field: FieldPath?, value: JSONValue? = nil, detail: String = "") {
        self.kind = kind
        self.field = field
        self.value = value
        self.detail = detail
    }

    /// What the server adds when it did not evaluate the rules because of other errors.
    public static let rulesNotChecked = FieldError(
        .invalid,
        nil,
        value: .null,
        detail: """
            some validation rules were not checked because the object was invalid; correct the existing errors to complete \
            validation
            """
    )

    /// The message without the field, as in a `Status`' cause.
    public var body: String {
        var text = kind.text
        if let value, kind != .required, kind != .forbidden, kind != .tooLong {
            text += ": " + FieldError.shown(value)
        }
        return detail.isEmpty ? text : "\(text): \(detail)"
    }

    public var description: String { "\(field.map { "\($0)" } ?? "<nil>"): \(body)" }

    /// The error as a cause of a `Status`.
    public var cause: Status.Cause {
        Status.Cause(reason: kind.causeReason, message: body, field: field.map { "\($0)" } ?? "<nil>")
    }

    /// Several errors in one message, as the server writes them: more than one in brackets.
    public static func message(_ errors: [FieldError]) -> String {
        errors.count == 1 ? "\(errors[0])" : "[\(errors.map { "\($0)" }.joined(separator: ", "))]"
    }

    private static func shown(_ value: JSONValue) -> String {
        if case .string(let text) = value { return StringEscaper.go.quoted(text) }
        return String(decoding: value.serialized(), as: UTF8.self)
    }
}
