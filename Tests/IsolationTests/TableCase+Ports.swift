/// Protocols, names and ranges of ports.
extension TableCase {
    private static func egress(_ name: String, _ ports: String, _ table: String) -> TableCase {
        TableCase(
            name: name,
            pods: """
                a/client
                b/one :http=8080 udp:dns=53
                b/two :http=9090
                b/none
                """,
            policies: """
                metadata: {name: p, namespace: a}
                spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: \(ports)}]}
                """,
            table: table
        )
    }

    static let ports = [
        egress(
            "a named port has the number that the target gives it",
            "[{port: http}]",
            """
            a/client -> b/one TCP 8080 yes a/p -
            a/client -> b/one TCP 9090 no
            a/client -> b/two TCP 9090 yes a/p -
            a/client -> b/two TCP 8080 no
            a/client -> b/none TCP 8080 no
            a/client -> 8.8.8.8 TCP 8080 no
            """
        ),
        egress(
            "the protocol of a named port must match as well",
            "[{protocol: UDP, port: dns}, {protocol: UDP, port: http}]",
            """
            a/client -> b/one UDP 53 yes a/p -
            a/client -> b/one TCP 53 no
            a/client -> b/one UDP 8080 no
            a/client -> b/two UDP 9090 no
            """
        ),
        egress(
            "the protocol is TCP by default",
            "[{port: 80}]",
            """
            a/client -> b/none TCP 80 yes a/p -
            a/client -> b/none UDP 80 no
            a/client -> b/none SCTP 80 no
            a/client -> 8.8.8.8 TCP 80 yes a/p
            """
        ),
        egress(
            "a protocol without a port allows all its ports",
            "[{protocol: SCTP}]",
            """
            a/client -> b/none SCTP 1 yes a/p -
            a/client -> b/none SCTP 65535 yes a/p -
            a/client -> b/none TCP 1 no
            """
        ),
        egress(
            "an empty port is TCP, all ports",
            "[{}]",
            """
            a/client -> b/none TCP 1 yes a/p -
            a/client -> b/none UDP 1 no
            """
        ),
        egress(
            "an empty list of ports allows all",
            "[]",
            """
            a/client -> b/none UDP 7 yes a/p -
            a/client -> b/none SCTP 7 yes a/p -
            """
        ),
        egress(
            "ranges that touch each other",
            "[{port: 10, endPort: 20}, {port: 21, endPort: 21}, {port: 65535}]",
            """
            a/client -> b/none TCP 9 no
            a/client -> b/none TCP 10 yes a/p -
            a/client -> b/none TCP 21 yes a/p -
            a/client -> b/none TCP 22 no
            a/client -> b/none TCP 65535 yes a/p -
            """
        ),
        TableCase(
            name: "a named port for incoming connections",
            pods: "a/server :mcp=8000\na/old :mcp=7000\nb/client",
            policies: """
                metadata: {name: p, namespace: a}
                spec: {podSelector: {}, ingress: [{ports: [{port: mcp}]}]}
                """,
            table: """
                b/client -> a/server TCP 8000 yes - a/p
                b/client -> a/server TCP 7000 no
                b/client -> a/old TCP 7000 yes - a/p
                """
        ),
        TableCase(
            name: "only the ports that both ends allow are open",
            pods: "a/client\nb/server",
            policies: """
                metadata: {name: out, namespace: a}
                spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 80, endPort: 90}]}]}
                ---
                metadata: {name: in, namespace: b}
                spec: {podSelector: {}, ingress: [{ports: [{port: 85, endPort: 95}]}]}
                """,
            table: """
                a/client -> b/server TCP 84 no
                a/client -> b/server TCP 85 yes a/out b/in
                a/client -> b/server TCP 90 yes a/out b/in
                a/client -> b/server TCP 91 no
                """
        ),
        TableCase(
            name: "both ends allow, but no common port",
            pods: "a/client\nb/server",
            policies: """
                metadata: {name: out, namespace: a}
                spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 80}]}]}
                ---
                metadata: {name: in, namespace: b}
                spec: {podSelector: {}, ingress: [{ports: [{port: 81}, {protocol: UDP, port: 80}]}]}
                """,
            table: """
                a/client -> b/server TCP 80 no
                a/client -> b/server TCP 81 no
                a/client -> b/server UDP 80 no
                """
        ),
    ]
}
