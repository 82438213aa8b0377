internal import NIOSSL
internal import Synchronization

/// When the files of TLS are read again, as a pure state machine: every five minutes (`transport/cert_rotation.go`), and at
/// once when the server or we do not accept a certificate.
struct TLSFileState: Sendable {
    static let interval: Duration = .seconds(300)

    /// The bytes of what was read.
    struct Content: Sendable, Hashable {
        var authority: [UInt8]?
        var certificate: [UInt8]?
        var key: [UInt8]?
    }

    private(set) var content: Content?
    private(set) var generation = 0
    private var readAt: ContinuousClock.Instant?

    func needsReading(now: ContinuousClock.Instant) -> Bool {
        guard let readAt else { return true }
        return now - readAt >= Self.interval
    }

    /// Takes what was read; `nil` where it could not be, and then the last holds.
    ///
    /// - Returns: whether something changed.
    mutating func didRead(_ read: Content?, now: ContinuousClock.Instant) -> Bool {
        readAt = now
        guard let read, read != content else { return false }
        if content != nil { generation += 1 }
        content = read
        return true
    }

    /// What was read may be old.
    mutating func distrust() {
        readAt = nil
    }
}

/// The TLS configuration, made anew when the files that it comes from change. Connections belong to the configuration that
/// they were made with, so that new requests take new ones and the old age out.
final class TLSMaterial: Sendable {
    private struct State {
        var files = TLSFileState()
        var tls: TLSConfiguration?
        /// The certificate that a plug-in gave, and the configuration with it.
        var issued: (certificate: SensitiveString, key: SensitiveString, generation: Int, tls: TLSConfiguration)?
    }

    private let configuration: KubernetesClientConfiguration
    private let state = Mutex(State())
    private let now: @Sendable () -> ContinuousClock.Instant

    init(
        _ configuration: KubernetesClientConfiguration,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.configuration = configuration
        self.now = now
    }

    /// - Throws: `ClientError` with `tls` or `configuration`, where the material cannot be read the first time.
    func current(certificate: SensitiveString? = nil, key: SensitiveString? = nil) throws -> TLSConfiguration {
        try state.withLock { state in
            let now = now()
            if state.files.needsReading(now: now) { try refresh(&state, now: now) }
            guard let tls = state.tls else { throw ClientError(.tls, "there is no TLS configuration") }
            guard let certificate, let key else { return tls }
            if let issued = state.issued, issued.certificate == certificate, issued.key == key,
                issued.generation == state.files.generation
            {
                return issued.tls
            }
            var own = tls
            try Self.set(Array(certificate.reveal().utf8), Array(key.reveal().utf8), "the plug-in's", in: &own)
            state.issued = (certificate, key, state.files.generation, own)
            return own
        }
    }

    /// Reads the files now, because one side did not believe the other.
    ///
    /// - Returns: whether that changed anything, so that another attempt may go better.
    func reread() -> Bool {
        state.withLock { state in
            let generation = state.files.generation
            state.files.distrust()
            try? refresh(&state, now: now())
            return state.files.generation != generation
        }
    }

    private func refresh(_ state: inout State, now: ContinuousClock.Instant) throws {
        do {
            let content = TLSFileState.Content(
                authority: try configuration.certificateAuthority?.read(),
                certificate: try configuration.clientCertificate?.read(),
                key: try configuration.clientKey?.read()
            )
            // Certificate and key are two files: while they are rewritten they may not fit, so make first, take then.
            var next = state.files
            guard next.didRead(content, now: now) else {
                state.files = next
                return
            }
            state.tls = try make(content)
            state.files = next
        } catch  where state.tls != nil {
            _ = state.files.didRead(nil, now: now)
        }
    }

    private func make(_ content: TLSFileState.Content) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if configuration.insecureSkipTLSVerify { tls.certificateVerification = .none }
        if let authority = content.authority {
            let name = configuration.certificateAuthority?.description ?? ""
            do {
                let certificates = try NIOSSLCertificate.fromPEMBytes(authority)
                guard !certificates.isEmpty else { throw ClientError(.tls, "there is no certificate in it") }
                tls.trustRoots = .certificates(certificates)
            } catch {
                throw ClientError(.tls, "the certificate authority (\(name)) is no PEM", underlying: error)
            }
        }
        if let certificate = content.certificate, let key = content.key {
            try Self.set(certificate, key, "the client's", in: &tls)
        }
        return tls
    }

    private static func set(
        _ certificate: [UInt8],
        _ key: [UInt8],
        _ whose: String,
        in tls: inout TLSConfiguration
    ) throws(ClientError) {
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(certificate)
            let privateKey = try NIOSSLPrivateKey(bytes: key, format: .pem)
            tls.certificateChain = chain.map { .certificate($0) }
            tls.privateKey = .privateKey(privateKey)
            // A pair that does not fit fails here and not in the middle of a handshake.
            _ = try NIOSSLContext(configuration: tls)
        } catch {
            throw ClientError(.tls, "\(whose) certificate and key cannot be used", underlying: error)
        }
    }
}
