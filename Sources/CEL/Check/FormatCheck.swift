/// Checks whether the values of a call of `format()` fit the places in its text, if both are literals.
enum FormatCheck {
    static let stringClause =
        "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps"

    static let messages: [Unicode.Scalar: String] = [
        "s": stringClause,
        "d": "decimal clause can only be used on integers",
        "f": "fixed-point clause can only be used on doubles",
        "e": "scientific clause can only be used on doubles",
        "b": "only integers and bools can be formatted as binary",
        "x": "only integers, byte buffers, and strings can be formatted as hex",
        "X": "only integers, byte buffers, and strings can be formatted as hex",
        "o": "octal clause can only be used on integers",
    ]

    /// What does not fit, and where; at the call itself if there is no place.
    static func problem(in arguments: [Node], final: (CELType) -> CELType) -> (message: String, position: Int?)? {
        guard arguments.count == 2, case .literal(.string(let text)) = arguments[0].kind,
            case .list(let elements) = arguments[1].kind
        else { return nil }
        let format: FormatText
        do throws(EvaluationError) {
            format = try FormatText(text)
        } catch {
            return (error.description, nil)
        }
        var used = 0
        for case .place(let verb, _) in format.parts {
            guard used < elements.count else { return ("index \(used) out of range", nil) }
            if let message = messages[verb], let wrong = wrong(elements[used].value, verb, final) {
                let type = final(wrong.type).name
                return ("error during formatting: \(message), was given \(type)", wrong.position)
            }
            used += 1
        }
        if used == elements.count { return nil }
        return ("too many arguments supplied to string.format (expected \(used), got \(elements.count))", nil)
    }

    /// The value, or the one in it, that does not fit.
    private static func wrong(_ node: Node, _ verb: Unicode.Scalar, _ final: (CELType) -> CELType) -> Node? {
        guard fits(final(node.type), verb) else { return node }
        guard verb == "s" else { return nil }
        let parts: [Node] =
            switch node.kind {
            case .list(let elements): elements.map(\.value)
            case .map(let entries): entries.flatMap { [$0.key, $0.value] }
            default: []
            }
        for part in parts {
            if let wrong = wrong(part, verb, final) { return wrong }
        }
        return nil
    }

    private static func fits(_ type: CELType, _ verb: Unicode.Scalar) -> Bool {
        switch (verb, type) {
        case (_, .dyn), (_, .error), (_, .parameter): true
        case ("s", .named), ("s", .optional): false
        case ("s", _): true
        case ("d", .int), ("d", .uint), ("o", .int), ("o", .uint), ("b", .int), ("b", .uint), ("b", .bool): true
        case ("f", .double), ("e", .double), ("f", .string), ("e", .string): true
        case ("x", .int), ("x", .uint), ("x", .string), ("x", .bytes): true
        case ("X", .int), ("X", .uint), ("X", .string), ("X", .bytes): true
        default: false
        }
    }
}
