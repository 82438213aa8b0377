/// How long a result stays fresh, and for whom (M9; 2026-07-28, Caching).
public struct CachingHints: Sendable, Hashable {
    /// Who may share a cached result.
    public enum Scope: String, Sendable, Hashable {
        /// Only requests of the same authorization context.
        case `private`
        /// Everybody.
        case `public`
    }

    /// How long the result is fresh, in milliseconds; zero is stale at once.
    public var timeToLiveMilliseconds: Int64
    /// Who may share it.
    public var scope: Scope

    /// Makes hints. A negative time becomes zero.
    public init(timeToLiveMilliseconds: Int64, scope: Scope) {
        self.timeToLiveMilliseconds = max(0, timeToLiveMilliseconds)
        self.scope = scope
    }

    /// Reads the hints of a result. What is missing or not valid becomes what is safe: stale at once, and private.
    ///
    /// - Parameters:
    ///   - result: the result.
    ///   - request: what it answers. Retries, which carry input, are never cached.
    /// - Returns: `nil` if the result must not be cached at all.
    public init?(of result: RawJSON, to request: JSONRPCRequest) {
        guard Method(rawValue: request.method).isCacheable,
            result["resultType"].map({ $0.stringValue == ResultType.complete.rawValue }) ?? true,
            request.params?["inputResponses"] == nil, request.params?["requestState"] == nil
        else { return nil }
        self.init(
            timeToLiveMilliseconds: result["ttlMs"]?.integerValue ?? 0,
            scope: result["cacheScope"]?.stringValue.flatMap(Scope.init(rawValue:)) ?? .private
        )
    }

    /// A result with these hints. An `input_required` result carries none, so they are removed from it.
    public func applied(to result: RawJSON) -> RawJSON {
        let isInterim = result["resultType"]?.stringValue == ResultType.inputRequired.rawValue
        return
            result
            .setting("ttlMs", to: isInterim ? nil : .integer(timeToLiveMilliseconds))
            .setting("cacheScope", to: isInterim ? nil : .string(scope.rawValue))
    }

    /// The hints for one answer that is put together from several, such as the lists of several servers, or from several pages,
    /// which must all have one scope: the shortest time, and private if one is.
    public static func combined(_ hints: some Sequence<CachingHints>) -> CachingHints? {
        var combined: CachingHints?
        for hint in hints {
            guard let current = combined else {
                combined = hint
                continue
            }
            combined = CachingHints(
                timeToLiveMilliseconds: min(current.timeToLiveMilliseconds, hint.timeToLiveMilliseconds),
                scope: current.scope == .public && hint.scope == .public ? .public : .private
            )
        }
        return combined
    }
}
