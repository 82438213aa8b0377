import HTTPTypes
import KubernetesAPI
import KubernetesClient
import MCPProtocol
import Policy
import Synchronization
import Testing

@testable import Gateway

@Suite("Tokens of ServiceAccounts") struct ServiceAccountTests {
    /// An API server that publishes its issuer and keys.
    private struct Cluster: APITransport {
        var answers: [String: RawJSON]
        var host: String { "cluster" }

        func execute(_ request: APIRequest) async throws -> APIResponse {
            guard let answer = answers[request.path] else { return APIResponse(status: .forbidden) }
            return APIResponse(status: .ok, body: .bytes(Array(answer.bytes)))
        }
    }

    private let mint = TokenMint()
    private static let issuer = "https://kubernetes.default.svc.cluster.local"
    private let settings = GatewayAuthentication(
        serviceAccounts: ServiceAccountAuthentication(audiences: ["moorage-gateway"])
    )

    private func claims(_ changes: RawJSON = [:]) -> RawJSON {
        let base: RawJSON = [
            "iss": .string(Self.issuer), "sub": "system:serviceaccount:mcp-acme:agent", "aud": ["moorage-gateway"],
            "client_id": .null, "scope": .null, "tenant": .null,
            "kubernetes.io": ["namespace": "mcp-acme", "serviceaccount": ["name": "agent", "uid": "1"]],
        ]
        return Access.claims((changes.members ?? []).reduce(base) { $0.setting($1.name, to: $1.value) })
    }

    private func client(_ mint: TokenMint) -> KubernetesClient {
        KubernetesClient(
            transport: Cluster(answers: [
                "/openid/v1/jwks": .object([("keys", [mint.jwk])]),
                "/.well-known/openid-configuration": ["issuer": .string(Self.issuer)],
            ])
        )
    }

    @Test("a ServiceAccount belongs to the tenant that owns its namespace, at the time of the call")
    func tenants() async throws {
        let mint = mint
        let owners = OwnerTable(["mcp-acme": "acme"])
        try await withAuthenticator(settings, kubernetes: client(mint), tenantOfNamespace: { owners[$0] }) { gate in
            let token = try mint.token(claims())
            let caller = try await gate.authenticate(token: token)
            #expect(caller.serviceAccount == ServiceAccountName(namespace: "mcp-acme", name: "agent"))
            #expect(caller.tenants == ["acme"])
            #expect(caller.issuer == Self.issuer)
            owners["mcp-acme"] = "globex"
            #expect(try await gate.authenticate(token: token).tenants == ["globex"])
            owners["mcp-acme"] = nil
            #expect(try await gate.authenticate(token: token).tenants.isEmpty)
        }
    }

    private final class OwnerTable: Sendable {
        private let owners: Mutex<[String: String]>
        init(_ owners: [String: String]) { self.owners = Mutex(owners) }
        subscript(_ namespace: String) -> String? {
            get { owners.withLock { $0[namespace] } }
            set { owners.withLock { $0[namespace] = newValue } }
        }
    }

    @Test("tokens for the API server, of other subjects, or with contradicting claims are refused")
    func refused() async throws {
        let mint = mint
        try await withAuthenticator(settings, kubernetes: client(mint), tenantOfNamespace: { _ in "acme" }) { gate in
            let cases: [RawJSON] = [
                ["aud": [.string(Self.issuer)]], ["sub": "system:node:n1"], ["sub": "system:serviceaccount:mcp-acme"],
                ["sub": "system:serviceaccount:mcp-acme:agent:x"], ["sub": "system:serviceaccount:mcp-globex:agent"],
                ["sub": "system:serviceaccount:mcp-acme:admin"], ["sub": "system:serviceaccount::agent"],
                ["sub": "system:serviceaccount:mcp-acme:"], ["sub": "agent"], ["iss": "https://other.example"],
            ]
            for changes in cases {
                let token = try mint.token(claims(changes))
                let error = await #expect(throws: AuthenticationFailure.self, "\(changes)") {
                    try await gate.authenticate(token: token)
                }
                #expect(error?.code == .invalidToken)
            }
        }
    }

    @Test("a subject of another issuer that looks like a ServiceAccount is not one")
    func impostor() async throws {
        let (mint, cluster) = (mint, TokenMint())
        var settings = settings
        settings.issuers = [Access.issuerSettings()]
        try await withAuthenticator(
            settings,
            server: KeyServer(jwks: mint.jwks),
            kubernetes: client(cluster),
            tenantOfNamespace: { _ in "globex" }
        ) { gate in
            let token = try mint.token(Access.claims(["sub": "system:serviceaccount:mcp-globex:admin"]))
            let caller = try await gate.authenticate(token: token)
            #expect(caller.serviceAccount == nil)
            #expect(caller.tenants == ["acme"])
            // And a token that names the cluster needs the cluster's key.
            await #expect(throws: AuthenticationFailure.self) {
                try await gate.authenticate(token: mint.token(claims()))
            }
            #expect(try await gate.authenticate(token: cluster.token(claims())).tenants == ["globex"])
        }
    }

    @Test("without permission to read the cluster's keys, the reason is known, and tokens are not called invalid")
    func forbidden() async throws {
        let mint = mint
        let client = KubernetesClient(transport: Cluster(answers: [:]))
        try await withAuthenticator(settings, kubernetes: client) { gate in
            let error = await #expect(throws: AuthenticationFailure.self) {
                try await gate.authenticate(token: mint.token(claims()))
            }
            #expect(error?.code == .unavailable)
            #expect(gate.issuerStatuses.first?.failure?.contains("/.well-known/openid-configuration") == true)
        }
    }

    @Test("the setting needs a cluster")
    func withoutCluster() async {
        await #expect(throws: SettingsError.self) { try await withAuthenticator(settings) { _ in } }
    }
}
