internal import FoundationEssentials
internal import Policy
internal import Registry
internal import SupplyChain

/// Reads the entry points of images. Tests replace it.
protocol EntryPointReader: Sendable {
    /// - Throws: `RegistryError`; `CancellationError`.
    func read(_ image: ImageReference, keyring: Keyring) async throws -> RegistryClient.ImageEntryPoint
}

/// Reads entry points from registries, by the platform's settings.
struct RegistryReader: EntryPointReader {
    var settings: PlatformRegistries
    /// The environment variables with the proxies.
    var environment: [String: String]

    func read(_ image: ImageReference, keyring: Keyring) async throws -> RegistryClient.ImageEntryPoint {
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
        let transport = try HTTPRegistryTransport(options)
        let client = RegistryClient(transport: transport, options: options)
        do {
            let result = try await client.entryPoint(of: image, keyring: keyring)
            await transport.shutdown()
            return result
        } catch {
            await transport.shutdown()
            throw error
        }
    }
}
