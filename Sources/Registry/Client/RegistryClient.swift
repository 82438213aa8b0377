internal import HTTPTypes
public import SupplyChain

/// Reads images from registries by the OCI distribution specification.
///
/// Everything is compared with its digest, and nothing is kept. It can be used concurrently.
public struct RegistryClient: Sendable {
    private let transport: any RegistryTransport
    private let options: RegistryOptions
    private let clock: any Clock<Duration>

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - transport: how requests are sent.
    ///   - options: limits, and which registries are reached over plain HTTP.
    ///   - clock: for delays and time limits.
    public init(
        transport: any RegistryTransport,
        options: RegistryOptions = RegistryOptions(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.transport = transport
        self.options = options
        self.clock = clock
    }

    /// The entry point of an image, and the digest that it was read from.
    public struct ImageEntryPoint: Sendable, Hashable {
        /// The digest of the manifest, or of the index if the image has several platforms.
        public var digest: ImageDigest
        /// The entry point, which all platforms have in common.
        public var entryPoint: EntryPoint

        /// Creates a value from its fields.
        public init(digest: ImageDigest, entryPoint: EntryPoint) {
            self.digest = digest
            self.entryPoint = entryPoint
        }
    }

    /// Reads the entry point of an image.
    ///
    /// - Parameters:
    ///   - image: the image. Its digest is read if it has one, and otherwise what its tag names now.
    ///   - keyring: the credentials. Those that match are tried one after the other, as the kubelet does.
    /// - Throws: `RegistryError`, whose message names the registry; `CancellationError`.
    public func entryPoint(of image: ImageReference, keyring: Keyring = Keyring()) async throws -> ImageEntryPoint {
        try await withSession(image, keyring) { session in
            let reference = image.digest.map { $0.description } ?? image.tag ?? "latest"
            let top = try await session.manifest(reference, digest: image.digest)
            var images: [(Platform, EntryPoint)] = []
            switch top.manifest {
            case .image(let configuration):
                let image = try await session.configuration(configuration)
                guard image.platform.os == nil || image.platform.os == "linux" else {
                    throw RegistryError(.invalid, "it is an image for \(printable(image.platform.description))")
                }
                images.append((image.platform, image.entryPoint))
            case .index(let entries):
                for entry in try Manifest.linuxImages(of: entries) {
                    let manifest = try await session.manifest(entry.digest.description, digest: entry.digest)
                    guard case .image(let configuration) = manifest.manifest else {
                        throw RegistryError(.invalid, "its index contains another index")
                    }
                    let image = try await session.configuration(configuration)
                    // An entry without a platform may be for another system.
                    guard image.platform.os == nil || image.platform.os == "linux" else { continue }
                    images.append((entry.platform ?? image.platform, image.entryPoint))
                }
            }
            return ImageEntryPoint(digest: top.digest, entryPoint: try EntryPoint.common(images))
        }
    }

    /// Runs requests for one image, with one credential after the other until one is accepted.
    func withSession<Result: Sendable>(
        _ image: ImageReference,
        _ keyring: Keyring,
        _ body: @escaping @Sendable (RegistrySession) async throws -> Result
    ) async throws -> Result {
        let address = RegistryAddress(registry: image.registry, plainHTTP: options.plainHTTP)
        guard options.allowsLocalHosts || address.isPlainHTTP || !address.isLocal else {
            throw RegistryError(
                .unavailable,
                "\(image.registry) is an address of the machine itself, which is another one for the nodes than for this program"
            )
        }
        let credentials = keyring.credentials(for: image)
        let candidates: [RegistryCredential?] =
            credentials.isEmpty ? [nil] : credentials.map { $0.isAnonymous ? nil : $0 }
        do {
            return try await TimeLimit.run(options.timeout, clock: clock) {
                var last: (any Error)?
                for credential in candidates {
                    let session = RegistrySession(
                        image: image,
                        credential: credential,
                        transport: transport,
                        options: options,
                        clock: clock
                    )
                    do {
                        return try await body(session)
                    } catch let error as RegistryError where error.code == .denied || error.code == .notFound {
                        last = error
                    }
                }
                throw last ?? RegistryError(.denied, "there is nothing to try")
            }
        } catch is TimeLimit.Passed {
            throw RegistryError(
                .unavailable,
                "\(image.registry) does not answer within \(options.timeout.components.seconds) seconds"
            )
        }
    }
}
