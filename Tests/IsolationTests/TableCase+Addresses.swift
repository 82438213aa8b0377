/// Ranges of addresses.
extension TableCase {
    private static func egress(
        _ name: String,
        _ block: String,
        podRanges: [String]? = nil,
        _ table: String
    ) -> TableCase {
        TableCase(
            name: name,
            pods: """
                a/client
                b/known @10.1.2.3
                b/dual @10.9.9.9 @fd00::9
                b/unknown
                """,
            policies: """
                metadata: {name: p, namespace: a}
                spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: \(block)}]}]}
                """,
            podRanges: podRanges,
            table: table
        )
    }

    static let addresses = [
        egress(
            "a block covers the pods whose addresses it contains",
            "{cidr: 10.1.0.0/16}",
            podRanges: ["10.9.0.0/16"],
            """
            a/client -> b/known TCP 80 yes a/p -
            a/client -> b/dual TCP 80 no
            a/client -> b/unknown TCP 80 no
            a/client -> 10.1.255.255 TCP 80 yes a/p
            a/client -> 10.2.0.0 TCP 80 no
            """
        ),
        egress(
            "exceptions are not covered",
            "{cidr: 10.0.0.0/8, except: [10.1.2.0/24, 10.9.0.0/16]}",
            podRanges: ["10.9.0.0/16"],
            """
            a/client -> b/known TCP 80 no
            a/client -> b/unknown TCP 80 no
            a/client -> 10.1.1.255 TCP 80 yes a/p
            a/client -> 10.1.3.0 TCP 80 yes a/p
            a/client -> 10.1.2.0 TCP 80 no
            """
        ),
        egress(
            "an exception that leaves one possible address of the pods covers them",
            "{cidr: 10.0.0.0/8, except: [10.9.0.0/17]}",
            podRanges: ["10.9.127.0/24", "10.9.128.0/32"],
            """
            a/client -> b/unknown TCP 80 yes a/p -
            """
        ),
        egress(
            "any of a pod's addresses is sufficient",
            "{cidr: 'fd00::/64'}",
            podRanges: ["10.9.0.0/16"],
            """
            a/client -> b/dual TCP 80 yes a/p -
            a/client -> b/known TCP 80 no
            a/client -> fd00::1 TCP 80 yes a/p
            a/client -> fd01::1 TCP 80 no
            """
        ),
        egress(
            "without pod ranges, every address can be the address of a pod",
            "{cidr: 203.0.113.0/24}",
            """
            a/client -> b/unknown TCP 80 yes a/p -
            a/client -> b/known TCP 80 no
            """
        ),
        egress(
            "no pod has a link-local address",
            "{cidr: 169.254.0.0/16}",
            """
            a/client -> b/unknown TCP 80 no
            a/client -> 169.254.169.254 TCP 80 yes a/p
            """
        ),
        egress(
            "IPv4 rules do not open IPv6",
            "{cidr: 0.0.0.0/0}",
            podRanges: ["fd00::/8"],
            """
            a/client -> b/known TCP 80 yes a/p -
            a/client -> b/unknown TCP 80 no
            a/client -> 2001:db8::1 TCP 80 no
            """
        ),
        egress(
            "IPv6 with exceptions",
            "{cidr: '::/0', except: ['fc00::/7', 'fe80::/10']}",
            podRanges: ["fd00::/8"],
            """
            a/client -> 2001:db8::1 TCP 80 yes a/p
            a/client -> fdff::1 TCP 80 no
            a/client -> fe80::1 TCP 80 no
            a/client -> fec0::1 TCP 80 yes a/p
            a/client -> b/unknown TCP 80 no
            a/client -> b/dual TCP 80 no
            """
        ),
        egress(
            "bits after the prefix are ignored",
            "{cidr: 10.1.2.77/24}",
            podRanges: ["10.9.0.0/16"],
            """
            a/client -> b/known TCP 80 yes a/p -
            a/client -> 10.1.2.0 TCP 80 yes a/p
            """
        ),
        egress(
            "a single address",
            "{cidr: 10.1.2.3/32}",
            podRanges: ["10.9.0.0/16"],
            """
            a/client -> b/known TCP 80 yes a/p -
            a/client -> 10.1.2.4 TCP 80 no
            """
        ),
        TableCase(
            name: "incoming connections by address",
            pods: "a/server\nb/near @172.16.5.5\nb/far @172.32.0.1",
            policies: """
                metadata: {name: p, namespace: a}
                spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 172.16.0.0/12}}]}]}
                """,
            table: """
                b/near -> a/server TCP 80 yes - a/p
                b/far -> a/server TCP 80 no
                """
        ),
    ]
}
