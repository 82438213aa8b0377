/// Selectors of pods and namespaces.
extension TableCase {
    private static let namespaces = """
        alpha user=alice env=prod
        beta user=bob
        gamma
        """
    private static let pods = """
        alpha/client role=client
        alpha/other role=other
        beta/client role=client
        beta/plain
        gamma/client role=client tier=web
        alpha/server app=server
        """

    private static func ingress(_ name: String, _ from: String, _ table: String) -> TableCase {
        TableCase(
            name: name,
            namespaces: namespaces,
            pods: pods,
            policies: """
                metadata: {name: p, namespace: alpha}
                spec:
                  podSelector: {matchLabels: {app: server}}
                  ingress:
                    - from: \(from)
                """,
            table: table
        )
    }

    static let selectors = [
        ingress(
            "both selectors in one peer must match",
            "[{namespaceSelector: {matchLabels: {user: alice}}, podSelector: {matchLabels: {role: client}}}]",
            """
            alpha/client -> alpha/server TCP 80 yes - alpha/p
            alpha/other -> alpha/server TCP 80 no
            beta/client -> alpha/server TCP 80 no
            """
        ),
        ingress(
            "selectors in two peers match one or the other",
            "[{namespaceSelector: {matchLabels: {user: bob}}}, {podSelector: {matchLabels: {role: client}}}]",
            """
            alpha/client -> alpha/server TCP 80 yes - alpha/p
            beta/plain -> alpha/server TCP 80 yes - alpha/p
            gamma/client -> alpha/server TCP 80 no
            alpha/other -> alpha/server TCP 80 no
            """
        ),
        ingress(
            "an empty podSelector selects all pods of the policy's namespace alone",
            "[{podSelector: {}}]",
            """
            alpha/other -> alpha/server TCP 80 yes - alpha/p
            beta/client -> alpha/server TCP 80 no
            """
        ),
        ingress(
            "an empty namespaceSelector selects all namespaces",
            "[{namespaceSelector: {}}]",
            """
            alpha/other -> alpha/server TCP 80 yes - alpha/p
            gamma/client -> alpha/server TCP 80 yes - alpha/p
            """
        ),
        ingress(
            "an empty namespaceSelector with a podSelector selects pods of all namespaces",
            "[{namespaceSelector: {}, podSelector: {matchLabels: {role: client}}}]",
            """
            beta/client -> alpha/server TCP 80 yes - alpha/p
            beta/plain -> alpha/server TCP 80 no
            alpha/other -> alpha/server TCP 80 no
            """
        ),
        ingress(
            "an empty list of peers allows all",
            "[]",
            """
            beta/plain -> alpha/server TCP 80 yes - alpha/p
            alpha/other -> alpha/server UDP 80 yes - alpha/p
            """
        ),
        ingress(
            "In needs the label",
            "[{namespaceSelector: {matchExpressions: [{key: user, operator: In, values: [alice, bob]}]}}]",
            """
            beta/plain -> alpha/server TCP 80 yes - alpha/p
            gamma/client -> alpha/server TCP 80 no
            """
        ),
        ingress(
            "NotIn also matches where the label is absent",
            "[{namespaceSelector: {matchExpressions: [{key: user, operator: NotIn, values: [alice]}]}}]",
            """
            beta/plain -> alpha/server TCP 80 yes - alpha/p
            gamma/client -> alpha/server TCP 80 yes - alpha/p
            alpha/client -> alpha/server TCP 80 no
            """
        ),
        ingress(
            "Exists needs the label, with any value",
            "[{namespaceSelector: {matchExpressions: [{key: env, operator: Exists}]}}]",
            """
            alpha/client -> alpha/server TCP 80 yes - alpha/p
            beta/client -> alpha/server TCP 80 no
            """
        ),
        ingress(
            "DoesNotExist needs its absence",
            "[{namespaceSelector: {}, podSelector: {matchExpressions: [{key: role, operator: DoesNotExist}]}}]",
            """
            beta/plain -> alpha/server TCP 80 yes - alpha/p
            beta/client -> alpha/server TCP 80 no
            """
        ),
        ingress(
            "all requirements of a selector must be met",
            """
            [{namespaceSelector: {}, podSelector: {matchLabels: {role: client}, matchExpressions: [{key: tier, operator: \
            In, values: [web]}]}}]
            """,
            """
            gamma/client -> alpha/server TCP 80 yes - alpha/p
            beta/client -> alpha/server TCP 80 no
            """
        ),
        TableCase(
            name: "a policy only selects pods of its own namespace",
            pods: "a/x app=db\nb/x app=db\nc/y",
            policies: """
                metadata: {name: deny, namespace: a}
                spec: {podSelector: {matchLabels: {app: db}}}
                """,
            table: """
                c/y -> a/x TCP 80 no
                c/y -> b/x TCP 80 yes - -
                """
        ),
        TableCase(
            name: "a policy without podSelector selects all pods",
            pods: "a/x\nb/y",
            policies: """
                metadata: {name: deny, namespace: a}
                """,
            table: """
                b/y -> a/x TCP 80 no
                a/x -> b/y TCP 80 yes - -
                """
        ),
        TableCase(
            name: "the label with the name of a namespace cannot be changed by its owner",
            namespaces: "evil kubernetes.io/metadata.name=gateway",
            pods: "evil/x\ngateway/x\na/server",
            policies: """
                metadata: {name: p, namespace: a}
                spec:
                  podSelector: {}
                  ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateway}}}]}]
                """,
            table: """
                gateway/x -> a/server TCP 80 yes - a/p
                evil/x -> a/server TCP 80 no
                """
        ),
    ]
}
