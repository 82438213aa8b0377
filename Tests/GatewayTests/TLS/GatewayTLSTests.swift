import AsyncHTTPClient
import Foundation
@testable import Gateway
import KubernetesClient
import Logging
import MCPTestSupport
import NIOCore
import NIOHTTP1
import NIOSSL
import Observability
import Policy
import Synchronization
import Testing

@Suite("TLS at the gateway's own port")
struct GatewayTLSTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func certificates(
        _ test: TestCertificates,
        clients: Bool = false,
        required: Bool = false
    ) throws -> ServerCertificates {
        try ServerCertificates(
            ServerCertificateFiles(
                certificate: test.path("server.crt"),
                key: test.path("server.key"),
                clientAuthorities: clients ? test.path("ca.crt") : nil,
                requiresClientCertificate: required
            ),
            logger: Self.logger
        )
    }

    /// A client that trusts the authority.
    private func withClient<Value>(
        _ test: TestCertificates,
        certificate: String? = nil,
        _ body: (HTTPClient) async throws -> Value
    ) async throws -> Value {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(test.path("ca.crt"))
        if let certificate {
            tls.certificateChain = try NIOSSLCertificate.fromPEMFile("\(certificate).crt").map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: "\(certificate).key", format: .pem))
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .init(tlsConfiguration: tls))
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(client)) } catch { outcome = .failure(error) }
        try? await client.shutdown()
        return try outcome.get()
    }

    private func status(_ client: HTTPClient, _ gateway: RunningGateway, _ path: String) async throws -> Int {
        let request = HTTPClientRequest(url: "https://localhost:\(gateway.port)\(path)")
        let response = try await client.execute(request, timeout: .seconds(10))
        _ = try await response.body.collect(upTo: 1 << 20)
        return Int(response.status.code)
    }

    @Test("a certificate that is rotated is in force for new connections, and those that are open go on")
    func rotation() async throws {
        let test = try await TestCertificates()
        try await test.issue("server", subject: "/CN=old", names: "DNS:localhost")
        var options = GatewayOptions()
        let certificates = try certificates(test)
        options.certificates = certificates
        try await RunningGateway.run(RouteTable(), options: options) { gateway in
            try await withClient(test) { open in
                #expect(try await status(open, gateway, "/livez") == 200)
                // A certificate for another name shows which one is served.
                try await test.issue("server", subject: "/CN=new", names: "DNS:elsewhere")
                certificates.reload()
                #expect(try await status(open, gateway, "/livez") == 200)
            }
            await #expect(throws: (any Error).self) {
                try await withClient(test) { try await status($0, gateway, "/livez") }
            }
            // What cannot be used changes nothing.
            try await test.issue("server", subject: "/CN=newer", names: "DNS:localhost")
            certificates.reload()
            try "nothing".write(toFile: test.path("server.key"), atomically: true, encoding: .utf8)
            certificates.reload()
            let answer = try await withClient(test) { try await status($0, gateway, "/livez") }
            #expect(answer == 200)
        }
    }

    @Test("files that cannot be used are refused by name")
    func files() async throws {
        let test = try await TestCertificates()
        try await test.issue("server", subject: "/CN=server", names: "DNS:localhost")
        try await test.issue("other", subject: "/CN=other", names: "DNS:localhost")
        func problem(_ certificate: String, _ key: String) -> String? {
            do throws(ServerCertificateError) {
                _ = try ServerCertificates(
                    ServerCertificateFiles(certificate: test.path(certificate), key: test.path(key)),
                    logger: Self.logger
                )
                return nil
            } catch {
                return error.description
            }
        }
        #expect(problem("server.crt", "server.key") == nil)
        #expect(problem("missing.crt", "server.key")?.contains("missing.crt") == true)
        #expect(problem("server.key", "server.key")?.contains("contains no certificates") == true)
        #expect(problem("server.crt", "server.crt")?.contains("no private key") == true)
        #expect(problem("server.crt", "other.key")?.contains("is not the key") == true)
    }

    /// The gateway's status for a client with one certificate or none: 404 shows that it is known who calls.
    private func status(
        certificate: String?,
        required: Bool = false,
        of foreign: TestCertificates? = nil,
        metrics: GatewayMetrics? = nil
    ) async throws -> Int {
        let test = try await TestCertificates()
        try await test.issue("server", subject: "/CN=server", names: "DNS:localhost")
        try await test.issue("agent", subject: "/CN=agent", names: "URI:spiffe://example.com/agent,DNS:agent.test")
        try await test.issue("stranger", subject: "/CN=stranger", names: "DNS:stranger.test")
        let authenticator = try ConfiguredAuthenticator(
            GatewayAuthentication(
                clientCertificates: ClientCertificateAuthentication(
                    authoritiesFile: test.path("ca.crt"),
                    rules: [ClientCertificateRule(names: ["URI:spiffe://example.com/*"], tenants: ["acme"])]
                )
            ),
            ConfiguredAuthenticator.Dependencies(logger: Self.logger)
        )
        var options = GatewayOptions()
        options.certificates = try certificates(test, clients: true, required: required)
        let found = TestValue<Int>()
        try await RunningGateway.run(
            RouteTable(),
            options: options,
            shield: GatewayGuard(authenticator: authenticator, metrics: metrics)
        ) { gateway in
            let file = certificate.map { (foreign ?? test).path($0) }
            found.set(try await withClient(test, certificate: file) { try await status($0, gateway, "/a/b/mcp") })
        }
        return try #require(found.get())
    }

    @Test("a client certificate that a rule accepts is enough; another one, or none, is not")
    func optional() async throws {
        #expect(try await status(certificate: "agent") == 404)
        #expect(try await status(certificate: "stranger") == 401)
        #expect(try await status(certificate: nil) == 401)
    }

    @Test("callers who are not authenticated are counted by reason, and the certificate's end is reported")
    func metrics() async throws {
        let registry = MetricsRegistry()
        #expect(try await status(certificate: nil, metrics: GatewayMetrics(registry: registry)) == 401)
        let lines = registry.exposition().split(separator: "\n")
        let refused = #"moorage_gateway_authentication_failures_total{reason="MissingCredentials"} 1"#
        #expect(lines.contains { $0 == refused })
        let expiration = "moorage_gateway_certificate_expiration_timestamp_seconds "
        let text = try #require(lines.first { $0.hasPrefix(expiration) }).dropFirst(expiration.count)
        let left = try #require(Double(text)) - Date().timeIntervalSince1970
        // The certificates of tests are valid for two days.
        #expect(left > 170_000 && left <= 172_800, "\(text)")
    }

    @Test("a certificate of another authority ends the handshake, whatever its names are")
    func foreignAuthority() async throws {
        let foreign = try await TestCertificates()
        try await foreign.issue("agent", subject: "/CN=agent", names: "URI:spiffe://example.com/agent")
        await #expect(throws: (any Error).self) { try await status(certificate: "agent", of: foreign) }
    }

    @Test("where certificates are required, a client without one does not get through the handshake")
    func required() async throws {
        #expect(try await status(certificate: "agent", required: true) == 404)
        await #expect(throws: (any Error).self) { try await status(certificate: nil, required: true) }
    }

    @Test("the names of a certificate are read with their kinds")
    func names() async throws {
        let test = try await TestCertificates()
        try await test.issue(
            "a",
            subject: "/O=Acme/CN=agent-1",
            names: "DNS:a.test,URI:spiffe://x/y,email:a@b.test,IP:127.0.0.1"
        )
        let certificate = try #require(try NIOSSLCertificate.fromPEMFile(test.path("a.crt")).first)
        let names = try #require(ClientCertificate(certificate)).names
        #expect(names == ["CN:agent-1", "DNS:a.test", "URI:spiffe://x/y", "email:a@b.test"])
        try await test.issue("b", subject: "/CN=one/CN=two", names: "DNS:a.test")
        let double = try #require(try NIOSSLCertificate.fromPEMFile(test.path("b.crt")).first)
        #expect(try #require(ClientCertificate(double)).names == ["DNS:a.test"])
        #expect(DistinguishedNames.commonName(ofCertificate: [0x30, 0x82, 0xFF]) == nil)
    }
}

/// A value that a closure finds.
private final class TestValue<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    func set(_ new: Value) { value.withLock { $0 = new } }
    func get() -> Value? { value.withLock { $0 } }
}
