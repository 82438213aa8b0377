#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// An IPv4 or IPv6 address. An IPv4 address in IPv6 form (`::ffff:10.0.0.1`) equals the plain one.
struct IPAddress: Sendable, Hashable {
    /// Four or sixteen bytes.
    let bytes: [UInt8]

    /// Returns `nil` if the text is not an address, such as a host name.
    init?(_ text: String) {
        var buffer = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &buffer) == 1 {
            bytes = Array(buffer.prefix(4))
        } else if inet_pton(AF_INET6, text, &buffer) == 1 {
            let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
            bytes = buffer.starts(with: mappedPrefix) ? Array(buffer.suffix(4)) : buffer
        } else {
            return nil
        }
    }

    /// Whether it is a loopback address.
    var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }
}

/// A range of addresses in CIDR notation, such as `10.0.0.0/8` or `fd00::/8`.
struct IPRange: Sendable, Hashable {
    private let base: IPAddress
    private let prefixLength: Int

    /// Returns `nil` if the text is not a range.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let base = IPAddress(String(parts[0])), let length = Int(parts[1]),
            (0...(base.bytes.count * 8)).contains(length)
        else { return nil }
        self.base = base
        prefixLength = length
    }

    func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        let wholeBytes = prefixLength / 8
        guard address.bytes.prefix(wholeBytes) == base.bytes.prefix(wholeBytes) else { return false }
        let remainingBits = prefixLength % 8
        guard remainingBits > 0 else { return true }
        return (address.bytes[wholeBytes] ^ base.bytes[wholeBytes]) >> (8 - remainingBits) == 0
    }
}
