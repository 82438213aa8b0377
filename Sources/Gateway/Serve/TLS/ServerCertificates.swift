internal import Crypto
public import Logging
internal import NIOSSL
public import ServiceLifecycle
internal import Synchronization

/// The files with which the gateway serves TLS.
public struct ServerCertificateFiles: Sendable, Hashable {
    /// The certificate and those of the authorities between it and the root, in PEM.
    public var certificate: String
    /// The private key, in PEM.
    public var key: String
    /// The authorities that sign certificates of clients, in PEM; `nil` if clients are not asked for any.
    public var clientAuthorities: String?
    /// Whether a client without a certificate is refused.
    public var requiresClientCertificate: Bool

    public init(
        certificate: String,
        key: String,
        clientAuthorities: String? = nil,
        requiresClientCertificate: Bool = false
    ) {
        self.certificate = certificate
        self.key = key
        self.clientAuthorities = clientAuthorities
        self.requiresClientCertificate = requiresClientCertificate
    }
}

/// The certificates of the gateway's port cannot be used.
public struct ServerCertificateError: Error, Sendable, CustomStringConvertible {
    /// Which file, and what is wrong with it. It contains nothing of the file.
    public let description: String
}

/// The certificate with which the gateway serves TLS. The files are read again when they change; connections keep what they began with.
public final class ServerCertificates: Sendable {
    private struct State {
        var context: NIOSSLContext
        /// When the first certificate of the chain expires, in seconds since 1970.
        var expiration: Int64
        /// The digest of the files.
        var digest: [UInt8]
        /// The last problem, so that it is logged once.
        var problem: String?
    }

    private let files: ServerCertificateFiles
    private let clock: any Clock<Duration>
    private let period: Duration
    private let logger: Logger
    private let state: Mutex<State>

    /// Reads the files.
    ///
    /// - Parameter period: how often the files are looked at.
    /// - Throws: `ServerCertificateError`, which names the file.
    public init(
        _ files: ServerCertificateFiles,
        period: Duration = .seconds(5),
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger
    ) throws(ServerCertificateError) {
        self.files = files
        self.period = period
        self.clock = clock
        self.logger = logger
        let content = try Content(files)
        state = Mutex(try content.state(files))
    }

    /// Whether clients are asked for a certificate.
    var asksClients: Bool { files.clientAuthorities != nil }

    /// What new connections use.
    var context: NIOSSLContext { state.withLock { $0.context } }

    /// When the first certificate of the chain expires, in seconds since 1970.
    var expiration: Int64 { state.withLock { $0.expiration } }

    /// Looks at the files, until the task is cancelled.
    ///
    /// - Parameter report: receives when the certificate in use expires, in seconds since 1970.
    func run(report: (Int64) -> Void = { _ in }) async {
        report(expiration)
        while (try? await clock.sleep(for: period)) != nil {
            reload()
            report(expiration)
        }
    }

    /// Reads the files again. If they cannot be used, the certificate before stays in use.
    func reload() {
        do throws(ServerCertificateError) {
            let content = try Content(files)
            let isKnown = state.withLock { state in
                guard state.digest == content.digest else { return false }
                state.problem = nil
                return true
            }
            if isKnown { return }
            let new = try content.state(files)
            state.withLock { $0 = new }
            logger.info("the certificate of the gateway has changed", metadata: ["file": "\(files.certificate)"])
        } catch {
            let isNews = state.withLock { state in
                defer { state.problem = error.description }
                return state.problem != error.description
            }
            guard isNews else { return }
            logger.error(
                "the certificate of the gateway cannot be read again; the one before stays in use",
                metadata: ["error": "\(error)"]
            )
        }
    }

    /// What the files contain.
    private struct Content {
        let certificate: [UInt8]
        let key: [UInt8]
        let authorities: [UInt8]?

        init(_ files: ServerCertificateFiles) throws(ServerCertificateError) {
            certificate = try Self.read(files.certificate)
            key = try Self.read(files.key)
            authorities = if let file = files.clientAuthorities { try Self.read(file) } else { nil }
        }

        private static func read(_ path: String) throws(ServerCertificateError) -> [UInt8] {
            do throws(FetchFailure) {
                return try BoundedFile.read(path)
            } catch {
                throw ServerCertificateError(description: error.message)
            }
        }

        var digest: [UInt8] {
            var hash = SHA256()
            for part in [certificate, key, authorities ?? []] {
                hash.update(data: Array(SHA256.hash(data: part)))
            }
            return Array(hash.finalize())
        }

        func state(_ files: ServerCertificateFiles) throws(ServerCertificateError) -> State {
            let chain = try Self.certificates(certificate, files.certificate)
            return State(
                context: try context(files, chain),
                expiration: chain.map { Int64($0.notValidAfter) }.min() ?? 0,
                digest: digest
            )
        }

        private func context(
            _ files: ServerCertificateFiles,
            _ chain: [NIOSSLCertificate]
        ) throws(ServerCertificateError) -> NIOSSLContext {
            let privateKey: NIOSSLPrivateKey
            do {
                privateKey = try NIOSSLPrivateKey(bytes: key, format: .pem)
            } catch {
                throw ServerCertificateError(description: "\(files.key) contains no private key in PEM")
            }
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(privateKey)
            )
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            if let authorities, let file = files.clientAuthorities {
                configuration.trustRoots = .certificates(try Self.certificates(authorities, file))
                configuration.certificateVerification =
                    files.requiresClientCertificate ? .noHostnameVerification : .optionalVerification
            }
            do {
                return try NIOSSLContext(configuration: configuration)
            } catch {
                throw ServerCertificateError(
                    description: "\(files.key) is not the key of the first certificate in \(files.certificate)"
                )
            }
        }

        private static func certificates(
            _ bytes: [UInt8],
            _ path: String
        ) throws(ServerCertificateError) -> [NIOSSLCertificate] {
            guard let found = try? NIOSSLCertificate.fromPEMBytes(bytes), !found.isEmpty else {
                throw ServerCertificateError(description: "\(path) contains no certificates in PEM")
            }
            return found
        }
    }
}
