import Hummingbird
import HummingbirdTLS
import NIOCore
import NIOSSL
import Synchronization

@testable import KubernetesClient

/// An HTTPS server whose certificate can be changed while it runs, and which knows who asks by the client's certificate.
final class TLSServer: Sendable {
    /// What a request looked like from the server.
    struct Seen: Sendable, Equatable {
        /// The client's certificate.
        var client: NIOSSLCertificate?
        /// The name that the client asked for in the handshake.
        var serverName: String?
        /// The `Host` header.
        var host: String
    }

    struct Context: RequestContext {
        var coreContext: CoreRequestContextStorage
        let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            channel = source.channel
        }
    }

    private struct State {
        var certificate: TestAuthority.Pair
        var serverName: String?
        var seen: [Seen] = []
    }

    private let state: Mutex<State>
    /// Whose clients are let in; `nil` for those of anybody, without a certificate.
    private let clients: TestAuthority?

    init(certificate: TestAuthority.Pair, clients: TestAuthority? = nil) {
        state = Mutex(State(certificate: certificate))
        self.clients = clients
    }

    /// All requests so far.
    var seen: [Seen] { state.withLock { $0.seen } }

    /// Shows another certificate to whoever connects from now on.
    func use(_ certificate: TestAuthority.Pair) {
        state.withLock { $0.certificate = certificate }
    }

    /// Runs it while `body` runs, and gives it the port.
    func run<Value: Sendable>(_ body: @escaping @Sendable (_ port: Int) async throws -> Value) async throws -> Value {
        let (chain, key) = try state.withLock { $0.certificate }.source()
        var tls = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
        if let clients {
            tls.certificateVerification = .noHostnameVerification
            tls.trustRoots = try clients.roots()
        }
        tls.sslContextCallback = { [self] values, promise in
            promise.completeWithTask { [self] in
                let pair = state.withLock { state in
                    state.serverName = values.serverHostname
                    return state.certificate
                }
                var override = NIOSSLContextConfigurationOverride()
                let (chain, key) = try pair.source()
                override.certificateChain = chain
                override.privateKey = key
                return override
            }
        }
        return try await TransportTests.withPort(
            of: { onServerRunning in
                try Application(
                    responder: CallbackResponder { [self] (request: Request, context: Context) in
                        let client = try await context.channel.nioSSL_peerCertificate().get()
                        state.withLock { state in
                            let host = request.head.authority ?? ""
                            state.seen.append(Seen(client: client, serverName: state.serverName, host: host))
                        }
                        // Each request has a connection, and so a handshake, of its own.
                        return Response(
                            status: .ok,
                            headers: [.connection: "close"],
                            body: .init(byteBuffer: ByteBuffer(string: "yes"))
                        )
                    },
                    server: .tls(.http1(), tlsConfiguration: tls),
                    configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                    onServerRunning: onServerRunning,
                    logger: .silent
                )
            },
            body
        )
    }
}
