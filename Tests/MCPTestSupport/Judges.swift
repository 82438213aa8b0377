import Foundation
package import MCPTransport
import Subprocess
package import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The MCP packages of PyPI, which `scripts/install-python-tools` puts into `.cache/python`.
package enum PythonPackages {
    package static let packageRoot: String = {
        var path = FilePath(#filePath)
        for _ in 0..<3 { path.removeLastComponent() }
        return path.string
    }()

    package static let folder = packageRoot + "/.cache/python/mcp"

    /// In CI a missing package fails the tests; elsewhere they are skipped.
    package static let canRun =
        ProcessInfo.processInfo.environment["CI"] != nil
        || FileManager.default.fileExists(atPath: folder + "/fastmcp")
    package static let comment: Comment = "the Python packages are not installed: run `make tools`"

    /// The command that runs a program, or a module such as `mcp_server_time`.
    package static func command(_ arguments: [String]) -> MCPCommand {
        MCPCommand(
            "python3",
            arguments: arguments,
            environment: ["PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"]
        )
    }
}

/// The clients and checkers of others, which `scripts/install-python-tools` puts into `.cache/python`.
package enum Judges {
    package static let folder = PythonPackages.packageRoot + "/.cache/python"

    /// In CI a missing program fails the tests; elsewhere they are skipped.
    package static let canRun =
        ProcessInfo.processInfo.environment["CI"] != nil
        || FileManager.default.fileExists(atPath: folder + "/complete")
    package static let comment: Comment = "the judges are not installed: run `make tools`"

    package struct Outcome: Sendable {
        package let isSuccess: Bool
        package let output: String
        package let errors: String
    }

    /// Runs Python with the packages of a folder, in an empty directory.
    package static func python(_ packages: String, _ arguments: [String]) async throws -> Outcome {
        let directory = FileManager.default.temporaryDirectory.appending(path: "judge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let result = try await Subprocess.run(
            .name("env"),
            arguments: Arguments(
                [
                    "-C", directory.path(), "PYTHONPATH=\(folder)/\(packages)", "PYTHONDONTWRITEBYTECODE=1",
                    "HOME=\(directory.path())", "NO_COLOR=1", "timeout", "120", "python3",
                ] + arguments
            ),
            output: .string(limit: 8 << 20),
            error: .string(limit: 8 << 20)
        )
        return Outcome(
            isSuccess: result.terminationStatus.isSuccess,
            output: result.standardOutput,
            errors: result.standardError
        )
    }

    /// Runs the fuzzer and prints its crashes and hangs. Arguments: the folder of the judges, the URL, the seed.
    private static let fuzzProgram = """
        import json, subprocess, sys
        folder, url, seed = sys.argv[1:]
        subprocess.run([sys.executable, folder + "/fuzzer/bin/mcp-fuzzer", "--mode", "all", "--phase", "both",
            "--protocol", "streamablehttp", "--endpoint", url, "--runs", "5", "--runs-per-type", "2", "--seed", seed,
            "--no-safety", "--no-corpus", "--output-dir", "out", "--log-level", "ERROR", "--timeout", "10",
            "--tool-timeout", "10"], check=True, stdout=sys.stderr)
        summary = json.load(open("out/run_summary.json"))
        findings = json.load(open("out/findings.json"))
        findings = findings["findings"] if isinstance(findings, dict) else findings
        bad = [finding for finding in findings if finding["category"] in ("crash", "hang")]
        print("%s, %d tools, %s" % (summary["status"], len(summary["tools"]["by_name"]), bad))
        """

    /// Runs mcp-fuzzer against a server.
    ///
    /// - Returns: on standard output, whether it has completed, how many tools it has found, and the crashes and hangs.
    package static func fuzz(_ url: String, seed: UInt64) async throws -> Outcome {
        try await python("fuzzer", ["-c", fuzzProgram, folder, url, String(seed)])
    }
}
