import HTTPTypes
import MCPTestSupport
import MCPTransport
import Synchronization
import Testing

@Suite("Connections to addresses that were checked")
struct CheckedExchangeTests {
    /// Answers with one list of addresses after the other; the last one stays.
    private final class ScriptedResolver: HostResolver {
        private let answers: Mutex<[[String]]>
        private let asked = Mutex<[String]>([])

        init(_ answers: [String]...) { self.answers = Mutex(answers) }

        var questions: [String] { asked.withLock { $0 } }

        func addresses(of host: String) async throws -> [String] {
            asked.withLock { $0.append(host) }
            return answers.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? [] }
        }
    }

    /// Public addresses are those of the documentation range; they lead to this machine.
    private static let check: CheckedExchange.Check = { address, _ in
        address.hasPrefix("203.0.113.") ? nil : "\(address) is private"
    }

    private func withExchange(
        _ resolver: ScriptedResolver,
        _ options: HTTPClientExchange.Options = HTTPClientExchange.Options(),
        _ body: (CheckedExchange) async throws -> Void
    ) async throws {
        let exchange = try CheckedExchange(options, resolver: resolver, dial: { _ in "127.0.0.1" }, check: Self.check)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(exchange)) } catch { outcome = .failure(error) }
        await exchange.shutdown()
        try outcome.get()
    }

    private func code(_ exchange: CheckedExchange, _ url: String) async -> MCPClientError.Code? {
        do {
            _ = try await exchange.send(HTTPExchangeRequest(method: .get, url: url))
            return nil
        } catch {
            return (error as? MCPClientError)?.code
        }
    }

    private static func answer(_ head: String) -> @Sendable (String, @escaping RawServer.Write) async throws -> Void {
        { _, write in try await write(Array("HTTP/1.1 \(head)\r\ncontent-length: 0\r\n\r\n".utf8)) }
    }

    private static func port(_ url: String) -> String {
        String(url.dropFirst(7).prefix { $0 != "/" }.split(separator: ":")[1])
    }

    @Test("the address that was checked is connected to, with the name in Host, and without another look at the name")
    func checkedAddress() async throws {
        let heads = Mutex<[String]>([])
        try await RawServer.run { request, write in
            heads.withLock { $0.append(request) }
            try await write(Array("HTTP/1.1 204 No Content\r\n\r\n".utf8))
        } body: { url in
            let port = Self.port(url)
            // A name that leads to a private address the second time (DNS rebinding).
            let resolver = ScriptedResolver(["203.0.113.7"], ["10.0.0.1"])
            try await self.withExchange(resolver) { exchange in
                for _ in 0..<2 {
                    let request = HTTPExchangeRequest(method: .get, url: "http://Rebind.Test:\(port)/mcp")
                    let answer = try await exchange.send(request)
                    #expect(answer.status == 204)
                }
            }
            #expect(resolver.questions == ["rebind.test"])
            #expect(heads.withLock { $0.allSatisfy { $0.lowercased().contains("host: rebind.test:\(port)\r\n") } })
            try await self.withExchange(ScriptedResolver(["10.0.0.1"])) { exchange in
                #expect(await self.code(exchange, "http://rebind.test:\(port)/mcp") == .addressNotAllowed)
            }
        }
        #expect(heads.withLock { $0.count } == 2)
    }

    @Test("of several addresses only allowed ones are connected to")
    func severalAddresses() async throws {
        try await RawServer.run(Self.answer("204 No Content")) { url in
            let port = Self.port(url)
            try await self.withExchange(ScriptedResolver(["10.0.0.1", "203.0.113.7", "::1"])) { exchange in
                #expect(await self.code(exchange, "http://mixed.test:\(port)/mcp") == nil)
            }
            try await self.withExchange(ScriptedResolver(["10.0.0.1", "::1"])) { exchange in
                #expect(await self.code(exchange, "http://mixed.test:\(port)/mcp") == .addressNotAllowed)
            }
        }
    }

    @Test(
        "addresses in URLs are checked as well, in each spelling",
        arguments: ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"]
    )
    func literalAddresses(host: String) async throws {
        let resolver = ScriptedResolver(["203.0.113.7"])
        try await withExchange(resolver) { exchange in
            #expect(await code(exchange, "http://\(host):1/mcp") == .addressNotAllowed)
        }
        #expect(resolver.questions.isEmpty)
    }

    @Test(
        "URLs that parsers read differently are never sent",
        arguments: [
            "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://a@127.0.0.1/", "http://a\\@b/",
            "http://x:99999/",
        ]
    )
    func ambiguous(url: String) async throws {
        try await withExchange(ScriptedResolver(["203.0.113.7"])) { exchange in
            #expect(await code(exchange, url) == .invalidEndpoint)
        }
    }

    @Test(
        "a redirect is not followed, to another host or the same one",
        arguments: ["http://127.0.0.1:1/", "/elsewhere"]
    )
    func redirect(location: String) async throws {
        let count = Mutex(0)
        try await RawServer.run { _, write in
            count.withLock { $0 += 1 }
            try await write(Array("HTTP/1.1 307 Moved\r\nlocation: \(location)\r\ncontent-length: 0\r\n\r\n".utf8))
        } body: { url in
            let port = Self.port(url)
            var options = HTTPClientExchange.Options()
            options.maximumRedirects = 5
            try await self.withExchange(ScriptedResolver(["203.0.113.7"]), options) { exchange in
                let answer = try? await exchange.send(
                    HTTPExchangeRequest(method: .get, url: "http://redirect.test:\(port)/mcp")
                )
                #expect(answer == nil || answer?.status == 307)
            }
        }
        #expect(count.withLock { $0 } == 1)
    }

    @Test("certificates are verified with the given authority, and for the name in the URL")
    func certificates() async throws {
        try await PythonServer.run(TLSTests.server, "DNS:right.test") { server in
            let port = server.origin.split(separator: ":").last ?? ""
            var options = HTTPClientExchange.Options()
            options.trust = .authorities(pem: try TLSTests.certificate(server))
            try await self.withExchange(ScriptedResolver(["203.0.113.7"]), options) { exchange in
                // The server's 404 shows that the connection works.
                let request = HTTPExchangeRequest(method: .get, url: "https://right.test:\(port)/mcp")
                let answer = try await exchange.send(request)
                #expect(answer.status == 404)
                #expect(await self.code(exchange, "https://wrong.test:\(port)/mcp") == .certificateNotTrusted)
            }
            try await self.withExchange(ScriptedResolver(["203.0.113.7"])) { exchange in
                #expect(await self.code(exchange, "https://right.test:\(port)/mcp") == .certificateNotTrusted)
            }
        }
        #expect(throws: MCPClientError.self) {
            var options = HTTPClientExchange.Options()
            options.trust = .authorities(pem: "nothing")
            _ = try CheckedExchange(options, check: Self.check)
        }
    }

    @Test("the system's resolver finds addresses, and says when there are none")
    func system() async throws {
        let found = try await SystemResolver().addresses(of: "localhost")
        #expect(found.contains("127.0.0.1") || found.contains("::1"))
        await #expect(throws: MCPClientError.self) { try await SystemResolver().addresses(of: "nothing.invalid") }
    }
}
