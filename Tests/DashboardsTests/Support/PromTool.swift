import Foundation
import KubernetesAPI
import TestSupport
import Testing

/// Prometheus' own judge of rules.
enum PromTool {
    /// In CI a missing program fails the tests; elsewhere they are skipped.
    static let canRun =
        ProcessInfo.processInfo.environment["CI"] != nil
        || (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .contains { FileManager.default.isExecutableFile(atPath: "\($0)/promtool") }
    static let comment: Comment = "promtool is not installed: run `make packages`"

    /// Runs it in a folder with files.
    ///
    /// - Returns: the result, whatever the exit status.
    static func run(_ arguments: [String], files: [String: String]) async throws -> Tool.Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "promtool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
        return try await Tool(path: "/usr/bin/env").attempt(["promtool"] + arguments, directory: folder.path())
    }
}
