/// Base64 (RFC 4648, section 4), strict: with padding, and no other spelling of the same bytes.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for offset in 0..<3 { group = group << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0) }
            for digit in 0..<4 {
                output.append(digit <= count ? alphabet[Int(group >> (18 - 6 * digit) & 0x3F)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3)
        let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2 else { return nil }
        for start in stride(from: 0, to: text.count, by: 4) {
            var group: UInt32 = 0
            let isLast = start + 4 == text.count
            let digits = isLast ? 4 - padding : 4
            for offset in 0..<4 {
                guard offset < digits else {
                    group <<= 6
                    continue
                }
                guard let digit = value(of: text[start + offset]) else { return nil }
                group = group << 6 | UInt32(digit)
            }
            let count = digits - 1
            for offset in 0..<count { output.append(UInt8(truncatingIfNeeded: group >> (16 - 8 * offset))) }
            // Bits that no byte takes must be zero, or the same bytes would have several spellings.
            if count < 3, group & ((1 << (24 - 8 * count)) - 1) != 0 { return nil }
        }
        return output
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
