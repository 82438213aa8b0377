import FoundationEssentials
import MCPProtocol
import SandboxCluster
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@Suite("moorage bridge")
struct BridgeCommandTests {
    @Test("on standard input and output it reads the cluster of a kubeconfig, and ends with its input")
    func stdio() async throws {
        try await withSandbox { _, sandbox in
            let directory = try TemporaryDirectory()
            let kubeconfig = try directory.write(try await sandbox.kubeconfig(), to: "kubeconfig")
            let queries = "\(directory.path)/queries"
            _ = try directory.write("# Up.\nup", to: "queries/up.promql")
            let input = [
                #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"#
                    + #""clientInfo":{"name":"test","version":"1"}}}"#,
                #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
                #"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#,
                #"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"k8s.get","arguments":{"kind":"Namespace"}}}"#,
                #"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"promql.query","arguments":{"expr":"up"}}}"#,
                #"{"jsonrpc":"2.0","id":5,"method":"resources/list"}"#,
            ]
            let result = try await Binary.run(
                "bridge",
                "--stdio",
                "--kubeconfig",
                kubeconfig,
                "--queries",
                queries,
                input: input.joined(separator: "\n") + "\n"
            )
            #expect(result.status == 0, "\(result)")
            var answers: [Int64: RawJSON] = [:]
            for line in result.output.split(separator: "\n") {
                // Nothing but the protocol is on standard output.
                let message = try RawJSON(parsing: String(line))
                if let id = message["id"]?.integerValue { answers[id] = message["result"] }
            }
            #expect(answers[1]?[path: ["serverInfo", "name"]] != nil)
            #expect(answers[2]?["tools"]?.elements?.count == 9)
            #expect(answers[3]?.text.contains("kube-system") == true && answers[3]?["isError"]?.boolValue != true)
            // Without Prometheus, the tool says what to do.
            #expect(answers[4]?["isError"]?.boolValue == true && answers[4]?.text.contains("--prometheus-url") == true)
            #expect(answers[5]?.text.contains("up") == true)
        }
    }

    @Test("options that do not fit together are refused, and a cluster that cannot be reached is named")
    func refused() async throws {
        for (arguments, text) in [
            (["--stdio", "--metrics-bind-address", "127.0.0.1:0"], "--metrics-bind-address"),
            (["--bind-address", "0"], "--bind-address"), (["--prometheus-url", "prometheus:9090"], "--prometheus-url"),
        ] {
            let path = try #require(Binary.path, "moorage is not built: run `swift build`")
            let result = try await Tool(path: path.string).attempt(["bridge"] + arguments)
            #expect(result.status == 2 && result.error.contains(text), "\(arguments): \(result)")
        }
        let missing = try await Binary.run("bridge", "--stdio", "--kubeconfig", "/nonexistent/kubeconfig")
        #expect(missing.status == 1 && missing.error.contains("/nonexistent/kubeconfig"), "\(missing)")
    }
}
