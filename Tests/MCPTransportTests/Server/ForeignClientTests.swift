import Foundation
import MCPProtocol
import MCPTransport
import Subprocess
import Testing

/// Programs of others judge the server. They come from PyPI: `scripts/install-test-tools` puts the SDKs into `.cache/python`, and
/// `scripts/install-mcp-judges` the judges into `.cache/judges`.
@Suite("Foreign clients")
struct ForeignClientTests {
    struct Outcome: Sendable {
        let isSuccess: Bool
        let output: String
    }

    /// Runs Python with packages, and returns what it printed.
    private func python(_ folder: String, _ arguments: [String]) async throws -> Outcome {
        let path = "\(PythonPackages.packageRoot)/.cache/\(folder)"
        let result = try await Subprocess.run(
            .name("python3"),
            arguments: Arguments(arguments),
            environment: .inherit.updating([
                "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", "NO_COLOR": "1",
                "HOME": FileManager.default.temporaryDirectory.path(),
            ]),
            output: .string(limit: 8 << 20),
            error: .string(limit: 8 << 20)
        )
        return Outcome(
            isSuccess: result.terminationStatus.isSuccess,
            output: (result.standardOutput ?? "") + (result.standardError ?? "")
        )
    }

    static func isThere(_ path: String) -> Bool {
        ProcessInfo.processInfo.environment["CI"] != nil
            || FileManager.default.fileExists(atPath: "\(PythonPackages.packageRoot)/.cache/\(path)")
    }
}
