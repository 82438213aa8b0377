internal import NIOSSL
internal import Synchronization

/// When TLS files are read again, as a pure state machine: every five minutes (`transport/cert_rotation.go`), and
/// immediately if one side does not accept the other's certificate.
struct TLSFileState: Sendable {
    static let interval: Duration = .seconds(300)

    /// The contents of the files.
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

    /// Records the result of reading; `nil` if reading failed, in which case the last contents are used.
    ///
    /// - Returns: whether something changed.
    mutating func didRead(_ read: Content?, now: ContinuousClock.Instant) -> Bool {
        readAt = now
        guard let read, read != content else { return false }
        if content != nil { generation += 1 }
        content = read
        return true
    }

    /// Marks the contents as possibly out of date: the files are read again before the next use.
    mutating func invalidate() {
        readAt = nil
    }
}

/// The TLS configuration, rebuilt when its files change. Connections belong to the configuration that they were created
/// with, so new requests use new connections, and the old ones become idle and are closed.
final class TLSMaterial: Sendable {
    private struct State {
        var files = TLSFileState()
        var tls: TLSConfiguration?
        /// The certificate that a plug-in returned, and the configuration that contains it.
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

    /// The configuration for a request.
    struct Current: Sendable {
        var configuration: TLSConfiguration
        /// The number of the file contents that it is based on.
        var generation: Int
    }

    /// - Throws: `ClientError` with `tls` or `configuration`, if the files cannot be read the first time.
    func current(certificate: SensitiveString? = nil, key: SensitiveString? = nil) throws -> Current {
        try state.withLock { state in
            let now = now()
            if state.files.needsReading(now: now) { try refresh(&state, now: now) }
            guard let tls = state.tls else { throw ClientError(.tls, "there is no TLS configuration") }
            let generation = state.files.generation
            guard let certificate, let key else { return Current(configuration: tls, generation: generation) }
            if let issued = state.issued, issued.certificate == certificate, issued.key == key,
                issued.generation == generation
            {
                return Current(configuration: issued.tls, generation: generation)
            }
            var own = tls
            try Self.set(Array(certificate.reveal().utf8), Array(key.reveal().utf8), "the plug-in's", in: &own)
            state.issued = (certificate, key, generation, own)
            return Current(configuration: own, generation: generation)
        }
    }

    /// Reads the files immediately, because one side did not accept the other's certificate.
    ///
    /// - Parameter generation: the number of the contents that the failed request used.
    /// - Returns: whether there are newer contents, so that another attempt can succeed. They may already have been
    ///   read after another request failed in the same way.
    func refresh(after generation: Int) -> Bool {
        state.withLock { state in
            guard state.files.generation == generation else { return true }
            state.files.invalidate()
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
            // The certificate and the key are two files, which may not match while they are rewritten. Therefore the
            // configuration is built before it replaces the old one.
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
                guard !certificates.isEmpty else { throw ClientError(.tls, "it contains no certificate") }
                tls.trustRoots = .certificates(certificates)
            } catch {
                throw ClientError(.tls, "the certificate authority (\(name)) is not valid PEM", underlying: error)
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
            // This detects a certificate and a key that do not match, before a handshake fails.
            _ = try NIOSSLContext(configuration: tls)
        } catch {
            throw ClientError(.tls, "\(whose) certificate and key cannot be used", underlying: error)
        }
    }
}
