import MCPProtocol
import Testing

@testable import MCPTransport

@Suite("Streams to clients")
struct OutboundStreamTests {
    private func message(_ number: Int) -> JSONRPCMessage {
        .notification(JSONRPCNotification(method: "n", params: ["number": .integer(Int64(number))]))
    }

    private func numbers(_ next: OutboundStream.Next) -> [Int64] {
        guard case .messages(let entries, isLast: _) = next else { return [] }
        return entries.compactMap { $0.message?.json[path: ["params", "number"]]?.integerValue }
    }

    private func stream(unread: Int = 2, events: Int = 4, bytes: Int = 1 << 20) -> OutboundStream {
        OutboundStream(limits: .init(unread: unread, replayEvents: events, replayBytes: bytes))
    }

    @Test("a reader gets every message once, in order, and then the end")
    func order() async {
        let stream = stream()
        let reader = stream.attach()
        stream.offer(message(1))
        stream.offer(message(2))
        #expect(numbers(await stream.next(reader)) == [1, 2])
        stream.finish(with: message(3))
        guard case .messages(let entries, isLast: true) = await stream.next(reader) else {
            Issue.record("the last message is missing")
            return
        }
        #expect(entries.map(\.index) == [2])
        guard case .ended = await stream.next(reader) else {
            Issue.record("the stream has not ended")
            return
        }
    }

    @Test("a sender waits for a reader that is slow, and not when there is none")
    func backPressure() async throws {
        let stream = stream()
        for number in 1...10 { try await stream.send(message(number)) }
        let reader = stream.attach()
        #expect(!stream.offer(message(11)))
        async let sent: Void = stream.send(message(11))
        #expect(numbers(await stream.next(reader)) == [7, 8, 9, 10])
        try await sent
        #expect(numbers(await stream.next(reader)) == [11])
    }

    @Test("a sender that waits goes on when the reader leaves, and stops when its task is cancelled")
    func leaving() async throws {
        let stream = stream()
        let reader = stream.attach()
        for number in 1...2 { try await stream.send(message(number)) }
        async let sent: Void = stream.send(message(3))
        stream.detach(reader)
        try await sent
        _ = stream.attach()
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await stream.send(self.message(4)) }
                group.cancelAll()
                try await group.next()
            }
        }
    }

    @Test("what was read can be read again as long as it is kept, by events and by bytes")
    func rewinding() async throws {
        let stream = stream(unread: 10)
        let first = stream.attach()
        for number in 0..<6 { try await stream.send(message(number)) }
        _ = await stream.next(first)
        #expect(stream.attach(after: 0) == nil)
        let second = try #require(stream.attach(after: 2))
        #expect(numbers(await stream.next(second)) == [3, 4, 5])
        guard case .ended = await stream.next(first) else {
            Issue.record("the first reader was not displaced")
            return
        }
        #expect(stream.attach(after: 6) == nil)
        #expect(stream.attachIfFree() == nil)
        let small = self.stream(unread: 10, events: 10, bytes: 150)
        let reader = small.attach()
        for number in 0..<6 { try await small.send(message(number)) }
        _ = await small.next(reader)
        #expect(small.attach(after: 0) == nil)
        #expect(numbers(await small.next(try #require(small.attach(after: 3)))) == [4, 5])
    }

    @Test("an event id is read back, and nothing else is one")
    func eventIDs() {
        #expect(EventID(EventID(stream: 3, received: 7).text) == EventID(stream: 3, received: 7))
        for text in ["", "3", "3-", "-3-7", "3-7-1", "03-7", "+3-7", "3-99999999999999999999", "a-b"] {
            #expect(EventID(text) == nil, "\(text)")
        }
    }

    @Test(
        "URI templates",
        arguments: [
            ("memo://notes/{id}", "memo://notes/7", ["id=7"]), ("memo://notes/{id}", "memo://notes/", nil),
            ("memo://notes/{id}", "memo://notes/7/8", nil), ("file:///{+path}", "file:///a/b", ["path=a/b"]),
            ("x://{a}/{b}", "x://1/2", ["a=1", "b=2"]), ("x://{a}.txt", "x://n.txt", ["a=n"]),
            ("x://{a}.txt", "x://n.md", nil),
            ("x://y", "x://y", []), ("x://{?a}", "x://1", nil), ("x://{a", "x://{a", nil),
            ("x://{a}{b}", "x://12", nil),
        ] as [(String, String, [String]?)]
    )
    func templates(template: String, uri: String, expected: [String]?) {
        #expect(URITemplate(template).match(uri)?.map { "\($0.name)=\($0.value)" } == expected)
    }
}
