/// Why a value has no canonical form.
public enum CanonicalJSONError: Error, Hashable, Sendable {
    /// A string or a name contains half of a surrogate pair.
    case notText
    /// An object has two members of this name.
    case duplicateName(String)
    /// A number is larger than a double.
    case numberOutOfRange(String)
    /// Arrays and objects are nested more than 512 levels deep.
    case tooDeep
}

extension RawJSON {
    /// This value in the canonical form of RFC 8785: members in the order of their names' UTF-16 code units, no white space, strings with as
    /// few escapes as possible, and numbers as ECMAScript writes the nearest double. Values that mean the same have the same canonical
    /// bytes, so a digest of these identifies the value.
    ///
    /// - Throws: `CanonicalJSONError` for a value outside I-JSON (RFC 7493).
    public func canonical() throws(CanonicalJSONError) -> RawJSON {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        try appendCanonical(to: &output, depth: 0)
        return RawJSON(written: output)
    }

    private func appendCanonical(to output: inout [UInt8], depth: Int) throws(CanonicalJSONError) {
        guard depth <= 512 else { throw .tooDeep }
        switch kind {
        case .null, .boolean: output.append(contentsOf: bytes)
        case .string:
            guard let text = stringValue else { throw .notText }
            JSONText.appendQuoted(text, to: &output)
        case .number:
            guard let value = doubleValue else { throw .numberOutOfRange(text) }
            output.append(contentsOf: ECMAScriptNumber.text(of: value).utf8)
        case .array:
            output.append(UInt8(ascii: "["))
            for (index, element) in (elements ?? []).enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                try element.appendCanonical(to: &output, depth: depth + 1)
            }
            output.append(UInt8(ascii: "]"))
        case .object:
            var sorted: [(name: String, value: RawJSON)] = []
            for member in members ?? [] {
                guard let name = String(validating: member.nameBytes, as: UTF8.self) else { throw .notText }
                sorted.append((name, member.value))
            }
            sorted.sort { $0.name.utf16.lexicographicallyPrecedes($1.name.utf16) }
            output.append(UInt8(ascii: "{"))
            for (index, member) in sorted.enumerated() {
                if index > 0 {
                    // Not by `==`, which takes different spellings of a character for the same.
                    guard !member.name.utf16.elementsEqual(sorted[index - 1].name.utf16) else {
                        throw .duplicateName(member.name)
                    }
                    output.append(UInt8(ascii: ","))
                }
                JSONText.appendQuoted(member.name, to: &output)
                output.append(UInt8(ascii: ":"))
                try member.value.appendCanonical(to: &output, depth: depth + 1)
            }
            output.append(UInt8(ascii: "}"))
        }
    }
}

/// Numbers as ECMAScript writes them (ECMA-262, Number::toString).
enum ECMAScriptNumber {
    /// The text of a finite number.
    static func text(of value: Double) -> String {
        if value == 0 { return "0" }
        // Swift writes the same digits, the fewest that mean this double; only their layout differs.
        let parts = "\(value.magnitude)".split(separator: "e")
        let mantissa = parts[0].split(separator: ".")
        let whole = mantissa[0]
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        var digits = String(whole) + fraction
        // The number is 0.digits times ten to the power of `point`.
        var point = whole.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        let leadingZeros = digits.prefix { $0 == "0" }.count
        digits.removeFirst(leadingZeros)
        point -= leadingZeros
        while digits.last == "0" { digits.removeLast() }
        let count = digits.count
        let sign = value < 0 ? "-" : ""
        switch point {
        case count...max(count, 21) where point <= 21: return sign + digits + zeros(point - count)
        case 1...21: return sign + digits.prefix(point) + "." + digits.dropFirst(point)
        case -5...0: return sign + "0." + zeros(-point) + digits
        default:
            let exponent = point - 1
            let rest = digits.dropFirst()
            return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e" + (exponent < 0 ? "-" : "+")
                + String(exponent.magnitude)
        }
    }

    private static func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
}
