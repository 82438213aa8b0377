import Foundation
import NIOSSL
import Synchronization
import Testing

@testable import KubernetesClient

/// Real TLS on loopback, with certificates that are created for each test.
@Suite struct TLSTests {
    /// A clock that does not advance until it is moved.
    final class Hands: Sendable {
        private let passed = Mutex(Duration.zero)
        private let start = ContinuousClock.now

        var now: ContinuousClock.Instant { start + passed.withLock { $0 } }

        func move(_ duration: Duration) { passed.withLock { $0 += duration } }
    }

    /// Sends one request, and shuts the transport down.
    static func ask(_ configuration: KubernetesClientConfiguration) async throws -> String {
        try await withTransport(configuration) { client in try await ask(client) }
    }

    /// The answer, or the error as a text, for comparisons that show it.
    static func answers(_ configuration: KubernetesClientConfiguration) async -> String {
        do { return try await ask(configuration) } catch { return "\(error)" }
    }

    static func answers(_ client: KubernetesClient) async -> String {
        do { return try await ask(client) } catch { return "\(error)" }
    }

    static func ask(_ client: KubernetesClient) async throws -> String {
        String(decoding: try await client.raw("/version"), as: UTF8.self)
    }

    /// Provides a client that does not retry, so that each answer is one exchange.
    static func withTransport<Value: Sendable>(
        _ configuration: KubernetesClientConfiguration,
        hands: Hands = Hands(),
        _ body: (KubernetesClient) async throws -> Value
    ) async throws -> Value {
        let transport = try HTTPTransport(
            configuration,
            options: .init(version: "9"),
            environment: [:],
            credentials: nil,
            now: { hands.now }
        )
        do {
            let value = try await body(KubernetesClient(transport: transport, retryPolicy: .never))
            try await transport.shutdown()
            return value
        } catch {
            try await transport.shutdown()
            throw error
        }
    }

    static func material(_ pem: String) -> KubernetesClientConfiguration.Material { .data(Array(pem.utf8)) }

    @Test func `a server is accepted only with a certificate of the configured authority`() async throws {
        let authority = try await TestAuthority(name: "good")
        let other = try await TestAuthority(name: "other")
        let server = TLSServer(certificate: try await authority.issue("api", names: ["IP:127.0.0.1"]))
        try await server.run { port in
            var configuration = KubernetesClientConfiguration(
                server: "https://127.0.0.1:\(port)",
                certificateAuthority: Self.material(authority.certificate)
            )
            #expect(await Self.answers(configuration) == "yes")

            configuration.certificateAuthority = Self.material(other.certificate)
            let stranger = await #expect(throws: ClientError.self) { _ = try await Self.ask(configuration) }
            #expect(stranger?.code == .tls, "\(String(describing: stranger))")
            #expect(stranger?.message.contains("certificate authority") == true)

            // The system's authorities do not know it either.
            configuration.certificateAuthority = nil
            let unknown = await #expect(throws: ClientError.self) { _ = try await Self.ask(configuration) }
            #expect(unknown?.code == .tls, "\(String(describing: unknown))")

            configuration.insecureSkipTLSVerify = true
            #expect(await Self.answers(configuration) == "yes")
        }
    }

    @Test func `a certificate for another name is rejected, unless tls-server-name is that name`() async throws {
        let authority = try await TestAuthority(name: "good")
        let server = TLSServer(certificate: try await authority.issue("api", names: ["DNS:api.example"]))
        try await server.run { port in
            var configuration = KubernetesClientConfiguration(
                server: "https://127.0.0.1:\(port)",
                certificateAuthority: Self.material(authority.certificate)
            )
            let error = await #expect(throws: ClientError.self) { _ = try await Self.ask(configuration) }
            #expect(error?.code == .tls, "\(String(describing: error))")

            configuration.tlsServerName = "api.example"
            #expect(await Self.answers(configuration) == "yes")
            #expect(server.seen.last?.serverName == "api.example")
            // The name is only used in the handshake.
            #expect(server.seen.last?.host == "127.0.0.1:\(port)")
        }
    }

    @Test func `a client certificate from files is used, and its successor once the files change`() async throws {
        let authority = try await TestAuthority(name: "both")
        let first = try await authority.issue("first")
        let second = try await authority.issue("second")
        let directory = try TemporaryDirectory()
        let server = TLSServer(
            certificate: try await authority.issue("api", names: ["IP:127.0.0.1"]),
            clients: authority
        )
        let hands = Hands()
        try await server.run { port in
            let configuration = KubernetesClientConfiguration(
                server: "https://127.0.0.1:\(port)",
                certificateAuthority: Self.material(authority.certificate),
                clientCertificate: .file(try directory.write("client.crt", first.certificate)),
                clientKey: .file(try directory.write("client.key", first.key))
            )
            func shown() throws -> [String?] {
                let known = try ["first": first, "second": second].mapValues {
                    try NIOSSLCertificate.fromPEMBytes(Array($0.certificate.utf8)).first
                }
                return server.seen.map { seen in known.first { $0.value == seen.client }?.key }
            }
            try await Self.withTransport(configuration, hands: hands) { client in
                #expect(await Self.answers(client) == "yes")
                try directory.write("client.crt", second.certificate)
                hands.move(.seconds(301))
                // The certificate is new and the key is old: the last matching pair is used.
                #expect(await Self.answers(client) == "yes")
                try directory.write("client.key", second.key)
                hands.move(.seconds(301))
                #expect(await Self.answers(client) == "yes")
                #expect(try shown() == ["first", "first", "second"])
            }
        }
    }

