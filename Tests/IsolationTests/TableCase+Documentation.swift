/// The examples of https://kubernetes.io/docs/concepts/services-networking/network-policies/, rebuilt.
extension TableCase {
    static let documentation = [
        TableCase(
            name: "the documentation's first example: a database with three kinds of clients",
            namespaces: """
                default
                myproject project=myproject
                other
                """,
            pods: """
                default/db role=db
                default/frontend role=frontend
                default/batch role=batch
                myproject/any
                other/frontend role=frontend
                other/near @172.17.2.9
                other/excluded @172.17.1.9
                other/sink @10.0.0.7
                """,
            policies: """
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: database, namespace: default}
                spec:
                  podSelector: {matchLabels: {role: db}}
                  policyTypes: [Ingress, Egress]
                  ingress:
                    - from:
                        - ipBlock: {cidr: 172.17.0.0/16, except: [172.17.1.0/24]}
                        - namespaceSelector: {matchLabels: {project: myproject}}
                        - podSelector: {matchLabels: {role: frontend}}
                      ports: [{protocol: TCP, port: 6379}]
                  egress:
                    - to: [{ipBlock: {cidr: 10.0.0.0/24}}]
                      ports: [{protocol: TCP, port: 5978}]
                """,
            podRanges: ["192.168.0.0/16"],
            table: """
                default/frontend -> default/db TCP 6379 yes - default/database
                default/frontend -> default/db TCP 6380 no
                default/frontend -> default/db UDP 6379 no
                default/batch -> default/db TCP 6379 no
                myproject/any -> default/db TCP 6379 yes - default/database
                other/frontend -> default/db TCP 6379 no
                other/near -> default/db TCP 6379 yes - default/database
                other/excluded -> default/db TCP 6379 no
                default/db -> other/sink TCP 5978 yes default/database -
                default/db -> other/sink TCP 5979 no
                default/db -> default/frontend TCP 5978 no
                default/db -> 10.0.0.255 TCP 5978 yes default/database
                default/db -> 10.0.1.0 TCP 5978 no
                default/frontend -> default/batch TCP 1 yes - -
                """
        ),
        TableCase(
            name: "deny all ingress",
            pods: "a/x\na/y\nb/z",
            policies: """
                metadata: {name: deny, namespace: a}
                spec: {podSelector: {}, policyTypes: [Ingress]}
                """,
            table: """
                a/x -> a/y TCP 80 no
                b/z -> a/x TCP 80 no
                a/x -> b/z TCP 80 yes - -
                a/x -> a/x TCP 80 yes - -
                """
        ),
        TableCase(
            name: "allow all ingress wins over deny all",
            pods: "a/x\na/y\nb/z",
            policies: """
                metadata: {name: deny, namespace: a}
                spec: {podSelector: {}, policyTypes: [Ingress]}
                ---
                metadata: {name: allow, namespace: a}
                spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{}]}
                """,
            table: """
                b/z -> a/x TCP 80 yes - a/allow
                a/y -> a/x SCTP 9 yes - a/allow
                """
        ),
        TableCase(
            name: "deny all egress",
            pods: "a/x\na/y\nb/z",
            policies: """
                metadata: {name: deny, namespace: a}
                spec: {podSelector: {}, policyTypes: [Egress]}
                """,
            table: """
                a/x -> b/z TCP 80 no
                a/x -> a/y TCP 80 no
                b/z -> a/x TCP 80 yes - -
                a/x -> 8.8.8.8 UDP 53 no
                b/z -> 8.8.8.8 UDP 53 yes -
                """
        ),
        TableCase(
            name: "allow all egress wins over deny all",
            pods: "a/x\nb/z",
            policies: """
                metadata: {name: deny, namespace: a}
                spec: {podSelector: {}, policyTypes: [Egress]}
                ---
                metadata: {name: allow, namespace: a}
                spec: {podSelector: {}, policyTypes: [Egress], egress: [{}]}
                """,
            table: """
                a/x -> b/z TCP 80 yes a/allow -
                a/x -> 169.254.169.254 TCP 80 yes a/allow
                a/x -> fd00:ec2::254 TCP 80 yes a/allow
                """
        ),
        TableCase(
            name: "deny all in both directions",
            pods: "a/x\nb/z",
            policies: """
                metadata: {name: deny, namespace: a}
                spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
                """,
            table: """
                a/x -> b/z TCP 80 no
                b/z -> a/x TCP 80 no
                """
        ),
        TableCase(
            name: "a range of ports",
            pods: "default/db role=db\ndefault/sink @10.0.0.7\ndefault/other @10.0.1.7",
            policies: """
                metadata: {name: ranged, namespace: default}
                spec:
                  podSelector: {matchLabels: {role: db}}
                  policyTypes: [Egress]
                  egress:
                    - to: [{ipBlock: {cidr: 10.0.0.0/24}}]
                      ports: [{protocol: TCP, port: 32000, endPort: 32768}]
                """,
            table: """
                default/db -> default/sink TCP 31999 no
                default/db -> default/sink TCP 32000 yes default/ranged -
                default/db -> default/sink TCP 32768 yes default/ranged -
                default/db -> default/sink TCP 32769 no
                default/db -> default/sink UDP 32000 no
                default/db -> default/other TCP 32000 no
                """
        ),
        TableCase(
            name: "several namespaces by label",
            namespaces: """
                frontend namespace=frontend
                backend namespace=backend
                other namespace=other
                """,
            pods: "frontend/x\nbackend/x\nother/x\ndefault/client app=client",
            policies: """
                metadata: {name: multi, namespace: default}
                spec:
                  podSelector: {}
                  policyTypes: [Egress]
                  egress:
                    - to:
                        - namespaceSelector:
                            matchExpressions: [{key: namespace, operator: In, values: [frontend, backend]}]
                """,
            table: """
                default/client -> frontend/x TCP 80 yes default/multi -
                default/client -> backend/x UDP 80 yes default/multi -
                default/client -> other/x TCP 80 no
                default/client -> 1.1.1.1 TCP 80 no
                """
        ),
        TableCase(
            name: "a namespace by its name",
            namespaces: "prod",
            pods: "prod/x\nstage/x\ndefault/db",
            policies: """
                metadata: {name: named, namespace: default}
                spec:
                  podSelector: {}
                  ingress:
                    - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: prod}}}]
                """,
            table: """
                prod/x -> default/db TCP 80 yes - default/named
                stage/x -> default/db TCP 80 no
                """
        ),
    ]
}
