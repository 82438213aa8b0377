import Isolation
import KubernetesAPI
import KubernetesClient
import Testing

@testable import Controller

@Suite("moorage verify isolation --probe")
struct NetworkProbeTests {
    private func result(_ isAllowed: Bool, _ outcome: ProbeOutcome?) -> ProbeResult {
        ProbeResult(source: "a", target: "b", isAllowed: isAllowed, outcome: outcome)
    }

    @Test("a network that opens what policies forbid, or blocks what they allow, is a problem; so is a missing result")
    func verdict() {
        let cases: [(Bool, ProbeOutcome?, String?)] = [
            (false, .closed, nil), (false, .refused, nil), (true, .open, nil),
            (false, .open, "does not enforce NetworkPolicies"), (true, .closed, "blocks what the policies allow"),
            (true, .refused, "blocks what the policies allow"), (true, nil, "not everything could be tried"),
            (false, nil, "not everything could be tried"),
        ]
        for (isAllowed, outcome, problem) in cases {
            let verdict = ProbeVerdict(results: [result(isAllowed, outcome)])
            #expect(verdict.results[0].isAsExpected == (problem == nil))
            #expect(verdict.problems.count == (problem == nil ? 0 : 1))
            if let problem { #expect(verdict.problems[0].contains(problem)) }
        }
    }

    @Test("what is expected comes from the policies, for pods that only have the labels of the probe")
    func expected() throws {
        let model = ClusterModel(
            namespaces: [.init(name: "a", tenant: "a"), .init(name: "b", tenant: "b")],
            policies: [
                NetworkPolicy(
                    metadata: ObjectMeta(name: "deny", namespace: "b"),
                    spec: NetworkPolicySpec(podSelector: LabelSelector(), policyTypes: ["Ingress"])
                )
            ]
        )
        let probe = NetworkProbe(
            client: KubernetesClient(transport: NoTransport()),
            pods: ProbePods(identifier: "x", image: "example/moorage:1"),
            namespaces: ["a", "b"]
        )
        let expected = try probe.expected(model, addresses: ["a": "10.0.0.1", "b": "10.0.0.2"])
        #expect(expected == ["a/a": true, "a/b": false, "b/a": true, "b/b": false])
    }

    @Test("the pods satisfy the Pod Security level restricted, and have limits for namespaces with a quota")
    func pods() throws {
        let pods = ProbePods(identifier: "x", image: "example/moorage:1")
        for pod in [pods.server(in: "a"), pods.client(in: "a", to: ["10.0.0.1"])] {
            let container = try #require(pod[path: ["spec", "containers"]]?.arrayValue?.first)
            #expect(container[path: ["securityContext", "runAsNonRoot"]] == true)
            #expect(container[path: ["securityContext", "allowPrivilegeEscalation"]] == false)
            #expect(container[path: ["securityContext", "capabilities", "drop"]] == ["ALL"])
            #expect(container[path: ["securityContext", "seccompProfile", "type"]] == "RuntimeDefault")
            #expect(container[path: ["resources", "limits", "memory"]] != nil)
            #expect(pod[path: ["spec", "automountServiceAccountToken"]] == false)
        }
        #expect(
            pods.client(in: "a", to: ["10.0.0.1"])[path: ["spec", "containers"]]?.arrayValue?.first?["args"]
                == ["network-probe", "connect", "--port", "8080", "10.0.0.1"]
        )
    }
}

/// Nothing is sent.
private struct NoTransport: APITransport {
    func execute(_ request: APIRequest) async throws -> APIResponse { throw CancellationError() }
}
