import HTTPTypes
import Hummingbird
import KubernetesAPI
import NIOCore
import Synchronization
import Testing

@testable import KubernetesClient

/// Real sockets on loopback.
@Suite struct TransportTests {
    /// Runs a server during `body`, which receives the port.
    static func withServer<Value: Sendable>(
        _ respond: @escaping @Sendable (Request) async throws -> Response,
        _ body: @escaping @Sendable (_ port: Int) async throws -> Value
    ) async throws -> Value {
        try await withPort(
            of: { onServerRunning in
                Application(
                    responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                        try await respond(request)
                    },
                    configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                    onServerRunning: onServerRunning,
                    logger: .silent
                )
            },
            body
        )
    }

    /// Runs an application during `body`, which receives the port.
    static func withPort<Value: Sendable>(
        of application: (_ onServerRunning: @escaping @Sendable (any Channel) async -> Void) throws ->
            some ApplicationProtocol,
        _ body: @escaping @Sendable (_ port: Int) async throws -> Value
    ) async throws -> Value {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = try application { channel in _ = continuation.yield(channel.localAddress?.port ?? 0) }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await server.run()
                return nil
            }
            group.addTask {
                var iterator = ports.makeAsyncIterator()
                return try await body(await iterator.next() ?? 0)
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw ClientError(.configuration, "the test's server ended")
        }
    }

    static func transport(
        _ configuration: KubernetesClientConfiguration,
        credentials: (any CredentialSource)? = nil
    ) throws -> HTTPTransport {
        try HTTPTransport(
            configuration,
            options: .init(version: "9"),
            environment: [:],
            credentials: credentials,
            now: { ContinuousClock.now }
        )
    }

    @Test func `the base path is kept, and the headers contain user agent, impersonation and token`() async throws {
        let (method, uri, agent, user, groups, authorization) = try await Self.withServer { request in
            let headers = request.headers
            let parts = [
                request.method.rawValue, request.uri.string, headers[.userAgent] ?? "",
                HTTPField.Name("Impersonate-User").flatMap { headers[$0] } ?? "",
                HTTPField.Name("Impersonate-Group").map { headers[values: $0].joined(separator: ",") } ?? "",
                headers[.authorization] ?? "",
            ]
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: parts.joined(separator: "|"))))
        } _: { port in
            let transport = try Self.transport(
                KubernetesClientConfiguration(
                    server: "http://127.0.0.1:\(port)/k8s/clusters/c-1/",
                    credentials: .token(SensitiveString("t")),
                    impersonation: .init(user: "bob", groups: ["a", "b"])
                )
            )
            let bytes = try await KubernetesClient(transport: transport).raw("/version", query: [.init("a", "b c")])
            try await transport.shutdown()
            let parts = String(decoding: bytes, as: UTF8.self).split(separator: "|", omittingEmptySubsequences: false)
            return (
                String(parts[0]), String(parts[1]), String(parts[2]), String(parts[3]), String(parts[4]),
                String(parts[5])
            )
        }
        #expect(method == "GET")
        #expect(uri == "/k8s/clusters/c-1/version?a=b%20c")
        #expect(agent.hasPrefix("moorage/9 (linux/"))
        #expect(user == "bob")
        #expect(groups == "a,b")
        #expect(authorization == "Bearer t")
    }

    @Test func `a rejected token is read again, and the request sent once more`() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("token", "old")
        let asked = Counter()
        let body = try await Self.withServer { request in
            let count = asked.increment()
            guard request.headers[.authorization] == "Bearer new" else {
                if count == 1 { try directory.write("token", "new\n") }
                return Response(status: .unauthorized)
            }
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "yes")))
        } _: { port in
            let transport = try Self.transport(
                KubernetesClientConfiguration(
                    server: "http://127.0.0.1:\(port)",
                    credentials: .tokenFile(path: file, initial: nil)
                )
            )
            let bytes = try await KubernetesClient(transport: transport).raw("/x")
            try await transport.shutdown()
            return String(decoding: bytes, as: UTF8.self)
        }
        #expect(body == "yes")
        #expect(asked.value == 2)
    }

    @Test func `a request with a rejected fixed token is not repeated`() async throws {
        let asked = Counter()
        let code = try await Self.withServer { _ in
            asked.increment()
            return Response(status: .unauthorized)
        } _: { port in
            let transport = try Self.transport(
                KubernetesClientConfiguration(
                    server: "http://127.0.0.1:\(port)",
                    credentials: .token(SensitiveString("t"))
                )
            )
            let error = await #expect(throws: APIError.self) {
                _ = try await KubernetesClient(transport: transport).raw("/x")
            }
            try await transport.shutdown()
            return error?.code
        }
        #expect(code == 401)
        #expect(asked.value == 1)
    }

    @Test func `a refused connection means that nothing was sent`() async throws {
        // The server has stopped when its scope ends, and nothing else uses its port.
        let port = try await Self.withServer { _ in
            Response(status: .ok)
        } _: {
            $0
        }
        let transport = try Self.transport(KubernetesClientConfiguration(server: "http://127.0.0.1:\(port)"))
        let error = await #expect(throws: ClientError.self) {
            _ = try await transport.execute(APIRequest(method: .post, path: "/x", body: [1]))
        }
        #expect(error?.code == .connectionRefused, "\(String(describing: error))")
        try await transport.shutdown()
    }

    @Test func `an incomplete answer is a lost connection`() async throws {
        struct Broken: Error {}
        let error = try await Self.withServer { _ in
            Response(
                status: .ok,
                body: .init(contentLength: 100) { writer in
                    try await writer.write(ByteBuffer(string: "half"))
                    throw Broken()
                }
            )
        } _: { port in
            let transport = try Self.transport(KubernetesClientConfiguration(server: "http://127.0.0.1:\(port)"))
            let client = KubernetesClient(transport: transport, retryPolicy: .never)
            let error = await #expect(throws: ClientError.self) { _ = try await client.raw("/x") }
            try await transport.shutdown()
            return error
        }
        #expect(error?.code == .connectionLost, "\(String(describing: error))")
    }

    @Test func `a body that trickles times out`() async throws {
        let error = try await Self.withServer { _ in
            Response(
                status: .ok,
                body: .init { writer in
                    // It is never silent for long, and never complete. The pauses are what is tested; nothing waits for
                    // them.
                    for _ in 0..<3_000 {
                        try await writer.write(ByteBuffer(string: " "))
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    try await writer.finish(nil)
                }
            )
        } _: { port in
            var options = HTTPTransport.Options(version: "9")
            options.requestTimeout = .milliseconds(300)
            let transport = try HTTPTransport(
                KubernetesClientConfiguration(server: "http://127.0.0.1:\(port)"),
                options: options,
                environment: [:]
            )
            let client = KubernetesClient(transport: transport, retryPolicy: .never)
            let error = await #expect(throws: ClientError.self) { _ = try await client.raw("/x") }
            // A request's own limit counts as well.
            var request = APIRequest(path: "/x")
            request.timeout = .milliseconds(100)
            let own = await #expect(throws: ClientError.self) { _ = try await client.data(request) }
            #expect(own?.code == .timeout, "\(String(describing: own))")
            try await transport.shutdown()
            return error
        }
        #expect(error?.code == .timeout, "\(String(describing: error))")
        #expect(error?.message.contains("GET") == true)
    }

    @Test(arguments: [301, 302, 303, 307, 308, 304])
    func `a redirect is an error that names its target`(_ code: Int) async throws {
        let asked = Counter()
        let error = try await Self.withServer { _ in
            asked.increment()
            return Response(status: .init(code: code), headers: [.location: "https://login.example/?next=1"])
        } _: { port in
            let transport = try Self.transport(KubernetesClientConfiguration(server: "http://127.0.0.1:\(port)"))
            let error = await #expect(throws: APIError.self) {
                _ = try await KubernetesClient(transport: transport).raw("/api")
            }
            try await transport.shutdown()
            return error
        }
        #expect(error?.code == code)
        #expect(error?.description.contains("redirect to https://login.example/?next=1") == true)
        #expect(asked.value == 1)
    }

    @Test func `messages are cut by code points`() {
        let body = Array(("e" + String(repeating: "\u{301}", count: 5_000)).utf8)
        let message = ErrorBody.status(code: 502, body: body).message ?? ""
        #expect(message.unicodeScalars.count < ErrorBody.excerptLength + 100)
        #expect(message.hasSuffix("…"))
    }

    @Test func `each warning is logged once`() {
        var log = WarningLog()
        #expect(log.newTexts(in: #"299 - "a is \"old\"", 299 - "b""#) == [#"a is "old""#, "b"])
        #expect(log.newTexts(in: #"299 - "b""#).isEmpty)
        #expect(log.newTexts(in: "nonsense").isEmpty)
    }

    @Test(arguments: [
        ("https://a.example", "https://a.example", ""), ("https://[::1]:6443/base/", "https://[::1]:6443", "/base"),
        ("http://1.2.3.4:80/x?y", "http://1.2.3.4:80", "/x"),
    ])
    func `a server's URL is split into its parts`(_ text: String, _ prefix: String, _ path: String) throws {
        let address = try ServerAddress(text)
        #expect(address.prefix() == prefix)
        #expect(address.basePath == path)
    }

    @Test(arguments: ["", "ftp://x", "https://", "https://u:p@h", "https://h:0", "https://h:x", "https://[::1"])
    func `anything but a server's URL is rejected`(_ text: String) {
        #expect(throws: ClientError.self) { _ = try ServerAddress(text) }
    }

    @Test func `proxies come from the environment, except for exempt servers`() throws {
        let server = try ServerAddress("https://10.1.2.3:6443")
        let environment = ["HTTPS_PROXY": "http://u:p@proxy:3128"]
        #expect(try ProxySelection.fromEnvironment(environment, for: server)?.host == "proxy")
        for list in ["10.1.2.3", "*", "x, 10.1.0.0/16"] {
            let exempt = environment.merging(["NO_PROXY": list]) { first, _ in first }
            #expect(try ProxySelection.fromEnvironment(exempt, for: server) == nil, "\(list)")
        }
        // Digits and colons at the end of an address are not a domain.
        for list in ["3", ".3", "2.3", "10.1.0.0/24", "10.1.2.3:443", "fd00::/8"] {
            #expect(!ProxySelection.isExempt(server, list), "\(list)")
        }
        #expect(ProxySelection.isExempt(server, "10.1.2.3:6443"))
        let six = try ServerAddress("https://[fd00:10:96::1]:443")
        for list in [
            "fd00::/8", "FD00:10::/32", "fd00:10:80::/42", "fd00:10:96:0::1", "[fd00:10:96::1]", "[fd00:10:96::1]:443",
            "::/0", "x,fd00:10:96::/112",
        ] {
            #expect(ProxySelection.isExempt(six, list), "\(list)")
        }
        for list in ["fc00::/8", "fd00:10:40::/42", "[fd00:10:96::1]:6443", "0.0.0.0/0", "fd00::/129", "1"] {
            #expect(!ProxySelection.isExempt(six, list), "\(list)")
        }
        // Servers on this machine, and one that only has a similar name.
        for text in ["https://localhost:1", "https://127.9.9.9", "https://[::1]"] {
            #expect(ProxySelection.isExempt(try ServerAddress(text), ""), "\(text)")
        }
        #expect(!ProxySelection.isExempt(try ServerAddress("https://127.example.com"), ""))
        let named = try ServerAddress("https://api.cluster.local")
        #expect(ProxySelection.isExempt(named, ".cluster.local"))
        #expect(ProxySelection.isExempt(named, "cluster.local"))
        #expect(!ProxySelection.isExempt(named, "uster.local"))
        #expect(throws: ClientError.self) { _ = try ProxySelection("https://proxy") }
    }
}
