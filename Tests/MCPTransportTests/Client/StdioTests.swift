import Foundation
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Testing

@Suite("The client over stdio", .enabled(if: PythonPackages.canRun, PythonPackages.comment))
struct StdioTests {
    static let eras: [SupportedVersions] = [.all, SupportedVersions(SupportedVersions.all.legacy)]

    private func options(_ versions: SupportedVersions) -> MCPClientOptions {
        var options = MCPClientOptions()
        options.versions = versions
        options.limits.closeTime = .milliseconds(500)
        // Python starts slowly on a busy machine.
        options.limits.discoverTime = .seconds(60)
        return options
    }

    /// A command that keeps what it gets in a file.
    private func recorded(_ command: MCPCommand, in file: String) -> MCPCommand {
        var copy = command
        copy.command = "sh"
        copy.arguments =
            ["-c", "f=$1; shift; tee \"$f\" | exec \"$@\"", "sh", file, command.command] + command.arguments
        return copy
    }

    private func withFile(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.path() + "/moorage-stdio-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    private func isAlive(_ process: Int32) -> Bool { kill(process, 0) == 0 }

    private func process(in file: String) -> Int32? {
        (try? String(contentsOfFile: file, encoding: .utf8)).flatMap {
            Int32($0.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }

    @Test("a server of mcp in both eras: calls, progress, errors, cancelling, changes", arguments: eras)
    func sdk(versions: SupportedVersions) async throws {
        try await withFile { file in
            let errors = Recorded<String>()
            let command = recorded(PythonPackages.command(["-c", Programs.sdk, "stdio"]), in: file)
            let version = try await MCPClient.withConnection(
                to: .stdio(command),
                options: options(versions),
                handlers: MCPClientHandlers(standardError: { errors.append($0) })
            ) { client in
                #expect(client.agreement.version == versions.versions.first)
                #expect(client.agreement.serverInfo?.name == "sdk")
                let progress = Recorded<Double>()
                _ = try await client.request(
                    .toolsCall,
                    params: CallToolParams(name: "count", arguments: ["steps": 3]).raw
                ) { progress.append($0.progress) }
                #expect(progress.values == [1, 2, 3])
                let error = await #expect(throws: MCPClientError.self) {
                    try await client.request(Method(rawValue: "no/such/method"))
                }
                #expect(error?.code == .refused)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        _ = try await client.request(.toolsCall, params: CallToolParams(name: "wait").raw)
                    }
                    try await eventually("the tool runs") { errors.values.contains("waiting") }
                    group.cancelAll()
                    await #expect(throws: CancellationError.self) { try await group.next() }
                }
                try await eventually("the tool is cancelled") { errors.values.contains("cancelled") }
                try await client.withChanges(SubscriptionFilter(toolsListChanged: true)) { changes in
                    for try await change in changes {
                        if case .changed = change { break }
                        _ = try await client.request(.toolsCall, params: CallToolParams(name: "grow").raw)
                    }
                }
                #expect(try await client.list(.tools).count == 5)
                return client.agreement.version
            }
            let sent = try Data(contentsOf: URL(filePath: file)).split(separator: 0x0A).map { Array($0) }
            #expect(sent.count > 6)
            try await expectValid(sent.filter { !String(decoding: $0, as: UTF8.self).contains("no/such") }, version)
        }
    }

    @Test("a published server's contract is read")
    func publishedServer() async throws {
        let endpoint = MCPEndpoint.stdio(
            PythonPackages.command(["-m", "mcp_server_time", "--local-timezone", "Etc/UTC"])
        )
        let reading = try await ContractReader(options: options(.all)).read(endpoint)
        #expect(reading.contract.items.map(\.identity) == ["convert_time", "get_current_time"])
    }

    @Test("fastmcp in both eras", arguments: eras)
    func fastMCP(versions: SupportedVersions) async throws {
        let endpoint = MCPEndpoint.stdio(PythonPackages.command(["-c", Programs.fastMCP, "stdio"]))
        let reading = try await ContractReader(options: options(versions)).read(endpoint)
        #expect(reading.count(.tool) == 1)
        #expect(reading.agreement.version == versions.versions.first)
    }

    /// A legacy server in a few lines of shell: answers `initialize`, and then does as it is told.
    private func shell(_ rest: String, before: String = "") -> MCPCommand {
        let result = """
            {"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-11-25","capabilities":{},\
            "serverInfo":{"name":"sh","version":"1"}}}
            """
        return MCPCommand(
            "/bin/sh",
            arguments: [
                "-c", "\(before)\nread first; printf '\(result)\\n' 1; read initialized; \(rest)",
            ]
        )
    }

    private var legacy: MCPClientOptions { options(SupportedVersions([.v2025_11_25])) }

    @Test("progress is delivered before the answer that came with it, and its handler can make a request")
    func progressBeforeAnswer() async throws {
        let progress = """
            {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":%s,"progress":%s}}
            """
        let rest = """
            field() { printf %s "$2" | sed 's/.*"'"$1"'":\\([^,}]*\\).*/\\1/'; }; read call; \
            printf '\(progress)\\n' $(field progressToken "$call") 1 $(field progressToken "$call") 2; \
            printf '{"jsonrpc":"2.0","id":%s,"result":{"content":[]}}\\n' $(field id "$call"); \
            while read line; do printf '{"jsonrpc":"2.0","id":%s,"result":{}}\\n' $(field id "$line"); done
            """
        try await MCPClient.withConnection(to: .stdio(shell(rest)), options: legacy) { client in
            let progress = Recorded<Double>()
            _ = try await client.request(.toolsCall, params: CallToolParams(name: "x").raw) { value in
                _ = try? await client.request(.ping)
                progress.append(value.progress)
            }
            #expect(progress.values == [1, 2])
        }
    }

