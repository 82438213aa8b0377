internal import KubernetesAPI

/// Ranges of addresses as the API server's CEL function `isCIDR` reads them: Go's `netip.ParsePrefix`, without zones and
/// without IPv4-mapped IPv6 addresses.
enum CIDR {
    static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = number(parts[1], maximum: 128) else { return false }
        if parts[0].contains(":") {
            guard let words = ipv6(parts[0]) else { return false }
            return !(words[0..<5].allSatisfy { $0 == 0 } && words[5] == 0xFFFF)
        }
        return length <= 32 && ipv4(parts[0]) != nil
    }

    /// A decimal number without a sign or leading zeros.
    private static func number(_ text: Substring, maximum: Int) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text == "0" || !text.hasPrefix("0"), let value = Int(text), value <= maximum
        else { return nil }
        return value
    }

    private static func ipv4(_ text: Substring) -> [UInt16]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { number($0, maximum: 255) }
        guard bytes.count == 4 else { return nil }
        return [UInt16(bytes[0] << 8 | bytes[1]), UInt16(bytes[2] << 8 | bytes[3])]
    }

    private static func ipv6(_ text: Substring) -> [UInt16]? {
        func words(_ text: Substring, isLast: Bool) -> [UInt16]? {
            if text.isEmpty { return [] }
            var result: [UInt16] = []
            let groups = text.split(separator: ":", omittingEmptySubsequences: false)
            for (index, group) in groups.enumerated() {
                if isLast, index == groups.count - 1, group.contains(".") {
                    guard let embedded = ipv4(group) else { return nil }
                    result += embedded
                } else {
                    guard (1...4).contains(group.utf8.count), group.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
                        let word = UInt16(group, radix: 16)
                    else { return nil }
                    result.append(word)
                }
            }
            return result
        }
        guard let gap = text.firstRange(of: "::") else {
            guard let all = words(text, isLast: true), all.count == 8 else { return nil }
            return all
        }
        guard let head = words(text[..<gap.lowerBound], isLast: false),
            let tail = words(text[gap.upperBound...], isLast: true), head.count + tail.count <= 7
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }
}

extension CIDR {
    /// A string is a range of addresses.
    static let rule = Rule(
        "isCIDR(self)",
        message: "must be a range of addresses such as 203.0.113.0/24 or 2001:db8::/32"
    ) { text, _ in text.stringValue.map(isValid) ?? true }
}
