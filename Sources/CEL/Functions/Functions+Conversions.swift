/// Conversions between types, and what values of any type have.
extension FunctionTable {
    static let conversions: [Function] = [
        Function("dyn", [.global(.a, returns: .dyn)]) { arguments, _ throws(EvaluationError) in arguments[0] },
        Function("type", [.global(.a, returns: .type(.a))]) { arguments, _ throws(EvaluationError) in
            .type(arguments[0].typeName)
        },
        Function(
            "size",
            [CELType.bytes, .list(.a), .map(.a, .b), .string].flatMap {
                [Function.Overload.global($0, returns: .int), .member($0, returns: .int)]
            }
        ) { arguments, _ throws(EvaluationError) in
            switch arguments[0] {
            case .string, .bytes, .list, .map: return .int(Int64(arguments[0].size))
            default: throw EvaluationError("no such overload: size")
            }
        },
        Function("bool", [.global(.bool, returns: .bool), .global(.string, returns: .bool)]) {
            arguments,
            _ throws(EvaluationError) in
            switch arguments[0] {
            case .bool: return arguments[0]
            case .string("1"), .string("t"), .string("T"), .string("true"), .string("TRUE"), .string("True"):
                return .bool(true)
            case .string("0"), .string("f"), .string("F"), .string("false"), .string("FALSE"), .string("False"):
                return .bool(false)
            default: throw .conversion(arguments[0], to: "bool")
            }
        },
        Function("bytes", [.global(.bytes, returns: .bytes), .global(.string, returns: .bytes)]) {
            arguments,
            evaluation throws(EvaluationError) in
            switch arguments[0] {
            case .bytes: return arguments[0]
            case .string(let text):
                try evaluation.charge(traversing: text)
                return .bytes(Array(text.utf8))
            default: throw .conversion(arguments[0], to: "bytes")
            }
        },
        Function("int", [.int, .double, .duration, .string, .timestamp, .uint].map { .global($0, returns: .int) }) {
            arguments,
            _ throws(EvaluationError) in try Conversion.int(arguments[0])
        },
        Function("uint", [.uint, .double, .int, .string].map { .global($0, returns: .uint) }) {
            arguments,
            _ throws(EvaluationError) in try Conversion.uint(arguments[0])
        },
        Function("double", [.double, .int, .string, .uint].map { .global($0, returns: .double) }) {
            arguments,
            _ throws(EvaluationError) in
            switch arguments[0] {
            case .double: return arguments[0]
            case .int(let value): return .double(Double(value))
            case .uint(let value): return .double(Double(value))
            case .string(let text):
                guard let value = Conversion.double(text) else { throw .conversion(arguments[0], to: "double") }
                return .double(value)
            default: throw .conversion(arguments[0], to: "double")
            }
        },
        Function(
            "string",
            [CELType.string, .bool, .bytes, .double, .duration, .int, .timestamp, .uint, .ip, .cidr].map {
                .global($0, returns: .string)
            }
        ) { arguments, evaluation throws(EvaluationError) in try Conversion.string(arguments[0], &evaluation) },
        Function("duration", [.global(.duration, returns: .duration), .global(.string, returns: .duration)]) {
            arguments,
            _ throws(EvaluationError) in
            switch arguments[0] {
            case .duration: return arguments[0]
            case .string(let text):
                guard let value = DurationText.parse(text) else {
                    throw .conversion(arguments[0], to: CELType.duration.name)
                }
                return .duration(value)
            default: throw .conversion(arguments[0], to: CELType.duration.name)
            }
        },
        Function("timestamp", [.timestamp, .int, .string].map { .global($0, returns: .timestamp) }) {
            arguments,
            _ throws(EvaluationError) in
            switch arguments[0] {
            case .timestamp: return arguments[0]
            case .int(let seconds):
                let instant = Instant(seconds: seconds, nanoseconds: 0)
                guard instant.isInRange else { throw .timestampOverflow }
                return .timestamp(instant)
            case .string(let text):
                guard let instant = Instant(text), instant.isInRange else {
                    throw .conversion(arguments[0], to: CELType.timestamp.name)
                }
                return .timestamp(instant)
            default: throw .conversion(arguments[0], to: CELType.timestamp.name)
            }
        },
    ]
}

/// The longer conversions.
private enum Conversion {
    static func int(_ value: CELValue) throws(EvaluationError) -> CELValue {
        switch value {
        case .int: return value
        case .uint(let number):
            guard let result = Int64(exactly: number) else { throw .integerOverflow }
            return .int(result)
        case .double(let number):
            // The limits themselves are excluded, because they cannot be told from the numbers next to them.
            guard number > -9_223_372_036_854_775_808, number < 9_223_372_036_854_775_808 else {
                throw .integerOverflow
            }
            return .int(Int64(number))
        case .string(let text):
            guard let result = Int64(text) else { throw .conversion(value, to: "int") }
            return .int(result)
        case .timestamp(let instant): return .int(instant.seconds)
        case .duration(let nanoseconds): return .int(nanoseconds)
        default: throw .conversion(value, to: "int")
        }
    }

    static func uint(_ value: CELValue) throws(EvaluationError) -> CELValue {
        switch value {
        case .uint: return value
        case .int(let number):
            guard let result = UInt64(exactly: number) else { throw .unsignedOverflow }
            return .uint(result)
        case .double(let number):
            guard number >= 0, number < 18_446_744_073_709_551_616 else { throw .unsignedOverflow }
            return .uint(UInt64(number))
        case .string(let text):
            guard let result = UInt64(text), !text.hasPrefix("+") else { throw .conversion(value, to: "uint") }
            return .uint(result)
        default: throw .conversion(value, to: "uint")
        }
    }

    static func double(_ text: String) -> Double? {
        switch text.lowercased() {
        case "inf", "+inf", "infinity", "+infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        case "nan": return .nan
        default:
            guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let value = Double(text),
                value.isFinite
            else { return nil }
            return value
        }
    }

    static func string(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        switch value {
        case .string: return value
        case .bool, .int, .uint, .double, .timestamp, .duration: return .string(value.plainText)
        case .bytes(let bytes):
            try evaluation.charge(traversing: bytes)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw EvaluationError("invalid UTF-8 in bytes, cannot convert to string")
            }
            return .string(text)
        case .ip(let address): return .string(address.text)
        case .cidr(let prefix): return .string(prefix.text)
        default: throw .conversion(value, to: "string")
        }
    }
}
