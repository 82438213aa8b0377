/// What kind of result an answer is (M8; 2026-07-28, Basic Protocol, ResultType).
public struct ResultType: RawRepresentable, Sendable, Hashable {
    /// The type as it is written.
    public var rawValue: String

    /// Any type, also one of an extension.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The request is done.
    public static let complete = ResultType(rawValue: "complete")
    /// The server needs input first; see ``InputRequiredResult``.
    public static let inputRequired = ResultType(rawValue: "input_required")

    /// Reads the type of a result. A result without one, from a legacy server, is complete.
    ///
    /// - Parameters:
    ///   - result: the result.
    ///   - method: what was requested. Only some requests may be answered with `input_required` (M11).
    ///   - extensions: further types, of extensions that both sides support.
    /// - Throws: `MessageFieldError` for any other type, which makes the result invalid.
    public init(of result: RawJSON, to method: Method, extensions: Set<ResultType> = []) throws(MessageFieldError) {
        let reader = try ObjectReader(result, at: "result")
        guard let text = try reader.optionalString("resultType") else {
            self = .complete
            return
        }
        self.init(rawValue: text)
        guard self == .complete || self == .inputRequired || extensions.contains(self) else {
            throw reader.error("resultType", "is \(text.debugDescription), which is not known")
        }
        if self == .inputRequired, !method.supportsInputRequired {
            throw reader.error("resultType", "is \"input_required\", which \(method) does not allow")
        }
    }
}

extension RawJSON {
    /// This result of a legacy server as one of 2026-07-28: complete, unless it has a type already. All other bytes stay.
    public func withResultType(_ type: ResultType = .complete) -> RawJSON {
        self["resultType"] == nil ? setting("resultType", to: .string(type.rawValue)) : self
    }
}
