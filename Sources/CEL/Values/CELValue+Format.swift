internal import FoundationEssentials

extension CELValue {
    /// A text of a field with a format, as the rules of custom resources see it: a time, a duration, bytes, or else the text.
    package init(text: String, format: String?) {
        switch format {
        case "byte":
            self = Data(base64Encoded: text).map { .bytes(Array($0)) } ?? .string(text)
        case "date-time": self = Instant(text).map { .timestamp($0) } ?? .string(text)
        case "date": self = Instant("\(text)T00:00:00Z").map { .timestamp($0) } ?? .string(text)
        case "duration": self = DurationText.parse(text).map { .duration($0) } ?? .string(text)
        default: self = .string(text)
        }
    }
}
