import Foundation
import TestSupport
import Testing

#if os(Linux)
    /// A network namespace without a route, which counts attempts to reach something.
    private enum Offline {
        static let program = "\(Tool.packageRoot)/scripts/run-offline"
        static let isCI = ProcessInfo.processInfo.environment["CI"] != nil
        static let comment: Comment = "this machine does not let its users create network namespaces"

        /// Whether the machine lets its users create namespaces, as Linux does outside of most containers.
        static func isAvailable() async -> Bool {
            (try? await Tool(path: program).attempt(["true"]))?.status == 0
        }

        /// Whether what `make tools` installs is there.
        static let hasServers =
            isCI || FileManager.default.fileExists(atPath: "\(Tool.packageRoot)/.cache/python/mcp/mcp_server_time")
        static let serversComment: Comment = "the Python packages are not installed: run `make tools`"
    }

    /// The walk-through of docs/airgapped.md: mirror, sign, verify, install, serve, call.
    @Suite("Without the internet", .serialized, .enabled(Offline.comment) { await Offline.isAvailable() })
    struct AirgappedTests {
        @Test(
            "a signed image in a local registry is verified, served and called, and nothing else is reached",
            .enabled(if: Offline.hasServers, Offline.serversComment)
        )
        func walkThrough() async throws {
            try await PageCommandTests.withFolder { folder in
                let mirror = folder.appending(path: "mirror")
                // What the commands on a machine with the internet would have copied.
                for (name, command) in [("controller", "controller"), ("time", "mcp-server-time")] {
                    try TestImage(cmd: [command]).write(to: mirror.appending(path: name).path())
                }
                let binary = URL(filePath: try Tool.moorage().path).deletingLastPathComponent().path()
                try await PageCommandTests.run(
                    "docs/airgapped.md",
                    in: folder,
                    after: """
                        PATH="\(binary):$PATH"
                        trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT

                        """,
                    through: [Offline.program],
                    environment: ["MIRROR": mirror.path()]
                )
            }
        }

        @Test(
            "an attempt to reach something else would be seen",
            arguments: [
                #"socket.create_connection(("192.0.2.1", 443), 1)"#,
                #"socket.create_connection(("2001:db8::1", 443), 1)"#,
                #"socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))"#,
                #"socket.getaddrinfo("registry.example", 443)"#,
            ]
        )
        func attempts(call: String) async throws {
            let code = "import contextlib, socket\nwith contextlib.suppress(OSError): \(call)"
            let result = try await Tool(path: Offline.program).attempt(["python3", "-c", code])
            #expect(result.status == 1, "\(result.error)")
            #expect(result.error.contains("something tried to reach an address that is not on this machine"))
        }

        @Test("what stays on the machine is fine, and the status of the command is passed on", arguments: [0, 7])
        func local(status: Int32) async throws {
            let code = """
                import socket, sys
                listener = socket.create_server(("127.0.0.1", 0))
                socket.create_connection(listener.getsockname())
                socket.getaddrinfo("localhost", 80)
                sys.exit(\(status))
                """
            let result = try await Tool(path: Offline.program).attempt(["python3", "-c", code])
            #expect(result.status == status, "\(result.error)")
        }
    }
#endif
