internal import KubernetesAPI

/// Makes a `Status` of an error answer, whatever the server or a proxy before it wrote.
enum ErrorBody {
    /// How much of an answer that is no `Status` goes into the message, in characters.
    static let excerptLength = 400

    /// The `Status` that the bytes hold, `nil` where they hold something else.
    static func status(from bytes: some Collection<UInt8>) -> Status? {
        let slice = ArraySlice(bytes)
        guard JSONScan.topLevelString("kind", of: slice) == "Status" else { return nil }
        return try? KubernetesJSON.decode(Status.self, from: slice)
    }

    /// The `Status` of an answer with an HTTP error code.
    static func status(code: Int, body: [UInt8]) -> Status {
        if var status = status(from: body) {
            if status.code == nil || status.code == 0 { status.code = code }
            if status.reason?.isEmpty ?? true { status.reason = reason(for: code) }
            return status
        }
        let text = String(decoding: body.prefix(4 * excerptLength), as: UTF8.self)
        let words = withoutTags(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        var message = "the server, or a proxy before it, answered \(code)"
        if words.isEmpty {
            message += " and said nothing more"
        } else if words.count > excerptLength {
            message += ": \(words.prefix(excerptLength))…"
        } else {
            message += ": \(words)"
        }
        return Status(code: code, reason: reason(for: code), message: message)
    }

    /// The reason that API machinery gives to a code (`k8s.io/apimachinery/pkg/api/errors`, `NewGenericServerResponse`).
    static func reason(for code: Int) -> String {
        switch code {
        case 400: "BadRequest"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "NotFound"
        case 405: "MethodNotAllowed"
        case 406: "NotAcceptable"
        case 409: "Conflict"
        case 410: "Gone"
        case 413: "RequestEntityTooLarge"
        case 415: "UnsupportedMediaType"
        case 422: "Invalid"
        case 429: "TooManyRequests"
        case 500: "InternalError"
        case 503: "ServiceUnavailable"
        case 504: "Timeout"
        default: "Unknown"
        }
    }

    /// Text without what stands between `<` and `>`, for the HTML pages of proxies.
    private static func withoutTags(_ text: String) -> String {
        guard text.contains("<") else { return text }
        var result = ""
        var isTag = false
        for character in text {
            switch character {
            case "<": isTag = true
            case ">" where isTag:
                isTag = false
                result.append(" ")
            default: if !isTag { result.append(character) }
            }
        }
        return result
    }
}
