import Hummingbird
import HummingbirdTLS
import NIOCore
import NIOSSL
import Synchronization

@testable import KubernetesClient

/// An HTTPS server whose certificate can be changed while it runs, and which identifies clients by their certificates.
final class TLSServer: Sendable {
    /// A request as seen by the server.
    struct Seen: Sendable, Equatable {
        /// The client's certificate.
        var client: NIOSSLCertificate?
        /// The server name in the client's handshake.
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
    /// The authority of accepted clients; `nil` accepts all clients, without a certificate.
    private let clients: TestAuthority?

    init(certificate: TestAuthority.Pair, clients: TestAuthority? = nil) {
        state = Mutex(State(certificate: certificate))
        self.clients = clients
    }

    /// All requests so far.
    var seen: [Seen] { state.withLock { $0.seen } }

    /// Uses another certificate for new connections.
    func use(_ certificate: TestAuthority.Pair) {
        state.withLock { $0.certificate = certificate }
    }

    /// Runs the server during `body`, which receives the port.
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
                        // Each request has a separate connection, and therefore a handshake.
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
