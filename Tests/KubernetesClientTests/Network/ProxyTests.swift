import Testing

@testable import KubernetesClient

/// Requests through forward proxies to a server whose name only the proxy can resolve.
@Suite struct ProxyTests {
    /// Runs a server with the name `api.test` behind a proxy, and a client that uses the proxy.
    static func withProxy(
        _ kind: TestProxy.Kind,
        _ url: @escaping @Sendable (_ port: Int) -> String,
        _ body:
            @escaping @Sendable (_ client: KubernetesClient, _ proxy: TestProxy, _ server: TLSServer) async throws ->
            Void
    ) async throws {
        let authority = try await TestAuthority(name: "good")
        let server = TLSServer(certificate: try await authority.issue("api", names: ["DNS:api.test"]))
        try await server.run { backend in
            let proxy = TestProxy(kind, backend: backend)
            try await proxy.run { port in
                let configuration = KubernetesClientConfiguration(
                    server: "https://api.test:6443",
                    certificateAuthority: TLSTests.material(authority.certificate),
                    proxyURL: url(port)
                )
                try await TLSTests.withTransport(configuration) { client in try await body(client, proxy, server) }
            }
        }
    }

    @Test func `TLS goes through an HTTP proxy end to end`() async throws {
        try await Self.withProxy(.connect(authorization: nil), { "http://127.0.0.1:\($0)" }) { client, proxy, server in
            #expect(await TLSTests.answers(client) == "yes")
            #expect(proxy.asked == ["api.test:6443"])
            #expect(server.seen.map(\.serverName) == ["api.test"])
        }
    }

    @Test func `the proxy's own user and password are for the proxy`() async throws {
        // `user:pass word`, with the space percent-encoded in the URL.
        let header = "Basic dXNlcjpwYXNzIHdvcmQ="
        try await Self.withProxy(
            .connect(authorization: header),
            { "http://user:pass%20word@127.0.0.1:\($0)" }
        ) { client, _, _ in
            #expect(await TLSTests.answers(client) == "yes")
        }
        try await Self.withProxy(.connect(authorization: header), { "http://127.0.0.1:\($0)" }) { client, _, server in
            let error = await #expect(throws: ClientError.self) { _ = try await TLSTests.ask(client) }
            #expect(error?.code == .configuration, "\(String(describing: error))")
            #expect(error?.message.contains("the proxy rejected the connection") == true)
            #expect(server.seen.isEmpty)
        }
    }

    @Test func `TLS goes through a SOCKS 5 proxy, which finds the name`() async throws {
        try await Self.withProxy(.socks5, { "socks5://127.0.0.1:\($0)" }) { client, proxy, _ in
            #expect(await TLSTests.answers(client) == "yes")
            #expect(proxy.asked == ["api.test:6443"])
        }
    }

    @Test(arguments: [
        ("https://proxy:3128", "https:// proxy is not supported: use http:// or socks5://"),
        ("ftp://proxy", "ftp:// proxy is not supported"), ("proxy:3128", "http://HOST:PORT"),
        ("socks5://user:pass@proxy", "user and password"),
    ])
    func `a proxy that cannot be used is rejected with a way out, and without its password`(
        _ url: String,
        _ message: String
    ) {
        let error = #expect(throws: ClientError.self) {
            _ = try HTTPTransport(KubernetesClientConfiguration(server: "https://x", proxyURL: url), environment: [:])
        }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
        #expect(error?.message.contains("pass@") != true)
    }
}
