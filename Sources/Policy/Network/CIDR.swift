/// A range of IPv4 or IPv6 addresses, such as `10.0.0.0/8` or `fc00::/7`. An IPv4-mapped IPv6 range is an IPv6 range.
public struct CIDR: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The address family.
    public enum Family: Int, Sendable, Hashable {
        case ipv4 = 4
        case ipv6 = 6

        /// The length of an address in bits.
        public var bits: Int { self == .ipv4 ? 32 : 128 }
    }

    /// The address family.
    public let family: Family
    /// The first address. All bits after the prefix are zero.
    public let address: UInt128
    /// The number of leading bits that are fixed.
    public let prefixLength: Int

    /// Parses a range as strictly as Kubernetes does: no leading zeros in IPv4 octets, no bits set after the prefix, no
    /// zone.
    ///
    /// - Throws: `CIDRError`, which says what is wrong.
    public init(_ text: String) throws(CIDRError) {
        guard let slash = text.firstIndex(of: "/") else {
            throw CIDRError(text: text, message: "it has no prefix length: use a range such as 10.0.0.0/8")
        }
        let host = text[..<slash]
        let isIPv6 = host.contains(":")
        guard let address = isIPv6 ? CIDR.ipv6(host) : CIDR.ipv4(host) else {
            throw CIDRError(text: text, message: "\"\(host)\" is not an \(isIPv6 ? "IPv6" : "IPv4") address")
        }
        let family = isIPv6 ? Family.ipv6 : .ipv4
        let length = text[text.index(after: slash)...]
        guard !length.isEmpty, length.count <= 3, length == "0" || !length.hasPrefix("0"),
            length.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let prefixLength = Int(length),
            prefixLength <= family.bits
        else {
            throw CIDRError(text: text, message: "\"\(length)\" is not a prefix length from 0 to \(family.bits)")
        }
        self.init(family: family, address: address, prefixLength: prefixLength)
        if self.address != address {
            throw CIDRError(text: text, message: "bits after the prefix are set: the range is \(self)")
        }
    }

    /// The range with this prefix length that contains an address.
    package init(family: Family, address: UInt128, prefixLength: Int) {
        self.family = family
        self.prefixLength = prefixLength
        self.address = address & CIDR.mask(family, prefixLength)
    }

    /// All addresses of a family.
    public static func all(_ family: Family) -> CIDR { CIDR(family: family, address: 0, prefixLength: 0) }

    /// Whether this range contains another range, or is equal to it.
    public func contains(_ other: CIDR) -> Bool {
        family == other.family && prefixLength <= other.prefixLength
            && other.address & CIDR.mask(family, prefixLength) == address
    }

    /// Whether this range contains another, smaller range, as an `except` must be.
    public func strictlyContains(_ other: CIDR) -> Bool {
        contains(other) && prefixLength < other.prefixLength
    }

    /// Whether the ranges have an address in common. Two ranges overlap only if one contains the other.
    public func overlaps(_ other: CIDR) -> Bool { contains(other) || other.contains(self) }

    /// Sorts by family, then address, then size, larger ranges first.
    public static func < (left: CIDR, right: CIDR) -> Bool {
        (left.family.rawValue, left.address, left.prefixLength) < (
            right.family.rawValue, right.address, right.prefixLength
        )
    }

    public var description: String {
        switch family {
        case .ipv4: "\(CIDR.dotted(UInt32(truncatingIfNeeded: address)))/\(prefixLength)"
        case .ipv6: "\(CIDR.colons(address))/\(prefixLength)"
        }
    }

    private static func mask(_ family: Family, _ length: Int) -> UInt128 {
        guard length > 0 else { return 0 }
        let all = family == .ipv4 ? UInt128(UInt32.max) : UInt128.max
        return all & (UInt128.max << UInt128(family.bits - length))
    }
}

/// An invalid range of addresses.
public struct CIDRError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text that was given.
    public let text: String
    /// What is wrong.
    public let message: String

    public var description: String { "\"\(text)\" is not a range of addresses: \(message)" }
}

extension CIDR {
    static func ipv4(_ text: Substring) -> UInt128? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt128 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part == "0" || !part.hasPrefix("0"), let octet = UInt8(part)
            else { return nil }
            address = address << 8 | UInt128(octet)
        }
        return address
    }

    static func ipv6(_ text: Substring) -> UInt128? {
        var groups: [UInt16] = []
        var gap: Int?
        var rest = text
        if rest.hasPrefix("::") {
            gap = 0
            rest = rest.dropFirst(2)
        } else if rest.hasPrefix(":") {
            return nil
        }
        while !rest.isEmpty {
            let end = rest.firstIndex(of: ":") ?? rest.endIndex
            let part = rest[..<end]
            if part.contains(".") {
                // The last two groups can be written as an IPv4 address.
                guard end == rest.endIndex, let embedded = ipv4(part) else { return nil }
                groups.append(UInt16(truncatingIfNeeded: embedded >> 16))
                groups.append(UInt16(truncatingIfNeeded: embedded))
                rest = rest[end...]
                break
            }
            guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(\.isHexadecimal),
                let group = UInt16(part, radix: 16)
            else { return nil }
            groups.append(group)
            rest = rest[end...]
            if rest.hasPrefix("::") {
                guard gap == nil else { return nil }
                gap = groups.count
                rest = rest.dropFirst(2)
            } else if !rest.isEmpty {
                rest = rest.dropFirst()
                if rest.isEmpty { return nil }
            }
        }
        if let gap {
            guard groups.count < 8 else { return nil }
            groups.insert(contentsOf: [UInt16](repeating: 0, count: 8 - groups.count), at: gap)
        }
        guard groups.count == 8 else { return nil }
        return groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    private static func dotted(_ address: UInt32) -> String {
        [24, 16, 8, 0].map { String(address >> $0 & 0xFF) }.joined(separator: ".")
    }

    /// The canonical text of RFC 5952: lower case, no leading zeros, the first longest run of zeros as `::`, and a
    /// mapped IPv4 address in dotted form.
    private static func colons(_ address: UInt128) -> String {
        if address >> 32 == 0xFFFF { return "::ffff:" + dotted(UInt32(truncatingIfNeeded: address)) }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: address >> UInt128(112 - 16 * $0)) }
        var longest = 0..<0
        var index = 0
        while index < 8 {
            var end = index
            while end < 8, groups[end] == 0 { end += 1 }
            if end - index > longest.count, end - index > 1 { longest = index..<end }
            index = max(end, index + 1)
        }
        let text = { (range: Range<Int>) in range.map { String(groups[$0], radix: 16) }.joined(separator: ":") }
        return longest.isEmpty ? text(0..<8) : "\(text(0..<longest.lowerBound))::\(text(longest.upperBound..<8))"
    }
}

extension UInt8 {
    fileprivate var isHexadecimal: Bool {
        (0x30...0x39).contains(self) || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }
}
