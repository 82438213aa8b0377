import KubernetesAPI
import MCPProtocol
import Testing

/// Event streams as WHATWG HTML defines them.
@Suite struct EventStreamTests {
    static func parse(_ text: String) throws -> [ServerSentEvent] {
        var parser = EventStreamParser()
        return try parser.feed(Array(text.utf8))
    }

    private func texts(_ events: [ServerSentEvent]) -> [String] {
        events.map { "\($0.type):\(String(decoding: $0.data, as: UTF8.self))" }
    }

    @Test("the specification's examples")
    func examples() throws {
        #expect(
            texts(
                try Self.parse(
                    "data: This is the first message.\n\ndata: This is the second message, it\ndata: has two lines.\n\n"
                )
            )
                == ["message:This is the first message.", "message:This is the second message, it\nhas two lines."]
        )
        #expect(
            texts(try Self.parse("event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n")) == [
                "add:73857293", "remove:2153",
            ]
        )
        #expect(texts(try Self.parse("data: YHOO\ndata: +2\ndata: 10\n\n")) == ["message:YHOO\n+2\n10"])
        // An event with an id of nothing clears the last id; "data" alone is an empty line; an unfinished event is dropped.
        var parser = EventStreamParser()
        let events = try parser.feed(
            Array(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n".utf8)
        )
        #expect(texts(events) == ["message:first event", "message:second event", "message: third event"])
        #expect(events.map(\.id) == ["1", "", nil])
        #expect(parser.lastEventID == "")
        #expect(texts(try Self.parse("data\n\ndata\ndata\n\ndata:")) == ["message:\n"])
        #expect(texts(try Self.parse("data:test\n\ndata: test\n\n")) == ["message:test", "message:test"])
    }

    @Test("lines end with CR, LF or CR LF, mixed as they come", arguments: ["\n", "\r", "\r\n"])
    func lineEnds(end: String) throws {
        let text = ["event: x", "data: a", "data: b", "", ": c", "data: d", "", ""].joined(separator: end)
        #expect(texts(try Self.parse(text)) == ["x:a\nb", "message:d"])
        #expect(
            texts(try Self.parse("data: a\rdata: b\ndata: c\r\n\r\rdata: d\n\n")) == ["message:a\nb\nc", "message:d"]
        )
    }

    @Test("a byte order mark counts only at the start")
    func byteOrderMark() throws {
        #expect(texts(try Self.parse("\u{FEFF}data: a\n\n\u{FEFF}data: b\n\n")) == ["message:a"])
        #expect(texts(try Self.parse("data: a\n\n")) == ["message:a"])
    }

    @Test("ids with NUL and retry times that are not digits are ignored; unknown fields too")
    func fields() throws {
        var parser = EventStreamParser()
        let events = try parser.feed(
            Array(
                "id: 1\nretry: 250\ndata: a\n\nid: 2\u{0}\nretry: 1.5\nretry: -1\nretry:\nDATA: x\ndata : x\nfoo: bar\ndata: b\n\n"
                    .utf8
            )
        )
        #expect(events.map(\.id) == ["1", nil] && events.map(\.retryMilliseconds) == [250, nil])
        #expect(parser.lastEventID == "1" && parser.retryMilliseconds == 250)
        var huge = EventStreamParser()
        _ = try huge.feed(Array("retry: 99999999999999999999999\n".utf8))
        #expect(huge.retryMilliseconds == .max)
    }

    @Test("an event without data primes the client with its id")
    func priming() throws {
        var parser = EventStreamParser()
        #expect(try parser.feed(Array("id: stream-1\ndata:\n\n".utf8)).isEmpty)
        #expect(parser.lastEventID == "stream-1")
    }

    @Test("limits hold, and a stream that has failed stays failed")
    func limits() throws {
        let limits = EventStreamParser.Limits(maximumBytes: 20, maximumFieldBytes: 4)
        for text in [
            "data: 0123456789abcdef", ":" + String(repeating: "x", count: 20), "data: 0123456789\ndata: 0123456789\n",
            "event: 12345\n", "id: 12345\n",
        ] {
            var parser = EventStreamParser(limits: limits)
            #expect(throws: EventStreamParser.TooLarge.self) { try parser.feed(Array(text.utf8)) }
            #expect(throws: EventStreamParser.TooLarge.self) { try parser.feed([0x0A]) }
        }
        var parser = EventStreamParser(limits: limits)
        for _ in 0..<100 { _ = try parser.feed(Array("data: 0123456789\nid: 1234\n\n".utf8)) }
    }

    @Test("what the writer writes, the parser reads", arguments: Fuzz.seeds(0x55E1))
    func roundTrip(seed: UInt64) throws {
        var random = Fuzz.generator(seed)
        for number in 0..<Fuzz.cases {
            var event = ServerSentEvent(data: Array(Fuzz.text(&random).utf8))
            if Bool.random(using: &random) { event.id = Fuzz.text(&random) }
            if Bool.random(using: &random) { event.type = Fuzz.text(&random) }
            if Bool.random(using: &random) { event.retryMilliseconds = Int64.random(in: 0...(.max), using: &random) }
            var parser = EventStreamParser()
            let read = try parser.feed(EventStreamWriter.keepAlive + EventStreamWriter.write(event))
            func oneLine(_ text: String) -> String {
                String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\n" && $0 != "\r" }))
            }
            let lines = String(decoding: event.data, as: UTF8.self).unicodeScalars.map(String.init).joined(
                separator: "\u{1}"
            )
            .replacing("\r\u{1}\n", with: "\n").replacing("\r", with: "\n").replacing("\u{1}", with: "")
            let id = event.id.map { oneLine($0).replacing("\0", with: "") }
            // A first line of data that starts with a byte order mark is no special case: the mark is not at the stream's start.
            #expect(read.count == (event.data.isEmpty ? 0 : 1), "case \(number) of seed \(seed)")
            #expect(parser.lastEventID == id, "case \(number) of seed \(seed)")
            guard let first = read.first else { continue }
            #expect(first.data == Array(lines.utf8), "case \(number) of seed \(seed)")
            let type = oneLine(event.type)
            #expect(first.type == (type.isEmpty ? "message" : type), "case \(number) of seed \(seed)")
            #expect(first.retryMilliseconds == event.retryMilliseconds)
        }
    }

    @Test("any cut gives the same events", arguments: Fuzz.seeds(0x55E2, 0x55E3))
    func cuts(seed: UInt64) {
        var random = Fuzz.generator(seed)
        let pieces = [
            "data: ", "data:", "data", "id: 7", "id", "event: e", "retry: 5", ": c", "\n", "\r", "\r\n", "\n\n", "x",
            " ", "\u{FEFF}", "é",
            "{\"a\":1}", "\0", "data: x\n\n", "data: y\r\r", "\r\ndata: z\r\n\r\n",
        ]
        var events = 0
        for number in 0..<Fuzz.cases {
            var stream = (0..<Int.random(in: 0...30, using: &random)).flatMap { _ in
                Array((pieces.randomElement(using: &random) ?? "").utf8)
            }
            if number % 4 == 0 { stream = Fuzz.damaged(stream, pieces: pieces, &random) }
            let limits = EventStreamParser.Limits(maximumBytes: number % 7 == 0 ? 24 : 1_000, maximumFieldBytes: 3)
            var whole = EventStreamParser(limits: limits)
            let expected = Result { try whole.feed(stream) }
            var cut = EventStreamParser(limits: limits)
            var found: [ServerSentEvent] = []
            var error: EventStreamParser.TooLarge?
            var start = 0
            while start < stream.count, error == nil {
                let end = min(stream.count, start + Int.random(in: 1...5, using: &random))
                do throws(EventStreamParser.TooLarge) {
                    found += try cut.feed(stream[start..<end])
                } catch let tooLarge { error = tooLarge }
                start = end
            }
            switch expected {
            case .success(let all):
                #expect(found == all && error == nil, "case \(number) of seed \(seed)")
                #expect(cut.lastEventID == whole.lastEventID && cut.retryMilliseconds == whole.retryMilliseconds)
                events += all.count
            case .failure(let failure):
                #expect(error == failure as? EventStreamParser.TooLarge, "case \(number) of seed \(seed)")
            }
        }
        #expect(events > Fuzz.cases / 2, "seed \(seed): too few events to show anything")
    }

    @Test("M14: an event stream is not buffered on its way")
    func headers() {
        #expect(HeaderFields.eventStream[all: "x-accel-buffering"] == ["no"])
        #expect(HeaderFields.eventStream[all: "Content-Type"] == ["text/event-stream"])
    }

    @Test("a message in an event comes back byte for byte")
    func messages() throws {
        let message = try RawJSON(parsing: #"{"jsonrpc":"2.0","id":1e0,"x":"\u00e9\n","y":1.0}"#)
        var parser = EventStreamParser()
        let events = try parser.feed(EventStreamWriter.write(ServerSentEvent(message, id: "1")))
        #expect(events == [ServerSentEvent(data: Array(message.bytes), id: "1")])
    }
}

