extension RegistryClient {
    /// Runs a body with a client whose connections are closed after it.
    ///
    /// - Throws: `RegistryError` if the options are not valid, and what the body throws.
    public static func run<Result>(
        _ options: RegistryOptions,
        _ body: (RegistryClient) async throws -> Result
    ) async throws -> Result {
        let transport = try HTTPRegistryTransport(options)
        do {
            let result = try await body(RegistryClient(transport: transport, options: options))
            await transport.shutdown()
            return result
        } catch {
            await transport.shutdown()
            throw error
        }
    }
}
