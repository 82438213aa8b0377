/// Policy types and their defaults.
extension TableCase {
    private static func one(_ name: String, _ spec: String, _ table: String) -> TableCase {
        TableCase(
            name: name,
            pods: "a/x\nb/y\nc/z",
            policies: """
                metadata: {name: p, namespace: a}
                spec: {podSelector: {}, \(spec)}
                """,
            table: table
        )
    }

    static let types = [
        one(
            "without types, egress is open if there is no rule for it",
            "ingress: []",
            """
            a/x -> b/y TCP 80 yes - -
            b/y -> a/x TCP 80 no
            """
        ),
        one(
            "without types, an empty list of egress rules is not a rule",
            "egress: []",
            """
            a/x -> b/y TCP 80 yes - -
            b/y -> a/x TCP 80 no
            """
        ),
        one(
            "without types, a rule for egress adds the type Egress, and Ingress stays",
            "egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]}]",
            """
            a/x -> b/y TCP 80 yes a/p -
            a/x -> c/z TCP 80 no
            b/y -> a/x TCP 80 no
            """
        ),
        one(
            "an empty list of types has the same defaults",
            "policyTypes: [], egress: [{}]",
            """
            a/x -> b/y TCP 80 yes a/p -
            b/y -> a/x TCP 80 no
            """
        ),
        one(
            "with the type Egress alone, ingress rules have no effect and ingress is open",
            "policyTypes: [Egress], ingress: [{from: [{podSelector: {}}]}]",
            """
            a/x -> b/y TCP 80 no
            b/y -> a/x TCP 80 yes - -
            """
        ),
        one(
            "with the type Ingress alone, egress rules have no effect and egress is open",
            "policyTypes: [Ingress], egress: [{to: [{podSelector: {}}]}]",
            """
            a/x -> b/y TCP 80 yes - -
            b/y -> a/x TCP 80 no
            """
        ),
        one(
            "both types, one with a rule",
            "policyTypes: [Ingress, Egress], ingress: [{}]",
            """
            a/x -> b/y TCP 80 no
            b/y -> a/x TCP 80 yes - a/p
            """
        ),
    ]
}
