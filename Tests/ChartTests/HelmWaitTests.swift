import Foundation
import KubernetesAPI
import SandboxCluster
import TestSupport
import Testing

/// Helm 4 uses kstatus to wait. This installs a chart of tenants and servers, like a team would write.
@Suite("helm --wait on tenants and servers")
struct HelmWaitTests {
    private static let digest = String(repeating: "a", count: 64)

    private static func chart(image: String, suspend: Bool) -> [String: String] {
        [
            "Chart.yaml": "apiVersion: v2\nname: team\nversion: 0.1.0\n",
            "templates/server.yaml": """
            apiVersion: moorage.dev/v1alpha1
            kind: MCPServer
            metadata: {name: search}
            spec: {image: "\(image)", suspend: \(suspend)}

            """,
            "templates/tenant.yaml": """
            apiVersion: moorage.dev/v1alpha1
            kind: MCPTenant
            metadata: {name: team}

            """,
        ]
    }

    private func install(
        image: String,
        suspend: Bool = false,
        timeout: String
    ) async throws -> (result: Tool.Result, server: Kstatus?) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "moorage-\(UInt64.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in Self.chart(image: image, suspend: suspend) {
            let file = folder.appending(path: "chart/\(name)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file)
        }
        let path = folder.path()
        return try await withSandbox { cluster, sandbox in
            try Data(try await sandbox.kubeconfig().utf8).write(to: URL(filePath: "\(path)/kubeconfig"))
            return try await withOperator(cluster) { _ in
                let result = try await Tool.helm().attempt(
                    ["install", "team", "\(path)/chart", "--wait", "--timeout", timeout],
                    environment: ["KUBECONFIG": "\(path)/kubeconfig", "HOME": path]
                )
                let server = try await cluster.find(
                    ResourceType(
                        group: "moorage.dev",
                        version: "v1alpha1",
                        kind: "MCPServer",
                        plural: "mcpservers",
                        isNamespaced: true
                    ),
                    "search",
                    in: "default"
                )
                return (result, server.map(Kstatus.init))
            }
        }
    }

    @Test("an installation is complete when the servers are Ready")
    func ready() async throws {
        let (result, server) = try await install(image: "ghcr.io/acme/search@sha256:\(Self.digest)", timeout: "60s")
        #expect(result.status == 0, "\(result.error)")
        #expect(server == .current)
    }

    @Test("a suspended server does not delay the installation")
    func suspended() async throws {
        let (result, server) = try await install(
            image: "ghcr.io/acme/search@sha256:\(Self.digest)",
            suspend: true,
            timeout: "60s"
        )
        #expect(result.status == 0, "\(result.error)")
        #expect(server == .current)
    }

    @Test("a refused server fails the installation, which names it")
    func refused() async throws {
        let (result, server) = try await install(image: "ghcr.io/acme/search:1.0", timeout: "5s")
        #expect(result.status != 0)
        #expect(result.error.contains("MCPServer/default/search"), "\(result.error)")
        #expect(server == .failed)
    }
}
