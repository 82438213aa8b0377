import KubernetesAPI
import MCPProtocol
import TestSupport
import Testing

@testable import CommandSupport
@testable import Controller

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@Suite("moorage contract")
struct ContractCommandTests {
    /// A server of the legacy era in shell, with one tool.
    private static func server(tool: String) -> [String] {
        let capabilities = #"{"tools":{}}"#
        let program = #"""
            echo "starting" >&2
            while read -r line; do
              case $line in
                *server/discover*) printf '%s\n' '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}' ;;
                *'"initialize"'*) printf '%s\n' '{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":CAPABILITIES,"serverInfo":{"name":"shell","version":"1.0"}}}' ;;
                *tools/list*) printf '%s\n' '{"jsonrpc":"2.0","id":3,"result":{"tools":[TOOL]}}' ;;
              esac
            done
            """#
        return [
            "/bin/sh", "-c",
            program.replacing("CAPABILITIES", with: capabilities).replacing("TOOL", with: tool),
        ]
    }

    private static let tool = #"{"inputSchema":{"type":"object"},"name":"add","description":"Adds\nnumbers."}"#
    private static let canonical =
        #"{"prompts":[],"resourceTemplates":[],"resources":[],"tools":"#
        + #"[{"description":"Adds\nnumbers.","inputSchema":{"type":"object"},"name":"add"}]}"# + "\n"

    private func read(_ options: [String], _ command: [String]) async throws -> TestSupport.Tool.Result {
        let path = try #require(Binary.path, "moorage is not built: run `swift build`")
        return try await TestSupport.Tool(path: path.string).attempt(["contract", "read"] + options + ["--"] + command)
    }

    @Test("the contract of a command is printed as canonical JSON, as YAML, and as a summary")
    func readCommand() async throws {
        let json = try await read([], Self.server(tool: Self.tool))
        #expect(json.status == 0, "\(json.error)")
        #expect(json.output == Self.canonical)
        #expect(json.error == "starting\n")
        let yaml = try await read(["-o", "yaml"], Self.server(tool: Self.tool))
        #expect(yaml.output.contains("- name: add\n"))
        let summary = try await read(["-o", "summary"], Self.server(tool: Self.tool))
        #expect(summary.output.contains("shell 1.0"))
        #expect(summary.output.contains("2025-11-25 over stdio"))
        #expect(summary.output.contains("  tool add: Adds\n"))
    }

    @Test("failures have status 1 and name the server; wrong usage has status 2")
    func failures() async throws {
        let ended = try await read([], ["false"])
        #expect(ended.status == 1)
        #expect(ended.error.hasPrefix("error: false: the server's process has ended (exit status 1)"))
        let refused = try await Binary.run("contract", "read", "http://127.0.0.1:1/mcp")
        #expect(refused.status == 1)
        #expect(refused.error.hasPrefix("error: http://127.0.0.1:1/mcp: cannot connect"))
        #expect(try await Binary.run("contract", "read").status == 2)
        #expect(try await Binary.run("contract", "read", "http://a/", "--header", "x").status == 2)
        let twoTrusts = try await Binary.run(
            "contract",
            "read",
            "http://a/",
            "--insecure-skip-tls-verify",
            "--ca-file",
            "x"
        )
        #expect(twoTrusts.status == 2)
    }

    @Test("diff has status 0 for equal contracts, 1 for different ones, and 2 for what is not one")
    func diff() async throws {
        let folder = try TemporaryDirectory()
        let first = try folder.write(Self.canonical, to: "a.json")
        let second = try folder.write(Self.canonical.replacing("\"object\"", with: "\"array\""), to: "b.json")
        let wrong = try folder.write("{\"a\":1}", to: "c.json")
        let equal = try await Binary.run("contract", "diff", first, first)
        #expect(equal.status == 0)
        #expect(equal.output.isEmpty)
        let different = try await Binary.run("contract", "diff", first, second)
        #expect(different.status == 1)
        #expect(different.output == "~ tool add\n    inputSchema.type\n    - \"object\"\n    + \"array\"\n")
        for other in [wrong, folder.path + "/missing", "http://127.0.0.1:1/"] {
            let failed = try await Binary.run("contract", "diff", first, other)
            #expect(failed.status == 2)
            #expect(failed.output.isEmpty)
            #expect(failed.error.contains(other))
        }
        #expect(try await Binary.run("contract", "diff", first).status == 2)
    }

    @Test("on a terminal, what was added, removed and changed has colors")
    func colors() throws {
        func contract(_ tools: [RawJSON]) throws -> ServerContract { try ServerContract([.tool: tools]) }
        func tool(_ name: String, _ title: String) -> RawJSON {
            ["name": .string(name), "title": .string(title), "inputSchema": ["type": "object"]]
        }
        let difference = ContractDifference(
            from: try contract([tool("a", "1"), tool("b", "1")]),
            to: try contract([tool("b", "2"), tool("c", "1")])
        )
        let console = Console(write: { _, _ in }, hasColours: true)
        #expect(
            DifferenceText(difference, console).text.split(separator: "\n") == [
                "\u{1B}[31m- tool a\u{1B}[0m", "\u{1B}[33m~ tool b\u{1B}[0m", "    title",
                "\u{1B}[31m    - \"1\"\u{1B}[0m", "\u{1B}[32m    + \"2\"\u{1B}[0m", "\u{1B}[32m+ tool c\u{1B}[0m",
            ]
        )
    }

    @Test("what a server says cannot control the terminal")
    func terminal() {
        #expect(TerminalText.safe("a\u{1B}[31m\u{9B}\u{202E}é\n") == "a\\u{1B}[31m\\u{9B}\\u{202E}é\\u{A}")
    }
}
