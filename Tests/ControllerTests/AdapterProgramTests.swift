import Foundation
import MCPTransport
import Subprocess
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@testable import AdapterCommand
@testable import CommandSupport
@testable import Reconcilers

/// `moorage-adapter`, which is in each pod of a server with the transport stdio.
@Suite("moorage-adapter")
struct AdapterProgramTests {
    static var path: FilePath? {
        Binary.path.map { $0.removingLastComponent().appending("moorage-adapter") }
    }

    private func tool() throws -> Tool {
        Tool(path: try #require(Self.path, "moorage-adapter is not built: run `swift build`").string)
    }

    @Test("a mapping of a shared library is recognized")
    func libraries() {
        let maps = [
            (
                "7f10-7f20 r-xp 00010000 08:01 11                     /lib/x86_64-linux-gnu/libc.so.6\n",
                "/lib/x86_64-linux-gnu/libc.so.6"
            ),
            ("5500-5600 r-xp 00000000 08:01 10                     /usr/bin/moorage-adapter\n", nil),
            ("7f20-7f30 rw-p 00000000 00:00 0\n", nil),
            ("7ffe-7fff rw-p 00000000 00:00 0                      [stack]\n", nil),
        ]
        for (line, library) in maps { #expect(OwnFile.library(ofMapping: line) == library) }
    }

    @Test("pages are released once each time that nobody uses the adapter any more")
    func idle() {
        func releases(_ looks: [Int]) -> [Bool] {
            var detector = IdleDetector()
            return looks.map { detector.becomesIdle(messages: $0) }
        }
        #expect(releases([0, 0, 3, 3, 3, 4, 5, 5]) == [true, false, false, true, false, false, false, true])
        // A client came before the first look.
        #expect(releases([2, 2, 2]) == [false, true, false])
    }

    @Test("log lines have the time in UTC, with microseconds")
    func time() {
        #expect(WallTime.text(seconds: 1_793_750_405, nanoseconds: 42_999) == "2026-11-04T00:00:05.000042Z")
        #expect(WallTime.text(seconds: 951_782_399, nanoseconds: 999_999_999) == "2000-02-28T23:59:59.999999Z")
    }

    @Test("why the command does not work is written for the kubelet, if it reads it")
    func terminationMessage() throws {
        let folder = try TemporaryDirectory()
        let file = "\(folder.path)/termination-log"
        TerminationMessage.store(.failing("no such program"), in: file)
        #expect(!FileManager.default.fileExists(atPath: file))
        try "something longer that was there before, and is replaced".write(
            toFile: file,
            atomically: true,
            encoding: .utf8
        )
        TerminationMessage.store(.failing("no such program"), in: file)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "moorage-adapter: no such program")
        TerminationMessage.store(.ready, in: file)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "moorage-adapter: no such program")
        #expect(TerminationMessage.text(.starting) == "moorage-adapter: the server's process has not answered")
        #expect(TerminationMessage.prefix == AdapterProgram.messagePrefix)
    }

    @Test(
        "a command that does not work ends the adapter, with the reason",
        arguments: [
            (["/nowhere/program"], "the server's command cannot be run: "),
            (["/bin/sh", "-c", "echo secret >&2; exit 3"], "the server's process has ended (exit status 3)"),
        ]
    )
    func failingCommand(command: [String], reason: String) async throws {
        let address = "127.0.0.1:\(TestPort.random())"
        let result = try await tool().attempt(
            ["adapt", "--bind-address", address, "--max-failed-starts", "1", "--"] + command
        )
        #expect(result.status == 1)
        #expect(result.error.contains("error: \(reason)"), "\(result.error)")
    }

    #if os(Linux)
        @Test("a copy of it runs in a read-only root that holds nothing else")
        func emptyRoot() async throws {
            let folder = try TemporaryDirectory()
            let installed = try await tool().attempt(["install", folder.path])
            #expect(installed.status == 0, "\(installed.error)")
            let root = try TemporaryDirectory()
            let result = try await AssembledImage.script(
                "run-restricted",
                "--root",
                root.path,
                "--security-context",
                try AssembledImage.securityContext(),
                "--mount",
                "\(folder.path):/moorage-adapter",
                "--",
                "/moorage-adapter/moorage-adapter",
                "--version"
            )
            #expect(result.status == 0, "\(result.error)")
            #expect(result.output == "\(MoorageVersion.current.version)\n")
            let missing = try await tool().attempt(["install", "/nowhere"])
            #expect(missing.status == 1)
            #expect(missing.error.contains("/nowhere/moorage-adapter.partial cannot be written"))
        }

        @Test("it is in the image, which copies it")
        func image() async throws {
            let image = try await AssembledImage.current
            let result = try await AssembledImage.script(
                "run-restricted",
                "--root",
                "\(image.folder)/root",
                "--security-context",
                try AssembledImage.securityContext(),
                "--scratch",
                "/moorage-adapter",
                "--",
                "/usr/bin/moorage-adapter",
                "install",
                "/moorage-adapter"
            )
            #expect(result.status == 0, "\(result.error)")
        }

        @Test("a build that needs a loader is not taken into the image")
        func dynamic() async throws {
            let binary = try #require(Binary.path)
            let folder = try TemporaryDirectory()
            let result = try await AssembledImage.script(
                "assemble-image",
                "--binary",
                binary.string,
                "--adapter",
                binary.string,
                "--root",
                "\(folder.path)/root"
            )
            #expect(result.status == 1)
            #expect(result.error.contains("is not linked statically"))
        }

