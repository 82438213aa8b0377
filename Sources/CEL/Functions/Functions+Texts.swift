/// Functions of texts: those of the language, and of version 2 of cel-go's library of strings.
extension FunctionTable {
    static let texts: [Function] = tests + positions + changes

    /// A function of a text and further arguments.
    private static func text(
        _ name: String,
        _ overloads: [Function.Overload],
        _ body: @escaping @Sendable (String, ArraySlice<CELValue>, inout Evaluation) throws(EvaluationError) -> CELValue
    ) -> Function {
        Function(name, overloads) { arguments, evaluation throws(EvaluationError) in
            guard case .string(let text) = arguments[0] else { throw .noSuchOverload }
            try evaluation.charge(traversing: text)
            return try body(text, arguments[1...], &evaluation)
        }
    }

    private static let test: [Function.Overload] = [.member(.string, .string, returns: .bool)]

    private static let tests: [Function] = [
        text("contains", test) { text, rest, evaluation throws(EvaluationError) in
            let part = try rest.text(1)
            let bytes = Array(text.utf8)
            try evaluation.charge((bytes.count / 10 + 1) * (part.utf8.count / 10 + 1))
            return .bool(Search.first(of: Array(part.utf8), in: bytes, from: 0) != nil)
        },
        text("startsWith", test) { text, rest, _ throws(EvaluationError) in
            .bool(text.utf8.starts(with: try rest.text(1).utf8))
        },
        text("endsWith", test) { text, rest, _ throws(EvaluationError) in
            .bool(text.utf8.reversed().starts(with: try rest.text(1).utf8.reversed()))
        },
    ]

    private static let positions: [Function] = [
        text("charAt", [.member(.string, .int, returns: .string)]) { text, rest, _ throws(EvaluationError) in
            let scalars = Array(text.unicodeScalars)
            let index = try rest.int(1)
            guard index >= 0, index <= scalars.count else { throw Search.outOfRange(index) }
            return .string(index == scalars.count ? "" : String(scalars[Int(index)]))
        },
        Function(
            "indexOf",
            [
                .member(.string, .string, returns: .int), .member(.string, .string, .int, returns: .int),
                .member(.list(.a), .a, returns: .int),
            ]
        ) { arguments, evaluation throws(EvaluationError) in
            if case .list(let elements) = arguments[0] {
                for (index, element) in elements.enumerated() where try evaluation.areEqual(element, arguments[1]) {
                    return .int(Int64(index))
                }
                return .int(-1)
            }
            let (text, part) = try Search.scalars(arguments, &evaluation)
            let start = arguments.count > 2 ? try arguments[...].int(2) : 0
            guard start >= 0 else { throw Search.outOfRange(start) }
            if part.isEmpty { return .int(start) }
            guard start < text.count else { return .int(-1) }
            return .int(Int64(Search.first(of: part, in: text, from: Int(start)) ?? -1))
        },
        Function(
            "lastIndexOf",
            [
                .member(.string, .string, returns: .int), .member(.string, .string, .int, returns: .int),
                .member(.list(.a), .a, returns: .int),
            ]
        ) { arguments, evaluation throws(EvaluationError) in
            if case .list(let elements) = arguments[0] {
                for (index, element) in elements.enumerated().reversed()
                where try evaluation.areEqual(element, arguments[1]) {
                    return .int(Int64(index))
                }
                return .int(-1)
            }
            let (text, part) = try Search.scalars(arguments, &evaluation)
            if part.isEmpty, arguments.count == 2 { return .int(Int64(text.count)) }
            let start = arguments.count > 2 ? try arguments[...].int(2) : max(0, Int64(text.count) - 1)
            guard start >= 0 else { throw Search.outOfRange(start) }
            if part.isEmpty { return .int(start) }
            guard start < text.count else { return .int(-1) }
            return .int(Int64(Search.last(of: part, in: text, upTo: Int(start)) ?? -1))
        },
        text(
            "substring",
            [.member(.string, .int, returns: .string), .member(.string, .int, .int, returns: .string)]
        ) { text, rest, _ throws(EvaluationError) in
            let scalars = Array(text.unicodeScalars)
            let start = try rest.int(1)
            let end = rest.count > 1 ? try rest.int(2) : Int64(scalars.count)
            if rest.count > 1, start > end {
                throw EvaluationError("invalid substring range. start: \(start), end: \(end)")
            }
            guard start >= 0, start <= scalars.count else { throw Search.outOfRange(start) }
            guard end >= 0, end <= scalars.count else { throw Search.outOfRange(end) }
            return .string(String(scalars: scalars[Int(start)..<Int(end)]))
        },
    ]

