import Foundation
import SandboxCluster
import TestSupport

/// Runs a body with a sandbox, with a folder for a registry that is removed after it, and with a port for the registry.
func withRegistryFolder(
    _ body: @Sendable (TestCluster, SandboxCluster, String, Int) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.path() + "moorage-registry-\(UInt64.random(in: .min ... .max))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await withSandbox { cluster, sandbox in
        try await body(cluster, sandbox, folder, DockerRegistry.freePort())
    }
}
