import AsyncHTTPClient
import MCPProtocol
import MCPTestSupport
import MCPTransport
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// Clients of the legacy era that lose a stream and come back, here or at another gateway. The gateway keeps nothing.
@Suite("Resumed streams")
struct ResumptionTests {
    /// A tool that reports progress, waits until it may go on, and reports again.
    private final class Work: Sendable {
        private struct State {
            var isOpen = false
            var calls = 0
            var cancelled = 0
        }

        private let state = Mutex(State())

        var calls: Int { state.withLock { $0.calls } }
        var cancelled: Int { state.withLock { $0.cancelled } }
        func goOn() { state.withLock { $0.isOpen = true } }

        func run(_ call: ServiceCall) async throws -> ServiceResult {
            state.withLock { $0.calls += 1 }
            do {
                try await call.report(progress: 1, total: 3)
                while !state.withLock({ $0.isOpen }) { try await Task.sleep(for: .milliseconds(5)) }
                try await call.report(progress: 2, total: 3)
                return .structured(["done": true])
            } catch {
                state.withLock { $0.cancelled += 1 }
                throw error
            }
        }
    }

    private static let legacy = SupportedVersions(SupportedVersions.all.legacy)

    private static func service(_ work: Work) throws -> MCPService {
        MCPService(
            info: Implementation(name: "slow", version: "1"),
            versions: legacy,
            content: ServiceContent(
                tools: [
                    try ServiceTool(Tool(name: "work", inputSchema: ["type": "object"])) { try await work.run($0) }
                ]
            )
        )
    }

    /// Two gateways with the same keys before the same server.
    private static func pair(
        _ work: Work,
        joined: Bool = false,
        _ body: @escaping @Sendable (RunningGateway, RunningGateway) async throws -> Void
    ) async throws {
        var options = GatewayOptions()
        options.sessionKeys = try SessionKeys(secrets: [[UInt8](repeating: 7, count: 32)])
        let both = options
        try await RunningGateway.run([.init("slow", try service(work), versions: legacy)], options: both) { backends in
            RouteTable([
                joined ? Route(path: "/mcp", joining: backends) : Route(path: "/mcp", backend: backends[0])
            ])
        } body: { one in
            try await RunningGateway.run(one.routes, options: both) { two in try await body(one, two) }
        }
    }

    private static func open(_ gateway: RunningGateway) async throws -> HeaderFields {
        let request = InitializeParams(
            protocolVersion: .v2025_11_25,
            capabilities: ClientCapabilities(),
            clientInfo: Implementation(name: "test", version: "1")
        ).request(id: 1)
        let answer = try await gateway.post("/mcp", .request(request), .legacyPost(version: nil, sessionID: nil))
        let id = try #require(answer.headers[all: HeaderName.sessionID].first)
        let headers = HeaderFields.legacyPost(version: .v2025_11_25, sessionID: id)
        #expect(try await gateway.post("/mcp", .notification(.initialized), headers).status == 202)
        return headers
    }

    private static func call(_ tool: String) -> JSONRPCRequest {
        JSONRPCRequest(
            id: 7,
            method: "tools/call",
            params: ["name": .string(tool), "arguments": [:], "_meta": ["progressToken": "p"]]
        )
    }

    /// What was read of a stream.
    private struct Read: Sendable {
        var status = 0
        var messages: [JSONRPCMessage] = []
        var lastEventID: String?

        var progress: [Int64] {
            messages.compactMap { message in
                guard case .notification(let notification) = message else { return nil }
                return notification.params?["progress"]?.integerValue
            }
        }
        var result: RawJSON? {
            messages.lazy.compactMap { message in
                guard case .response(let response) = message else { return nil }
                return response.id == 7 ? response.result : nil
            }.first
        }
    }

