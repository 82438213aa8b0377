internal import KubernetesAPI

/// Converts an error response to a `Status`, whether it comes from the server or from a proxy in front of it.
enum ErrorBody {
    /// The length of the excerpt from a response that is not a `Status`, in code points.
    static let excerptLength = 400

    /// The `Status` in the bytes, `nil` if they contain something else.
    static func status(from bytes: some Collection<UInt8>) -> Status? {
        let slice = ArraySlice(bytes)
        guard JSONScan.topLevelString("kind", of: slice) == "Status" else { return nil }
        return try? KubernetesJSON.decode(Status.self, from: slice)
    }

    /// The `Status` of a response whose HTTP code is not a success.
    ///
    /// - Parameter location: the `Location` header of a redirect.
    static func status(code: Int, body: [UInt8], location: String? = nil) -> Status {
        if var status = status(from: body) {
            if status.code == nil || status.code == 0 { status.code = code }
            if status.reason?.isEmpty ?? true { status.reason = reason(for: code) }
            return status
        }
        let text = String(decoding: body.prefix(4 * excerptLength), as: UTF8.self)
        let words = withoutTags(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        var message = "the server, or a proxy in front of it, answered \(code)"
        if (300..<400).contains(code) {
            let target = location.map { " to \($0.truncated(toCodePoints: excerptLength))" } ?? ""
            message += ", a redirect\(target), which is not followed: set `server` to the API server's own URL"
        } else if words.isEmpty {
            message += " without a message"
        } else {
            let excerpt = words.truncated(toCodePoints: excerptLength)
            message += ": \(excerpt)\(excerpt == words ? "" : "…")"
        }
        return Status(code: code, reason: reason(for: code), message: message)
    }

    /// The reason that Kubernetes uses for a code (`k8s.io/apimachinery/pkg/api/errors`, `NewGenericServerResponse`).
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

    /// The text without tags, for the HTML pages of proxies.
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
