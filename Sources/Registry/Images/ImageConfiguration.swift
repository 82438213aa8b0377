internal import FoundationEssentials

/// The configuration of an image, as far as it is needed (OCI image specification, "Image Configuration").
struct ImageConfiguration: Sendable, Hashable {
    var platform: Platform
    var entryPoint: EntryPoint

    /// - Throws: `RegistryError` with `invalid`.
    init(_ content: [UInt8]) throws(RegistryError) {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(content))
        } catch {
            throw RegistryError(.invalid, "its configuration is not valid")
        }
        platform = Platform(os: document.os, architecture: document.architecture, variant: document.variant)
        entryPoint = EntryPoint(
            command: document.config?.entrypoint ?? [],
            arguments: document.config?.cmd ?? []
        )
        let parts = entryPoint.command + entryPoint.arguments
        guard parts.count <= EntryPoint.limits.entries,
            parts.reduce(0, { $0 + $1.utf8.count }) <= EntryPoint.limits.bytes
        else {
            throw RegistryError(
                .invalid,
                "its entry point has more than \(EntryPoint.limits.entries) entries or \(EntryPoint.limits.bytes) bytes"
            )
        }
        guard parts.allSatisfy({ !$0.utf8.contains(0) }) else {
            throw RegistryError(.invalid, "its entry point contains a NUL character")
        }
        if let program = entryPoint.commandLine(arguments: nil).first, program.isEmpty {
            throw RegistryError(.invalid, "its entry point starts with an empty text")
        }
    }

    private struct Document: Decodable {
        var os: String?
        var architecture: String?
        var variant: String?
        var config: Settings?
    }

    private struct Settings: Decodable {
        var entrypoint: [String]?
        var cmd: [String]?

        enum CodingKeys: String, CodingKey {
            case entrypoint = "Entrypoint"
            case cmd = "Cmd"
        }
    }
}