    @Test("a process that ends fails what waits for it, with its exit status")
    func exit() async throws {
        let error = await #expect(throws: MCPClientError.self) {
            try await MCPClient.withConnection(to: .stdio(shell("read call; exit 7")), options: legacy) { client in
                _ = try await client.request(.toolsList)
            }
        }
        #expect(error?.code == .processEnded)
        #expect(error?.message.contains("exit status 7") == true)
    }

    @Test("a process that ends at a request that it does not know is started again, for the handshake")
    func endsAtDiscover() async throws {
        let before = "read -r line; case $line in *server/discover*) exit 1;; esac"
        let result = """
            {"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-06-18","capabilities":{},\
            "serverInfo":{"name":"sh","version":"1"}}}
            """
        let command = MCPCommand("/bin/sh", arguments: ["-c", "\(before); echo '\(result)'; cat >/dev/null"])
        let version = try await MCPClient.withConnection(to: .stdio(command), options: options(.all)) {
            $0.agreement.version
        }
        #expect(version == .v2025_06_18)
    }

    @Test("a process that ends without reading, and one that echoes, are reported")
    func notMCP() async throws {
        for (name, code) in [("false", MCPClientError.Code.processEnded), ("true", .processEnded), ("cat", .refused)] {
            let error = await #expect(throws: MCPClientError.self) {
                try await MCPClient.withConnection(to: .stdio(MCPCommand(name)), options: options(.all)) { _ in }
            }
            #expect(error?.code == code, "\(name)")
        }
    }

    @Test("a command that does not exist is named")
    func missing() async throws {
        let error = await #expect(throws: MCPClientError.self) {
            try await MCPClient.withConnection(to: .stdio(MCPCommand("/no/such/program"))) { _ in }
        }
        #expect(error?.code == .processNotStarted)
        #expect(error?.message.contains("/no/such/program") == true)
    }

    @Test(
        "the process gets its environment and working directory, and what it writes to standard error arrives by lines"
    )
    func environment() async throws {
        let errors = Recorded<String>()
        var command = shell("cat >/dev/null", before: "echo \"$MOORAGE_TEST\" >&2; pwd >&2; printf last >&2")
        command.environment = ["MOORAGE_TEST": "given"]
        command.workingDirectory = "/"
        try await MCPClient.withConnection(
            to: .stdio(command),
            options: legacy,
            handlers: MCPClientHandlers(standardError: { errors.append($0) })
        ) { _ in }
        #expect(errors.values == ["given", "/", "last"])
    }

    @Test("closing ends a process that ignores the end of its input and SIGTERM, and what it has started")
    func stubborn() async throws {
        try await withFile { file in
            let command = shell(
                "sleep 1000 & echo $! > \(file); trap '' TERM; while :; do wait; done"
            )
            var child: Int32?
            try await MCPClient.withConnection(to: .stdio(command), options: legacy) { _ in
                try await eventually("the child runs") { process(in: file) != nil }
                child = process(in: file)
            }
            let found = try #require(child)
            try await eventually("the child is gone") { !isAlive(found) }
        }
    }

    @Test("a process that has left its group and keeps the pipes open does not keep the client waiting")
    func escaped() async throws {
        let start = ContinuousClock.now
        let version = try await MCPClient.withConnection(
            to: .stdio(shell("cat >/dev/null", before: "setsid sleep 20 &")),
            options: legacy
        ) { $0.agreement.version }
        #expect(version == .v2025_11_25)
        let error = await #expect(throws: MCPClientError.self) {
            let command = MCPCommand("/bin/sh", arguments: ["-c", "setsid sleep 20 & exit 4"])
            try await MCPClient.withConnection(to: .stdio(command), options: legacy) { _ in }
        }
        #expect(error?.message.contains("exit status 4") == true)
        #expect(ContinuousClock.now - start < .seconds(15))
    }

    @Test("no process is left when the caller's task is cancelled")
    func cancelled() async throws {
        try await withFile { file in
            let command = shell("sleep 1000; true", before: "echo $$ > \(file)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await MCPClient.withConnection(to: .stdio(command), options: legacy) { client in
                        _ = try await client.request(.toolsList)
                    }
                }
                try await eventually("it runs") { process(in: file) != nil }
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            let found = try #require(process(in: file))
            #expect(!isAlive(found))
        }
    }

    @Test("a line without an end, and a message that is not valid, end the connection; other output is skipped")
    func invalidOutput() async throws {
        let cases: [(String, MCPClientError.Code)] = [
            ("head -c 6000000 /dev/zero | tr '\\0' x; cat >/dev/null", .limitExceeded(.messageBytes)),
            ("echo '{\"jsonrpc\":'; cat >/dev/null", .invalidMessage),
            ("printf '{\"a\":\"\\377\"}\\n'; cat >/dev/null", .invalidMessage),
            ("echo hello; read call; exit 3", .processEnded),
        ]
        for (rest, code) in cases {
            let error = await #expect(throws: MCPClientError.self) {
                try await MCPClient.withConnection(to: .stdio(shell(rest)), options: legacy) { client in
                    _ = try await client.request(.toolsList)
                }
            }
            #expect(error?.code == code, "\(rest): \(String(describing: error))")
        }
    }
}
