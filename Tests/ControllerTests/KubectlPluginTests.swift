import FoundationEssentials
import KubernetesAPI
import Subprocess
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The plug-in as people call it: by kubectl, on a sandbox.
@Suite("kubectl moorage", .serialized)
struct KubectlPluginTests {
    /// A sandbox, and kubectl with the plug-in.
    private struct Cluster: Sendable {
        var kubeconfig: String
        /// Has the links to the program.
        var folder: String

        private var environment: [String: String] {
            get throws {
                var tools = FilePath(try Tool.kubectl().path)
                tools.removeLastComponent()
                let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
                return [
                    "KUBECONFIG": kubeconfig, "NO_COLOR": "1", "PATH": "\(folder):\(tools.string):\(path)",
                    "HOME": folder,
                ]
            }
        }

        func kubectl(_ arguments: [String], input: String = "") async throws -> Tool.Result {
            try await Tool.kubectl().attempt(arguments, input: input, environment: environment)
        }

        func moorage(_ arguments: String...) async throws -> Tool.Result { try await kubectl(["moorage"] + arguments) }

        /// Runs a command of the plug-in that goes on until it is interrupted.
        ///
        /// - Returns: its exit status.
        func running(
            _ arguments: [String],
            body: (SubprocessOutputSequence) async throws -> Void
        ) async throws -> TerminationStatus {
            var additions: [Environment.Key: String?] = [:]
            for (key, value) in try environment { additions[Environment.Key(stringLiteral: key)] = value }
            let result = try await Subprocess.run(
                .path(FilePath("\(folder)/kubectl-moorage")),
                arguments: Arguments(arguments),
                environment: .inherit.updating(additions),
                input: .none,
                output: .sequence,
                error: .discarded
            ) { execution in
                defer { try? execution.send(signal: .terminate) }
                try await body(execution.standardOutput)
            }
            return result.terminationStatus
        }
    }

    private static let digest = "sha256:a678187655bfb02d02e54ea0427b876db9be1c8372fb8ec3b756f75f93970f19"

    private static let objects = """
        apiVersion: moorage.dev/v1alpha1
        kind: MCPTenant
        metadata: {name: acme}
        spec: {quotas: {overrides: {serversPerTenant: 4}}}
        ---
        apiVersion: moorage.dev/v1alpha1
        kind: MCPServer
        metadata: {name: weather, namespace: mcp-acme}
        spec: {image: "ghcr.io/acme/weather@\(digest)"}
        ---
        apiVersion: moorage.dev/v1alpha1
        kind: MCPServer
        metadata: {name: unpinned, namespace: mcp-acme}
        spec: {image: "ghcr.io/acme/weather:1.0"}

        """

