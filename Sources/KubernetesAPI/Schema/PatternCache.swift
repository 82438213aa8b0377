internal import Synchronization

/// Compiled regular expressions by pattern, because compiling one takes far longer than matching.
enum PatternCache {
    private static let cache = Mutex<[String: Regex<AnyRegexOutput>]>([:])

    /// How many expressions are kept. Moorage's own schemas have fewer than a hundred.
    private static let capacity = 1_024

    /// Whether the text contains a match. An expression that does not compile matches everything, because the API server
    /// rejects a CRD that has one.
    static func matches(_ text: String, pattern: String) -> Bool {
        cache.withLock { cache in
            let expression: Regex<AnyRegexOutput>
            if let known = cache[pattern] {
                expression = known
            } else {
                guard let compiled = try? Regex(pattern).matchingSemantics(.unicodeScalar) else { return true }
                if cache.count >= capacity { cache.removeAll() }
                cache[pattern] = compiled
                expression = compiled
            }
            return (try? expression.firstMatch(in: text)) ?? nil != nil
        }
    }
}
