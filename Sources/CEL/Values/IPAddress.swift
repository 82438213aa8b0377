/// An IPv4 or IPv6 address, as Go's package `netip` reads and writes it.
package struct IPAddress: Sendable, Hashable {
    /// 4 or 16 bytes.
    package let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isIPv4: Bool { bytes.count == 4 }

    /// An IPv4 address in the form of IPv6, which Kubernetes does not accept.
    var isMapped: Bool {
        bytes.count == 16 && bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    }

    /// Reads the text of an address without a zone.
    init?(_ text: String) {
        guard text.utf8.count <= 45 else { return nil }
        if text.contains(":") {
            guard let bytes = IPAddress.version6(text) else { return nil }
            self.bytes = bytes
        } else {
            guard let bytes = IPAddress.version4(Substring(text)) else { return nil }
            self.bytes = bytes
        }
    }

    private static func version4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), part.count == 1 || part.first != "0",
                let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// What is wrong with the text of an address.
    static func problem(_ text: String) -> String {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, !text.contains(":") else { return "unable to parse IP" }
        for part in parts {
            if part.isEmpty { return "IPv4 field must have at least one digit" }
            guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return "unexpected character" }
            if part.count > 1, part.first == "0" { return "IPv4 field has octet with leading zero" }
            if UInt8(part) == nil { return "IPv4 field has value >255" }
        }
        return parts.count < 4 ? "IPv4 address too short" : "IPv4 address too long"
    }

    private static func version6(_ text: String) -> [UInt8]? {
        func groups(_ text: Substring) -> [UInt8]? {
            if text.isEmpty { return [] }
            var bytes: [UInt8] = []
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() {
                if index == parts.count - 1, part.contains(".") {
                    guard let rest = version4(part) else { return nil }
                    bytes += rest
                    continue
                }
                guard (1...4).contains(part.utf8.count), part.unicodeScalars.allSatisfy({ $0.hexadecimalValue != nil }),
                    let value = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(value >> 8), UInt8(value & 0xFF)]
            }
            return bytes
        }
        guard let gap = text.firstRange(of: "::") else {
            guard let bytes = groups(Substring(text)), bytes.count == 16 else { return nil }
            return bytes
        }
        let tail = text[gap.upperBound...]
        guard !tail.hasPrefix(":"), let before = groups(text[..<gap.lowerBound]), let after = groups(tail),
            !text[..<gap.lowerBound].contains("."), before.count + after.count <= 14
        else { return nil }
        return before + Array(repeating: 0, count: 16 - before.count - after.count) + after
    }

    /// The canonical text.
    package var text: String {
        if isIPv4 { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        // The longest run of zeros is left out, the first of several.
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = end + 1
        }
        func shown(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        return best.isEmpty ? shown(0..<8) : "\(shown(0..<best.lowerBound))::\(shown(best.upperBound..<8))"
    }

    var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }
    var isLoopback: Bool { isIPv4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1 }
    var isMulticast: Bool { isIPv4 ? bytes[0] & 0xF0 == 0xE0 : bytes[0] == 0xFF }
    var isLinkLocalMulticast: Bool {
        isIPv4 ? bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0 : bytes[0] == 0xFF && bytes[1] & 0x0F == 2
    }
    var isLinkLocalUnicast: Bool {
        isIPv4 ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
    }
    var isGlobalUnicast: Bool {
        !isUnspecified && !isLoopback && !isMulticast && !isLinkLocalUnicast && bytes != [255, 255, 255, 255]
    }
}

/// A range of addresses such as `10.0.0.0/8`.
package struct IPPrefix: Sendable, Hashable {
    package var address: IPAddress
    package var length: Int

    init(address: IPAddress, length: Int) {
        self.address = address
        self.length = length
    }

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])), !address.isMapped,
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), parts[1].count == 1 || parts[1].first != "0",
            let length = Int(parts[1]), length <= address.bytes.count * 8
        else { return nil }
        self.init(address: address, length: length)
    }

    package var text: String { "\(address.text)/\(length)" }

    /// The range with all bits after its length set to 0.
    var masked: IPPrefix {
        let bytes = address.bytes.enumerated().map { index, byte in
            let bits = min(max(length - index * 8, 0), 8)
            return bits == 0 ? 0 : byte & (0xFF << UInt8(8 - bits))
        }
        return IPPrefix(address: IPAddress(bytes: bytes), length: length)
    }

    func contains(_ other: IPAddress) -> Bool {
        other.bytes.count == address.bytes.count
            && IPPrefix(address: other, length: length).masked.address == masked.address
    }

    func contains(_ other: IPPrefix) -> Bool { length <= other.length && contains(other.address) }
}
