import CRDModels
import CommandSupport
import Gateway
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import MCPProtocol
import MCPTransport
import Policy
import SandboxCluster
import TestSupport
import Testing

@testable import Controller

/// The gateway of a cluster, with everything that the platform's settings set up.
@Suite("The gateway of a cluster")
struct GatewayProcessTests {
    private static let audience = "moorage-gateway"

    /// Runs an operator and a gateway on a sandbox, and two tenants, each with a server that is Ready.
    private static func run(
        _ authentication: GatewayAuthentication?,
        _ body: @escaping @Sendable (TestCluster, _ call: @escaping Call) async throws -> Void
    ) async throws {
        let platform = PlatformConfiguration(
            handshake: PlatformHandshake(mode: .enabled, periodSeconds: 86_400),
            gateway: GatewaySettings(authentication: authentication, audit: GatewayAudit(sinks: []))
        )
        try await withSandbox { cluster, sandbox in
            try await withOperator(cluster, platform: platform) { _ in
                for tenant in ["acme", "globex"] {
                    try await cluster.apply(MCPTenant(metadata: ObjectMeta(name: tenant), spec: MCPTenantSpec()))
                    try await eventually("the namespace exists") {
                        try await cluster.find(.namespace, "mcp-\(tenant)") != nil
                    }
                    try await cluster.apply(cluster.server("echo", in: "mcp-\(tenant)"))
                }
                for tenant in ["acme", "globex"] {
                    try await cluster.wait(for: ConditionType.ready, .true, of: "echo", in: "mcp-\(tenant)")
                }
                let exchange = try HTTPClientExchange()
                let outcome: Result<Void, any Error>
                do {
                    try await serve(cluster, sandbox, platform, exchange, body)
                    outcome = .success(())
                } catch {
                    outcome = .failure(error)
                }
                await exchange.shutdown()
                try outcome.get()
            }
        }
    }

    /// Lists the tools at a path.
    ///
    /// - Returns: the status, and the body.
    typealias Call = @Sendable (_ path: String, _ token: String?) async throws -> (status: Int, body: String)

    private static func serve(
        _ cluster: TestCluster,
        _ sandbox: SandboxCluster,
        _ platform: PlatformConfiguration,
        _ exchange: HTTPClientExchange,
        _ body: @Sendable (TestCluster, @escaping Call) async throws -> Void
    ) async throws {
        let process = try await GatewayProcess(
            GatewayProcess.Settings(
                cluster: try await sandbox.clientConfiguration(),
                platform: platform,
                address: BindAddress(host: "127.0.0.1", port: 0),
                hasSharedSessionKeys: true,
                pods: SandboxPods(sandbox: sandbox, exchange: exchange)
            )
        )
        try await whileRunning([process]) {
            try await process.routes.waitUntilReady()
            let origin = "http://127.0.0.1:\(try await process.server.port())"
            try await body(cluster) { path, token in
                let request = JSONRPCRequest(id: 1, method: "tools/list", params: [:])
                    .with(metadata: RequestMetadata(clientCapabilities: ClientCapabilities(), clientInfo: nil))
                var headers = HTTPFields(try HeaderFields.modern(for: request))
                if let token { headers[.authorization] = "Bearer \(token)" }
                let response = try await exchange.send(
                    HTTPExchangeRequest(
                        method: .post,
                        url: origin + path,
                        headers: headers,
                        body: Array(JSONRPCMessage.request(request).bytes)
                    )
                )
                var bytes: [UInt8] = []
                for try await chunk in response.body { bytes += chunk }
                return (response.status, String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    private static func token(_ cluster: TestCluster, of namespace: String, for audience: String) async throws -> String
    {
        let review: JSONValue = [
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": ["audiences": [.string(audience)]],
        ]
        let request = APIRequest(
            method: .post,
            path: "/api/v1/namespaces/\(namespace)/serviceaccounts/default/token",
            headers: [.contentType: "application/json", .accept: "application/json"],
            body: review.serialized()
        )
        let answer = try JSONValue(parsing: try await cluster.client.data(request).body)
        return try #require(answer[path: ["status", "token"]]?.stringValue)
    }

    @Test("a ServiceAccount calls the servers of the tenant that holds its namespace, and no others")
    func serviceAccounts() async throws {
        let authentication = GatewayAuthentication(
            serviceAccounts: ServiceAccountAuthentication(audiences: [Self.audience])
        )
        try await Self.run(authentication) { cluster, call in
            let token = try await Self.token(cluster, of: "mcp-acme", for: Self.audience)
            let own = try await call("/mcp-acme/echo/mcp", token)
            #expect(own.status == 200 && own.body.contains("\"tools\":[{"), "\(own)")
            let joined = try await call("/mcp-acme/mcp", token)
            #expect(joined.status == 200 && joined.body.contains("\"echo_"), "\(joined)")
            for path in ["/mcp-globex/echo/mcp", "/mcp-globex/mcp"] {
                let foreign = try await call(path, token)
                #expect([403, 404].contains(foreign.status), "\(foreign)")
            }
            let other = try await Self.token(cluster, of: "mcp-acme", for: "https://another.example")
            #expect(try await call("/mcp-acme/echo/mcp", other).status == 401)
            #expect(try await call("/mcp-acme/echo/mcp", nil).status == 401)
        }
    }

    @Test("without authentication in the settings, every call is refused with what to set")
    func notConfigured() async throws {
        try await Self.run(nil) { cluster, call in
            let token = try await Self.token(cluster, of: "mcp-acme", for: Self.audience)
            for token in [token, nil] {
                let answer = try await call("/mcp-acme/echo/mcp", token)
                #expect(answer.status == 503, "\(answer)")
                #expect(answer.body.contains("set gateway.authentication"), "\(answer)")
            }
        }
    }
}
