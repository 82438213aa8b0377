/// Consecutive IPv4 or IPv6 addresses.
///
/// This is intentionally not the type with which policies are rendered: a mistake there must not be repeated here.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    /// Whether the addresses are IPv6 addresses.
    public let isIPv6: Bool
    /// The first address.
    public let first: UInt128
    /// The last address.
    public let last: UInt128

    init(isIPv6: Bool, first: UInt128, last: UInt128) {
        self.isIPv6 = isIPv6
        self.first = first
        self.last = last
    }

    /// Parses a range such as `10.0.0.0/8` or `fd00::/8`. Bits after the prefix are ignored, as network plug-ins do.
    ///
    /// IPv4-mapped IPv6 ranges are refused: some programs read them as IPv4, and others as IPv6.
    public init?(cidr text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = AddressRange(address: String(parts[0])) else { return nil }
        let bits = address.isIPv6 ? 128 : 32
        guard let length = Self.decimal(parts[1], upTo: bits) else { return nil }
        let free = length == bits ? 0 : UInt128.max >> UInt128(128 - (bits - length))
        self.init(isIPv6: address.isIPv6, first: address.first & ~free, last: address.first | free)
    }

    /// Parses a single address, such as `10.0.0.1` or `fd00::1`.
    public init?(address text: String) {
        let isIPv6 = text.contains(":")
        guard let value = isIPv6 ? Self.ipv6(text) : Self.ipv4(text[...]) else { return nil }
        if isIPv6, value >> 32 == 0xFFFF { return nil }
        self.init(isIPv6: isIPv6, first: value, last: value)
    }

    /// All addresses of both families.
    public static let all = [
        AddressRange(isIPv6: false, first: 0, last: UInt128(UInt32.max)),
        AddressRange(isIPv6: true, first: 0, last: .max),
    ]

    /// Whether the ranges have an address in common.
    public func overlaps(_ other: AddressRange) -> Bool {
        isIPv6 == other.isIPv6 && first <= other.last && other.first <= last
    }

    /// Whether all addresses of another range are in this range.
    public func contains(_ other: AddressRange) -> Bool {
        isIPv6 == other.isIPv6 && first <= other.first && other.last <= last
    }

    /// The addresses of this range that are not in another: none, one or two ranges.
    func subtracting(_ other: AddressRange) -> [AddressRange] {
        guard overlaps(other) else { return [self] }
        var rest: [AddressRange] = []
        if first < other.first { rest.append(AddressRange(isIPv6: isIPv6, first: first, last: other.first - 1)) }
        if other.last < last { rest.append(AddressRange(isIPv6: isIPv6, first: other.last + 1, last: last)) }
        return rest
    }

    public var description: String {
        let from = Self.text(first, isIPv6: isIPv6)
        return first == last ? from : "\(from)-\(Self.text(last, isIPv6: isIPv6))"
    }
}

extension AddressRange {
    private static func decimal(_ text: Substring, upTo maximum: Int) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text == "0" || !text.hasPrefix("0"), let value = Int(text), value <= maximum
        else { return nil }
        return value
    }

    private static func ipv4(_ text: Substring) -> UInt128? {
        let octets = text.split(separator: ".", omittingEmptySubsequences: false).map { decimal($0, upTo: 255) }
        guard octets.count == 4 else { return nil }
        return octets.reduce(0) { sum, octet in sum.flatMap { sum in octet.map { sum << 8 | UInt128($0) } } }
    }

    private static func ipv6(_ text: String) -> UInt128? {
        guard let gap = text.firstRange(of: "::") else {
            guard let groups = groups(text[...]), groups.count == 8 else { return nil }
            return value(groups)
        }
        guard let head = groups(text[..<gap.lowerBound], mayEndInIPv4: false),
            let tail = groups(text[gap.upperBound...]),
            head.count + tail.count < 8
        else { return nil }
        return value(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func groups(_ text: Substring, mayEndInIPv4: Bool = true) -> [UInt16]? {
        if text.isEmpty { return [] }
        var result: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, part.contains(".") {
                guard let embedded = ipv4(part) else { return nil }
                result += [UInt16(embedded >> 16), UInt16(embedded & 0xFFFF)]
                continue
            }
            guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit), let group = UInt16(part, radix: 16)
            else { return nil }
            result.append(group)
        }
        return result
    }

    private static func value(_ groups: [UInt16]) -> UInt128 { groups.reduce(0) { $0 << 16 | UInt128($1) } }

    private static func text(_ address: UInt128, isIPv6: Bool) -> String {
        if !isIPv6 { return [24, 16, 8, 0].map { String(address >> UInt128($0) & 0xFF) }.joined(separator: ".") }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: address >> UInt128(112 - 16 * $0)) }
        var longest = 0..<0
        for start in groups.indices {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.endIndex
            if end - start > max(longest.count, 1) { longest = start..<end }
        }
        let text = { (part: Range<Int>) in part.map { String(groups[$0], radix: 16) }.joined(separator: ":") }
        return longest.isEmpty ? text(0..<8) : "\(text(0..<longest.lowerBound))::\(text(longest.upperBound..<8))"
    }
}
