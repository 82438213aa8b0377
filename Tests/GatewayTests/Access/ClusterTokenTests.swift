import ControllerRuntime
import Gateway
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import Logging
import Policy
import TestSupport
import Testing

/// With the tokens and keys of the sandbox's API server, or of a real one.
@Suite("Tokens of a cluster") struct ClusterTokenTests {
    private func create(_ client: KubernetesClient, _ path: String, _ body: JSONValue) async throws -> JSONValue {
        let request = APIRequest(
            method: .post,
            path: path,
            headers: [.contentType: "application/json", .accept: "application/json"],
            body: body.serialized()
        )
        return try JSONValue(parsing: try await client.data(request).body)
    }

    private func token(
        _ client: KubernetesClient,
        _ namespace: String,
        _ account: String,
        audience: String?
    ) async throws -> String {
        let review = try await create(
            client,
            "/api/v1/namespaces/\(namespace)/serviceaccounts/\(account)/token",
            [
                "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                "spec": audience.map { ["audiences": [.string($0)]] } ?? [:],
            ]
        )
        return try #require(review[path: ["status", "token"]]?.stringValue)
    }

    @Test("the token of a ServiceAccount for the gateway is accepted, and its token for the API server is not")
    func tokens() async throws {
        try await withCluster { cluster in
            let namespace = cluster.name("gateway-tokens")
            _ = try await create(
                cluster.client,
                "/api/v1/namespaces",
                ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)]]
            )
            _ = try await create(
                cluster.client,
                "/api/v1/namespaces/\(namespace)/serviceaccounts",
                ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "agent"]]
            )
            let good = try await token(cluster.client, namespace, "agent", audience: "moorage-gateway")
            let foreign = try await token(cluster.client, namespace, "agent", audience: nil)
            let gate = try ConfiguredAuthenticator(
                GatewayAuthentication(
                    serviceAccounts: ServiceAccountAuthentication(audiences: ["moorage-gateway"])
                ),
                ConfiguredAuthenticator.Dependencies(
                    kubernetes: cluster.client,
                    tenantOfNamespace: { $0 == namespace ? "acme" : nil },
                    logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
                )
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await gate.run() }
                try await eventually("the keys of the cluster are read") {
                    (gate.issuerStatuses.first?.keys ?? 0) > 0
                }
                let caller = try await gate.authenticate(Credentials(authorization: ["Bearer \(good)"]))
                #expect(caller.serviceAccount == ServiceAccountName(namespace: namespace, name: "agent"))
                #expect(caller.tenants == ["acme"])
                let error = await #expect(throws: AuthenticationFailure.self) {
                    try await gate.authenticate(Credentials(authorization: ["Bearer \(foreign)"]))
                }
                #expect(error?.message == "the token is for another audience")
                group.cancelAll()
            }
        }
    }
}