    @Test func `a missing client certificate is a TLS failure`() async throws {
        let authority = try await TestAuthority(name: "both")
        let server = TLSServer(
            certificate: try await authority.issue("api", names: ["IP:127.0.0.1"]),
            clients: authority
        )
        try await server.run { port in
            let configuration = KubernetesClientConfiguration(
                server: "https://127.0.0.1:\(port)",
                certificateAuthority: Self.material(authority.certificate)
            )
            let error = await #expect(throws: ClientError.self) { _ = try await Self.ask(configuration) }
            #expect(error?.code == .tls, "\(String(describing: error))")
        }
    }

    @Test func `a rotated authority is read at once when the server has a new certificate`()
        async throws
    {
        let old = try await TestAuthority(name: "old")
        let new = try await TestAuthority(name: "new")
        let directory = try TemporaryDirectory()
        let server = TLSServer(certificate: try await old.issue("api", names: ["IP:127.0.0.1"]))
        let replacement = try await new.issue("api", names: ["IP:127.0.0.1"])
        try await server.run { port in
            let account = try directory.write("ca.crt", old.certificate)
            try directory.write("token", "t")
            let configuration = try #require(
                try KubernetesClientConfiguration.inCluster(
                    .init(
                        variables: ["KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "\(port)"],
                        homeDirectory: nil,
                        serviceAccountDirectory: directory.path
                    )
                )
            )
            // The clock does not advance: only a rejection causes the file to be read again.
            try await Self.withTransport(configuration) { client in
                #expect(await Self.answers(client) == "yes")
                server.use(replacement)
                let refused = await #expect(throws: ClientError.self) { _ = try await Self.ask(client) }
                #expect(refused?.code == .tls)
                try new.certificate.write(toFile: account, atomically: true, encoding: .utf8)
                #expect(await Self.answers(client) == "yes")
            }
        }
    }

    @Test func `all requests that fail on a rotated authority recover`() async throws {
        let old = try await TestAuthority(name: "old")
        let new = try await TestAuthority(name: "new")
        let directory = try TemporaryDirectory()
        let file = try directory.write("ca.crt", old.certificate)
        let material = TLSMaterial(
            KubernetesClientConfiguration(server: "https://x", certificateAuthority: .file(file))
        )
        // Two requests are sent with the old authority, and both fail on the server's new certificate.
        let first = try material.current()
        let second = try material.current()
        #expect(!material.refresh(after: first.generation))
        try new.certificate.write(toFile: file, atomically: true, encoding: .utf8)
        #expect(material.refresh(after: first.generation))
        #expect(material.refresh(after: second.generation), "the second request does not get the new authority")
        let renewed = try material.current()
        #expect(renewed.configuration.trustRoots != first.configuration.trustRoots)
        // If the new one is rejected too, there is no further attempt.
        #expect(!material.refresh(after: renewed.generation))
    }

    @Test func `many requests at once recover from a rotated authority`() async throws {
        let old = try await TestAuthority(name: "old")
        let new = try await TestAuthority(name: "new")
        let directory = try TemporaryDirectory()
        let file = try directory.write("ca.crt", old.certificate)
        let server = TLSServer(certificate: try await new.issue("api", names: ["IP:127.0.0.1"]))
        try await server.run { port in
            let configuration = KubernetesClientConfiguration(
                server: "https://127.0.0.1:\(port)",
                certificateAuthority: .file(file)
            )
            try await Self.withTransport(configuration) { client in
                try new.certificate.write(toFile: file, atomically: true, encoding: .utf8)
                let answers = await withTaskGroup(of: String.self) { group in
                    for _ in 0..<8 { group.addTask { await Self.answers(client) } }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers == Array(repeating: "yes", count: 8))
            }
        }
    }

    @Test func `a certificate authority that is not PEM is named`() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("ca.crt", "nonsense")
        let error = #expect(throws: ClientError.self) {
            _ = try HTTPTransport(
                KubernetesClientConfiguration(server: "https://x", certificateAuthority: .file(file)),
                environment: [:]
            )
        }
        #expect(error?.code == .tls)
        #expect(error?.message.contains(file) == true)
        let missing = #expect(throws: ClientError.self) {
            _ = try HTTPTransport(
                KubernetesClientConfiguration(
                    server: "https://x",
                    certificateAuthority: .file("\(directory.path)/none")
                ),
                environment: [:]
            )
        }
        #expect(missing?.message.contains("\(directory.path)/none") == true)
    }
}