/// Lines of stdio.
@Suite struct LineTests {
    @Test("lines are cut at line feeds, wherever the pieces are cut", arguments: Fuzz.seeds(0x11E1))
    func cuts(seed: UInt64) throws {
        var random = Fuzz.generator(seed)
        for number in 0..<Fuzz.cases {
            let stream = (0..<Int.random(in: 0...20, using: &random)).flatMap { _ in
                Array((["a", "{}", "\n", "\r\n", "\r", "é"].randomElement(using: &random) ?? "").utf8)
            }
            var parser = LineParser(maximumBytes: 100)
            var lines: [[UInt8]] = []
            var start = 0
            while start < stream.count {
                let end = min(stream.count, start + Int.random(in: 1...4, using: &random))
                lines += try parser.feed(stream[start..<end])
                start = end
            }
            let pieces = stream.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
            let expected = pieces.dropLast().map { $0.last == 0x0D ? Array($0.dropLast()) : $0 }.filter { !$0.isEmpty }
            #expect(lines == expected && parser.remainder == pieces.last, "case \(number) of seed \(seed)")
        }
    }

    @Test("a line over the limit fails, for good")
    func limit() throws {
        var parser = LineParser(maximumBytes: 3)
        #expect(try parser.feed(Array("abc\nab".utf8)) == [Array("abc".utf8)])
        #expect(throws: LineParser.TooLong.self) { try parser.feed(Array("cd".utf8)) }
        #expect(throws: LineParser.TooLong.self) { try parser.feed([0x0A]) }
    }
}

