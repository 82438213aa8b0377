/// `format()` and `strings.quote()`.
extension FunctionTable {
    static let formatting: [Function] = [
        Function("format", [.member(.string, .list(.dyn), returns: .string)]) {
            arguments,
            evaluation throws(EvaluationError) in
            guard case .string(let text) = arguments[0], case .list(let values) = arguments[1] else {
                throw .noSuchOverload
            }
            try evaluation.charge(traversing: text)
            return .string(try Formatter(values).format(text, &evaluation))
        },
        Function("strings.quote", [.global(.string, returns: .string)]) {
            arguments,
            evaluation throws(EvaluationError) in
            let text = try arguments[...].text(0)
            try evaluation.charge(traversing: text)
            return .string(quoted(text))
        },
    ]

    fileprivate static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\u{7}": result += "\\a"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{B}": result += "\\v"
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// A text with places for values.
struct FormatText: Sendable {
    enum Part: Sendable {
        case text(String)
        /// A place, by the letter that says how the value is written.
        case place(Unicode.Scalar, precision: Int?)
    }

    private(set) var parts: [Part] = []

    private static let letters = Set("sdfebxXo".unicodeScalars)

    init(_ text: String) throws(EvaluationError) {
        var scalars = Array(text.unicodeScalars)[...]
        var plain = ""
        while let scalar = scalars.popFirst() {
            guard scalar == "%" else {
                plain.unicodeScalars.append(scalar)
                continue
            }
            guard let next = scalars.first else { throw EvaluationError("unexpected end of string") }
            if next == "%" {
                plain += "%"
                scalars.removeFirst()
                continue
            }
            var precision: Int?
            if next == "." {
                let digits = scalars.dropFirst().prefix { $0.isDigit }
                guard let value = Int(String(scalars: digits)), value <= FormatText.maximumPrecision else {
                    throw FormatText.unreadable("error while parsing precision")
                }
                precision = value
                scalars = scalars.dropFirst(1 + digits.count)
            }
            guard let letter = scalars.popFirst() else { throw EvaluationError("unexpected end of string") }
            guard FormatText.letters.contains(letter) else {
                throw FormatText.unreadable("unrecognized formatting clause \"\(letter)\"")
            }
            if !plain.isEmpty { parts.append(.text(plain)) }
            plain = ""
            parts.append(.place(letter, precision: precision))
        }
        if !plain.isEmpty { parts.append(.text(plain)) }
    }

    private static let maximumPrecision = 100

    private static func unreadable(_ what: String) -> EvaluationError {
        EvaluationError("could not parse formatting clause: \(what)")
    }
}

/// Writes values into the places that a text has for them.
struct Formatter {
    private let values: [CELValue]

    init(_ values: [CELValue]) { self.values = values }

    func format(_ text: String, _ evaluation: inout Evaluation) throws(EvaluationError) -> String {
        var result = ""
        var used = 0
        for part in try FormatText(text).parts {
            switch part {
            case .text(let plain): result += plain
            case .place(let letter, let precision):
                guard used < values.count else { throw EvaluationError("index \(used) out of range") }
                let written = try clause(letter, values[used], precision, &evaluation)
                try evaluation.charge(traversing: written)
                result += written
                used += 1
            }
        }
        return result
    }

    private func clause(
        _ verb: Unicode.Scalar,
        _ value: CELValue,
        _ precision: Int?,
        _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> String {
        func problem(_ what: String) -> EvaluationError {
            EvaluationError("error during formatting: \(what), was given \(value.typeName)")
        }
        switch (verb, value) {
        case ("s", _): return try evaluation.text(value)
        case ("d", .int(let number)): return "\(number)"
        case ("d", .uint(let number)): return "\(number)"
        case ("b", .int(let number)): return String(number, radix: 2)
        case ("b", .uint(let number)): return String(number, radix: 2)
        case ("b", .bool(let value)): return value ? "1" : "0"
        case ("o", .int(let number)): return String(number, radix: 8)
        case ("o", .uint(let number)): return String(number, radix: 8)
        case ("x", .int(let number)), ("X", .int(let number)):
            return String(number, radix: 16, uppercase: verb == "X")
        case ("x", .uint(let number)), ("X", .uint(let number)):
            return String(number, radix: 16, uppercase: verb == "X")
        case ("x", .string(let text)), ("X", .string(let text)):
            return hexadecimal(Array(text.utf8), isUppercase: verb == "X")
        case ("x", .bytes(let bytes)), ("X", .bytes(let bytes)): return hexadecimal(bytes, isUppercase: verb == "X")
        case ("f", .double), ("e", .double), ("f", .string), ("e", .string):
            let number = number(value)
            guard let number else { throw problem(FormatCheck.messages[verb] ?? "") }
            if number.isNaN { return "NaN" }
            if number.isInfinite { return number < 0 ? "-∞" : "∞" }
            return verb == "f"
                ? DecimalText.fixed(number, precision ?? 6, isGrouped: true) : DecimalText.scientific(number)
        default: throw problem(FormatCheck.messages[verb] ?? "")
        }
    }

    private func number(_ value: CELValue) -> Double? {
        switch value {
        case .double(let number): number
        case .string("NaN"): .nan
        case .string("Infinity"): .infinity
        case .string("-Infinity"): -.infinity
        default: nil
        }
    }

    private func hexadecimal(_ bytes: [UInt8], isUppercase: Bool) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: isUppercase) }.joined()
    }
}

extension Evaluation {
    /// A value as `%s` writes it.
    fileprivate mutating func text(_ value: CELValue) throws(EvaluationError) -> String {
        try charge(1)
        switch value {
        case .bytes(let bytes):
            try charge(traversing: bytes)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw EvaluationError(
                    "error during formatting: could not convert argument "
                        + "\"invalid UTF-8 in bytes, cannot convert to string\" to string"
                )
            }
            return text
        case .list(let elements):
            var parts: [String] = []
            for element in elements { parts.append(try literal(element)) }
            return "[\(parts.joined(separator: ", "))]"
        case .map(let map):
            var parts: [(key: String, value: String)] = []
            for key in map.keys { parts.append((try literal(key.value), try literal(map[key] ?? .null))) }
            parts.sort { $0.key.precedes($1.key) }
            return "{\(parts.map { "\($0.key):\($0.value)" }.joined(separator: ", "))}"
        case .null, .bool, .int, .uint, .double, .string, .duration, .timestamp, .type:
            let text = value.plainText
            try charge(traversing: text)
            return text
        default:
            throw EvaluationError("error during formatting: \(FormatCheck.stringClause), was given \(value.typeName)")
        }
    }
}

extension Evaluation {
    /// A value within a list or a map, as a literal.
    fileprivate mutating func literal(_ value: CELValue) throws(EvaluationError) -> String {
        switch value {
        case .string: return FunctionTable.quoted(try text(value))
        case .bytes: return "b" + FunctionTable.quoted(try text(value))
        case .timestamp: return "timestamp(\(FunctionTable.quoted(try text(value))))"
        case .duration: return "duration(\(FunctionTable.quoted(try text(value))))"
        case .double(let number):
            guard number.isFinite else { return FunctionTable.quoted(try text(value)) }
            return DecimalText.fixed(number, 6)
        case .null, .bool, .int, .uint, .type, .list, .map: return try text(value)
        default: throw EvaluationError("error during formatting: no formatting function for \(value.typeName)")
        }
    }
}
