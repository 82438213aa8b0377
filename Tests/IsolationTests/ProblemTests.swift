import KubernetesAPI
import Testing

@testable import Isolation

@Suite("Policies that cannot be evaluated")
struct ProblemTests {
    @Test(
        "the field, the value and the solution are named",
        arguments: [
            (
                "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0}}]}]", "spec.ingress[0].from[0].ipBlock.cidr",
                "\"10.0.0.0\""
            ),
            (
                "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/33}}]}]", "spec.ingress[0].from[0].ipBlock.cidr",
                "10.0.0.0/33"
            ),
            (
                "ingress: [{from: [{ipBlock: {cidr: 010.0.0.0/8}}]}]", "spec.ingress[0].from[0].ipBlock.cidr",
                "010.0.0.0/8"
            ),
            (
                "ingress: [{from: [{ipBlock: {cidr: '::ffff:10.0.0.0/104'}}]}]", "spec.ingress[0].from[0].ipBlock.cidr",
                "::ffff"
            ),
            (
                "ingress: [{from: [{ipBlock: {cidr: 'fd00::1::/64'}}]}]", "spec.ingress[0].from[0].ipBlock.cidr",
                "fd00::1::"
            ),
            (
                "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]", "ipBlock.except[0]",
                "11.0.0.0/16"
            ),
            (
                "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]", "ipBlock.except[0]",
                "10.0.0.0/8"
            ),
            (
                "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]", "spec.ingress[0].from[0]",
                "two peers"
            ),
            ("ingress: [{from: [{}]}]", "spec.ingress[0].from[0]", "the peer is empty"),
            ("egress: [{ports: [{port: 80, endPort: 79}]}]", "spec.egress[0].ports[0].endPort", "79 is not the end"),
            ("egress: [{ports: [{port: http, endPort: 90}]}]", "spec.egress[0].ports[0].endPort", "\"http\""),
            ("egress: [{ports: [{endPort: 90}]}]", "spec.egress[0].ports[0].endPort", "needs a port"),
            ("egress: [{ports: [{port: 0}]}]", "spec.egress[0].ports[0].port", "0 is not a port"),
            ("egress: [{ports: [{port: 65536}]}]", "spec.egress[0].ports[0].port", "65536"),
            (
                "egress: [{ports: [{port: -9223372036854775808}]}]", "spec.egress[0].ports[0].port",
                "-9223372036854775808"
            ),
            ("egress: [{ports: [{port: 1, endPort: 9223372036854775807}]}]", "ports[0].endPort", "9223372036854775807"),
            ("egress: [{ports: [{port: '80'}]}]", "spec.egress[0].ports[0].port", "without quotes"),
            ("egress: [{ports: [{port: Http}]}]", "spec.egress[0].ports[0].port", "\"Http\""),
            ("egress: [{ports: [{protocol: ICMP}]}]", "spec.egress[0].ports[0].protocol", "\"ICMP\""),
            ("egress: [{ports: [{protocol: tcp}]}]", "spec.egress[0].ports[0].protocol", "use TCP, UDP or SCTP"),
            ("policyTypes: [Ingres]", "spec.policyTypes[0]", "\"Ingres\""),
            ("ingress: [{from: [{podSelector: {matchExpressions: [{key: a, operator: Is}]}}]}]", "operator", "\"Is\""),
            (
                "ingress: [{from: [{podSelector: {matchExpressions: [{key: a, operator: In}]}}]}]", "values",
                "not be empty"
            ),
            (
                "ingress: [{from: [{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}]}]",
                "values", "must be empty"
            ),
            (
                "ingress: [{from: [{podSelector: {matchExpressions: [{key: '', operator: Exists}]}}]}]", "key",
                "set the key"
            ),
            // A section that has no effect is checked as well: the API server refuses the policy.
            (
                "policyTypes: [Egress], ingress: [{ports: [{port: 0}]}]", "spec.ingress[0].ports[0].port",
                "0 is not a port"
            ),
        ]
    )
    func fields(spec: String, field: String, text: String) throws {
        let world = try World(
            pods: "a/x",
            policies: "metadata: {name: bad, namespace: a}\nspec: {podSelector: {}, \(spec)}"
        )
        let error = try #require(throws: PolicyProblems.self) { try Reachability(world.model) }
        let problem = try #require(error.problems.first)
        #expect(error.problems.count == 1)
        #expect(problem.policy == "a/bad")
        #expect(problem.field.hasSuffix(field), "\(problem)")
        #expect(problem.message.contains(text), "\(problem)")
    }

    @Test("all invalid policies are reported, and nothing is evaluated")
    func several() throws {
        let world = try World(
            pods: "a/x",
            policies: """
                metadata: {name: one, namespace: a}
                spec: {podSelector: {}, policyTypes: [In]}
                ---
                metadata: {name: good, namespace: a}
                spec: {podSelector: {}}
                ---
                metadata: {name: two, namespace: a}
                spec: {podSelector: {matchExpressions: [{key: a, operator: in}]}}
                """
        )
        let error = try #require(throws: PolicyProblems.self) {
            try IsolationCheck(world.model, blocked: []).report()
        }
        #expect(error.problems.map(\.policy) == ["a/one", "a/two"])
        #expect(error.problems.last?.field == "spec.podSelector.matchExpressions[0].operator")
    }

    @Test("a policy that selects by a label with an unknown value is not evaluated")
    func unknownLabel() throws {
        var world = try World(
            pods: "a/x",
            policies: """
                metadata: {name: hash, namespace: a}
                spec: {podSelector: {matchLabels: {pod-template-hash: '1'}}}
                """
        )
        world.model.unknownLabels = ["pod-template-hash"]
        let model = world.model
        let error = try #require(throws: PolicyProblems.self) { try Reachability(model) }
        #expect(error.problems.first?.description.contains("pod-template-hash") == true)
        world.model.unknownLabels = ["job-name"]
        #expect(throws: Never.self) { _ = try Reachability(world.model) }
    }

    @Test("random damage never crashes: a policy is evaluated or reported", arguments: 0..<20)
    func damage(batch: UInt64) throws {
        let texts = [
            "", "a", "/", "10.0.0.0/", "::/", ":::", "1.2.3.4.5/8", "10.0.0.0/-1", "fe80::%eth0/64", "256.0.0.0/8",
        ]
        let numbers = [Int.min, -1, 0, 1, 65_535, 65_536, Int.max]
        for number in 0..<50 {
            let seed = batch * 1000 + UInt64(number)
            var world = RandomWorld(seed: seed)
            var model = world.model()
            var random = SplitMix64(seed: seed)
            for index in model.policies.indices {
                let text = texts.randomElement(using: &random) ?? ""
                let other = texts.randomElement(using: &random) ?? ""
                let port = numbers.randomElement(using: &random) ?? 0
                model.policies[index].spec?.egress = [
                    NetworkPolicyEgressRule(
                        to: [NetworkPolicyPeer(ipBlock: IPBlock(cidr: text, except: [other]))],
                        ports: [
                            NetworkPolicyPort(
                                protocol: other,
                                port: .int(port),
                                endPort: numbers.randomElement(using: &random)
                            )
                        ]
                    )
                ]
                // Nothing that was put in is valid.
                #expect(throws: PolicyProblems.self, "seed \(seed)") { try Reachability(model) }
            }
        }
    }
}
