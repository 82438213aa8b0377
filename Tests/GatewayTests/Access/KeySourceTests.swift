import ControllerRuntime
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import MCPProtocol
import MCPTransport
import NIOCore
import Policy
import ServiceLifecycle
import TestSupport
import Testing

@testable import Gateway

@Suite("Where keys are read from") struct KeySourceTests {
    private let mint = TokenMint(id: "a")

    private func source(_ issuer: TokenIssuer, _ server: any HTTPExchange) -> HTTPKeySource {
        HTTPKeySource(issuer: issuer, http: IssuerHTTP(issuer, { _ in server }, .system))
    }

    private func failure(_ issuer: TokenIssuer, _ server: any HTTPExchange) async -> String {
        do {
            _ = try await source(issuer, server).fetch()
            return "none"
        } catch {
            return error.message
        }
    }

    private func json(_ value: RawJSON, status: Int = 200) -> HTTPExchangeResponse {
        HTTPExchangeResponse(status: status, body: HTTPExchangeBody(Array(value.bytes)))
    }

    @Test("the metadata of OpenID Connect names the keys")
    func openID() async throws {
        let server = KeyServer(jwks: mint.jwks)
        let keys = try await source(Access.issuerSettings(), server).fetch()
        #expect(keys.set.count == 1)
        #expect(keys.issuer == Access.issuer)
        #expect(
            server.requests == ["\(Access.issuer)/.well-known/openid-configuration", "\(Access.issuer)/keys"]
        )
    }

    @Test("the metadata of OAuth is read if there is none of OpenID Connect")
    func oauth() async throws {
        let url = "https://login.example.com/.well-known/oauth-authorization-server/realm"
        var answers = Access.answers(mint.jwks)
        answers[url] = answers["\(Access.issuer)/.well-known/openid-configuration"]
        answers["\(Access.issuer)/.well-known/openid-configuration"] = HTTPExchangeResponse(status: 404)
        let server = KeyServer(answers)
        #expect(try await source(Access.issuerSettings(), server).fetch().set.count == 1)
        #expect(server.requests.contains(url))
    }

    @Test(
        "the URL of metadata",
        arguments: [
            ("https://a.example", "https://a.example/.well-known/oauth-authorization-server"),
            ("https://a.example/", "https://a.example/.well-known/oauth-authorization-server"),
            ("https://a.example/b/c", "https://a.example/.well-known/oauth-authorization-server/b/c"),
        ]
    )
    func urls(issuer: String, oauth: String) {
        #expect(IssuerMetadata.urls(of: issuer).oauth == oauth)
        #expect(!IssuerMetadata.urls(of: issuer).openID.contains("//.well"))
    }

    @Test("a URL that is configured is used without metadata")
    func configured() async throws {
        var issuer = Access.issuerSettings()
        issuer.jwksURL = "https://keys.example.com/jwks"
        let server = KeyServer(["https://keys.example.com/jwks": json(.object([("keys", [mint.jwk])]))])
        #expect(try await source(issuer, server).fetch().set.count == 1)
    }

    @Test("keys in a file")
    func file() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "moorage-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "jwks.json").path()
        let source = FileKeySource(issuer: Access.issuerSettings(), path: path)
        await #expect(throws: FetchFailure.self) { try await source.fetch() }
        try Data(mint.jwks).write(to: URL(filePath: path))
        #expect(try await source.fetch().set.count == 1)
        try Data(count: IssuerHTTP.maximumBytes + 1).write(to: URL(filePath: path))
        await #expect(throws: FetchFailure.self) { try await source.fetch() }
    }

    @Test("metadata of another issuer, or that leads to plain HTTP, is refused")
    func poisonedMetadata() async throws {
        let url = "\(Access.issuer)/.well-known/openid-configuration"
        let cases: [(RawJSON, String)] = [
            (["issuer": "https://evil.example", "jwks_uri": "https://evil.example/keys"], "of another issuer"),
            (["issuer": .string(Access.issuer + "/"), "jwks_uri": "https://a.example/keys"], "of another issuer"),
            (["jwks_uri": "https://a.example/keys"], "of another issuer"),
            (["issuer": .string(Access.issuer)], "no jwks_uri"),
            (["issuer": .string(Access.issuer), "jwks_uri": "http://login.example.com/keys"], "https://"),
            (["issuer": .string(Access.issuer), "jwks_uri": "http://127.0.0.1:8080/keys"], "https://"),
            (["issuer": .string(Access.issuer), "jwks_uri": "file:///etc/passwd"], "not accepted"),
            (["issuer": .string(Access.issuer), "jwks_uri": "https://user@a.example/"], "not accepted"),
            ([], "of another issuer"),
        ]
        for (metadata, reason) in cases {
            let server = KeyServer([url: json(metadata)])
            let message = await failure(Access.issuerSettings(), server)
            #expect(message.contains(reason), "\(metadata): \(message)")
            #expect(server.requests == [url])
        }
    }

    @Test("a server that fails is named with its status")
    func status() async {
        let url = "\(Access.issuer)/.well-known/openid-configuration"
        #expect(await failure(Access.issuerSettings(), KeyServer()).contains("cannot connect"))
        let broken = KeyServer([url: HTTPExchangeResponse(status: 503)])
        #expect(await failure(Access.issuerSettings(), broken).contains("the status is 503"))
        let page = KeyServer([url: HTTPExchangeResponse(status: 200, body: HTTPExchangeBody(Array("<html>".utf8)))])
        #expect(await failure(Access.issuerSettings(), page).contains("not valid JSON"))
    }

    /// Chunks without end.
    private struct Endless: AsyncSequence, AsyncIteratorProtocol, Sendable {
        func makeAsyncIterator() -> Endless { self }
        mutating func next() async throws -> [UInt8]? {
            try Task.checkCancellation()
            return [UInt8](repeating: 0x20, count: 65_536)
        }
    }

    /// A server that never answers.
    private struct Silent: HTTPExchange {
        func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
            try await Task.sleep(for: .seconds(3_600))
            return HTTPExchangeResponse(status: 200)
        }
    }

    @Test("an endless answer and a silent server are given up")
    func limits() async {
        var issuer = Access.issuerSettings()
        issuer.jwksURL = "https://a.example/keys"
        issuer.timeoutSeconds = 60
        let endless = KeyServer([
            "https://a.example/keys": HTTPExchangeResponse(status: 200, body: HTTPExchangeBody(Endless()))
        ])
        #expect(await failure(issuer, endless).contains("more than 1048576 bytes"))
        let silent = HTTPKeySource(issuer: issuer, http: IssuerHTTP(issuer, { _ in Silent() }, .scaled(by: 6_000)))
        let error = await #expect(throws: FetchFailure.self) { try await silent.fetch() }
        #expect(error?.message.contains("no complete answer in 60.0 seconds") == true)
    }

    @Test("keys are read over a real connection, and redirects to another origin are not followed")
    func overHTTP() async throws {
        let router = Router()
        let jwks = mint.jwks
        router.get("realm/.well-known/openid-configuration") { request, _ in
            let origin = "http://\(request.head.authority ?? "")/realm"
            let metadata: RawJSON = ["issuer": .string(origin), "jwks_uri": .string(origin + "/keys")]
            return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(bytes: metadata.bytes)))
        }
        router.get("realm/keys") { _, _ in
            Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(bytes: jwks)))
        }
        router.get("elsewhere") { _, _ in
            Response(status: .found, headers: [.location: "http://127.0.0.2:1/keys"])
        }
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            for await port in ports {
                var issuer = Access.issuerSettings()
                issuer.issuer = "http://127.0.0.1:\(port)/realm"
                let make = ConfiguredAuthenticator.Dependencies.overHTTP
                let source = HTTPKeySource(issuer: issuer, http: IssuerHTTP(issuer, make, .system))
                let fetched = try await source.fetch()
                #expect(fetched.set.count == 1)
                issuer.jwksURL = "http://127.0.0.1:\(port)/elsewhere"
                let redirected = HTTPKeySource(issuer: issuer, http: IssuerHTTP(issuer, make, .system))
                let error = await #expect(throws: FetchFailure.self) { try await redirected.fetch() }
                #expect(error?.message.isEmpty == false)
                break
            }
            group.cancelAll()
        }
    }
}
