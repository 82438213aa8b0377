internal import FoundationEssentials
internal import Policy
internal import Registry
internal import SupplyChain

/// Reads the entry points of images. Tests replace it.
protocol EntryPointReader: Sendable {
    /// - Throws: `RegistryError`; `CancellationError`.
    func read(_ image: ImageReference, keyring: Keyring) async throws -> RegistryClient.ImageEntryPoint
}

/// Reads the signatures of images. Tests replace it.
protocol SignatureReader: Sendable {
    /// - Throws: `RegistryError`; `CancellationError`.
    func signatures(of image: ImageReference, keyring: Keyring) async throws -> RegistryClient.ImageEvidence
}

/// Reads from registries, by the platform's settings.
struct RegistryReader: EntryPointReader, SignatureReader {
    var settings: PlatformRegistries
    /// The environment variables with the proxies.
    var environment: [String: String]

    func read(_ image: ImageReference, keyring: Keyring) async throws -> RegistryClient.ImageEntryPoint {
        try await withClient { try await $0.entryPoint(of: image, keyring: keyring) }
    }

    func signatures(of image: ImageReference, keyring: Keyring) async throws -> RegistryClient.ImageEvidence {
        try await withClient { try await $0.signatures(of: image, keyring: keyring) }
    }

    private func withClient<Value>(_ body: (RegistryClient) async throws -> Value) async throws -> Value {
        var options = RegistryOptions()
        options.plainHTTP = Set(settings.plainHTTP ?? [])
        options.timeout = settings.timeout
        options.proxy = try RegistryProxy(environment: environment)
        if let file = settings.caFile, !file.isEmpty {
            guard let content = FileManager.default.contents(atPath: file) else {
                throw RegistryError(.unavailable, "the file \(file) (registries.caFile) cannot be read")
            }
            options.additionalAuthorities = Array(content)
        }
        // Images are read rarely, so no connection is kept.
        return try await RegistryClient.run(options, body)
    }
}
