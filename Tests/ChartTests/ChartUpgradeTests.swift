import CRDModels
import Foundation
import KubernetesAPI
import KubernetesClient
import SandboxCluster
import TestSupport
import Testing

/// An upgrade of the chart, with the commands of docs/install.md.
///
/// `Upgrade/moorage-0.1.0.tgz` is the chart of commit 6bc4859, before signatures and admission policies, as `helm package` writes it.
@Suite("An upgrade of the chart")
struct ChartUpgradeTests {
    private static let servers = """
        apiVersion: moorage.dev/v1alpha1
        kind: MCPTenant
        metadata: {name: acme}
        spec:
          namespace: {name: mcp-acme, adopt: true}
          quotas: {plan: standard, overrides: {serversPerTenant: 3}}
          network: {internet: true}
        ---
        apiVersion: moorage.dev/v1alpha1
        kind: MCPServer
        metadata: {name: weather, namespace: mcp-acme}
        spec:
          image: ghcr.io/acme/weather@sha256:\(String(repeating: "a", count: 64))
          port: 9000
          env: [{name: REGION, value: north}]
          tools: [{name: forecast, title: Forecast}]
        ---
        apiVersion: moorage.dev/v1alpha1
        kind: MCPServer
        metadata: {name: partner, namespace: mcp-acme}
        spec:
          remote: {url: "https://mcp.example.com/mcp"}

        """

    @Test("from the chart of an earlier version, with its objects, to this one, and back")
    func upgrade() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "moorage-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path()
        try Data(Self.servers.utf8).write(to: folder.appending(path: "servers.yaml"))
        let old = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Upgrade/moorage-0.1.0.tgz")
            .path()
        // No definition of this version: those of the old chart are installed.
        let sandbox = SandboxCluster(configuration: SandboxConfiguration())
        try await whileRunning([sandbox]) {
            try Data(try await sandbox.kubeconfig().utf8).write(to: URL(filePath: "\(path)/kubeconfig"))
            @Sendable func run(_ tool: Tool, _ arguments: String...) async throws -> String {
                let result = try await tool.attempt(
                    arguments,
                    environment: ["KUBECONFIG": "\(path)/kubeconfig", "HOME": path]
                )
                guard result.status == 0 else {
                    throw Tool.Failure(description: "\(arguments.joined(separator: " ")): \(result.error)")
                }
                return result.output
            }
            @Sendable func specs() async throws -> JSONValue {
                let text = try await run(
                    try Tool.kubectl(),
                    "get",
                    "mcptenants,mcpservers",
                    "--all-namespaces",
                    "--output",
                    "json"
                )
                let items = try JSONValue(parsing: Array(text.utf8))["items"]?.arrayValue ?? []
                #expect(items.count == 3)
                return .array(items.map { $0["spec"] ?? .null })
            }
            let (helm, kubectl) = (try Tool.helm(), try Tool.kubectl())
            let release = ["moorage", "--namespace", "moorage-system"]
            _ = try await run(helm, "install", release[0], old, release[1], release[2], "--create-namespace", "--wait")
            _ = try await run(kubectl, "create", "namespace", "mcp-acme")
            _ = try await run(kubectl, "apply", "--filename", "\(path)/servers.yaml")
            let stored = try await specs()

            let definitions = try await run(helm, "show", "crds", Chart.path)
            try Data(definitions.utf8).write(to: folder.appending(path: "crds.yaml"))
            _ = try await run(
                kubectl,
                "apply",
                "--server-side",
                "--force-conflicts",
                "--filename",
                "\(path)/crds.yaml"
            )
            #expect(try await specs() == stored, "the definitions of this version prune nothing")
            _ = try await run(helm, "upgrade", release[0], Chart.path, release[1], release[2], "--wait")
            #expect(try await specs() == stored)
            // The administrator's tools write the same manifests again: nothing of them is refused, or changed.
            let again = try await run(kubectl, "apply", "--filename", "\(path)/servers.yaml")
            #expect(again.split(separator: "\n").allSatisfy { $0.hasSuffix("unchanged") }, "\(again)")
            let policies = try await run(kubectl, "get", "validatingadmissionpolicies", "--output", "name")
            #expect(policies.contains("moorage-images"))

            _ = try await run(helm, "rollback", release[0], "1", release[1], release[2], "--wait")
            #expect(try await specs() == stored)
            let left = try await run(kubectl, "get", "validatingadmissionpolicies", "--output", "name")
            #expect(!left.contains("moorage-images"))
        }
    }
}