    /// Reads a stream until it ends, or enough messages are there; then the connection is closed.
    private static func read(
        _ gateway: RunningGateway,
        _ method: String,
        _ headers: HeaderFields,
        _ body: [UInt8]? = nil,
        until isEnough: (Read) -> Bool = { _ in false }
    ) async throws -> Read {
        var request = HTTPClientRequest(url: gateway.url("/mcp"))
        request.method = .init(rawValue: method)
        for field in headers.fields { request.headers.add(name: field.name, value: field.value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await gateway.client.execute(request, timeout: .seconds(30))
        var read = Read(status: Int(response.status.code))
        var parser = EventStreamParser()
        guard read.status == 200 else { return read }
        for try await chunk in response.body {
            for event in try parser.feed(chunk.readableBytesView) where event.type == "message" {
                read.messages.append(try JSONRPCMessage(parsing: event.data))
            }
            read.lastEventID = parser.lastEventID
            if isEnough(read) { break }
        }
        return read
    }

    private static func resuming(_ headers: HeaderFields, after id: String) -> HeaderFields {
        .legacyGet(
            version: .v2025_11_25,
            sessionID: headers[all: HeaderName.sessionID].first ?? "",
            lastEventID: id
        )
    }

    @Test(
        "a client that loses its stream gets the rest from any gateway, and the tool runs once and to its end",
        arguments: [(0, false), (1, false), (1, true)]
    )
    func answer(other: Int, joined: Bool) async throws {
        let work = Work()
        try await Self.pair(work, joined: joined) { one, two in
            let headers = try await Self.open(one)
            let request = Self.call(joined ? "slow_work" : "work")
            let first = try await Self.read(one, "POST", headers, Array(request.bytes)) { $0.progress == [1] }
            let id = try #require(first.lastEventID)
            #expect(first.progress == [1] && first.result == nil)
            work.goOn()
            let rest = try await Self.read([one, two][other], "GET", Self.resuming(headers, after: id))
            #expect(rest.progress == [2], "\(rest)")
            #expect(rest.result?[path: ["structuredContent", "done"]] == true, "\(rest)")
            #expect(work.calls == 1 && work.cancelled == 0)
            // Again: the server has it still, and the gateway nothing.
            let again = try await Self.read(two, "GET", Self.resuming(headers, after: id))
            #expect(again.progress == [2] && again.result != nil, "\(again)")
            // The session is as it was.
            let next = try await Self.read(one, "POST", headers, Array(request.with(id: 8).bytes))
            #expect(next.messages.contains { if case .response = $0 { true } else { false } }, "\(next)")
        }
    }

    @Test("a client can come back several times, from each id that it was given")
    func severalTimes() async throws {
        let work = Work()
        try await Self.pair(work) { one, two in
            let headers = try await Self.open(one)
            var last = try await Self.read(one, "POST", headers, Array(Self.call("work").bytes)) {
                $0.lastEventID != nil
            }
            for gateway in [two, one, two] {
                let id = try #require(last.lastEventID)
                let read = try await Self.read(gateway, "GET", Self.resuming(headers, after: id)) { _ in true }
                #expect(read.status == 200 && read.result == nil, "\(read)")
                last.lastEventID = read.lastEventID ?? id
            }
            work.goOn()
            let id = try #require(last.lastEventID)
            let rest = try await Self.read(one, "GET", Self.resuming(headers, after: id))
            #expect(rest.result?[path: ["structuredContent", "done"]] == true, "\(rest)")
            #expect(work.calls == 1 && work.cancelled == 0)
        }
    }

    @Test("a request whose client has left is cancelled by the client, at another gateway")
    func cancelled() async throws {
        let work = Work()
        try await Self.pair(work) { one, two in
            let headers = try await Self.open(one)
            let first = try await Self.read(one, "POST", headers, Array(Self.call("work").bytes)) { $0.progress == [1] }
            #expect(first.progress == [1])
            let notification = CancelledParams(requestID: 7).notification
            #expect(try await two.post("/mcp", .notification(notification), headers).status == 202)
            try await eventually("the tool is cancelled") { work.cancelled == 1 }
        }
    }

    @Test("an id that is changed, or of another session, resumes nothing")
    func foreign() async throws {
        let work = Work()
        try await Self.pair(work) { one, two in
            let (mine, yours) = (try await Self.open(one), try await Self.open(one))
            let first = try await Self.read(one, "POST", mine, Array(Self.call("work").bytes)) { $0.progress == [1] }
            let id = try #require(first.lastEventID)
            work.goOn()
            for (headers, id) in [
                (yours, id), (mine, String(id.dropLast())), (mine, id + "A"), (mine, "0-1"), (mine, "1"),
            ] {
                let read = try await Self.read(two, "GET", Self.resuming(headers, after: id))
                #expect(read.status == 400 && read.messages.isEmpty, "\(id): \(read)")
            }
        }
    }
}
