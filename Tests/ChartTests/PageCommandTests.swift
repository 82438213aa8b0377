import Foundation
import TestSupport
import Testing

/// Runs the commands in the documentation.
///
/// A code block `sh sandbox` is run on `moorage sandbox` with real `kubectl` and `helm`, in the root of the repository.
/// All blocks of a page are run in one shell, in order. A block `text output` after it contains lines that must occur
/// in the output, regardless of the amount of white space and of other text on the line. A block that only a real
/// cluster can run is `sh cluster`, and one that needs the internet `sh internet`.
@Suite("Commands in the documentation")
struct PageCommandTests {
    struct Block {
        var line: Int
        var commands: [String] = []
        var expected: [String] = []
    }

    static let pages = [
        "README.md", "docs/install.md", "docs/troubleshooting.md", "docs/readiness.md",
        "docs/sandbox.md", "docs/remote-servers.md", "docs/isolation.md", "docs/kubectl.md",
    ]

    /// Pages that start a sandbox themselves, and use `moorage` and `kubectl moorage` as programs.
    static let walkThroughs =
        ["first-server", "first-tenant", "expose", "approve-a-change", "sign-and-verify", "debug"].map {
            "docs/tasks/\($0).md"
        } + ["avelino", "falcone", "obot", "observability-mcp", "telemcp"].map { "docs/deployments/\($0).md" }

    static func blocks(of page: String) throws -> [Block] {
        let text = try String(contentsOfFile: "\(Tool.packageRoot)/\(page)", encoding: .utf8)
        var blocks: [Block] = []
        var fence: String?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if let open = fence {
                if line == "```" {
                    fence = nil
                } else if open == "sh sandbox" {
                    blocks[blocks.count - 1].commands.append(String(line))
                } else if open == "text output" {
                    try #require(!blocks.isEmpty, "\(page):\(index + 1): output of nothing")
                    blocks[blocks.count - 1].expected.append(String(line))
                }
            } else if line.hasPrefix("```") {
                let open = String(line.dropFirst(3))
                fence = open
                #expect(open != "sh", "\(page):\(index + 1): say `sh sandbox`, or `sh cluster` where that cannot be")
                if open == "sh sandbox" { blocks.append(Block(line: index + 1)) }
            }
        }
        return blocks
    }

    private static func squeezed(_ text: some StringProtocol) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test("the commands of a page have the output that the page shows", arguments: pages)
    func run(page: String) async throws {
        let prelude = """
            exec 3< <(exec "$MOORAGE" sandbox --kubeconfig "$KUBECONFIG" 2>/dev/null)
            sandbox=$!
            trap 'kill $sandbox' EXIT
            read -r -u3 _ # it says where it listens once it does
            swift() { test "$1 $2" = "run moorage"; "$MOORAGE" "${@:3}"; }

            """
        try await Self.withFolder { folder in
            try await Self.run(page, in: folder, after: prelude)
        }
    }

    @Test("the commands of a walk-through have the output that the page shows", arguments: walkThroughs)
    func walkThrough(page: String) async throws {
        let prelude = """
            mkdir -p "$HOME/bin"
            ln -s "$MOORAGE" "$HOME/bin/moorage"
            ln -s "$MOORAGE" "$HOME/bin/kubectl-moorage"
            PATH="$HOME/bin:$PATH"
            trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT

            """
        try await Self.withFolder { folder in
            try await Self.run(page, in: folder, after: prelude)
        }
    }

    /// Runs a body with a folder that is deleted after it.
    static func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "moorage-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    /// Runs the blocks of a page, and records what is not as the page shows.
    ///
    /// - Parameters:
    ///   - page: the path of the page.
    ///   - folder: where the commands write.
    ///   - prelude: commands before the first block.
    ///   - wrapper: a program, with arguments, that runs the shell.
    ///   - environment: variables in addition.
    static func run(
        _ page: String,
        in folder: URL,
        after prelude: String,
        through wrapper: [String] = [],
        environment: [String: String] = [:]
    ) async throws {
        let blocks = try Self.blocks(of: page)
        #expect(blocks.count > 2)
        let tools = [try Tool.helm(), try Tool.kubectl()].map {
            URL(filePath: $0.path).deletingLastPathComponent().path()
        }
        // The MCP servers of others, from `make tools`.
        let python = "\(Tool.packageRoot)/.cache/python/mcp"
        var script = "exec 2>&1\nset -euo pipefail\n" + prelude
        for (index, block) in blocks.enumerated() {
            script += "echo '=== \(index)'\n" + block.commands.joined(separator: "\n") + "\n"
        }
        script += "echo '=== end'\n"
        let command = wrapper + ["/bin/bash", "-c", script]
        let result = try await Tool(path: command[0]).attempt(
            Array(command.dropFirst()),
            environment: [
                "MOORAGE": try Tool.moorage().path, "KUBECONFIG": folder.appending(path: "kubeconfig").path(),
                "HOME": folder.path(),
                "PYTHONPATH": python,
                "PATH": (tools + ["\(python)/bin", ProcessInfo.processInfo.environment["PATH"] ?? ""]).joined(
                    separator: ":"
                ),
            ].merging(environment) { _, other in other }
        )
        let outputs = result.output.components(separatedBy: "=== ").dropFirst()
        guard result.status == 0, outputs.count == blocks.count + 1 else {
            let reached = min(max(outputs.count - 1, 0), blocks.count - 1)
            let last = (outputs.last ?? "") + result.error
            Issue.record("\(page):\(blocks[reached].line): exit status \(result.status): \(last)")
            return
        }
        for (block, output) in zip(blocks, outputs) {
            let lines = output.split(separator: "\n").map(Self.squeezed)
            for expected in block.expected.map(Self.squeezed) where !expected.isEmpty {
                #expect(
                    lines.contains { $0.contains(expected) },
                    "\(page):\(block.line): no line has \"\(expected)\": \(output)"
                )
            }
        }
    }
}
