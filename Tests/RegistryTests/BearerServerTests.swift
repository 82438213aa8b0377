import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import SupplyChain
import Synchronization
import TestSupport
import Testing

@testable import Registry

/// A registry and its token server on one port, over real HTTP: what Docker Hub does.
private final class TokenRegistry: Sendable {
    let image = TestImage(entrypoint: ["/server"])
    private let seen = Mutex<[String]>([])
    /// The tokens that are valid; each is valid for a number of requests.
    private let tokens = Mutex<[String: Int]>([:])

    var requests: [String] { seen.withLock { $0 } }

    private func answer(_ request: Request) -> Response {
        let path = request.uri.path
        let authorization = request.headers[.authorization]
        seen.withLock { $0.append("\(path) \(authorization.map { $0.prefix { $0 != " " } } ?? "-")") }
        func send(_ status: HTTPResponse.Status, _ body: [UInt8] = [], _ headers: HTTPFields = [:]) -> Response {
            Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
        }
        if path == "/token" {
            let isRight = authorization == "Basic " + Data("pull:secret".utf8).base64EncodedString()
            let isComplete =
                request.uri.queryParameters["service"] == "registry.test"
                && request.uri.queryParameters["scope"] == "repository:acme/time:pull"
            guard isRight, isComplete else { return send(.unauthorized) }
            let token = tokens.withLock { tokens in
                let token = "token-\(tokens.count)"
                tokens[token] = 1
                return token
            }
            return send(.ok, Array("{\"token\":\"\(token)\"}".utf8))
        }
        let token = authorization.map { String($0.dropFirst("Bearer ".count)) } ?? ""
        let isValid = tokens.withLock { tokens in
            guard let uses = tokens[token], uses > 0 else { return false }
            tokens[token] = uses - 1
            return true
        }
        guard isValid else {
            let host = request.head.authority ?? ""
            let challenge =
                "Bearer realm=\"http://\(host)/token\",service=\"registry.test\",scope=\"repository:acme/time:pull\""
            return send(.unauthorized, [], [.wwwAuthenticate: challenge])
        }
        return path.contains("/blobs/")
            ? send(.ok, image.configuration)
            : send(.ok, image.manifest, [.contentType: "application/vnd.oci.image.manifest.v1+json"])
    }

    func run(_ body: @escaping @Sendable (_ port: Int) async throws -> Void) async throws {
        let (ports, port) = AsyncStream<Int>.makeStream()
        let application = Application(
            responder: CallbackResponder { [self] (request: Request, _: BasicRequestContext) in answer(request) },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in port.yield(channel.localAddress?.port ?? 0) },
            logger: quietLogger
        )
        try await whileRunning([application]) {
            var iterator = ports.makeAsyncIterator()
            try await body(try #require(await iterator.next()))
        }
    }
}

@Suite("A registry with tokens")
struct BearerServerTests {
    private func read(_ port: Int, password: String?, plainHTTP: Bool = true) async throws
        -> RegistryClient.ImageEntryPoint
    {
        var keyring = Keyring()
        if let password {
            let text = #"{"auths":{"127.0.0.1:\#(port)":{"username":"pull","password":"\#(password)"}}}"#
            try keyring.add(dockerConfigJSON: Array(text.utf8))
        }
        var options = RegistryOptions()
        if plainHTTP { options.plainHTTP = ["127.0.0.1:\(port)"] }
        options.attempts = 1
        options.allowsLocalHosts = true
        let transport = try HTTPRegistryTransport(options)
        let client = RegistryClient(transport: transport, options: options)
        do {
            let read = try await client.entryPoint(
                of: try ImageReference("127.0.0.1:\(port)/acme/time:1"),
                keyring: keyring
            )
            await transport.shutdown()
            return read
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    @Test("a token is requested with the credentials, and a new one when it is no longer valid")
    func token() async throws {
        let registry = TokenRegistry()
        try await registry.run { port in
            let read = try await self.read(port, password: "secret")
            #expect(read.entryPoint == EntryPoint(command: ["/server"]))
            let configuration = ImageDigest(of: registry.image.configuration)
            #expect(
                registry.requests == [
                    "/v2/acme/time/manifests/1 -", "/token Basic", "/v2/acme/time/manifests/1 Bearer",
                    "/v2/acme/time/blobs/\(configuration) Bearer", "/token Basic",
                    "/v2/acme/time/blobs/\(configuration) Bearer",
                ]
            )
        }
    }

    @Test("wrong credentials and no credentials are refused by the token server, each with its own way out")
    func refused() async throws {
        let registry = TokenRegistry()
        try await registry.run { port in
            let wrong = await #expect(throws: RegistryError.self) { try await self.read(port, password: "guess") }
            #expect(wrong?.code == .denied)
            #expect(wrong?.message.contains("are not accepted") == true)
            let none = await #expect(throws: RegistryError.self) { try await self.read(port, password: nil) }
            #expect(none?.message.contains("no credentials that match 127.0.0.1:\(port)/acme/time") == true)
        }
    }

    @Test("a registry without TLS is not read unless the platform names it, and gets no credentials")
    func plainHTTP() async throws {
        let registry = TokenRegistry()
        try await registry.run { port in
            let error = await #expect(throws: RegistryError.self) {
                try await self.read(port, password: "secret", plainHTTP: false)
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("registries.plainHTTP") == true, "\(error?.message ?? "")")
            #expect(registry.requests.isEmpty)
        }
    }
}
