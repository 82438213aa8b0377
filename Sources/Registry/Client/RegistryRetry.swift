internal import FoundationEssentials

/// When a request is sent again, and what the errors of registries say.
enum RegistryRetry {
    /// The longest delay between two attempts. What takes longer is left to the caller.
    static let longestDelay = Duration.seconds(5)

    /// The delay after an attempt that failed: half a second, doubled with each attempt, or what the registry asks for.
    ///
    /// - Parameters:
    ///   - attempt: the number of the attempt, starting at 1.
    ///   - header: `Retry-After`, in seconds.
    static func delay(attempt: Int, after header: String?) -> Duration {
        if let header, let seconds = Int(header), seconds >= 0 { return min(.seconds(min(seconds, 60)), longestDelay) }
        return min(.milliseconds(500 << min(max(attempt - 1, 0), 10)), longestDelay)
    }

    /// The codes of an error (OCI distribution specification, "Error Codes"): capital letters and underscores. Nothing else of the answer
    /// is shown, because a registry's name can lead to any server.
    static func errorCodes(_ body: [UInt8]) -> [String] {
        struct Answer: Decodable {
            struct Entry: Decodable {
                var code: String?
            }
            var errors: [Entry]?
        }
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(body))
        return (answer?.errors ?? []).prefix(3).compactMap(\.code).filter { code in
            (1...40).contains(code.utf8.count)
                && code.utf8.allSatisfy {
                    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || $0 == UInt8(ascii: "_")
                }
        }
    }
}
