internal import CRDModels

/// Which addresses the gateway and the controller connect to on behalf of a tenant's remote servers. Pure.
///
/// It is asked about the address that a connection is made to, after the name was resolved, so a name that leads to another address than
/// it seems to is refused as well.
public struct AddressRules: Sendable, Hashable {
    /// A range that is reachable although it is not public.
    public struct Exception: Sendable, Hashable {
        /// The range.
        public var range: CIDR
        /// The TCP ports; `nil` for all.
        public var ports: [ClosedRange<Int>]?

        public init(range: CIDR, ports: [ClosedRange<Int>]? = nil) {
            self.range = range
            self.ports = ports
        }
    }

    /// Whether public addresses can be reached.
    public var reachesInternet: Bool
    /// The ranges that are not part of the public internet, and those that the platform and the tenant block.
    public var blocked: [CIDR]
    /// The ranges that can be reached all the same.
    public var exceptions: [Exception]
    /// Whether this machine itself can be reached: only for a gateway that serves nobody else.
    public var reachesLoopback = false

    public init(reachesInternet: Bool, blocked: [CIDR] = AddressRanges.blocked, exceptions: [Exception] = []) {
        self.reachesInternet = reachesInternet
        self.blocked = blocked
        self.exceptions = exceptions
    }

    /// Public addresses alone.
    public static let publicOnly = AddressRules(reachesInternet: true)
    /// No address.
    public static let none = AddressRules(reachesInternet: false)

    /// The rules of a tenant: what its servers reach in the network, remote servers are reached at.
    public init(_ network: NetworkRules) {
        self.init(
            reachesInternet: network.internet && !network.airgapped,
            blocked: network.blocked,
            exceptions: network.allow.compactMap { peer in
                guard let range = peer.cidr else { return nil }
                guard !peer.ports.isEmpty else { return Exception(range: range) }
                let ports = peer.ports.filter { ($0.`protocol` ?? "TCP") == "TCP" }
                return Exception(range: range, ports: ports.map { $0.port...($0.endPort ?? $0.port) })
            }
        )
    }

    /// Why a connection must not be made.
    ///
    /// - Parameters:
    ///   - text: the address, such as `203.0.113.7` or `2001:db8::7`, without brackets and zone.
    ///   - port: the TCP port.
    ///   - isSecure: whether the connection uses TLS. Without TLS, only addresses are reached that the network rules name.
    /// - Returns: `nil` if the address can be connected to.
    public func refusal(of text: String, port: Int, isSecure: Bool = true) -> String? {
        guard let address = CIDR(address: text) else { return "\"\(text)\" is not an address" }
        if reachesLoopback, Self.loopback.contains(where: { $0.contains(address) }) { return nil }
        if AddressRanges.neverAllowed.contains(where: { $0.contains(address) }) {
            return
                "\(text) is a loopback, link-local or metadata address, or a form of one, which remote servers never have"
        }
        let isException = exceptions.contains { exception in
            exception.range.contains(address) && (exception.ports.map { $0.contains { $0.contains(port) } } ?? true)
        }
        // Behind a translator is the IPv4 address, which has rules of its own.
        if let embedded = Self.embedded(address), let refusal = refusal(of: embedded, port: port, isSecure: isSecure),
            !isException
        {
            return "\(text) leads to \(embedded): \(refusal)"
        }
        if isException { return nil }
        guard isSecure else {
            return
                "\(text) is not named by the network rules, and only addresses that they name are called over http: use https, or let an "
                + "administrator allow it in spec.network.allow of the MCPTenant"
        }
        let isPublic =
            !blocked.contains { $0.contains(address) }
            && (address.family == .ipv4 || Self.globalUnicast.contains(address))
            && !Self.notGlobal.contains { $0.contains(address) }
        guard isPublic else {
            return
                "\(text) is private or reserved, or blocked by the network rules; an administrator can allow it in spec.network.allow "
                + "of the MCPTenant"
        }
        return reachesInternet ? nil : "\(text) is public, and the network rules do not allow the internet"
    }

    /// The IPv4 address in one of NAT64 (RFC 6052). Other forms are never allowed.
    private static func embedded(_ address: CIDR) -> String? {
        guard nat64?.contains(address) == true else { return nil }
        return [24, 16, 8, 0].map { String(address.address >> $0 & 0xFF) }.joined(separator: ".")
    }

    private static let nat64 = try? CIDR("64:ff9b::/96")
    private static let loopback = ["127.0.0.0/8", "::1/128"].compactMap { try? CIDR($0) }
    /// The only addresses of IPv6 that are assigned to the internet (RFC 4291, section 2.4, and IANA's registry).
    private static let globalUnicast = CIDR(family: .ipv6, address: 1 << 125, prefixLength: 3)
    /// Parts of it that lead elsewhere: Teredo and other protocol assignments, which contain IPv4 addresses, and documentation.
    private static let notGlobal = ["2001::/23", "2001:db8::/32", "3fff::/20"].compactMap { try? CIDR($0) }
}

extension CIDR {
    /// A single address; `nil` if the text is not one.
    init?(address text: String) {
        let isIPv6 = text.contains(":")
        guard let address = isIPv6 ? CIDR.ipv6(text[...]) : CIDR.ipv4(text[...]) else { return nil }
        let family: Family = isIPv6 ? .ipv6 : .ipv4
        self.init(family: family, address: address, prefixLength: family.bits)
    }
}