    /// Runs a body with a sandbox whose server weather serves.
    private static func withCluster(_ body: (Cluster) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        let binary = try #require(Binary.path)
        let absolute = binary.isAbsolute ? binary.string : "\(FileManager.default.currentDirectoryPath)/\(binary)"
        for name in ["kubectl-moorage", "kubectl_complete-moorage"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(directory.path)/\(name)",
                withDestinationPath: absolute
            )
        }
        let cluster = Cluster(kubeconfig: "\(directory.path)/kubeconfig", folder: directory.path)
        let applied = try directory.write(objects, to: "objects.yaml")
        _ = try await Subprocess.run(
            .path(binary),
            arguments: ["sandbox", "--apply", applied, "--kubeconfig", cluster.kubeconfig],
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            defer { try? execution.send(signal: .terminate) }
            try await until("the server weather serves") {
                let phase = try await cluster.kubectl([
                    "get", "mcpserver", "weather", "-n", "mcp-acme", "-o", "jsonpath={.status.revision.name}",
                ])
                return phase.status == 0 && !phase.output.isEmpty
            }
            try await body(cluster)
        }
    }

    /// Waits until a condition holds. Each check starts a process, so it needs no pause.
    private static func until(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(120))
        while try await !condition() { try #require(ContinuousClock.now < deadline, "\(what): not within two minutes") }
    }

    @Test("status, explain and quota show a server, its tenant, and what to do")
    func shown() async throws {
        try await Self.withCluster { cluster in
            let all = try await cluster.moorage("status", "-n", "mcp-acme")
            #expect(all.status == 0, "\(all.error)")
            #expect(all.output.contains("unpinned") && all.output.contains("ImageDigestRequired"))
            let server = try await cluster.moorage("status", "weather", "-n", "mcp-acme")
            #expect(server.output.hasPrefix("MCPServer mcp-acme/weather  Ready\n"), "\(server.output)\(server.error)")
            let refused = try await cluster.moorage("status", "unpinned", "-n", "mcp-acme")
            #expect(refused.status == 0)
            #expect(refused.output.contains("What to do\n1. ImageDigestRequired: "), "\(refused.output)")
            let tenant = try await cluster.moorage("status", "tenant/acme", "-o", "json")
            #expect(try JSONValue(parsing: Array(tenant.output.utf8))["name"] == "acme")
            let explained = try await cluster.moorage("explain", "imagedigestrequired")
            #expect(explained.output.hasPrefix("ImageDigestRequired  in "), "\(explained.output)\(explained.error)")
            let quota = try await cluster.moorage("quota", "-n", "mcp-acme")
            #expect(quota.output.hasPrefix("MCPTenant acme  namespace mcp-acme"), "\(quota.output)\(quota.error)")
            let missing = try await cluster.moorage("status", "server/nothing", "-n", "mcp-acme")
            #expect(missing.status == 1)
            #expect(missing.error.hasPrefix("error: MCPServer mcp-acme/nothing does not exist"))
            #expect(try await cluster.moorage("status", "a/b/c").status == 2)
        }
    }

    @Test("a version that waits is compared, rejected, approved and rolled back")
    func decisions() async throws {
        try await Self.withCluster { cluster in
            func field(_ path: String) async throws -> String {
                try await cluster.kubectl(["get", "mcpserver", "weather", "-n", "mcp-acme", "-o", "jsonpath={\(path)}"])
                    .output
            }
            let first = try await field(".status.revision.name")
            // The first version needs no approval, and every other one does.
            for (object, patch) in [
                ("mcptenant/acme", #"{"spec":{"review":{"policy":"Always"}}}"#),
                ("mcpserver/weather", #"{"spec":{"env":[{"name":"A","value":"1"}]}}"#),
            ] {
                let patched = try await cluster.kubectl([
                    "patch", object, "-n", "mcp-acme", "--type", "merge", "-p", patch,
                ])
                #expect(patched.status == 0, "\(patched.error)")
            }
            try await Self.until("the new version waits") {
                try await cluster.moorage("status", "weather", "-n", "mcp-acme").output.contains("1. ReviewRequired: ")
            }
            let difference = try await cluster.moorage("diff", "weather", "-n", "mcp-acme")
            #expect(difference.status == 1)
            #expect(difference.output.contains("\n+- name: A\n"), "\(difference.output)\(difference.error)")

            let dry = try await cluster.moorage("reject", "weather", "-n", "mcp-acme", "--dry-run")
            #expect(dry.output.hasSuffix("The API server accepts it (dry run).\n"), "\(dry.error)")
            let rejected = try await cluster.moorage("reject", "weather", "-n", "mcp-acme", "--reason", "no", "--yes")
            #expect(rejected.status == 0 && rejected.output.contains("    + Rejected\n"), "\(rejected.error)")
            let second = try #require(
                rejected.output.split(separator: "\n").first.flatMap { $0.split(separator: "/").last }.map(String.init)
            )
            try await Self.until("the rejection is reported, with a command that changes it") {
                try await cluster.moorage("status", "weather", "-n", "mcp-acme").output
                    .contains("$ kubectl moorage approve weather \(second) -n mcp-acme")
            }
            let none = try await cluster.moorage("approve", "weather", "-n", "mcp-acme", "--yes")
            #expect(none.status == 1)
            #expect(none.error.contains("waits for a decision"), "\(none.error)")
            let approved = try await cluster.moorage("approve", "weather", second, "-n", "mcp-acme", "--yes")
            #expect(approved.status == 0 && approved.output.hasSuffix("\(second) is approved\n"), "\(approved.error)")
            try await Self.until("the approved version serves") { try await field(".status.revision.name") == second }

            let back = try await cluster.moorage("rollback", "weather", "-n", "mcp-acme", "--yes", "--wait")
            #expect(back.status == 0 && back.output.contains("\nweather goes back to \(first)\n"), "\(back.error)")
            #expect(back.output.hasSuffix("\nweather is ready\n"), "\(back.output)\(back.error)")
            #expect(try await field(".spec.rollbackTo") == first)
            #expect(try await field(".status.revision.name") == first)
            let end = try await cluster.moorage("rollback", "weather", "--end", "-n", "mcp-acme", "--yes")
            #expect(end.status == 0)
            #expect(try await field(".spec.rollbackTo").isEmpty)
            let restart = try await cluster.moorage("restart", "weather", "-n", "mcp-acme", "--yes", "--wait")
            #expect(restart.status == 0 && restart.output.contains("\nweather restarts\n"), "\(restart.error)")
            #expect(restart.output.hasSuffix("\nweather is ready\n"), "\(restart.output)\(restart.error)")
            let suspended = try await cluster.kubectl([
                "patch", "mcpserver", "weather", "-n", "mcp-acme", "--type", "merge", "-p",
                #"{"spec":{"suspend":true}}"#,
            ])
            #expect(suspended.status == 0)
            let held = try await cluster.moorage("rollback", "weather", "-n", "mcp-acme", "--yes", "--wait")
            #expect(held.status == 1)
            #expect(
                held.error.contains("the change is made, and weather does not go on: the server is suspended"),
                "\(held.error)"
            )
        }
    }

    @Test("a tool is called in a pod, and errors have a way out")
    func call() async throws {
        try await Self.withCluster { cluster in
            let server = ["--server", "weather", "-n", "mcp-acme"]
            func call(_ arguments: String...) async throws -> Tool.Result {
                try await cluster.kubectl(["moorage", "call"] + arguments + server)
            }
            let list = try await call("--list")
            #expect(list.status == 0 && list.output.hasPrefix("echo\n"), "\(list.output)\(list.error)")
            let result = try await call("echo", "--arguments", #"{"text": "hello"}"#)
            #expect(result.status == 0 && result.output.contains("hello"), "\(result.output)\(result.error)")
            let json = try await call("echo", "-o", "json")
            #expect(try JSONValue(parsing: Array(json.output.utf8))["content"] != nil, "\(json.output)\(json.error)")
            let unknown = try await call("ecko")
            #expect(unknown.status == 1)
            #expect(
                unknown.error == "error: weather has no tool ecko: did you mean echo? --list lists all of them\n"
            )
            let refused = try await cluster.moorage("call", "echo", "--server", "unpinned", "-n", "mcp-acme")
            #expect(refused.status == 1)
            #expect(refused.error.contains("kubectl moorage status unpinned -n mcp-acme says why"), "\(refused.error)")
            let gateway = try await cluster.moorage("call", "echo", "-n", "mcp-acme")
            #expect(gateway.status == 1)
            #expect(gateway.error.hasPrefix("error: no pod of the gateway was found in any namespace"))
            #expect(try await cluster.moorage("call").status == 2)
        }
    }

    @Test("connect opens a port that leads to the server, until it is stopped")
    func connect() async throws {
        try await Self.withCluster { cluster in
            let arguments = ["connect", "weather", "-n", "mcp-acme", "--client", "cursor"]
            let status = try await cluster.running(arguments) { output in
                var text = ""
                for try await line in output.strings() {
                    text += line + "\n"
                    if line == "}" { break }
                }
                let configuration = try JSONValue(parsing: Array(text.utf8))
                let url = try #require(configuration[path: ["mcpServers", "weather", "url"]]?.stringValue)
                #expect(url.hasPrefix("http://127.0.0.1:") && url.hasSuffix("/mcp"))
                let contract = try await Binary.run("contract", "read", url, "-o", "summary")
                #expect(contract.output.contains("tool echo"), "\(contract.output)\(contract.error)")
            }
            #expect(status == .exited(0))
            let nothing = try await cluster.moorage("connect", "nothing", "-n", "mcp-acme")
            #expect(nothing.status == 1)
            #expect(nothing.error.contains("MCPServer mcp-acme/nothing does not exist"), "\(nothing.error)")
        }
    }

    @Test("doctor fails without an installation, and says what it has checked")
    func doctor() async throws {
        try await Self.withCluster { cluster in
            let report = try await cluster.moorage("doctor", "-o", "json")
            #expect(report.status == 1)
            let checks = try JSONValue(parsing: Array(report.output.utf8))["checks"]?.arrayValue ?? []
            func level(_ name: String) -> String? {
                checks.first { $0["check"]?.stringValue == name }?["level"]?.stringValue
            }
            #expect(level("API server") == "OK", "\(report.output)")
            #expect(level("CRDs") == "OK", "\(report.output)")
            #expect(level("Controller") == "Failed")
            #expect(level("Tenants") == "OK")
            #expect(level("Servers") == "Warning")
            let text = try await cluster.moorage("doctor")
            #expect(text.output.contains("ImageDigestRequired: mcp-acme/unpinned"), "\(text.output)\(text.error)")
        }
        let nowhere = try await Binary.run("kubectl", "doctor", "--kubeconfig", "/nonexistent/kubeconfig")
        #expect(nowhere.status == 1)
    }

    @Test("top says what it needs")
    func top() async throws {
        try await Self.withCluster { cluster in
            let nothing = try await cluster.moorage("top", "-A")
            #expect(nothing.status == 1)
            #expect(nothing.error.contains("no pod of the gateway was found"), "\(nothing.error)")
            let prometheus = try await cluster.moorage("top", "--prometheus", "http://127.0.0.1:1")
            #expect(prometheus.status == 1)
            #expect(prometheus.error.hasPrefix("error: Prometheus cannot be reached"), "\(prometheus.error)")
            #expect(try await cluster.moorage("top", "--period", "0s").status == 2)
        }
    }

    @Test("kubectl completes commands, and names from the cluster")
    func completion() async throws {
        try await Self.withCluster { cluster in
            let examples: [([String], [String])] = [
                (["sta"], ["status", ":4"]),
                (["status", "-n", "mcp-acme", ""], ["unpinned", "weather", "acme", ":4"]),
                (["logs", "-n", "mcp-acme", "w"], ["weather", ":4"]),
                (["call", "--server", "weather", "-n", "mcp-acme", ""], ["echo", ":4"]),
                (["quota", "a"], ["acme", ":4"]),
            ]
            for (words, expected) in examples {
                let answer = try await cluster.kubectl(["__complete", "moorage"] + words)
                let found = answer.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
                #expect(found == expected, "\(words): \(answer.error)")
            }
        }
    }
}
