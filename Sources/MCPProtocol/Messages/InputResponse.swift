/// What a client answers to a request for input: the result of `elicitation/create`, `sampling/createMessage` or `roots/list`.
public struct InputResponse: Sendable, Hashable {
    /// The whole result.
    public let raw: RawJSON

    /// Reads an answer.
    ///
    /// What a form or a model has filled in is not compared with what was asked for.
    ///
    /// - Parameters:
    ///   - method: what the client was asked.
    ///   - path: where the answer is, for errors.
    /// - Throws: `MessageFieldError` if it is not an answer to this method.
    public init(_ raw: RawJSON, to method: Method, at path: String = "result") throws(MessageFieldError) {
        let reader = try ObjectReader(raw, at: path)
        switch method {
        case .elicitationCreate:
            let actions = ["accept", "decline", "cancel"]
            guard actions.contains(try reader.string("action")) else {
                throw reader.error("action", "must be one of: \(actions.joined(separator: ", "))")
            }
            _ = try reader.optionalObject("content")
        case .samplingCreateMessage:
            _ = try reader.string("role")
            _ = try reader.string("model")
            guard let content = try reader.value("content") else { throw reader.error("content", "is missing") }
            guard content.kind == .object || content.kind == .array else {
                throw reader.error("content", "must be an object or an array, and is \(content.kind.withArticle)")
            }
        case .rootsList:
            for (index, root) in try reader.array("roots").enumerated() {
                _ = try ObjectReader(root, at: "\(path).roots[\(index)]").string("uri")
            }
        default: break
        }
        self.raw = raw
    }
}
