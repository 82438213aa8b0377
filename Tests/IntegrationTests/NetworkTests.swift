import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import SandboxCluster
import TestSupport
import Testing

@Suite("Networks and namespaces")
struct NetworkTests {
    @Test("a server can reach the Kubernetes API at the addresses of its EndpointSlice, also after they change")
    func kubernetesAPI() async throws {
        try await withSandbox { cluster, _ in
            let namespace = try await cluster.makeNamespace()
            @Sendable func slice(_ addresses: [String]) -> JSONValue {
                [
                    "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
                    "metadata": ["name": "kubernetes", "namespace": "default"],
                    "addressType": "IPv4",
                    "endpoints": [["addresses": .array(addresses.map { .string($0) })]],
                    "ports": [["name": "https", "port": 6443, "protocol": "TCP"]],
                ]
            }
            @Sendable func apply(_ addresses: [String]) async throws {
                _ = try await cluster.client.apply(
                    .endpointSlice,
                    slice(addresses),
                    options: ApplyOptions(fieldManager: "kube-apiserver", force: true)
                )
            }
            @Sendable func ranges() async throws -> [String] {
                let policy = try await cluster.find(.networkPolicy, "s", in: namespace)
                let rules = policy?[path: ["spec", "egress"]]?.arrayValue ?? []
                return rules.filter { $0["ports"] == [["port": 6443, "protocol": "TCP"]] }
                    .flatMap { $0["to"]?.arrayValue ?? [] }
                    .compactMap { $0[path: ["ipBlock", "cidr"]]?.stringValue }
            }
            try await apply(["10.0.0.1"])
            try await withOperator(cluster) { _ in
                let network = ServerNetwork(egress: ServerEgressRules(kubernetesAPI: true))
                let spec = MCPServerSpec(network: network)
                try await cluster.apply(cluster.server("s", in: namespace, spec: spec))
                try await eventually("the API is open") { try await ranges() == ["10.0.0.1/32"] }
                try await apply(["10.0.0.2", "10.0.0.3"])
                try await eventually("the policy follows") { try await ranges() == ["10.0.0.2/32", "10.0.0.3/32"] }
            }
        }
    }

    @Test("in an adopted namespace no pod starts before the labels and the default-deny policy are in place")
    func adopted() async throws {
        try await withSandbox { cluster, sandbox in
            let namespace = try await cluster.makeNamespace()
            let tenant = MCPTenant(
                metadata: ObjectMeta(name: cluster.name("acme")),
                spec: MCPTenantSpec(namespace: TenantNamespace(name: namespace, adopt: true))
            )
            try await cluster.apply(tenant)
            try await cluster.apply(cluster.server("s", in: namespace))
            // The tenant cannot write its policy as long as the fault is active.
            let refusal = Fault.Effect.refuse(
                code: 503,
                reason: "ServiceUnavailable",
                message: "not now",
                retryAfterSeconds: nil
            )
            sandbox.inject(Fault(refusal, resource: "networkpolicies", name: "moorage-default-deny"))
            try await withOperator(cluster) { _ in
                try await cluster.wait(
                    for: ConditionType.accepted,
                    .false,
                    reason: .tenantNotProgrammed,
                    of: "s",
                    in: namespace
                )
                #expect(try await cluster.find(.deployment, "s", in: namespace) == nil)
                sandbox.removeFaults()
                try await cluster.wait(for: ConditionType.ready, .true, of: "s", in: namespace)
                let writes = sandbox.writes().map(\.object)
                let deny = try #require(writes.lastIndex { $0 == "networkpolicies/\(namespace)/moorage-default-deny" })
                let start = try #require(writes.firstIndex { $0 == "deployments/\(namespace)/s" })
                #expect(deny < start)
            }
        }
    }

    @Test("a protected namespace cannot be claimed or contain servers, and nothing is written in it")
    func protected() async throws {
        try await withSandbox { cluster, sandbox in
            for name in ["kube-system", "platform"] {
                if try await cluster.find(.namespace, name) == nil {
                    _ = try await cluster.client.create(.namespace, ["metadata": ["name": .string(name)]])
                }
            }
            try await withOperator(cluster, options: OperatorOptions(controllerNamespace: "platform")) { _ in
                for namespace in ["kube-system", "platform"] {
                    let tenant = MCPTenant(
                        metadata: ObjectMeta(name: "t-\(namespace)"),
                        spec: MCPTenantSpec(namespace: TenantNamespace(name: namespace, adopt: true))
                    )
                    try await cluster.apply(tenant)
                    try await eventually("the tenant of \(namespace) is refused") {
                        let found = try await cluster.client.get(MCPTenant.self, name: "t-\(namespace)")
                        return found.status?.conditions?[type: ConditionType.accepted]?.reason
                            == Reason.namespaceProtected.rawValue
                    }
                    try await cluster.apply(cluster.server("s", in: namespace))
                    try await cluster.wait(
                        for: ConditionType.accepted,
                        .false,
                        reason: .namespaceProtected,
                        of: "s",
                        in: namespace
                    )
                }
            }
            let written = sandbox.writes().map(\.path).filter { path in
                (path.contains("/kube-system") || path.contains("/platform")) && !path.contains("/mcpservers/")
                    && !path.contains("/events") && !path.contains("/mcptenants")
            }
            #expect(written.filter { !$0.hasSuffix("/namespaces") } == [])
            let labels = try await cluster.find(.namespace, "kube-system")?[path: ["metadata", "labels"]]
            #expect(labels?["moorage.dev/tenant"] == nil)
        }
    }
}
