import CRDModels
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import SandboxCluster
import TestSupport
import Testing

/// Objects that pods need and that Moorage does not create.
@Suite("What pods need from others")
struct PodPrerequisiteTests {
    /// Waits until the message of a server's condition `Accepted` contains a text. Returns the message.
    private func awaitAccepted(
        _ status: Condition.Status,
        holding text: String,
        _ cluster: TestCluster,
        in namespace: String
    ) async throws {
        try await eventually("Accepted is \(status.rawValue) and says \(text)") {
            let server = try await cluster.server(named: "weather", in: namespace)
            let accepted = server?.status?.conditions?[type: ConditionType.accepted]
            return accepted?.status == status && accepted?.message.contains(text) == true
        }
    }

    private func tenant(of namespace: String, accounts: [String]) -> MCPTenant {
        MCPTenant(
            metadata: ObjectMeta(name: "tenant-of-\(namespace)"),
            spec: MCPTenantSpec(
                namespace: TenantNamespace(name: namespace, adopt: true),
                hardening: TenantHardening(serviceAccounts: accounts)
            )
        )
    }

    @Test("a ServiceAccount must be allowed and exist, and the server continues when it does")
    func serviceAccount() async throws {
        try await withCluster { cluster in
            let namespace = try await cluster.makeNamespace()
            let tenant = tenant(of: namespace, accounts: [])
            try await withOperator(cluster) { _ in
                try await cluster.apply(tenant)
                var server = cluster.server("weather", in: namespace)
                server.spec.serviceAccount = ServiceAccountSettings(name: "deployer")
                try await cluster.apply(server)
                try await awaitAccepted(.false, holding: "does not allow ServiceAccount", cluster, in: namespace)
                var allowing = tenant
                allowing.spec.hardening = TenantHardening(serviceAccounts: ["deployer"])
                try await cluster.apply(allowing)
                try await awaitAccepted(
                    .false,
                    holding: "ServiceAccount \"deployer\" does not exist",
                    cluster,
                    in: namespace
                )
                #expect(try await cluster.find(.deployment, "weather", in: namespace) == nil)
                let account: JSONValue = ["metadata": ["name": "deployer", "namespace": .string(namespace)]]
                _ = try await cluster.client.create(.serviceAccount, account)
                try await eventually("the pods use it") {
                    let deployment = try await cluster.find(.deployment, "weather", in: namespace)
                    return deployment?[path: ["spec", "template", "spec", "serviceAccountName"]] == "deployer"
                }
                try await cluster.remove(tenant)
            }
            try await cluster.removeNamespace(namespace)
        }
    }

    @Test("a missing ServiceAccount is not polled: a watch reports that it is created, and that it is deleted")
    func accountIsWatched() async throws {
        try await withSandbox { cluster, sandbox in
            let namespace = try await cluster.makeNamespace()
            try await withOperator(cluster) { _ in
                try await cluster.apply(tenant(of: namespace, accounts: ["deployer"]))
                var server = cluster.server("weather", in: namespace)
                server.spec.podTemplate = ["spec": ["serviceAccountName": "deployer"]]
                try await cluster.apply(server)
                try await awaitAccepted(.false, holding: "\"deployer\" does not exist", cluster, in: namespace)
                let account: JSONValue = ["metadata": ["name": "deployer", "namespace": .string(namespace)]]
                _ = try await cluster.client.create(.serviceAccount, account)
                try await cluster.wait(for: ConditionType.accepted, .true, of: "weather", in: namespace)
                try await cluster.client.delete(.serviceAccount, name: "deployer", namespace: namespace)
                try await awaitAccepted(.false, holding: "\"deployer\" does not exist", cluster, in: namespace)
            }
            let reads = sandbox.requests.filter { $0.resource == "serviceaccounts" && $0.verb == "get" }
            #expect(reads.map(\.path) == [])
        }
    }

    @Test("pull credentials that cannot work are named, and no longer once they can")
    func pullSecret() async throws {
        try await withCluster { cluster in
            let namespace = try await cluster.makeNamespace()
            try await withOperator(cluster) { _ in
                var server = cluster.server("weather", in: namespace)
                server.spec.imagePullSecrets = [LocalObjectReference(name: "pull")]
                try await cluster.apply(server)
                try await awaitAccepted(
                    .true,
                    holding: "image pull Secrets do not exist: pull",
                    cluster,
                    in: namespace
                )
                let metadata: JSONValue = ["name": "pull", "namespace": .string(namespace)]
                _ = try await cluster.client.create(.secret, ["metadata": metadata, "stringData": ["token": "x"]])
                try await awaitAccepted(.true, holding: "\"pull\" is of type Opaque", cluster, in: namespace)
                try await cluster.client.delete(.secret, name: "pull", namespace: namespace)
                let registry = (server.spec.image ?? "").prefix { $0 != "/" }
                let entries = Data(#"{"auths":{"\#(registry)":{"auth":"eDp5"}}}"#.utf8).base64EncodedString()
                let content: JSONValue = [
                    "metadata": metadata, "type": "kubernetes.io/dockerconfigjson",
                    "data": [".dockerconfigjson": .string(entries)],
                ]
                try await eventually("the Secret can be created again") {
                    (try? await cluster.client.create(.secret, content)) != nil
                }
                try await eventually("no message about pull Secrets") {
                    let server = try await cluster.server(named: "weather", in: namespace)
                    let accepted = server?.status?.conditions?[type: ConditionType.accepted]
                    return accepted?.status == .true && accepted?.message.contains("pull Secret") == false
                }
            }
            try await cluster.removeNamespace(namespace)
        }
    }
}
