import CRDModels
import KubernetesAPI
import TestSupport
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("JSON that is built by hand")
struct HandmadeJSONTests {
    @Test("is equal to the encoder's output", arguments: [UInt64(11)])
    func same(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func chance() -> Bool { Bool.random(using: &generator) }
        func selector() -> LabelSelector? {
            guard chance() else { return nil }
            return LabelSelector(
                matchLabels: chance() ? ["a": "b"] : nil,
                matchExpressions: chance()
                    ? [.init(key: "k", operator: "In", values: ["v"]), .init(key: "k", operator: "Exists")] : nil
            )
        }
        func peers() -> [NetworkPolicyPeer]? {
            guard chance() else { return nil }
            return (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                NetworkPolicyPeer(
                    podSelector: selector(),
                    namespaceSelector: selector(),
                    ipBlock: chance() ? IPBlock(cidr: "::/0", except: chance() ? ["::1/128"] : nil) : nil
                )
            }
        }
        func ports() -> [NetworkPolicyPort]? {
            chance()
                ? [
                    NetworkPolicyPort(protocol: "TCP", port: .int(1), endPort: chance() ? 2 : nil),
                    NetworkPolicyPort(port: .string("http")), NetworkPolicyPort(),
                ] : nil
        }
        for _ in 0..<200 {
            let policy = NetworkPolicySpec(
                podSelector: selector() ?? LabelSelector(),
                policyTypes: chance() ? ["Ingress"] : nil,
                ingress: chance() ? [NetworkPolicyIngressRule(from: peers(), ports: ports())] : nil,
                egress: chance() ? [NetworkPolicyEgressRule(to: peers(), ports: ports())] : nil
            )
            #expect(JSONValue(policy) == JSONValue.encoding(policy), "seed \(seed)")
            let resources = ResourceRequirements(
                requests: chance() ? ["cpu": "0.5"] : nil,
                limits: chance() ? ["memory": "1Gi"] : nil
            )
            #expect(JSONValue(resources) == JSONValue.encoding(resources))
        }
        for variable in [
            EnvVar(name: "A"), EnvVar(name: "A", value: "1"),
            EnvVar(name: "A", valueFrom: EnvVarSource(fieldRef: ObjectFieldSelector(fieldPath: "metadata.name"))),
        ] {
            #expect(JSONValue(variable) == JSONValue.encoding(variable))
        }
    }
}
