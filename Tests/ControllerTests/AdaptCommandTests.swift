import FoundationEssentials
import Subprocess
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@testable import Controller

@Suite("moorage adapt")
struct AdaptCommandTests {
    /// A legacy server in shell, which says its process id on standard error.
    static let server = #"""
        echo "shell $$" >&2
        while read -r line; do
          id=${line#*\"id\":}; id=${id%%[,\}]*}
          case $line in
            *'"initialize"'*) r='{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"shell","version":"1.0"}}' ;;
            *tools/list*) r='{"tools":[{"name":"add","inputSchema":{"type":"object"}}]}' ;;
            *'"id"'*) printf '%s\n' '{"jsonrpc":"2.0","id":'"$id"',"error":{"code":-32601,"message":"no"}}'; continue ;;
            *) continue ;;
          esac
          printf '%s\n' '{"jsonrpc":"2.0","id":'"$id"',"result":'"$r"'}'
        done
        """#

    /// Runs the adapter until the body has ended, and sends a signal.
    private func withAdapter(
        _ signal: Signal,
        _ body: @escaping @Sendable (_ url: String) async throws -> Void
    ) async throws -> (status: TerminationStatus, log: String) {
        let path = try #require(Binary.path, "moorage is not built: run `swift build`")
        let port = TestPort.random()
        let result = try await Subprocess.run(
            .path(path),
            arguments: ["adapt", "--bind-address", "127.0.0.1:\(port)", "--", "/bin/sh", "-c", Self.server],
            input: .none,
            output: .discarded,
            error: .string(limit: 1 << 20)
        ) { execution in
            defer { try? execution.send(signal: signal) }
            try await body("http://127.0.0.1:\(port)/mcp")
        }
        return (result.terminationStatus, result.standardError)
    }

    private func readContract(_ url: String) async throws {
        var last = ""
        for _ in 0..<50 {
            let result = try await Binary.run("contract", "read", url, "-o", "summary")
            if result.status == 0 {
                #expect(result.output.contains("Server:     shell 1.0"))
                #expect(result.output.contains("2026-07-28 over Streamable HTTP"))
                #expect(result.output.contains("  tool add"))
                return
            }
            last = result.error
        }
        Issue.record("no contract: \(last)")
    }

    /// The processes of servers that are left.
    private func left(_ log: String) -> [String] {
        let started = log.split(separator: "\n").compactMap { line -> String? in
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "shell"), index + 1 < words.count else { return nil }
            return String(words[index + 1])
        }
        #expect(!started.isEmpty, "\(log)")
        return started.filter { process in
            // One that has ended and waits for the first process of the machine to reap it has an empty command line.
            FileManager.default.contents(atPath: "/proc/\(process)/cmdline").map { !$0.isEmpty } ?? false
        }
    }

    @Test("it serves a shell script over HTTP to a client of 2026-07-28, and ends with its processes on SIGTERM")
    func serves() async throws {
        let (status, log) = try await withAdapter(.terminate) { try await readContract($0) }
        #expect(status == .exited(0), "\(log)")
        #expect(left(log).isEmpty)
        #expect(log.contains("stream=stderr"))
    }

    @Test("when it is killed, its processes are killed by the kernel")
    func killed() async throws {
        let (status, log) = try await withAdapter(.kill) { try await readContract($0) }
        #expect(status == .signaled(9))
        try await eventually("they are gone") { left(log).isEmpty }
    }

    @Test("wrong usage has status 2 and says what to do")
    func usage() async throws {
        for (arguments, text) in [
            ([], "after --"), (["--path", "mcp", "--", "x"], "must start with /"),
            (["--path", "/healthz", "--", "x"], "for probes"), (["--max-processes", "0", "--", "x"], "at least 1"),
            (["--bind-address", "0", "--", "x"], "needs a port"), (["--idle-time", "0", "--", "x"], "at least 1s"),
        ] {
            let path = try #require(Binary.path, "moorage is not built: run `swift build`")
            let result = try await Tool(path: path.string).attempt(["adapt"] + arguments)
            #expect(result.status == 2, "\(arguments)")
            #expect(result.error.contains(text), "\(result.error)")
        }
    }
}