/// The `endpoint` event of HTTP+SSE.
@Suite struct EventStreamEndpointTests {
    private func resolve(_ reference: String, _ base: String = "https://Host.example:8443/a/sse?x=1") throws -> String {
        try EventStreamEndpoint.resolve(ServerSentEvent(type: "endpoint", data: Array(reference.utf8)), against: base)
    }

    @Test(
        "references resolve within the origin",
        arguments: [
            ("/messages?session=1", "https://host.example:8443/messages?session=1"),
            ("messages", "https://host.example:8443/a/messages"), ("?s=1", "https://host.example:8443/a/sse?s=1"),
            ("../b", "https://host.example:8443/b"), ("./c/../d/.", "https://host.example:8443/a/d/"),
            ("https://HOST.example:8443/m", "https://host.example:8443/m"),
            ("//host.example:8443/m", "https://host.example:8443/m"),
            ("/m#fragment", "https://host.example:8443/m"),
            ("/m?to=http://x", "https://host.example:8443/m?to=http://x"),
            ("/../../m", "https://host.example:8443/m"),
        ]
    )
    func resolved(reference: String, expected: String) throws {
        #expect(try resolve(reference) == expected)
    }

    @Test("the default port is the same origin, and a base may have no path")
    func ports() throws {
        #expect(try resolve("https://host.example:443/m", "https://host.example") == "https://host.example/m")
        #expect(try resolve("m", "http://[::1]:8080") == "http://[::1]:8080/m")
        #expect(try resolve("?q", "http://localhost:80") == "http://localhost/?q")
    }

    @Test(
        "another origin and what is not a URL are refused",
        arguments: [
            "https://evil.example/m", "http://host.example:8443/m", "https://host.example/m", "//evil.example/m",
            "https:/m",
            "https://host.example:8443@evil.example/m", "javascript:alert(1)", "file:///etc/passwd", "", "a b",
            "/m\u{0}", "/ä",
            "\\\\evil.example\\m", "https://", "https://host.example:99999/m", "ftp://host.example:8443/m",
        ]
    )
    func refused(reference: String) {
        #expect(throws: MessageFieldError.self) { try resolve(reference) }
    }

    @Test("the first event must be the endpoint")
    func otherEvent() {
        #expect(throws: MessageFieldError.self) {
            try EventStreamEndpoint.resolve(ServerSentEvent(data: Array("/m".utf8)), against: "http://h/sse")
        }
    }
}
