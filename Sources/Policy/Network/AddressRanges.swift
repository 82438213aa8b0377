/// The ranges that network policies are built from.
public enum AddressRanges {
    /// The ranges that are not part of the public internet. A server with access to the internet does not reach them
    /// unless they are allowed explicitly (IANA's special-purpose registries, RFC 6890 and its updates).
    ///
    /// `::/80` contains the IPv4-mapped range `::ffff:0:0/96` and the IPv4-compatible range. The mapped range cannot be
    /// listed separately: the API server parses its address as IPv4, which is not in `::/0`.
    public static let blocked: [CIDR] = parse([
        "0.0.0.0/8",  // this network, RFC 791
        "10.0.0.0/8",  // private, RFC 1918
        "100.64.0.0/10",  // carrier-grade NAT, RFC 6598
        "127.0.0.0/8",  // loopback, RFC 1122
        "169.254.0.0/16",  // link-local, RFC 3927; 169.254.169.254 is where clouds serve metadata
        "168.63.129.16/32",  // Azure's platform services, which serve a node's settings
        "172.16.0.0/12",  // private, RFC 1918
        "192.0.0.0/24",  // IETF protocol assignments, RFC 6890
        "192.168.0.0/16",  // private, RFC 1918
        "198.18.0.0/15",  // benchmarks, RFC 2544
        "224.0.0.0/4",  // multicast, RFC 1112
        "240.0.0.0/4",  // reserved, RFC 1112, and broadcast
        "::/80",  // unspecified, loopback, IPv4-compatible and IPv4-mapped, RFC 4291
        "::1/128",  // loopback; also in ::/80, but listed because readers look for it
        "64:ff9b::/96",  // IPv4 through NAT64, RFC 6052
        "64:ff9b:1::/48",  // IPv4 through a local NAT64, RFC 8215
        "2002::/16",  // IPv4 through 6to4, RFC 3056
        "fc00::/7",  // unique local, RFC 4193
        "fe80::/10",  // link-local, RFC 4291
        "fec0::/10",  // site-local, RFC 3879
        "ff00::/8",  // multicast, RFC 4291
    ])

    /// Ranges that cannot be allowed: the node's own loopback and link-local addresses, and the addresses at which
    /// clouds serve credentials, with their IPv6 forms.
    public static let neverAllowed: [CIDR] = parse([
        "0.0.0.0/8",  // Linux connects 0.0.0.0 to the loopback address
        "127.0.0.0/8",
        "169.254.0.0/16",
        "100.100.100.200/32",  // Alibaba Cloud's metadata
        "168.63.129.16/32",  // Azure's platform services
        "192.0.0.192/32",  // Oracle Cloud's metadata
        "::/80",
        "64:ff9b::/104",  // 0.0.0.0/8 through NAT64
        "64:ff9b::7f00:0/104",  // 127.0.0.0/8 through NAT64
        "64:ff9b::a9fe:0/112",  // 169.254.0.0/16 through NAT64
        "64:ff9b::6464:64c8/128",  // 100.100.100.200 through NAT64
        "64:ff9b::c000:c0/128",  // 192.0.0.192 through NAT64
        "64:ff9b:1::/48",  // any IPv4 address, at a position that depends on the network
        "2002::/16",  // any IPv4 address
        "fd00:ec2::23/128",  // the agent of EKS Pod Identity
        "fd00:ec2::254/128",  // Amazon's metadata
        "fd20:ce::254/128",  // Google's metadata
        "fe80::/10",
    ])

    /// The addresses at which clouds serve metadata and credentials. A range that contains them is opened for DNS
    /// without them.
    package static let credentials: [CIDR] = parse([
        "100.100.100.200/32",
        "168.63.129.16/32",
        "169.254.169.252/32",  // GKE's metadata server, as pods reach it
        "169.254.169.254/32",  // most clouds' metadata
        "169.254.170.2/32",  // the credentials of ECS tasks
        "169.254.170.23/32",  // the agent of EKS Pod Identity
        "192.0.0.192/32",
        "fd00:ec2::23/128",
        "fd00:ec2::254/128",
        "fd20:ce::254/128",
    ])

    /// Ranges that cannot contain a DNS server: those that cannot be allowed, except link-local addresses, which
    /// node-local caches and cloud resolvers use.
    package static let neverDNS: [CIDR] = neverAllowed.filter { range in
        !linkLocal.contains(range) && !credentials.contains(range)
    }

    private static let linkLocal: [CIDR] = parse(["169.254.0.0/16", "fe80::/10"])

    private static func parse(_ texts: [String]) -> [CIDR] {
        // The texts are constants, and a test parses each of them.
        texts.compactMap { try? CIDR($0) }.sorted()
    }
}
