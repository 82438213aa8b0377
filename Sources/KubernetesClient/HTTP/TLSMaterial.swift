internal import NIOSSL
internal import Synchronization

/// When TLS files are read again, as a pure state machine: every five minutes (`transport/cert_rotation.go`), and at once
/// when one side does not accept the other's certificate.
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

    /// Records what was read; `nil` if reading failed, and then the last contents stay valid.
    ///
    /// - Returns: whether something changed.
    mutating func didRead(_ read: Content?, now: ContinuousClock.Instant) -> Bool {
        readAt = now
        guard let read, read != content else { return false }
        if content != nil { generation += 1 }
        content = read
        return true
    }

    /// The contents may be out of date: the files are read again before the next use.
    mutating func invalidate() {
        readAt = nil
    }
}

/// The TLS configuration, rebuilt when the files that it comes from change. Connections belong to the configuration that
/// they were made with, so new requests use new connections, and the old ones become idle and close.
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
        /// Which contents of the files it comes from.
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

    /// Reads the files now, because one side did not accept the other's certificate.
    ///
    /// - Parameter generation: the contents that the failed request used.
    /// - Returns: whether there are newer contents, so that another attempt may succeed. They may have been read already,
    ///   after the same failure of another request.
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
            // Certificate and key are two files, and may not match while they are rewritten: build first, then replace.
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
            // A certificate and a key that do not match fail here, and not during a handshake.
            _ = try NIOSSLContext(configuration: tls)
        } catch {
            throw ClientError(.tls, "\(whose) certificate and key cannot be used", underlying: error)
        }
    }
}
