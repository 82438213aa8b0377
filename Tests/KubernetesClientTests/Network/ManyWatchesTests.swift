import Hummingbird
import HummingbirdHTTP2
import NIOCore
import NIOSSL
import Testing

@testable import KubernetesClient

/// A server that speaks HTTP/2 and allows 100 streams on a connection, as API servers do.
@Suite(.timeLimit(.minutes(2))) struct ManyWatchesTests {
    /// A scoped operator with seven namespaces needs more than this.
    static let count = 110

    @Test func `more watches than streams of an HTTP 2 connection run at the same time, and requests beside them`()
        async throws
    {
        let authority = try await TestAuthority(name: "good")
        let (chain, key) = try await authority.issue("api", names: ["IP:127.0.0.1"]).source()
        let tls = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
        let (end, ender) = AsyncStream.makeStream(of: Void.self)
        let open = Counter()
        try await TransportTests.withPort(
            of: { onServerRunning in
                try Application(
                    responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                        guard request.uri.queryParameters["watch"] == "true" else {
                            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "yes")))
                        }
                        return Response(
                            status: .ok,
                            body: .init { writer in
                                try await writer.write(ByteBuffer(string: StreamTests.event("ADDED", "a")))
                                open.increment()
                                for await _ in end {}
                                try await writer.finish(nil)
                            }
                        )
                    },
                    server: .http2Upgrade(tlsConfiguration: tls),
                    configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                    onServerRunning: onServerRunning,
                    logger: .silent
                )
            }
        ) { port in
            let configuration = KubernetesClientConfiguration(
                server: "https://127.0.0.1:\(port)",
                certificateAuthority: TLSTests.material(authority.certificate)
            )
            try await TLSTests.withTransport(configuration) { client in
                let received = Counter()
                let (all, allReceived) = AsyncStream.makeStream(of: Void.self)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<Self.count {
                        group.addTask {
                            for try await _ in try await client.watch(Sample.self) {
                                if received.increment() == Self.count { allReceived.finish() }
                            }
                        }
                    }
                    group.addTask {
                        // All watches are open at the same time, since none ends before this.
                        for await _ in all {}
                        #expect(await TLSTests.answers(client) == "yes")
                        ender.finish()
                    }
                    try await group.waitForAll()
                }
                #expect(received.value == Self.count)
                #expect(open.value == Self.count)
            }
        }
    }
}
