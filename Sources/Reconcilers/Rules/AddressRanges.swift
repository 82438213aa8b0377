/// The ranges that network policies are built from.
public enum AddressRanges {
    /// What the public internet is not: ranges that a server with access to the internet still does not reach, unless they
    /// are allowed by name (IANA's special-purpose registries, RFC 6890 and those that update it).
    ///
    /// `::/80` holds the IPv4-mapped `::ffff:0:0/96` and the IPv4-compatible range. The mapped range cannot stand for
    /// itself: the API server reads its address as an IPv4 one, and then finds it outside `::/0`.
    public static let blocked: [CIDR] = parse([
        "0.0.0.0/8",  // this network, RFC 791
        "10.0.0.0/8",  // private, RFC 1918
        "100.64.0.0/10",  // carrier-grade NAT, RFC 6598
        "127.0.0.0/8",  // loopback, RFC 1122
        "169.254.0.0/16",  // link-local, RFC 3927; 169.254.169.254 is where clouds serve metadata
        "172.16.0.0/12",  // private, RFC 1918
        "192.0.0.0/24",  // IETF protocol assignments, RFC 6890
        "192.168.0.0/16",  // private, RFC 1918
        "198.18.0.0/15",  // benchmarks, RFC 2544
        "224.0.0.0/4",  // multicast, RFC 1112
        "240.0.0.0/4",  // reserved, RFC 1112, and broadcast
        "::/80",  // unspecified, loopback, IPv4-compatible and IPv4-mapped, RFC 4291
        "::1/128",  // loopback; named though ::/80 holds it, since it is looked for
        "64:ff9b::/96",  // IPv4 through NAT64, RFC 6052
        "fc00::/7",  // unique local, RFC 4193
        "fe80::/10",  // link-local, RFC 4291
        "ff00::/8",  // multicast, RFC 4291
    ])

    /// What nobody can allow: the node's own loopback and link-local addresses, and the addresses at which clouds hand out
    /// credentials, in each of their IPv6 disguises.
    public static let neverAllowed: [CIDR] = parse([
        "0.0.0.0/8",  // Linux connects 0.0.0.0 to the loopback
        "127.0.0.0/8",
        "169.254.0.0/16",
        "100.100.100.200/32",  // Alibaba Cloud's metadata
        "192.0.0.192/32",  // Oracle Cloud's metadata
        "::/80",
        "64:ff9b::/104",  // 0.0.0.0/8 through NAT64
        "64:ff9b::7f00:0/104",  // 127.0.0.0/8 through NAT64
        "64:ff9b::a9fe:0/112",  // 169.254.0.0/16 through NAT64
        "64:ff9b::6464:64c8/128",  // 100.100.100.200 through NAT64
        "64:ff9b::c000:c0/128",  // 192.0.0.192 through NAT64
        "fd00:ec2::254/128",  // Amazon's metadata
        "fd20:ce::254/128",  // Google's metadata
        "fe80::/10",
    ])

    private static func parse(_ texts: [String]) -> [CIDR] {
        // The texts are constants, and a test reads each of them back.
        texts.compactMap { try? CIDR($0) }.sorted()
    }
}
