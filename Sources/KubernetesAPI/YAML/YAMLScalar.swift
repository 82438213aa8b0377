/// How the text of a YAML scalar becomes a value, by the rules of the YAML 1.1 library behind `sigs.k8s.io/yaml`.
enum YAMLScalar {
    static func resolve(
        _ text: String,
        tag: String?,
        isPlain: Bool,
        _ position: YAMLPosition
    ) throws(YAMLError) -> JSONValue {
        func mismatch(_ wanted: String) -> YAMLError {
            YAMLError(
                code: .invalidValue,
                message: "cannot decode \"\(text)\" as a !!\(wanted)",
                line: position.line,
                column: position.column
            )
        }
        let prefix = "tag:yaml.org,2002:"
        guard let tag, tag.hasPrefix(prefix), tag != "!" else {
            // An application's own tag (`!foo`) and the tag `!` both mean a string.
            return try isPlain && tag == nil ? plain(text, position) : .string(text)
        }
        let resolved = try plain(text, position)
        switch tag.dropFirst(prefix.count) {
        case "null":
            guard text.isEmpty || resolved.isNull else { throw mismatch("null") }
            return .null
        case "bool":
            guard case .bool = resolved else { throw mismatch("bool") }
            return resolved
        case "int":
            guard resolved.integerValue != nil else { throw mismatch("int") }
            return resolved
        case "float":
            guard resolved.numberValue != nil else { throw mismatch("float") }
            return resolved
        case "binary":
            guard let decoded = Base64.decode(text), let string = String(validating: decoded, as: UTF8.self) else {
                throw mismatch("binary")
            }
            return .string(string)
        default: return .string(text)
        }
    }

    /// The value of a plain scalar.
    static func plain(_ text: String, _ position: YAMLPosition = .init(line: 0, column: 0)) throws(YAMLError)
        -> JSONValue
    {
        // The longest of these words has five letters; most scalars are longer.
        if text.utf8.count <= 5, let value = try word(text, position) { return value }
        guard let first = text.utf8.first,
            first == UInt8(ascii: "+") || first == UInt8(ascii: "-")
                || first == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return .string(text) }
        return number(text) ?? .string(text)
    }

    /// The words that are not strings.
    private static func word(_ text: String, _ position: YAMLPosition) throws(YAMLError) -> JSONValue? {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE": return .bool(true)
        case "n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE": return .bool(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN":
            throw YAMLError(
                code: .invalidValue,
                message: "\(text) cannot be represented in JSON: put it in quotes if it is a string",
                line: position.line,
                column: position.column
            )
        default: return nil
        }
    }

    private static func number(_ text: String) -> JSONValue? {
        let digits = text.filter { $0 != "_" }
        let isNegative = digits.hasPrefix("-")
        let unsigned = isNegative || digits.hasPrefix("+") ? digits.dropFirst() : digits[...]
        func integer(_ digits: some StringProtocol, radix: Int) -> JSONValue? {
            guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
                let magnitude = UInt64(digits, radix: radix)
            else { return nil }
            if isNegative { return Int64(exactly: -Int128(magnitude)).map { .integer($0) } }
            return Int64(exactly: magnitude).map { .integer($0) } ?? .number(Double(magnitude))
        }
        let lowercased = unsigned.lowercased()
        for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] where lowercased.hasPrefix(prefix) {
            return integer(lowercased.dropFirst(2), radix: radix)
        }
        if unsigned.hasPrefix("0"), unsigned.count > 1, let octal = integer(unsigned.dropFirst(), radix: 8) {
            return octal
        }
        if !unsigned.hasPrefix("0") || unsigned == "0", let decimal = integer(unsigned, radix: 10) { return decimal }
        return isFloat(unsigned) ? float(digits) : nil
    }

    /// `[0-9]*(\.[0-9]*)?([eE][-+]?[0-9]+)?` with at least one digit before the exponent.
    private static func isFloat(_ text: Substring) -> Bool {
        let bytes = Array(text.utf8)
        var position = 0
        func digits() -> Int {
            let start = position
            while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
                position += 1
            }
            return position - start
        }
        var count = digits()
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            count += digits()
        }
        guard count > 0 else { return false }
        if position < bytes.count, bytes[position] == UInt8(ascii: "e") || bytes[position] == UInt8(ascii: "E") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard digits() > 0 else { return false }
        }
        return position == bytes.count
    }

    /// A number beyond the range of a double remains a string, as in that library. A number without a fraction becomes
    /// an integer: `kubectl` converts YAML to JSON, and Go writes the float `1.0` as `1`.
    private static func float(_ text: String) -> JSONValue? {
        guard let value = Double(text), value.isFinite else { return nil }
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return .integer(whole) }
        return .number(value)
    }
}

/// RFC 4648's base64 with white space allowed, for YAML's `!!binary`.
enum Base64 {
    static func decode(_ text: String) -> [UInt8]? {
        var output: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        for byte in text.utf8 where byte != 0x20 && byte != 0x0A && byte != 0x0D && byte != 0x09 {
            if byte == UInt8(ascii: "=") {
                padding += 1
                count += 1
                bits <<= 6
            } else {
                let value: UInt8
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
                case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
                case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
                case UInt8(ascii: "+"): value = 62
                case UInt8(ascii: "/"): value = 63
                default: return nil
                }
                guard padding == 0 else { return nil }
                bits = bits << 6 | UInt32(value)
                count += 1
            }
            if count == 4 {
                guard padding <= 2 else { return nil }
                let bytes = [
                    UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8),
                    UInt8(truncatingIfNeeded: bits),
                ]
                output.append(contentsOf: bytes.prefix(3 - padding))
                bits = 0
                count = 0
            }
        }
        return count == 0 ? output : nil
    }
}
