/// Media types of MCP over HTTP.
public enum MediaType {
    public static let json = "application/json"
    public static let eventStream = "text/event-stream"

    /// What a client sends as `Accept` with every POST.
    public static let acceptOfPost = "application/json, text/event-stream"

    /// The media type of a `Content-Type`, in lower case, without its parameters.
    public static func essence(of value: String) -> String {
        HeaderValue.trimmed(String(value.prefix { $0 != ";" })).lowercased()
    }

    /// Whether an `Accept` allows a media type. No `Accept` allows all (RFC 9110, 12.5.1).
    ///
    /// - Parameter values: of all `Accept` fields.
    public static func isAccepted(_ type: String, by values: [String]) -> Bool {
        let ranges = values.flatMap { $0.split(separator: ",") }
        guard !ranges.isEmpty else { return true }
        let major = type.prefix { $0 != "/" }
        return ranges.contains { range in
            let name = essence(of: String(range))
            guard name == type || name == "*/*" || name == "\(major)/*" else { return false }
            let isRefused = range.split(separator: ";").dropFirst().contains { parameter in
                let text = parameter.lowercased().filter { $0 != " " && $0 != "\t" }
                return text.hasPrefix("q=0") && text.dropFirst(3).allSatisfy { $0 == "." || $0 == "0" }
            }
            return !isRefused
        }
    }
}
