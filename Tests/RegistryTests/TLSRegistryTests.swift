import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTLS
import NIOCore
import NIOSSL
import ServiceLifecycle
import Subprocess
import SupplyChain
import TestSupport
import Testing

@testable import Registry

@Suite("A registry with a certificate of its own")
struct TLSRegistryTests {
    private static let image = TestImage(entrypoint: ["/server"])

    /// Runs a registry whose certificate is signed by itself.
    private func run(_ body: @escaping @Sendable (_ port: Int, _ certificate: [UInt8]) async throws -> Void)
        async throws
    {
        let folder = FileManager.default.temporaryDirectory.path() + "moorage-tls-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let made = try await Subprocess.run(
            .name("openssl"),
            arguments: [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "\(folder)/key.pem",
                "-out", "\(folder)/certificate.pem",
            ],
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        try #require(made.terminationStatus.isSuccess, "openssl: \(made.standardError)")
        let certificate = try Array(Data(contentsOf: URL(filePath: "\(folder)/certificate.pem")))
        let key = try Array(Data(contentsOf: URL(filePath: "\(folder)/key.pem")))
        let tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem))
        )
        let (ports, port) = AsyncStream<Int>.makeStream()
        let application = try Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                let answer = FakeRegistry.content(Self.image, request.uri.path)
                return Response(
                    status: .ok,
                    headers: answer.headers,
                    body: .init(byteBuffer: ByteBuffer(bytes: answer.body))
                )
            },
            server: .tls(.http1(), tlsConfiguration: tls),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in port.yield(channel.localAddress?.port ?? 0) },
            logger: quietLogger
        )
        try await whileRunning([application]) {
            var iterator = ports.makeAsyncIterator()
            try await body(try #require(await iterator.next()), certificate)
        }
    }

    private func read(_ port: Int, authorities: [UInt8]?) async throws -> EntryPoint {
        var options = RegistryOptions()
        options.additionalAuthorities = authorities
        options.allowsLocalHosts = true
        options.attempts = 1
        let transport = try HTTPRegistryTransport(options)
        let client = RegistryClient(transport: transport, options: options)
        do {
            let read = try await client.entryPoint(of: try ImageReference("127.0.0.1:\(port)/acme/time:1"))
            await transport.shutdown()
            return read.entryPoint
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    @Test("an authority that the platform adds is trusted, and no other")
    func authorities() async throws {
        try await run { port, certificate in
            let trusted = try await self.read(port, authorities: certificate)
            #expect(trusted == EntryPoint(command: ["/server"]))
            let error = await #expect(throws: RegistryError.self) { try await self.read(port, authorities: nil) }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("registries.caFile") == true, "\(error?.message ?? "")")
            let broken = await #expect(throws: RegistryError.self) {
                try await self.read(port, authorities: Array("no PEM".utf8))
            }
            #expect(broken?.message.contains("not certificates in PEM") == true, "\(broken?.message ?? "")")
        }
    }

    @Test("the proxy of the environment is used by Go's rules")
    func proxy() throws {
        let proxy = try RegistryProxy(environment: [
            "HTTPS_PROXY": "http://us%40er:p%3Aw@proxy.example:3128",
            "no_proxy": "internal.example, .corp.example,*.lab",
        ])
        func host(_ name: String, isPlainHTTP: Bool = false) -> String? {
            proxy.server(host: name, isPlainHTTP: isPlainHTTP)?.host
        }
        #expect(host("ghcr.io") == "proxy.example")
        #expect(proxy.server(host: "ghcr.io", isPlainHTTP: false)?.port == 3128)
        #expect(
            proxy.server(host: "ghcr.io", isPlainHTTP: false)?.credentials?.reveal()
                == Data("us@er:p:w".utf8).base64EncodedString()
        )
        for exempt in ["internal.example", "a.internal.example", "a.corp.example", "x.lab", "127.0.0.1", "localhost"] {
            #expect(host(exempt) == nil, "\(exempt)")
        }
        #expect(host("corp.example") == "proxy.example")
        #expect(host("notinternal.example") == "proxy.example")
        #expect(host("ghcr.io", isPlainHTTP: true) == nil)
        let error = #expect(throws: RegistryError.self) {
            try RegistryProxy(environment: ["https_proxy": "socks5://user:secret@proxy"])
        }
        #expect(error?.message.contains("HTTPS_PROXY") == true)
        #expect(error?.message.contains("secret") == false)
    }
}