    private static let changes: [Function] = [
        text("lowerAscii", [.member(.string, returns: .string)]) { text, _, _ throws(EvaluationError) in
            .string(String(decoding: text.utf8.map { (0x41...0x5A).contains($0) ? $0 + 32 : $0 }, as: UTF8.self))
        },
        text("upperAscii", [.member(.string, returns: .string)]) { text, _, _ throws(EvaluationError) in
            .string(String(decoding: text.utf8.map { (0x61...0x7A).contains($0) ? $0 - 32 : $0 }, as: UTF8.self))
        },
        text("trim", [.member(.string, returns: .string)]) { text, _, _ throws(EvaluationError) in
            let scalars = Array(text.unicodeScalars)
            let start = scalars.firstIndex { !$0.properties.isWhitespace } ?? scalars.count
            let end = (scalars.lastIndex { !$0.properties.isWhitespace } ?? start - 1) + 1
            return .string(String(scalars: scalars[start..<end]))
        },
        text(
            "replace",
            [
                .member(.string, .string, .string, returns: .string),
                .member(.string, .string, .string, .int, returns: .string),
            ]
        ) { text, rest, evaluation throws(EvaluationError) in
            let limit = rest.count > 2 ? try rest.int(3) : -1
            let replaced = try Search.replace(
                try rest.text(1),
                in: text,
                with: try rest.text(2),
                limit: limit,
                &evaluation
            )
            return .string(replaced)
        },
        text(
            "split",
            [
                .member(.string, .string, returns: .list(.string)),
                .member(.string, .string, .int, returns: .list(.string)),
            ]
        ) { text, rest, evaluation throws(EvaluationError) in
            let limit = rest.count > 1 ? try rest.int(2) : -1
            return .list(try Search.split(text, by: try rest.text(1), limit: limit, &evaluation).map { .string($0) })
        },
        Function(
            "join",
            [.member(.list(.string), returns: .string), .member(.list(.string), .string, returns: .string)]
        ) { arguments, evaluation throws(EvaluationError) in
            guard case .list(let elements) = arguments[0] else { throw .noSuchOverload }
            let separator = arguments.count > 1 ? try arguments[...].text(1) : ""
            var result = ""
            for (index, element) in elements.enumerated() {
                guard case .string(let text) = element else {
                    throw EvaluationError("join: invalid input: \(element.plainText)")
                }
                try evaluation.charge((text.utf8.count + separator.utf8.count) / 10 + 1)
                if index > 0 { result += separator }
                result += text
            }
            return .string(result)
        },
    ]
}

extension ArraySlice<CELValue> {
    /// An argument that must be a text. The receiver has position 0.
    func text(_ position: Int) throws(EvaluationError) -> String {
        guard indices.contains(position), case .string(let text) = self[position] else { throw .noSuchOverload }
        return text
    }

    /// An argument that must be an integer.
    func int(_ position: Int) throws(EvaluationError) -> Int64 {
        guard indices.contains(position), case .int(let value) = self[position] else { throw .noSuchOverload }
        return value
    }
}

extension String {
    init(scalars: ArraySlice<Unicode.Scalar>) {
        self.init()
        unicodeScalars.append(contentsOf: scalars)
    }
}
