/// Several policies, both ends, and pods on the network of their node.
extension TableCase {
    static let combinations = [
        TableCase(
            name: "policies are additive",
            pods: "a/server app=s\na/one num=1\na/two num=2\na/three num=3",
            policies: """
                metadata: {name: one, namespace: a}
                spec: {podSelector: {matchLabels: {app: s}}, ingress: [{from: [{podSelector: {matchLabels: {num: '1'}}}]}]}
                ---
                metadata: {name: two, namespace: a}
                spec: {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {num: '2'}}}]}]}
                ---
                metadata: {name: twice, namespace: a}
                spec: {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {num: '2'}}}]}]}
                """,
            table: """
                a/one -> a/server TCP 80 yes - a/one
                a/two -> a/server TCP 80 yes - a/twice,a/two
                a/three -> a/server TCP 80 no
                a/one -> a/two TCP 80 no
                a/two -> a/one TCP 80 yes - a/twice,a/two
                """
        ),
        TableCase(
            name: "rules of different policies are not combined into one",
            pods: "a/server\nb/x\nc/x",
            policies: """
                metadata: {name: b-80, namespace: a}
                spec:
                  podSelector: {}
                  ingress:
                    - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]
                      ports: [{port: 80}]
                ---
                metadata: {name: c-81, namespace: a}
                spec:
                  podSelector: {}
                  ingress:
                    - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: c}}}]
                      ports: [{port: 81}]
                """,
            table: """
                b/x -> a/server TCP 80 yes - a/b-80
                b/x -> a/server TCP 81 no
                c/x -> a/server TCP 81 yes - a/c-81
                c/x -> a/server TCP 80 no
                """
        ),
        TableCase(
            name: "both ends must allow",
            pods: "a/client\nb/server\nb/open app=open",
            policies: """
                metadata: {name: out, namespace: a}
                spec:
                  podSelector: {}
                  policyTypes: [Egress]
                  egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]}]
                ---
                metadata: {name: deny, namespace: b}
                spec: {podSelector: {}}
                ---
                metadata: {name: in, namespace: b}
                spec:
                  podSelector: {matchLabels: {app: open}}
                  ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: a}}}]}]
                """,
            table: """
                a/client -> b/server TCP 80 no
                a/client -> b/open TCP 80 yes a/out b/in
                b/open -> a/client TCP 80 yes - -
                b/server -> b/open TCP 80 no
                """
        ),
        TableCase(
            name: "only the policy that opens a common port is named",
            pods: "a/client\nb/server",
            policies: """
                metadata: {name: out-80, namespace: a}
                spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 80}]}]}
                ---
                metadata: {name: out-90, namespace: a}
                spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 90}]}]}
                ---
                metadata: {name: in-90, namespace: b}
                spec: {podSelector: {}, ingress: [{ports: [{port: 90}]}]}
                """,
            table: """
                a/client -> b/server TCP 80 no
                a/client -> b/server TCP 90 yes a/out-90 b/in-90
                """
        ),
        TableCase(
            name: "pods on the network of their node are open, in both directions",
            pods: "a/agent host\nb/server\nb/client",
            policies: """
                metadata: {name: deny, namespace: a}
                spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
                ---
                metadata: {name: deny, namespace: b}
                spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
                """,
            table: """
                a/agent -> b/server TCP 80 yes host host
                b/client -> a/agent TCP 10250 yes host host
                b/client -> b/server TCP 80 no
                a/agent -> 169.254.169.254 TCP 80 yes -
                """
        ),
        TableCase(
            name: "a cluster without policies is open",
            pods: "a/x\nb/y",
            table: """
                a/x -> b/y TCP 80 yes - -
                b/y -> a/x SCTP 80 yes - -
                a/x -> 10.0.0.1 UDP 53 yes -
                """
        ),
        TableCase(
            name: "a policy of a namespace without pods has no effect",
            pods: "a/x\nb/y",
            policies: """
                metadata: {name: deny, namespace: c}
                spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
                """,
            table: """
                a/x -> b/y TCP 80 yes - -
                """
        ),
    ]
}
