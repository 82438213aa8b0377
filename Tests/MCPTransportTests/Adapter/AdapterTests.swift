import AsyncHTTPClient
import Foundation
import MCPProtocol
import MCPTransport
import NIOCore
import NIOHTTP1
import Observability
import Testing

/// Whether there is a process of this id.
private func isRunning(_ process: String) -> Bool {
    guard let id = Int32(process) else { return false }
    // A zombie still has an id, and must not be left either.
    return kill(id, 0) == 0
}

private func temporaryFile() -> String {
    FileManager.default.temporaryDirectory.appending(path: "adapter-\(UUID().uuidString)").path()
}

@Suite("The adapter for stdio with a legacy process")
struct LegacyProcessTests {
    @Test("messages of a legacy session reach its process byte for byte, and so do the answers")
    func bytes() async throws {
        let file = temporaryFile()
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await RunningAdapter.run(AdaptedPrograms.legacy(file)) { adapter in
            let connection = try await LegacyConnection.open(adapter.server)
            let text =
                #"{"id":"é\u00e9","params":{"_meta":{"own":1e2},"name":"echo","arguments":{"b": 1.0, "a":[ ]}},"method":"tools/call","jsonrpc":"2.0"}"#
            let answer = try await connection.post(JSONRPCMessage(parsing: Array(text.utf8)))
            #expect(answer.final?.text == #"{"b": 1.0, "a": []}"#)
            #expect(answer.final?.id == "éé")
            let written = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self).split(
                separator: "\n"
            )
            #expect(written.contains(Substring(text)))
            // One process has found out what the command speaks, and the session has one of its own.
            #expect(written.filter { $0.contains(#""initialize""#) }.count == 2)
            #expect(written.contains { $0.contains("\"init\"") && $0.contains("\"elicitation\"") })
        }
    }

    @Test("each session has a process of its own, which ends with it")
    func processPerSession() async throws {
        try await RunningAdapter.run(AdaptedPrograms.legacy()) { adapter in
            let first = try await LegacyConnection.open(adapter.server)
            let second = try await LegacyConnection.open(adapter.server)
            let one = try #require(try await first.call("pid").text)
            let two = try #require(try await second.call("pid").text)
            let modern = try #require(try await adapter.call("pid").text)
            #expect(Set([one, two, modern]).count == 3)
            #expect(try await adapter.call("pid").text == modern)
            #expect(try await first.delete().status == 204)
            try await eventually("the process ends") { !isRunning(one) }
            #expect(isRunning(two))
            #expect(try await second.call("echo").text == "{}")
            #expect(try await first.request("tools/list").status == 404)
        }
    }

    @Test("with one shared process, sessions and requests with the same ids do not mix")
    func shared() async throws {
        try await RunningAdapter.run(AdaptedPrograms.legacy(), { $0.processes = .shared }) { adapter in
            let sessions = try await [
                LegacyConnection.open(adapter.server), LegacyConnection.open(adapter.server),
            ]
            let pids = try await [
                sessions[0].call("pid").text, sessions[1].call("pid").text, adapter.call("pid").text,
            ]
            #expect(Set(pids).count == 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let arguments: RawJSON = ["n": .integer(Int64(number))]
                        let answer =
                            number % 3 == 2
                            ? try await adapter.call("echo", arguments, id: 7)
                            : try await sessions[number % 3].call("echo", arguments, id: .string("\(number / 3)"))
                        #expect(answer.text == "{\"n\": \(number)}")
                        if number % 3 == 2 { #expect(answer.id == 7) }
                    }
                }
                try await group.waitForAll()
            }
            // What one client sets must not change what others get.
            #expect(try await sessions[0].request("logging/setLevel").final?.error?.code == .methodNotFound)
            #expect(try await sessions[0].delete().status == 204)
            #expect(try await sessions[1].call("pid").text == pids[0])
        }
    }

    @Test("a client of 2026-07-28 discovers and calls a legacy process")
    func modernClient() async throws {
        try await RunningAdapter.run(AdaptedPrograms.legacy()) { adapter in
            let discovery = try await adapter.server.modern(Modern.request("server/discover"))
            let result = try DiscoverResult(try #require(discovery.final?.result))
            #expect(result.supportedVersions.first == .v2026_07_28)
            #expect(result.serverInfo?.name == "old")
            #expect(result.instructions == "Be kind.")
            #expect(result.capabilities.tools)
            #expect(result.capabilities.raw["logging"] == nil)
            let list = try await adapter.server.modern(Modern.request("tools/list")).final?.result
            #expect(list?["resultType"]?.stringValue == "complete")
            #expect(list?["ttlMs"]?.integerValue == 0)
            #expect(list?["cacheScope"]?.stringValue == "private")
            #expect(list?[path: ["_meta", MetadataKey.serverInfo, "name"]]?.stringValue == "old")
            // The process does not see what only the other era has.
            #expect(try await adapter.call("meta").text == "null")
            let read = try await adapter.server.modern(
                Modern.request("resources/read", params: ["uri": "a:b"])
            )
            #expect(read.final?.error?.code == .invalidParams)
            for method in ["initialize", "ping", "logging/setLevel", "resources/subscribe"] {
                let answer = try await adapter.server.modern(Modern.request(method))
                #expect(answer.status == 404, "\(method)")
                #expect(answer.final?.error?.code == .methodNotFound)
            }
        }
    }

    @Test("progress reaches the request that asked for it, under its own token", arguments: [true, false])
    func progress(isModern: Bool) async throws {
        try await RunningAdapter.run(AdaptedPrograms.legacy()) { adapter in
            let answer: RunningServer.Answer
            if isModern {
                answer = try await adapter.server.modern(Modern.call("progress", progressToken: "mine"))
            } else {
                let connection = try await LegacyConnection.open(adapter.server)
                answer = try await connection.request(
                    "tools/call",
                    params: ["name": "progress", "_meta": ["progressToken": "mine"]]
                )
            }
            let values = answer.messages.compactMap { message -> Double? in
                guard case .notification(let notification) = message,
                    let params = try? ProgressParams(of: notification), params.token == "mine"
                else { return nil }
                return params.progress
            }
            #expect(values == [1, 2, 3])
            #expect(answer.final?.text == "done")
        }
    }

    @Test("a request that is cancelled is cancelled in the process")
    func cancellation() async throws {
        let file = temporaryFile()
        defer { try? FileManager.default.removeItem(atPath: file) }
        @Sendable func hasRead(_ text: String) -> Bool {
            (try? String(contentsOfFile: file, encoding: .utf8))?.contains(text) == true
        }
        try await RunningAdapter.run(AdaptedPrograms.legacy(file)) { adapter in
            let connection = try await LegacyConnection.open(adapter.server)
            let waiting = JSONRPCRequest(id: "w", method: "tools/call", params: ["name": "wait"])
            try await adapter.server.stream(connection.posting(waiting)) { _ in
                try await eventually("the process has read it") { hasRead(#""id":"w""#) }
                _ = try await connection.post(.notification(CancelledParams(requestID: "w").notification))
                try await eventually("it is cancelled") { try await connection.call("cancelled").text == #"["w"]"# }
            }
            // In the modern era, closing the connection cancels.
            var request = Modern.call("wait", id: 5)
            request = request.with(metadataFields: [("progressToken", 5)])
            let http = adapter.server.request("POST", try .modern(for: request), Array(request.bytes))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await adapter.server.client.execute(http, timeout: .seconds(20)) }
                try await eventually("a process has read it") { hasRead(#""progressToken""#) }
                group.cancelAll()
            }
            try await eventually("it is cancelled") {
                let text = try await adapter.call("cancelled").text ?? ""
                return text != "[]"
            }
        }
    }

    @Test("a request of the process reaches the client and its answer the process")
    func serverRequests() async throws {
        try await RunningAdapter.run(AdaptedPrograms.legacy(), { $0.deliveryTime = .milliseconds(50) }) { adapter in
            let connection = try await LegacyConnection.open(adapter.server)
            let request = JSONRPCRequest(id: 1, method: "tools/call", params: ["name": "ask"])
            try await adapter.server.stream(connection.posting(request)) { stream in
                guard case .request(let asked) = try await stream.next() else {
                    Issue.record("no request")
                    return
                }
                #expect(asked.method == "elicitation/create")
                _ = try await connection.post(.response(JSONRPCResponse(id: asked.id, result: ["action": "decline"])))
                guard case .response(let response) = try await stream.next() else {
                    Issue.record("no response")
                    return
                }
                #expect(response.text == #"{"action": "decline"}"#)
            }
            // A response that nobody has asked for does not reach it.
            _ = try await connection.post(.response(JSONRPCResponse(id: "q", result: ["action": "accept"])))
            // Without a stream the process gets an error, not silence.
            _ = try await connection.call("ask-later")
            try await eventually("the process is told") { adapter.log.contains("the client has not opened a stream") }
            try await eventually("the process has the error") {
                adapter.log.contains(#"answer {"jsonrpc": "2.0", "id": "q", "error""#)
            }
            #expect(adapter.metric("mcp_adapter_undeliverable_requests_total") == "1")
            // A client of the other era cannot be asked at all.
            #expect(try await adapter.call("ask").text?.contains("cannot be delivered") == true)
        }
    }

    @Test(
        "a process that crashes: pending requests are answered, the session ends, and it is counted",
        arguments: ["crash", "kill"]
    )
    func crash(how: String) async throws {
        try await RunningAdapter.run(AdaptedPrograms.legacy()) { adapter in
            let connection = try await LegacyConnection.open(adapter.server)
            let pending = JSONRPCRequest(id: "p", method: "tools/call", params: ["name": "wait"])
            async let waiting = connection.post(.request(pending))
            try await eventually("it is worked on") { adapter.server.metricsText.contains("mcp_server_requests 1") }
            let answer = try await connection.call(how, id: 2)
            #expect(answer.error?.code == .internalError)
            let status = how == "crash" ? "exit status 3" : "signal 9"
            #expect(answer.error?.message.contains(status) == true, "\(answer)")
            let first = try await waiting.final
            #expect(first?.id == "p" && first?.error?.code == .internalError)
            try await eventually("the session ends") { try await connection.request("tools/list").status == 404 }
            #expect(adapter.metric(#"mcp_adapter_process_ends_total{reason="crashed"}"#) == "1")
            #expect(adapter.log.contains("a process has ended by itself"))
            // Others are not affected, and a crash of theirs only costs them the request.
            #expect(try await adapter.call("echo").text == "{}")
            #expect(try await adapter.call(how).error?.code == .internalError)
            #expect(try await adapter.call("echo").text == "{}")
        }
    }

    @Test("standard error is logged line by line with the session, and noise on standard output is ignored")
    func standardError() async throws {
        try await RunningAdapter.run(AdaptedPrograms.legacy(), { $0.maximumErrorLineBytes = 100 }) { adapter in
            let connection = try await LegacyConnection.open(adapter.server)
            _ = try await connection.call("log", ["text": "first\nsecond"])
            _ = try await connection.call("log", ["text": .string(String(repeating: "z", count: 200))])
            try await eventually("it is logged") { adapter.log.contains("info second ") }
            #expect(adapter.log.contains("info first process=2 session=1 stream=stderr"))
            try await eventually("it is cut") { adapter.log.contains(String(repeating: "z", count: 100) + "…") }
            #expect(!adapter.log.contains(String(repeating: "z", count: 101)))
            #expect(try await connection.call("noise").text == "still here")
            #expect(adapter.log.contains("not an MCP message"))
            #expect(adapter.metric("mcp_adapter_ignored_lines_total") == "1")
        }
    }

    @Test("a line that is too long ends the process, and the client gets an error")
    func longLine() async throws {
        try await RunningAdapter.run(AdaptedPrograms.legacy(), { $0.message.maximumBytes = 10_000 }) { adapter in
            let connection = try await LegacyConnection.open(adapter.server)
            let answer = try await connection.call("long", ["bytes": 20_000])
            #expect(answer.error?.message.contains("more than 10000 bytes") == true, "\(answer)")
            #expect(adapter.metric(#"mcp_adapter_process_ends_total{reason="line_too_long"}"#) == "1")
        }
    }

    @Test("a process that ignores SIGTERM, and what it has started, are gone at the end")
    func termination() async throws {
        let (stubborn, child) = try await withProcesses { adapter in
            let connection = try await LegacyConnection.open(adapter.server)
            let child = try await connection.call("child").text ?? ""
            let stubborn = try await connection.call("stubborn").text ?? ""
            #expect(isRunning(stubborn) && isRunning(child))
            return (stubborn, child)
        }
        #expect(!isRunning(stubborn))
        // It is reaped by the first process of the machine.
        try await eventually("the child is gone") {
            let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
            return state.map { $0.contains(") Z ") } ?? true
        }
    }

    @Test("a process whose session ends has time to end by itself")
    func farewell() async throws {
        let file = temporaryFile()
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await RunningAdapter.run(AdaptedPrograms.legacy(), { $0.closeTime = .seconds(60) }) { adapter in
            let connection = try await LegacyConnection.open(adapter.server)
            #expect(try await connection.call("farewell", ["path": .string(file)]).text == "later")
            #expect(try await connection.delete().status == 204)
            try await eventually("it has written its last file") {
                (try? String(contentsOfFile: file, encoding: .utf8)) == "goodbye"
            }
        }
    }

    private func withProcesses(
        _ body: @escaping @Sendable (RunningAdapter) async throws -> (String, String)
    ) async throws -> (String, String) {
        let result = Recorded<(String, String)>()
        try await RunningAdapter.run(AdaptedPrograms.legacy()) { adapter in result.append(try await body(adapter)) }
        return try #require(result.values.first)
    }

    @Test("a slow reader stops its own process and nobody else")
    func slowReader() async throws {
        try await RunningAdapter.run(AdaptedPrograms.legacy()) { adapter in
            let slow = try await LegacyConnection.open(adapter.server)
            let other = try await LegacyConnection.open(adapter.server)
            let flood = JSONRPCRequest(
                id: 1,
                method: "tools/call",
                params: ["name": "flood", "arguments": ["messages": 10_000]]
            )
            // The body is never read.
            let response = try await adapter.server.client.execute(slow.posting(flood), timeout: .seconds(60))
            #expect(response.status == .ok)
            for number in 0..<20 { #expect(try await other.call("echo", id: .integer(Int64(number))).text == "{}") }
            #expect(try await adapter.call("echo").text == "{}")
            // 10 MB are not in memory: the process waits.
            #expect(adapter.server.metricsText.contains("mcp_server_requests 1"))
            var bytes = 0
            for try await part in response.body { bytes += part.readableBytes }
            #expect(bytes > 10_000_000)
        }
    }

    @Test("many sessions at once, up to the maximum; then new ones are refused until one ends")
    func manySessions() async throws {
        try await RunningAdapter.run(AdaptedPrograms.legacy(), { $0.maximumProcesses = 12 }) { adapter in
            let sessions = try await withThrowingTaskGroup(of: LegacyConnection.self) { group in
                for _ in 0..<12 { group.addTask { try await LegacyConnection.open(adapter.server) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(sessions.count == 12)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, session) in sessions.enumerated() {
                    group.addTask {
                        for call in 1...20 {
                            let arguments: RawJSON = ["n": .integer(Int64(number * 100 + call))]
                            let answer = try await session.call("echo", arguments, id: .integer(Int64(call)))
                            #expect(answer.text == "{\"n\": \(number * 100 + call)}")
                        }
                    }
                }
                try await group.waitForAll()
            }
            await #expect(throws: DidNotHappen.self) { try await LegacyConnection.open(adapter.server) }
            #expect(try await sessions[0].delete().status == 204)
            let next = try await LegacyConnection.open(adapter.server)
            #expect(try await next.call("echo").text == "{}")
        }
    }

    @Test("processes that nobody uses end, and a new one is started when it is needed")
    func idle() async throws {
        try await RunningAdapter.run(AdaptedPrograms.legacy(), { $0.idleTime = .milliseconds(800) }) { adapter in
            let first = try #require(try await adapter.call("pid").text)
            let connection = try await LegacyConnection.open(adapter.server)
            let second = try #require(try await connection.call("pid").text)
            try await eventually("they end") { !isRunning(first) && !isRunning(second) }
            #expect(adapter.adapter.health == .ready)
            #expect(try await connection.request("tools/list").status == 404)
            #expect(try await adapter.call("pid").text != first)
        }
    }

    @Test("changes reach subscriptions of the modern era and sessions with a shared process")
    func changes() async throws {
        try await RunningAdapter.run(AdaptedPrograms.legacy(), { $0.processes = .shared }) { adapter in
            let session = try await LegacyConnection.open(adapter.server)
            let filter = SubscriptionFilter(toolsListChanged: true, resourceSubscriptions: ["a:b"])
            let listen = Modern.listen(filter, id: "sub")
            let http = adapter.server.request("POST", try .modern(for: listen), Array(listen.bytes))
            try await adapter.server.stream(http) { stream in
                guard case .notification(let first) = try await stream.next() else {
                    Issue.record("no acknowledgement")
                    return
                }
                #expect(first.method == "notifications/subscriptions/acknowledged")
                var methods: [String] = []
                try await adapter.server.stream(session.getting()) { get in
                    #expect(try await get.status() == 200)
                    _ = try await session.call("changed")
                    guard case .notification(let change) = try await get.next() else { return }
                    #expect(change.method == "notifications/tools/list_changed")
                }
                while !methods.contains("notifications/tools/list_changed") {
                    guard case .notification(let next) = try await stream.next() else { break }
                    #expect(next.params?[path: ["_meta", MetadataKey.subscriptionID]]?.stringValue == "sub")
                    methods.append(next.method)
                }
            }
        }
    }

    @Test("a subscriber that leaves does not end the subscriptions of others")
    func otherSubscribers() async throws {
        try await RunningAdapter.run(AdaptedPrograms.legacy(), { $0.processes = .shared }) { adapter in
            let listen = Modern.listen(SubscriptionFilter(toolsListChanged: true), id: "sub")
            let http = adapter.server.request("POST", try .modern(for: listen), Array(listen.bytes))
            try await adapter.server.stream(http) { stream in
                guard case .notification = try await stream.next() else {
                    Issue.record("no acknowledgement")
                    return
                }
                try await adapter.server.stream(http) { other in
                    guard case .notification = try await other.next() else {
                        Issue.record("no acknowledgement")
                        return
                    }
                }
                try await eventually("the other one has left") {
                    adapter.server.metricsText.contains("mcp_server_streams 1\n")
                }
                #expect(try await adapter.call("changed").text == "changed")
                guard case .notification(let change) = try await stream.next() else {
                    Issue.record("the subscription has ended")
                    return
                }
                #expect(change.method == "notifications/tools/list_changed")
            }
        }
    }

    @Test("a command that cannot run: health says why, requests are refused, and it is tried again")
    func cannotRun() async throws {
        for command in [
            MCPCommand("/nonexistent/server"), MCPCommand("true"), MCPCommand("sh", arguments: ["-c", "exit 7"]),
        ] {
            try await RunningAdapter.run(command, { $0.startTime = .seconds(3) }) { adapter in
                try await eventually("it fails") {
                    if case .failing = adapter.adapter.health { true } else { false }
                }
                #expect(adapter.adapter.plainPaths["/healthz"]?().status == 503)
                #expect(adapter.adapter.plainPaths["/livez"]?().status == 200)
                let answer = try await adapter.server.modern(Modern.request("tools/list"))
                #expect(answer.final?.error?.code == .internalError)
                await #expect(throws: DidNotHappen.self) { try await LegacyConnection.open(adapter.server) }
            }
        }
    }

    @Test("a command that becomes available is found")
    func recovers() async throws {
        let file = temporaryFile()
        defer { try? FileManager.default.removeItem(atPath: file) }
        let server = AdaptedPrograms.legacy()
        let command = MCPCommand(
            "sh",
            arguments: ["-c", #"test -e "$0" || exit 9; exec "$@""#, file, server.command] + server.arguments
        )
        try await RunningAdapter.run(command) { adapter in
            try await eventually("it fails") {
                if case .failing(let reason) = adapter.adapter.health {
                    reason.contains("exit status 9")
                } else {
                    false
                }
            }
            _ = FileManager.default.createFile(atPath: file, contents: nil)
            try await eventually("it works") { adapter.adapter.health == .ready }
            #expect(try await adapter.call("echo").text == "{}")
        }
    }
}

@Suite("The adapter for stdio with a process of 2026-07-28")
struct ModernProcessTests {
    @Test("a modern client: results, hints and input requests pass through unchanged")
    func modernClient() async throws {
        try await RunningAdapter.run(AdaptedPrograms.modern()) { adapter in
            let list = try await adapter.server.modern(Modern.request("tools/list", id: "x")).final
            #expect(list?.id == "x")
            #expect(list?.result?["ttlMs"]?.integerValue == 5_000)
            #expect(list?.result?["cacheScope"]?.stringValue == "public")
            let first = try await adapter.call("ask")
            let interim = try InputRequiredResult(try #require(first.result))
            let retry = try #require(
                Modern.call("ask").retry(id: 9, after: interim, responses: [("name", ["action": "cancel"])])
            )
            let second = try await adapter.server.modern(retry).final
            #expect(second?.text == #"[{"name": {"action": "cancel"}}, "s7"]"#)
            let meta = try await adapter.call("meta").text ?? ""
            #expect(meta.contains("2026-07-28") && meta.contains("elicitation"))
        }
    }

    @Test("arguments that a tool wants repeated in headers are checked")
    func parameterHeaders() async throws {
        try await RunningAdapter.run(AdaptedPrograms.modern()) { adapter in
            _ = try await adapter.server.modern(Modern.request("tools/list"))
            let call = Modern.call("region", ["region": "eu"])
            #expect(
                try await adapter.server.modern(call, [HeaderFields.Field("Mcp-Param-Region", "eu")]).final?.text
                    == "eu"
            )
            let wrong = try await adapter.server.modern(call, [HeaderFields.Field("Mcp-Param-Region", "us")])
            #expect(wrong.status == 400 && wrong.final?.error?.code == .headerMismatch)
        }
    }

    @Test("a legacy client: the handshake is answered, and requests carry what the process needs")
    func legacyClient() async throws {
        try await RunningAdapter.run(AdaptedPrograms.modern()) { adapter in
            let connection = try await LegacyConnection.open(adapter.server)
            let list = try await connection.request("tools/list", id: "x").final
            #expect(list?.id == "x" && list?.result?["resultType"] == nil && list?.result?["ttlMs"] == nil)
            let meta = try await connection.call("meta").text ?? ""
            #expect(
                meta.contains("2026-07-28") && meta.contains(#""elicitation": {}"#)
                    && meta.contains(#""name": "client""#)
            )
            let progress = try await connection.request(
                "tools/call",
                params: ["name": "progress", "_meta": ["progressToken": 77]]
            )
            #expect(progress.messages.count == 4 && progress.final?.text == "done")
        }
    }

    @Test("a legacy client is asked for the input that the process needs")
    func input() async throws {
        try await RunningAdapter.run(AdaptedPrograms.modern()) { adapter in
            let connection = try await LegacyConnection.open(adapter.server)
            let request = JSONRPCRequest(id: 1, method: "tools/call", params: ["name": "ask"])
            try await adapter.server.stream(connection.posting(request)) { stream in
                guard case .request(let asked) = try await stream.next() else {
                    Issue.record("no request")
                    return
                }
                #expect(asked.method == "elicitation/create")
                _ = try await connection.post(.response(JSONRPCResponse(id: asked.id, result: ["action": "decline"])))
                guard case .response(let response) = try await stream.next() else { return }
                #expect(response.text == #"[{"name": {"action": "decline"}}, "s7"]"#)
            }
        }
    }

    @Test("changes reach a legacy client's stream and a modern client's subscription")
    func changes() async throws {
        try await RunningAdapter.run(AdaptedPrograms.modern()) { adapter in
            let connection = try await LegacyConnection.open(adapter.server)
            try await adapter.server.stream(connection.getting()) { stream in
                guard case .notification(let change) = try await stream.next() else {
                    Issue.record("no notification")
                    return
                }
                #expect(change.method == "notifications/tools/list_changed")
                #expect(change.params?["_meta"] == nil)
            }
            let listen = Modern.listen(SubscriptionFilter(toolsListChanged: true), id: "mine")
            let http = adapter.server.request("POST", try .modern(for: listen), Array(listen.bytes))
            try await adapter.server.stream(http) { stream in
                for method in ["notifications/subscriptions/acknowledged", "notifications/tools/list_changed"] {
                    guard case .notification(let next) = try await stream.next() else {
                        Issue.record("no notification")
                        return
                    }
                    #expect(next.method == method)
                    #expect(next.params?[path: ["_meta", MetadataKey.subscriptionID]]?.stringValue == "mine")
                }
            }
            // The process hears that the client has left.
            try await eventually("it is cancelled") { try await adapter.call("cancelled").text?.contains("[") == true }
        }
    }
}