        /// `make test` installs it, so its absence is a failure in CI.
        private static let usesMusl =
            FileManager.default.isExecutableFile(atPath: "/usr/bin/musl-gcc")
            || ProcessInfo.processInfo.environment["CI"] != nil

        @Test(
            "in a root that holds only musl and a program that is linked with it, the adapter serves that program",
            .enabled(if: usesMusl, "musl-gcc of Debian's package musl-tools is not installed")
        )
        func musl() async throws {
            let folder = try TemporaryDirectory()
            let source = try folder.write(Self.server, to: "server.c")
            for name in ["root", "root/lib", "adapter"] {
                try FileManager.default.createDirectory(
                    atPath: "\(folder.path)/\(name)",
                    withIntermediateDirectories: true
                )
            }
            let built = try await Tool(path: "/usr/bin/musl-gcc").attempt([
                "-O1", "-o", "\(folder.path)/root/server", source,
            ])
            #expect(built.status == 0, "\(built.error)")
            let loader = try #require(
                try FileManager.default.contentsOfDirectory(atPath: "/lib").first { $0.hasPrefix("ld-musl-") },
                "musl's loader is not in /lib"
            )
            // In /lib it is a symbolic link, which leads nowhere in the other root.
            let content = try #require(FileManager.default.contents(atPath: "/lib/\(loader)"))
            #expect(
                FileManager.default.createFile(
                    atPath: "\(folder.path)/root/lib/\(loader)",
                    contents: content,
                    attributes: [.posixPermissions: 0o755]
                )
            )
            let installed = try await tool().attempt(["install", "\(folder.path)/adapter"])
            #expect(installed.status == 0, "\(installed.error)")

            let port = TestPort.random()
            let result = try await Subprocess.run(
                .path(AssembledImage.path(of: "run-restricted")),
                arguments: Arguments([
                    "--root", "\(folder.path)/root", "--security-context", try AssembledImage.securityContext(),
                    "--mount", "\(folder.path)/adapter:/moorage-adapter", "--", "/moorage-adapter/moorage-adapter",
                    "adapt",
                    "--bind-address", "127.0.0.1:\(port)", "--", "/server",
                ]),
                input: .none,
                output: .discarded,
                error: .string(limit: 1 << 20)
            ) { execution in
                defer { try? execution.send(signal: .terminate) }
                try await eventually("its contract can be read") {
                    let read = try await Binary.run("contract", "read", "http://127.0.0.1:\(port)/mcp", "-o", "summary")
                    return read.status == 0 && read.output.contains("Server:     musl 1.0")
                        && read.output.contains("  tool add")
                }
            }
            #expect(result.terminationStatus == .exited(0), "\(result.standardError)")
        }

        @Test("an idle adapter has little resident memory")
        func memory() async throws {
            let path = try #require(Self.path, "moorage-adapter is not built: run `swift build`")
            let port = TestPort.random()
            let result = try await Subprocess.run(
                .path(path),
                arguments: [
                    "adapt", "--bind-address", "127.0.0.1:\(port)", "--", "/bin/sh", "-c", AdaptCommandTests.server,
                ],
                input: .none,
                output: .discarded,
                error: .string(limit: 1 << 20)
            ) { execution in
                defer { try? execution.send(signal: .terminate) }
                let process = execution.processIdentifier.value
                try await eventually("the command works") {
                    try await Binary.run("contract", "read", "http://127.0.0.1:\(port)/mcp").status == 0
                }
                // 9 MiB in a release; this build has more code. Right after the start it is twice as much.
                try await eventually("little is resident", within: .seconds(60)) {
                    try #require(Self.residentKibibytes(process)) < 16 * 1024
                }
            }
            #expect(result.terminationStatus == .exited(0), "\(result.standardError)")
        }

        private static func residentKibibytes(_ process: pid_t) -> Int? {
            let status = FileManager.default.contents(atPath: "/proc/\(process)/status")
            let line = status.map { String(decoding: $0, as: UTF8.self) }?.split(separator: "\n")
                .first { $0.hasPrefix("VmRSS:") }
            return line?.split(separator: " ").dropLast().last.flatMap { Int($0.drop { $0 == "\t" }) }
        }

        /// A server of 2025-11-25.
        private static let server = #"""
            #include <stdio.h>
            #include <string.h>

            int main(void) {
                static char line[65536], id[256];
                while (fgets(line, sizeof line, stdin)) {
                    const char *start = strstr(line, "\"id\":");
                    if (!start) continue;
                    size_t length = strcspn(start + 5, ",}");
                    if (length >= sizeof id) return 1;
                    memcpy(id, start + 5, length);
                    id[length] = 0;
                    const char *result = 0;
                    if (strstr(line, "\"initialize\""))
                        result = "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                                 "\"serverInfo\":{\"name\":\"musl\",\"version\":\"1.0\"}}";
                    else if (strstr(line, "\"tools/list\""))
                        result = "{\"tools\":[{\"name\":\"add\",\"inputSchema\":{\"type\":\"object\"}}]}";
                    if (result)
                        printf("{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}\n", id, result);
                    else
                        printf("{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32601,\"message\":\"no\"}}\n", id);
                    fflush(stdout);
                }
                return 0;
            }
            """#
    #endif
}
