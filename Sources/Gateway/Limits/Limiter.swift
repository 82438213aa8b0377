/// Decides which tool calls are over a limit.
public protocol Limiter: Sendable {
    /// Counts a call if it is allowed.
    ///
    /// - Throws: ``LimiterUnavailable`` if the call must be refused because it cannot be counted, or another error if the limiter
    ///   cannot decide.
    func take(_ request: LimitRequest) async throws -> LimitDecision
}

/// Calls cannot be counted at the moment, and are refused for that.
public struct LimiterUnavailable: Error, Sendable, CustomStringConvertible {
    /// Why.
    public var cause: String

    public init(cause: String) { self.cause = cause }

    public var description: String { "calls cannot be counted: \(cause)" }
}
