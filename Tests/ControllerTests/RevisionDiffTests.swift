import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Subprocess
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@testable import CommandSupport
@testable import Controller

@Suite("moorage contract diff of revisions", .serialized)
struct RevisionDiffTests {
    @Test(
        "a source is a URL, a file or a revision",
        arguments: [
            ("https://mcp.example.com/mcp", ContractSource.url("https://mcp.example.com/mcp")),
            ("before.json", .file("before.json")), ("./revision/a", .file("./revision/a")),
            ("revision/time-1", .revision(namespace: nil, name: "time-1")),
            ("revision/mcp-acme/time-1.x", .revision(namespace: "mcp-acme", name: "time-1.x")),
        ]
    )
    func sources(text: String, expected: ContractSource) throws {
        #expect(try ContractSource(text) == expected)
    }

    @Test(
        "what is not a revision is reported",
        arguments: ["revision/", "revision//a", "revision/a/b/c", "revision/A"]
    )
    func invalid(text: String) {
        #expect(throws: CommandFailure.self) { try ContractSource(text) }
    }

    @Test("revisions are compared with each other and with servers and files; one in parts is read whole")
    func revisions() async throws {
        let binary = try #require(Binary.path)
        let directory = try TemporaryDirectory()
        let kubeconfig = "\(directory.path)/kubeconfig"
        func image(_ name: String) -> String { "ghcr.io/acme/\(name)@\(RenderTests.digest)" }
        let manifest = ["small", "large"].map { name in
            """
            apiVersion: moorage.dev/v1alpha1
            kind: MCPServer
            metadata: {name: \(name)}
            spec: {image: "\(image(name))"}
            ---

            """
        }.joined()
        // More than one object of etcd can hold, and the tools that the small one has.
        let tools = (0..<30).map { #"{name: big\#($0), description: "\#(String(repeating: "x", count: 40_000))"}"# }
        let contracts = """
            "\(image("small"))": {name: small, tools: [{name: add}, {name: subtract}]}
            "\(image("large"))": {name: large, tools: [{name: add}, {name: subtract}, \(tools.joined(separator: ", "))]}

            """
        let applied = try directory.write(manifest, to: "servers.yaml")
        let contractFile = try directory.write(contracts, to: "contracts.yaml")
        let file = try directory.write(
            #"{"tools": [{"name": "add", "inputSchema": {"type": "object"}}]}"#,
            to: "file.json"
        )
        _ = try await Subprocess.run(
            .path(binary),
            arguments: ["sandbox", "--apply", applied, "--contracts", contractFile, "--kubeconfig", kubeconfig],
            workingDirectory: FilePath(Binary.packageRoot),
            input: .none,
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        ) { execution in
            defer { try? execution.send(signal: .terminate) }
            try await eventually { FileManager.default.fileExists(atPath: kubeconfig) }
            let configuration = try KubernetesClientConfiguration.load(kubeconfig: kubeconfig)
            try await withClient(of: configuration) { client in
                func revisions() async throws -> [String: JSONValue] {
                    let list = try? await client.raw("/apis/moorage.dev/v1alpha1/namespaces/default/mcpserverrevisions")
                    let items = try list.map { try JSONValue(parsing: $0)["items"]?.arrayValue ?? [] } ?? []
                    return Dictionary(
                        items.filter { $0["status"] != nil }.map { item in
                            (item[path: ["spec", "server"]]?.stringValue ?? "", item)
                        }
                    ) { first, _ in first }
                }
                try await eventually("both revisions are recorded") { try await revisions().count == 2 }
                let found = try await revisions()
                func name(_ server: String) throws -> String {
                    try #require(found[server]?[path: ["metadata", "name"]]?.stringValue)
                }
                #expect(found["large"]?[path: ["spec", "parts"]]?.arrayValue?.count ?? 0 > 1)
                let small = try name("small")
                let large = try name("large")
                func diff(_ old: String, _ new: String, _ options: String...) async throws -> Tool.Result {
                    try await Tool(path: binary.string).attempt(
                        ["contract", "diff", old, new, "--kubeconfig", kubeconfig] + options
                    )
                }
                let equal = try await diff("revision/default/\(small)", "revision/\(small)")
                #expect(equal.status == 0 && equal.output.isEmpty, "\(equal.error)")
                let growth = try await diff("revision/\(small)", "revision/\(large)", "--namespace", "default")
                #expect(growth.status == 1, "\(growth.error)")
                #expect(growth.output.split(separator: "\n").count == 30)
                #expect(growth.output.contains("+ tool big29\n") && !growth.output.contains("subtract"))
                let fromFile = try await diff(file, "revision/\(small)")
                #expect(fromFile.status == 1)
                #expect(fromFile.output == "+ tool subtract\n", "\(fromFile.output)\(fromFile.error)")
                let missing = try await diff("revision/\(small)", "revision/elsewhere/\(small)")
                #expect(missing.status == 2)
                #expect(missing.error.contains("MCPServerRevision elsewhere/\(small) does not exist"))
                let nowhere = try await Tool(path: binary.string).attempt(
                    ["contract", "diff", file, "revision/\(small)", "--kubeconfig", "\(directory.path)/none"]
                )
                #expect(nowhere.status == 2)
                #expect(nowhere.error.contains("\(directory.path)/none does not exist"))
            }
        }
    }
}
